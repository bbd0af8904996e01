/** The window of reports on the running program: look at one, save it, bring it to the browser, schedule one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordHour } from '../../main/report/fixture.ts';
import { startBrowser } from '../harness/browser.ts';
import { Program, temporaryFolder } from '../harness/program.ts';

const folder = temporaryFolder('reports-window');
let browser: Browser;
let program: Program;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  recordHour(folder.path, undefined, Math.floor(Date.now() / 1000) * 1000 - 2 * 3_600_000);
  [program, browser] = await Promise.all([Program.start(['serve', '--data', folder.path]), startBrowser()]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  page = await browser.newPage({ viewport: { width: 1240, height: 860 } });
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url);
  await page.goto(new URL('/?view=reports', url).href);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  folder.remove();
});

test('the preview is the report itself, in a frame that may do nothing', async () => {
  await page.getByLabel('Range').selectOption('Last 24 hours');
  await page.getByRole('button', { name: 'Preview' }).click();
  const report = page.frameLocator('iframe');
  await report.getByRole('heading', { name: 'Cluster report' }).waitFor();
  expect(await report.getByText('<script>alert(1)</script>').count()).toBe(3);
  expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
  // The style inside is in force: the window's own policy allows it, and only it.
  const heading = await report.locator('h1').boundingBox();
  expect(heading?.height).toBe(30);
  expect(complaints).toEqual([]);
});

test('it is saved where mosview runs, the path is said, and a browser can fetch it', async () => {
  await page.getByText('PDF', { exact: true }).click();
  await page.getByRole('button', { name: 'Save the report' }).click();
  const saved = page.getByRole('list', { name: 'Saved reports' });
  await saved.getByText('Saved', { exact: true }).waitFor();
  const file = (await saved.locator('.report-file').textContent()) ?? '';
  expect(file).toMatch(/\/reports\/mosview-[\d-]+-to-[\d-]+\.pdf$/);
  expect(execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' })).toContain('Cluster report');
  const [fetched] = await Promise.all([
    page.waitForEvent('download'),
    saved.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(readFileSync(await fetched.path())).toEqual(readFileSync(file));
});

test('only chosen nodes, and a place that cannot be', async () => {
  await page.getByText('Nodes:').click();
  await page.getByRole('listbox', { name: 'Nodes' }).selectOption('2');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.frameLocator('iframe').getByText('1 node: node2').waitFor();
  await page.getByLabel('Folder').fill('reports');
  await page.getByRole('button', { name: 'Save the report' }).click();
  await page.getByText('The folder "reports" is no absolute path').waitFor();
  await page.getByLabel('Folder').fill('/proc/reports');
  await page.getByRole('button', { name: 'Save the report' }).click();
  await page.getByText(/could not be written/).waitFor();
  // What came last stands first, and says when it was.
  const saved = page.getByRole('list', { name: 'Saved reports' }).getByRole('listitem');
  expect(await saved.count()).toBe(2);
  await saved
    .first()
    .getByText(/^Failed .*\d\d:\d\d:\d\d/)
    .waitFor();
});

test('a schedule is added, changed and removed, and stands in the settings', async () => {
  const settings = (): unknown => {
    const content = JSON.parse(readFileSync(join(folder.path, 'settings.json'), 'utf8')) as {
      reports: unknown;
    };
    return content.reports;
  };
  await page.getByRole('tab', { name: 'Scheduled' }).click();
  await page.getByText('No report is scheduled.').waitFor();
  await page.getByRole('button', { name: 'New schedule …' }).click();
  await page.getByLabel('Name', { exact: true }).fill('every night');
  await page.getByLabel('Folder').fill('/srv/reports');
  await page.getByRole('button', { name: 'Save' }).click();
  const schedule = page.getByRole('listitem', { name: 'every night' });
  await schedule.getByText('Every day at 06:00, as HTML into /srv/reports').waitFor();
  await schedule.getByText('Not made yet.').waitFor();
  await schedule.getByRole('button', { name: 'Change …' }).click();
  await page.getByLabel('Every', { exact: true }).selectOption('friday');
  await page.getByLabel('As', { exact: true }).selectOption('pdf');
  await page.getByRole('button', { name: 'Save' }).click();
  await schedule.getByText('Every Friday at 06:00, as PDF into /srv/reports').waitFor();
  expect(settings()).toMatchObject([
    { name: 'every night', every: 'weekly', weekday: 'friday', at: '06:00', format: 'pdf' },
  ]);
  await schedule.getByRole('button', { name: 'Remove …' }).click();
  await page.getByRole('button', { name: 'Remove the schedule' }).click();
  await page.getByText('No report is scheduled.').waitFor();
  expect(settings()).toEqual([]);
});

test('a saved page prints with the heads of its tables on every sheet', async () => {
  const file = join(folder.path, 'week.html');
  const pdf = join(folder.path, 'printed.pdf');
  const made = await Program.start(['report', '--data', folder.path, '--since', '1d', '-o', file]);
  expect((await made.finished).code).toBe(0);
  const printed = await browser.newPage();
  await printed.goto(`file://${file}`);
  // As narrow sheets, so that few rows fill several.
  await printed.pdf({ path: pdf, width: '210mm', height: '110mm', printBackground: true });
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
  const pages = text
    .split('\f')
    .filter((sheet) => /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2,}\S.*moved/.test(sheet));
  expect(pages.length).toBeGreaterThanOrEqual(1);
  for (const sheet of pages) expect(sheet).toMatch(/Time\s+Process\s+Number/);
});
