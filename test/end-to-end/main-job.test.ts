/**
 * The main job on real input: an emulated kernel's real files, OpenSSH's own sshd, the sampler in a real shell, the
 * built program, and a real Chromium that reads the result off the page.
 */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../harness/browser.ts';
import { EmulatedKernel } from '../harness/kernel.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const IDS = [2, 7, 300];
const folder = temporaryFolder('main-job');
const dataFolder = join(folder.path, 'data');
let sshd: Sshd;
let kernel: EmulatedKernel;
let program: Program;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  sshd = await startSshd({ bashrc: 'echo "Welcome to the machine room"\n' });
  kernel = new EmulatedKernel({ folder: join(folder.path, 'kernel'), ids: IDS, live: true });
  const settingsFile = join(folder.path, 'settings.json');
  const nodes = IDS.map((id) => ({ name: `n${id}`, host: `n${id}`, root: kernel.node(id).tree }));
  writeFileSync(settingsFile, JSON.stringify({ sshConfigFile: sshd.configFile, nodes }));
  program = await Program.start(['serve', '--config', settingsFile, '--data', dataFolder]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  await page.goto(url);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  kernel?.close();
  await sshd?.close();
  folder.remove();
});

function rowOf(name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

describe('a cluster of three openMosix nodes behind sshd', () => {
  test('every node is up in the table with the speed its kernel has', async () => {
    for (const id of IDS) {
      const row = rowOf(`n${id}`);
      await row.getByText('up', { exact: true }).waitFor();
      const { speed } = kernel.simulation.machine(id);
      await row.getByText(speed.toLocaleString('en'), { exact: true }).waitFor();
    }
  });

  test('a load that changes in the kernel changes on the page', async () => {
    const cell = rowOf('n7').locator('.cell.load');
    const before = await cell.innerText();
    await expect.poll(() => cell.innerText(), { timeout: 30_000 }).not.toBe(before);
  });

  test('a switch that is set on a node is seen from its status bits', async () => {
    writeFileSync(join(kernel.node(300).tree, 'admin/block'), '1\n');
    await rowOf('n300').locator('.cell.settings').getByText('block').waitFor();
  });

  test('a double-click opens the window of the node with its recorded load', async () => {
    const [window] = await Promise.all([context.waitForEvent('page'), rowOf('n2').dblclick()]);
    await window.getByRole('heading', { name: 'n2' }).waitFor();
    await window.getByRole('img', { name: /^Load: min \d+/ }).waitFor();
    await window.close();
  });

  test('what the page shows is on disk, and is read beside the running program', async () => {
    const { code, stdout } = await mosview(
      'history',
      '--node',
      '7',
      '--since',
      '5m',
      '--json',
      '--data',
      dataFolder,
    );
    expect(code).toBe(0);
    const { points } = JSON.parse(stdout) as { points: { time: number; mean: number }[] };
    expect(points.length).toBeGreaterThan(3);
    expect(points.every((point) => point.mean >= 0)).toBe(true);
  });

  test('a second program on the same data folder shows the windows of the first', async () => {
    const second = await Program.start(['serve', '--data', dataFolder]);
    expect(JSON.parse(await second.firstLine())).toMatchObject({ attachedTo: `mosview on ${hostname()}` });
    expect(await second.stop()).toMatchObject({ code: 0 });
  });

  test('connections that are cut come back by themselves', async () => {
    sshd.killConnections();
    await rowOf('n2')
      .locator('.cell.connection')
      .getByText(/again|lost|ended/)
      .first()
      .waitFor();
    await rowOf('n2').getByText('connected', { exact: false }).first().waitFor({ timeout: 60_000 });
    await rowOf('n2').getByText('up', { exact: true }).waitFor();
  });

  test('a host that shows another key is a hard stop, said in words', async () => {
    await sshd.stop();
    await sshd.start(['ed25519']);
    const connection = rowOf('n2').locator('.cell.connection');
    await connection.getByText(/key/i).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('Ctrl-C ends it cleanly', async () => {
    await page.close();
    expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});
