/**
 * `npm run screenshots`: renews the pictures in the README from the demo cluster, after it has run for some minutes.
 * Takes the seconds to wait as an argument.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms } from './debian.mjs';
import { ensureNode, root } from './node.mjs';

await ensureNode();
ensurePrograms();
const seconds = Number(process.argv[2] ?? 300);
const { startBrowser } = await import('../test/harness/browser.ts');
const pictures = join(root, 'resources', 'screenshots');
mkdirSync(pictures, { recursive: true });

const browser = await startBrowser();
await withProgram(['--demo', '12'], async (url) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.goto(url);
  process.stdout.write(`The demo cluster runs for ${seconds} s before the pictures are taken ...\n`);
  await page.waitForTimeout(seconds * 1000);
  await page.screenshot({ path: join(pictures, 'overview.png') });
  const [window] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('row').filter({ hasText: 'node1' }).first().dblclick(),
  ]);
  await window.setViewportSize({ width: 1100, height: 760 });
  await window.getByRole('img', { name: /^Load: min/ }).waitFor();
  await window.screenshot({ path: join(pictures, 'node.png') });
  for (const { view, name = view, prepare } of [
    { view: 'map' },
    { view: 'processes&key=id:1', name: 'processes' },
    { view: 'migrations' },
    { view: 'analyzer' },
    {
      view: 'analyzer&mode=playback',
      name: 'playback',
      prepare: (page) => page.getByText('Map', { exact: true }).click(),
    },
    {
      view: 'reports',
      prepare: async (page) => {
        await page.getByLabel('Range').selectOption('Last hour');
        await page.getByRole('button', { name: 'Preview' }).click();
      },
    },
  ]) {
    const other = await context.newPage();
    await other.setViewportSize({ width: 1180, height: 740 });
    await other.goto(`${new URL('/', url).href}?view=${view}`);
    // The map's arcs, and the percentages of the second list of processes.
    await other.waitForTimeout(8000);
    await prepare?.(other);
    await other.waitForTimeout(prepare === undefined ? 0 : 3000);
    await other.screenshot({ path: join(pictures, `${name}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: join(pictures, 'overview-dark.png') });
});
await withProgram(['--demo', 'mattx', '6'], async (url) => {
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
  await page.goto(url);
  await page.getByRole('row').filter({ hasText: 'node1' }).first().waitFor();
  await page.waitForTimeout(seconds * 1000);
  const [window] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('row').filter({ hasText: 'node1' }).first().dblclick(),
  ]);
  await window.setViewportSize({ width: 1100, height: 760 });
  await window.getByRole('img', { name: /^Load: min/ }).waitFor();
  await window.screenshot({ path: join(pictures, 'mattx.png') });
});
await withProgram([], async (url) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(url);
  await page.getByRole('heading').first().waitFor();
  await page.screenshot({ path: join(pictures, 'welcome.png') });
});
await browser.close();
process.stdout.write(`The pictures are in ${pictures}; look at them.\n`);
process.exit(0);

/** Runs the program on a data folder of its own while `work` uses its address. */
async function withProgram(args, work) {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-pictures-'));
  const command = [join(root, 'scripts', 'mosview.mjs'), 'serve', '--data', folder, ...args];
  const program = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await new Promise((resolve, reject) => {
      let text = '';
      program.stdout.on('data', (chunk) => {
        text += chunk;
        if (text.includes('\n')) resolve(JSON.parse(text).url);
      });
      program.on('exit', (code) => reject(new Error(`mosview ended with ${code}`)));
    });
    await work(url);
  } finally {
    program.kill('SIGINT');
    await new Promise((resolve) => program.on('close', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}
