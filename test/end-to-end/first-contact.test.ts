/** A host that was never seen before: the operator compares its fingerprint in the window, and is asked only once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../harness/browser.ts';
import { Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const folder = temporaryFolder('first-contact');
let sshd: Sshd;
let browser: Browser;
let page: Page;
let program: Program;

/** Starts the program on the same folders as before and opens its window. */
async function open(): Promise<void> {
  const settings = join(folder.path, 'settings.json');
  program = await Program.start(['serve', '--config', settings, '--data', join(folder.path, 'data')]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  // The question is asked while no window is there yet, as at every start.
  await sshd.waitForLog(/Connection from/);
  page = await browser.newPage();
  await page.goto(url);
}

beforeAll(async () => {
  sshd = await startSshd();
  writeFileSync(sshd.knownHostsFile, '');
  const nodes = [{ name: 'new', host: 'new' }];
  writeFileSync(
    join(folder.path, 'settings.json'),
    JSON.stringify({ sshConfigFile: sshd.configFile, nodes }),
  );
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await sshd?.close();
  folder.remove();
});

test('the window shows the fingerprint; accepted, the node comes up', async () => {
  await open();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/SHA256:/).waitFor();
  await dialog.getByRole('button', { name: /Accept/ }).click();
  await page.getByRole('row').filter({ hasText: 'new' }).getByText('up', { exact: true }).waitFor();
  await page.close();
  expect((await program.stop()).code).toBe(0);
});

test('the next start knows the key', async () => {
  await open();
  await page.getByRole('row').filter({ hasText: 'new' }).getByText('up', { exact: true }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});
