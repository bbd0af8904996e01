/**
 * Control on real input: an emulated kernel's files, OpenSSH's own sshd, the built program and a real Chromium in which an
 * operator blocks a node, drags a process, takes both back and finds them in the logs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeNodes } from '../../renderer/map/layout.ts';
import { startBrowser } from '../harness/browser.ts';
import { EmulatedKernel } from '../harness/kernel.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const IDS = [2, 7, 300];
const HOSTILE = '$(reboot)';
const folder = temporaryFolder('control');
const dataFolder = join(folder.path, 'data');
const settingsFile = join(folder.path, 'settings.json');
let sshd: Sshd;
let kernel: EmulatedKernel;
let program: Program;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let address: string;
let pid: number;

beforeAll(async () => {
  sshd = await startSshd();
  kernel = new EmulatedKernel({ folder: join(folder.path, 'kernel'), ids: IDS, demand: 0, live: true });
  pid = kernel.startProcess(2, { command: HOSTILE, seconds: 3600 }).pid;
  kernel.simulation.migrate(2, pid, 7);
  const nodes = IDS.map((id) => ({ name: `n${id}`, host: `n${id}`, root: kernel.node(id).tree }));
  writeFileSync(settingsFile, JSON.stringify({ sshConfigFile: sshd.configFile, nodes }));
  program = await Program.start(['serve', '--config', settingsFile, '--data', dataFolder]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  address = url.replace(/\?.*/, '');
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

function place(): number {
  const process = [...kernel.simulation.machine(2).processes, ...kernel.simulation.machine(2).away].find(
    (candidate) => candidate.pid === pid,
  );
  return process?.place.id ?? 0;
}

/** The strip of the newest order says that all of it is verified. */
function verified(): Promise<void> {
  return orders().locator('[data-action-state=done]').last().waitFor();
}

const orders = (): Locator => page.getByRole('status', { name: 'What you ordered' });

describe('an operator in the window', () => {
  test('allows changes once, and blocks a node; the kernel has it', async () => {
    await rowOf('n7').getByText('up', { exact: true }).waitFor();
    await rowOf('n7').click();
    await page.getByRole('checkbox', { name: 'block', exact: true }).click();
    await page.getByRole('dialog').getByText('Allow changes?').waitFor();
    await page.getByRole('dialog').locator('button[type=submit], button.primary').first().click();
    await verified();
    expect(kernel.simulation.machine(7).has('block')).toBe(true);
    await rowOf('n7').locator('.cell.settings').getByText('block').waitFor();
  });

  test('takes it back with one click', async () => {
    await orders().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => kernel.simulation.machine(7).has('block'), { timeout: 20_000 }).toBe(false);
    await verified();
    await expect
      .poll(() => readFileSync(join(kernel.node(7).tree, 'admin/block'), 'latin1'), { timeout: 20_000 })
      .toBe('0\n');
  });

  test('drags a process with a hostile name to another node on the map', async () => {
    await page.goto(`${address}?view=map`);
    await page.getByText('3 nodes, 1 process away from home').waitFor();
    const map = page.getByRole('application', { name: 'Map of the cluster' });
    const box = await map.boundingBox();
    if (box === null) throw new Error('The map is not on the page.');
    const at = (id: number): { x: number; y: number } => {
      const node = placeNodes(IDS, box).byId.get(id);
      if (node === undefined) throw new Error(`There is no node ${id}.`);
      return { x: box.x + node.x, y: box.y + node.y };
    };
    expect(place()).toBe(7);
    await page.mouse.move(at(7).x, at(7).y);
    await page.mouse.down();
    await page.mouse.move(at(300).x, at(300).y, { steps: 6 });
    await page.mouse.up();
    await expect.poll(place, { timeout: 30_000 }).toBe(300);
    await verified();
  });

  test('undoes the move: the process is where it was', async () => {
    await orders().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(place, { timeout: 30_000 }).toBe(7);
    await verified();
  });

  test('finds all four actions in the log, and both moves with their cause in the migration log', async () => {
    await page.goto(`${address}?view=actions`);
    const rows = page.getByRole('grid').getByRole('row');
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(5);
    await page.goto(`${address}?view=migrations`);
    const moved = page.getByRole('row').filter({ hasText: HOSTILE });
    await expect
      .poll(() => moved.filter({ hasText: /operator|action/i }).count(), { timeout: 15_000 })
      .toBe(2);
  });

  test('what the window did is in the audit log of the command line, whose chain holds', async () => {
    const { code, stdout } = await mosview('audit', '--json', '--data', dataFolder);
    expect(code).toBe(0);
    const { entries, broken } = JSON.parse(stdout) as { entries: { kind: string }[]; broken: string };
    expect(broken).toBe('');
    expect(entries.filter((entry) => entry.kind === 'ended')).toHaveLength(4);
  });

  test('a move from the command line beside the open window has the operator as its cause there', async () => {
    const files = ['--config', settingsFile, '--data', dataFolder];
    expect(await mosview('migrate', 'n2', String(pid), 'home', ...files)).toMatchObject({ code: 0 });
    expect(place()).toBe(2);
    await page.goto(`${address}?view=migrations`);
    const moved = page.getByRole('row').filter({ hasText: HOSTILE });
    await expect
      .poll(() => moved.filter({ hasText: /operator|action/i }).count(), { timeout: 15_000 })
      .toBe(3);
  });

  test('a change from the command line beside the open window is seen in it', async () => {
    const args = ['set', '300', 'stay', 'on', '--json', '--config', settingsFile, '--data', dataFolder];
    expect(await mosview(...args)).toMatchObject({ code: 0 });
    expect(kernel.simulation.machine(300).has('stay')).toBe(true);
    await page.goto(address);
    await rowOf('n300').locator('.cell.settings').getByText('stay').waitFor();
  });
});
