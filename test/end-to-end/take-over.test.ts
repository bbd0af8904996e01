/** What an operator sees whose collector is killed: built programs on one cluster, and a real Chromium. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoCluster, type DemoCluster } from '../../main/demo/index.ts';
import { startBrowser } from '../harness/browser.ts';
import { Program, temporaryFolder } from '../harness/program.ts';

const folder = temporaryFolder('take-over-page');
const dataFolder = join(folder.path, 'data');
let cluster: DemoCluster;
let collector: Program;
let program: Program;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  cluster = await startDemoCluster({ nodes: 4, folder: join(folder.path, 'cluster') });
  mkdirSync(dataFolder, { mode: 0o700 });
  const settings = {
    knownHostsFiles: [cluster.knownHostsFile],
    nodes: cluster.nodes.map(({ entry }) => entry),
  };
  writeFileSync(join(dataFolder, 'settings.json'), JSON.stringify(settings));
  collector = await Program.start(['collect', '--data', dataFolder]);
  await collector.firstLine();
  program = await Program.start(['serve', '--data', dataFolder]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await collector?.stop();
  await cluster?.close();
  folder.remove();
});

test('a window whose collector is killed says who records now, and goes on', async () => {
  await expect.poll(() => page.getByText('up', { exact: true }).count()).toBe(4);
  await expect.poll(() => page.title()).toBe(`mosview (collector on ${hostname()})`);
  collector.process.kill('SIGKILL');
  const notices = page.getByRole('log', { name: 'Notices' });
  await notices
    .getByText(`The collector on ${hostname()} has ended. This mosview records now in its place`)
    .waitFor();
  await notices.getByText('hatched in the analyzer').waitFor();
  await expect.poll(() => page.title()).toBe('mosview');
  await expect.poll(() => page.getByText('up', { exact: true }).count()).toBe(4);
  await expect.poll(() => page.locator('.lost-strip').count()).toBe(0);
});
