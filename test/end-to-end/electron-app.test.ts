/**
 * The desktop program as it is built, on the stand-in electron: its start with a demo cluster, its windows, a second
 * start, its end, and what it says when it cannot start.
 */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bridge } from '../../common/contract/bridge.ts';
import { SCHEME } from '../../main/electron/scheme.ts';
import { ensureBuilt } from '../harness/build.ts';
import { runElectron, type ElectronRun } from '../harness/electron/run.ts';
import { Program, temporaryFolder } from '../harness/program.ts';

let mainFile = '';

beforeAll(async () => {
  mainFile = join(await ensureBuilt(), 'main/electron.js');
});

/** The folder the program works in, as it tells its windows. */
async function dataFolderOf(page: Page): Promise<string> {
  const answer = await page.evaluate(() =>
    (globalThis as unknown as { mosview: Bridge }).mosview.call('program', {}),
  );
  return 'value' in answer ? answer.value.dataFolder : '';
}

describe('the desktop program with a demo cluster', () => {
  let run: ElectronRun;
  let page: Page;

  beforeAll(async () => {
    run = runElectron(mainFile, ['--demo', '4']);
    page = await run.page('view=main');
  });

  afterAll(() => run.stop());

  it('prepares the sandbox and its scheme before Electron is ready', async () => {
    expect(await run.ask('preparations')).toEqual({ sandboxed: true, schemes: [SCHEME] });
  });

  it('shows every node up, with its load', async () => {
    const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
    await rows.nth(3).getByText('up', { exact: true }).waitFor();
    expect(await rows.count()).toBe(4);
  });

  it("opens a node's window on a double-click, and finds it again on the next", async () => {
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader') })
      .first();
    const name = (await row.getByRole('rowheader').innerText()).trim();
    await row.dblclick();
    const { id, title } = await run.window('view=node');
    expect(title).toContain(name);
    const nodePage = await run.page('view=node');
    await nodePage.getByRole('heading', { name }).waitFor();
    await nodePage.getByRole('img', { name: /^Load: min \d+/ }).waitFor();
    await row.dblclick();
    await expect
      .poll(async () => (await run.ask('windows')).map((window) => [window.id, window.focused]))
      .toContainEqual([id, 1]);
    expect(await run.ask('windows')).toHaveLength(2);
  });

  it('ends on Ctrl-C and leaves nothing of the demo behind', async () => {
    const folder = await dataFolderOf(page);
    expect(existsSync(folder)).toBe(true);
    run.signal('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.output()).toBe('');
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the desktop program on a data folder', () => {
  const folder = temporaryFolder('electron-app');
  const dataFolder = join(folder.path, 'data');
  afterAll(() => folder.remove());

  it('comes to the front when it is started again', async () => {
    const first = runElectron(mainFile, ['--data', dataFolder]);
    const { id } = await first.window('view=main');
    const second = runElectron(mainFile, ['--data', dataFolder]);
    expect(await second.ended).toBe(0);
    expect(second.output()).toContain(`mosview is running on ${dataFolder} already`);
    await expect
      .poll(async () => (await first.ask('windows')).map((window) => [window.id, window.focused]))
      .toEqual([[id, 1]]);
    await first.ask('close', id);
    expect(await first.ended).toBe(0);
    expect(existsSync(dataFolder)).toBe(true);
  });

  it('attaches to the program that works on the folder, and shows what that one shows', async () => {
    const collector = await Program.start(['serve', '--demo', '3', '--data', dataFolder]);
    await collector.firstLine();
    const run = runElectron(mainFile, ['--data', dataFolder]);
    const page = await run.page('view=main');
    expect((await run.window('view=main')).title).toBe(`mosview (mosview on ${hostname()})`);
    const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
    await rows.nth(2).getByText('up', { exact: true }).waitFor();
    await rows.first().dblclick();
    await (await run.page('view=node')).getByRole('img', { name: /^Load: min \d+/ }).waitFor();

    await collector.stop();
    await page.getByText('The connection to mosview is lost').waitFor();
    const again = await Program.start(['serve', '--demo', '3', '--data', dataFolder]);
    await again.firstLine();
    await page.getByText('The connection to mosview is lost').waitFor({ state: 'detached' });
    await rows.nth(2).getByText('up', { exact: true }).waitFor();

    run.signal('SIGINT');
    expect(await run.ended).toBe(0);
    await again.stop();
  });

  it.each([
    [['--demo', '0'], '--demo takes a number of nodes from 1 to 2000, not "0".'],
    [['--data', '/dev/null/mosview'], 'The data folder /dev/null/mosview could not be made'],
  ])('says why it cannot start with %j', async (args, sentence) => {
    const run = runElectron(mainFile, args);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain(sentence);
  });
});
