/**
 * The desktop program on Electron itself, for what the stand-in cannot show: context isolation, the sandbox, the scheme.
 * Runs where Electron's program is installed and there is a display; elsewhere it says that it did not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bridge } from '../../common/contract/bridge.ts';
import { CONTENT_SECURITY_POLICY } from '../../main/window-files.ts';
import { ensureBuilt } from '../harness/build.ts';
import { temporaryFolder } from '../harness/program.ts';

const project = resolve(import.meta.dirname, '../..');
const electron = installedElectron();
const missing = whatIsMissing();
if (missing !== undefined) {
  process.stderr.write(`The tests on Electron itself were NOT run, because ${missing}.\n`);
}

/** The path of Electron's program; undefined where it was not downloaded. */
function installedElectron(): string | undefined {
  const folder = join(project, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const program = join(folder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(program) ? program : undefined;
}

function whatIsMissing(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (electron === undefined) return "Electron's program is not installed here (npx install-electron)";
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return 'there is no display here';
  return undefined;
}

describe.skipIf(missing !== undefined)('the desktop program on Electron itself', () => {
  const folder = temporaryFolder('electron-real');
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    await ensureBuilt();
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
    const switches = asRoot ? ['--no-sandbox'] : [];
    app = await _electron.launch({
      executablePath: electron ?? '',
      args: [...switches, project, '--demo', '3', '--data', folder.path],
    });
    page = await app.firstWindow();
  });

  afterAll(async () => {
    await app.close();
    folder.remove();
  });

  it('loads the page from its own scheme, under its policy', async () => {
    expect(page.url()).toBe('app://mosview/index.html?view=main');
    const policy = await page.evaluate(async () =>
      (await fetch('/index.html')).headers.get('content-security-policy'),
    );
    expect(policy).toBe(CONTENT_SECURITY_POLICY);
  });

  it('shows every node up', async () => {
    const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
    await rows.nth(2).getByText('up', { exact: true }).waitFor();
  });

  it('gives the page the bridge and nothing of Node or Electron', async () => {
    const world = await page.evaluate(() => ({
      bridge: Object.keys((globalThis as unknown as { mosview: Bridge }).mosview),
      node: [typeof globalThis.process, typeof globalThis.require],
    }));
    expect(world).toEqual({ bridge: ['call', 'on', 'onConnection'], node: ['undefined', 'undefined'] });
  });

  it('carries columns of numbers through context isolation', async () => {
    const kind = await page.evaluate(
      () =>
        new Promise((resolveKind) => {
          const { mosview } = globalThis as unknown as { mosview: Bridge };
          mosview.on('block', ({ columns }) => resolveKind(columns instanceof Float64Array));
        }),
    );
    expect(kind).toBe(true);
  });

  it("opens a node's window on a double-click", async () => {
    const opened = app.waitForEvent('window');
    await page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader') })
      .first()
      .dblclick();
    expect((await opened).url()).toContain('view=node');
  });

  it('ends when the overview is closed', async () => {
    const ended = app.waitForEvent('close');
    await page.close();
    await ended;
    expect(app.process().exitCode).toBe(0);
  });
});
