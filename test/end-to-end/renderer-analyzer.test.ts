/** The window of the past in a real browser. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../common/model/control.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

/** What a test reads of a canvas there. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

/** Waits until what is asked again and again is as expected, also on a machine with much to do. */
function eventually<Value>(ask: () => Value) {
  return expect.poll(ask, { timeout: 15_000 });
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function open(options: Partial<FakeOptions> = {}, query = ''): Promise<void> {
  page = await site.open({ fake: { nodes: 60, period: 0, ...options }, query: `?view=analyzer${query}` });
  await strips().getByRole('option').first().waitFor();
  await page.waitForFunction(() => performance.getEntriesByName('analyzer painted').length > 0);
}

/** The address' range of exactly two hours that ended so many hours ago. */
function twoHours(ago: number): string {
  const end = Date.now() - ago * HOUR;
  return `&range=${end - 2 * HOUR}-${end}`;
}

interface Question {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  readonly keys: readonly string[];
  readonly metrics: readonly string[];
}

async function asked(name: string): Promise<Question[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input as Question),
    name,
  );
}

/** The range of the newest question about the cluster. */
async function range(): Promise<Question> {
  const questions = await asked('clusterHistory');
  const newest = questions.at(-1);
  if (newest === undefined) throw new Error('The cluster was not asked for.');
  return newest;
}

async function length(): Promise<number> {
  const { from, to } = await range();
  return Math.round(to - from);
}

const strips = (): Locator => page.getByRole('listbox', { name: 'Load of each node' });
const strip = (name: string): Locator => page.getByRole('option', { name: new RegExp(`^${name},`) });
const timeLine = (): Locator => page.getByRole('slider', { name: 'Time cursor' });
const choose = (name: string): Promise<void> =>
  page.getByRole('radio', { name, exact: true }).check({ force: true });

/** How many pixels of a canvas' column, at a share of its width, are of the colours of values below the threshold. */
async function blueAt(canvas: string, share: number): Promise<number> {
  return page.locator(canvas).evaluate((element, at) => {
    const canvas = element as unknown as Canvas;
    const column = Math.round(at * canvas.width);
    const { data } = canvas.getContext('2d').getImageData(column, 0, 1, canvas.height);
    let blue = 0;
    for (let index = 0; index < data.length; index += 4)
      if ((data[index + 2] ?? 0) - (data[index] ?? 0) > 40 && data[index + 3] !== 0) blue += 1;
    return blue;
  }, share);
}

/** Moves the pointer to a share of the time line, and gives where that is. */
async function pointAt(share: number): Promise<{ readonly x: number; readonly y: number }> {
  const box = await timeLine().boundingBox();
  if (box === null) throw new Error('There is no time line.');
  const place = { x: box.x + share * box.width, y: box.y + box.height / 2 };
  await page.mouse.move(place.x, place.y);
  return place;
}

function action(number: number, hoursAgo: number, title: string): Action {
  return {
    number,
    time: Date.now() - hoursAgo * HOUR,
    who: 'anna@desk',
    title,
    order: { kind: 'nodes', nodes: ['id:1'], changes: [], reason: '', until: null },
    steps: [],
    state: 'done',
    ended: Date.now() - hoursAgo * HOUR,
    undoes: null,
    undoneBy: null,
    undoable: false,
  };
}

describe('the range', () => {
  it('begins with the last day, live', async () => {
    await open();
    expect(await length()).toBe(DAY);
    await page.getByText(/^Live, 24 h/).waitFor();
  });

  it('is the named one that is chosen', async () => {
    await open();
    await choose('10 min');
    await eventually(length).toBe(HOUR / 6);
    await choose('1 y');
    await eventually(length).toBe(365 * DAY);
  });

  it('is what was typed, and the address keeps it', async () => {
    await open();
    await page.getByRole('textbox', { name: 'From' }).fill('2026-01-02T03:04:05Z');
    await page.getByRole('textbox', { name: 'to', exact: true }).fill('2026-01-02T05:04:05Z');
    await page.keyboard.press('Enter');
    await eventually(length).toBe(2 * HOUR);
    const from = Date.parse('2026-01-02T03:04:05Z');
    expect(new URL(page.url()).searchParams.get('range')).toBe(`${from}-${from + 2 * HOUR}`);
    await page.getByRole('button', { name: 'Go on live' }).waitFor();
  });

  it('that is typed wrong is told in a sentence', async () => {
    await open();
    await page.getByRole('textbox', { name: 'From' }).fill('last week');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('"last week" is no time.').waitFor();
    await page
      .getByRole('textbox', { name: 'From', disabled: false })
      .and(page.locator('[aria-invalid=true]'))
      .waitFor();
  });

  it('is the one of the address', async () => {
    await open({}, twoHours(1));
    expect(await length()).toBe(2 * HOUR);
  });

  it('is drawn with the pointer over any line, and left with the way back', async () => {
    await open();
    const box = await strip('node3').boundingBox();
    const start = await pointAt(0.5);
    await page.mouse.move(start.x, (box?.y ?? 0) + 15);
    await page.mouse.down();
    await page.mouse.move((await timeLineEdge()) - 1, (box?.y ?? 0) + 15, { steps: 4 });
    await page.mouse.up();
    await eventually(length).toBeGreaterThan(0.49 * DAY);
    expect(await length()).toBeLessThan(0.51 * DAY);
    await page.getByRole('button', { name: 'Back' }).click();
    await eventually(length).toBe(DAY);
    await page.getByRole('button', { name: 'Forward' }).click();
    await eventually(length).toBeLessThan(0.51 * DAY);
  });

  it('is zoomed by the wheel around the pointer', async () => {
    await open({}, twoHours(2));
    const before = await range();
    await pointAt(0.25);
    await page.mouse.wheel(0, -300);
    await eventually(length).toBeLessThan(1.1 * HOUR);
    const after = await range();
    const kept = (span: Question): number => span.from + 0.25 * (span.to - span.from);
    expect(Math.abs(kept(after) - kept(before))).toBeLessThan(0.01 * HOUR);
  });

  it('is moved and zoomed by keys', async () => {
    await open({}, twoHours(4));
    const before = await range();
    await timeLine().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await eventually(async () => Math.round((await range()).from)).toBe(Math.round(before.from - HOUR / 2));
    await page.keyboard.press('+');
    await eventually(length).toBe(HOUR);
    await page.keyboard.press('-');
    await page.keyboard.press('End');
    await page.getByText(/^Live, 2 h/).waitFor();
  });

  it('follows the time while live, and not while paused', async () => {
    await open({ period: 100 }, '&range=last-10000');
    const before = (await asked('clusterHistory')).length;
    await eventually(async () => (await asked('clusterHistory')).length).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Held; recording goes on').waitFor();
    const held = await range();
    await page.evaluate(() => fake.tick());
    expect(await range()).toEqual(held);
    await page.getByRole('button', { name: 'Go on live' }).click();
    await eventually(async () => (await range()).to).toBeGreaterThan(held.to);
  });
});

async function timeLineEdge(): Promise<number> {
  const box = await timeLine().boundingBox();
  return (box?.x ?? 0) + (box?.width ?? 0);
}

describe('the strips', () => {
  it('ask only for the nodes in view, at no more pixels than there are', async () => {
    await open({ nodes: 1000 });
    const [first] = await asked('history');
    expect(first?.keys.length).toBeLessThan(40);
    const width = (await timeLine().boundingBox())?.width ?? 0;
    expect(first?.pixels).toBeLessThanOrEqual(width);
    const box = await strip('node3').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
    await page.mouse.wheel(0, 15_000);
    await strip('node505').waitFor();
    await eventually(async () => (await asked('history')).flatMap(({ keys }) => keys)).toContain('id:505');
    expect((await asked('history')).flatMap(({ keys }) => keys)).not.toContain('id:300');
  });

  it('say in words what is red and when a node was down', async () => {
    await open();
    await strip('node3')
      .and(page.getByLabel(/above 75 % for \d+ % of the time, down for 36 min/))
      .waitFor();
    await page.getByRole('spinbutton', { name: 'Red above' }).fill('90');
    await page.keyboard.press('Enter');
    await strip('node3')
      .and(page.getByLabel(/above 90 %/))
      .waitFor();
  });

  it('are sorted by their statistics and filtered by names', async () => {
    await open();
    await page.getByRole('button', { name: 'Sort by mean' }).click();
    await eventually(() => page.getByRole('option').first().getAttribute('aria-label')).toMatch(/^node5, /);
    await page.getByRole('searchbox', { name: 'Filter nodes by name' }).fill('node17');
    await eventually(() => page.getByRole('option').count()).toBe(1);
  });

  it('show memory and CPU use when chosen', async () => {
    await open();
    await choose('Memory used');
    await eventually(async () => (await asked('history')).at(-1)?.metrics).toEqual([
      'memoryTotal',
      'memoryFree',
    ]);
    await choose('CPU busy');
    await eventually(async () => (await asked('history')).at(-1)?.metrics).toEqual(['cpuBusy']);
    await page.getByRole('listbox', { name: 'CPU busy of each node' }).waitFor();
  });

  it('share one cursor with the cluster, moved by the pointer', async () => {
    await open();
    await pointAt(0.9);
    await eventually(() => strip('node1').locator('.reading').innerText()).toMatch(/^\d+ %/);
    await eventually(() => timeLine().getAttribute('aria-valuetext')).toMatch(
      /Load of the cluster \d+ %.*efficiency \d+ %/,
    );
  });

  it('are gone through with keys, and read at the cursor', async () => {
    await open();
    await strips().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await page
      .getByRole('status')
      .getByText(/^node2: \d+ %/)
      .waitFor();
    await page.keyboard.press('Enter');
    await eventually(() => asked('openWindow')).toEqual([{ view: 'node', key: 'id:2' }]);
  });

  it('tell the reason where a node was not up', async () => {
    await open();
    await pointAt(1 - 4.7 / 24);
    await strip('node3').getByText('down: the cluster reports ENETUNREACH').waitFor();
  });

  it('begin at the node the window was opened for', async () => {
    await open({}, '&key=id:50');
    await strip('node50').waitFor();
    expect(await page.title()).toBe('node50 – Analyzer – mosview');
  });

  it('have no line and no band where nothing was recorded', async () => {
    await open();
    // The hole ends seven and a half hours before the end of the day that is shown, and is an hour and a half long.
    await eventually(() => blueAt('.efficiency-line canvas', 1 - 8.25 / 24)).toBe(0);
    await eventually(() => blueAt('.strip-canvas canvas', 1 - 8.25 / 24)).toBe(0);
    expect(await blueAt('.efficiency-line canvas', 1 - 6 / 24)).toBeGreaterThan(0);
    expect(await blueAt('.strip-canvas canvas', 1 - 6 / 24)).toBeGreaterThan(0);
  });

  it('say what was never recorded, and from when on there is anything', async () => {
    await open({}, '&range=last-259200000');
    await page
      .getByText(/Nothing was recorded for 2[56] h of this range in 2 spans\. The record begins at/)
      .waitFor();
  });
});

describe('comparing', () => {
  it('shows the chosen nodes in one chart, in letters and words too', async () => {
    await open();
    await strips().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await choose('Compare 2');
    await page.getByRole('img', { name: /Load compared: node1 mean \d+ %, max \d+ %; node2 mean/ }).waitFor();
    await pointAt(0.9);
    await eventually(() => page.locator('.compare-values dd').allInnerTexts()).toEqual([
      expect.stringMatching(/^\d+ %$/),
      expect.stringMatching(/^\d+ %$/),
    ]);
  });

  it('is said to be missing where the program that serves it has ended', async () => {
    await open();
    await page.route('**/compare-*.js', (route) => route.abort());
    await choose('Compare');
    await page.getByText('The comparison could not be loaded.').waitFor();
    await choose('Strips');
    await strips().waitFor();
  });

  it('says why a ninth node is not taken in, until one is taken out', async () => {
    await open();
    await strips().focus();
    for (let node = 1; node <= 9; node += 1) {
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Space');
    }
    const words = page.getByRole('status').getByText('8 nodes are compared already. Take one out first.');
    await words.waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    await eventually(() => words.count()).toBe(0);
    await page.getByText('Compare 7').waitFor();
  });

  it('takes nodes in by their names, and out again', async () => {
    await open();
    await choose('Compare');
    await page.getByLabel('Add a node to compare').fill('node33');
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: /node33 mean \d+ %/ }).waitFor();
    await page.getByRole('button', { name: 'Take node33 out' }).click();
    await page.getByText('Choose up to 8 nodes here').waitFor();
  });
});

describe('the statistics', () => {
  it('have the cluster first, say what p95 stands on, and are sorted by a title', async () => {
    await open();
    await choose('Statistics');
    await page.getByText(/p95 stands on means of 1 min/).waitFor();
    const rows = page.getByRole('table', { name: 'Statistics' }).getByRole('row');
    await eventually(() => rows.nth(1).innerText()).toContain('Cluster, 60 nodes');
    await page.getByRole('columnheader', { name: 'Down' }).getByRole('button').click();
    await eventually(() => rows.nth(2).innerText()).toContain('36 min');
  });

  it('are saved as CSV that makes no formula of a name', async () => {
    await open({ nodes: 2, names: ['=1+1', 'plain'] });
    await choose('Statistics');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^mosview-statistics-.*\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
    expect(lines[0]).toContain('load mean (percent)');
    expect(lines.filter((line) => line.startsWith("'=1+1,1,"))).toHaveLength(1);
  });
});

describe('marks', () => {
  const marked: Partial<FakeOptions> = {
    actions: [action(7, 2, 'Set block on on 3 nodes')],
    recordedPast: {
      checkpoints: [{ number: 1, time: Date.now() - 6 * HOUR, who: 'anna@desk', text: 'before the upgrade' }],
    },
  };

  it('open the text of a checkpoint', async () => {
    await open(marked);
    await page.getByRole('button', { name: /checkpoint: before the upgrade/ }).click();
    await page
      .getByRole('region', { name: /^Checkpoint of/ })
      .getByText('before the upgrade')
      .waitFor();
    await page.keyboard.press('Escape');
    await eventually(() => page.getByRole('region', { name: /^Checkpoint of/ }).count()).toBe(0);
  });

  it('open an action, found by keys', async () => {
    await open(marked);
    await page.getByRole('button', { name: /checkpoint: before/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Action 7' }).getByText('Set block on on 3 nodes').waitFor();
  });

  it('list the migrations of a bar', async () => {
    await open(marked);
    const lane = page.getByRole('button', { name: /^Migrations: \d+ in this range/ });
    await lane.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: /^Migrations from/ })
      .getByRole('cell')
      .first()
      .waitFor();
  });

  it('are set as checkpoints with a text', async () => {
    await open();
    await page.getByRole('button', { name: 'Set a checkpoint …' }).click();
    await page.getByLabel('What is to be found again').fill('new kernel');
    await page.getByRole('button', { name: 'Set it' }).click();
    await eventually(() => asked('addCheckpoint')).toEqual([{ text: 'new kernel' }]);
    await eventually(() => page.getByRole('dialog').count()).toBe(0);
  });
});

describe('the window', () => {
  it('asks for nothing while it is hidden', async () => {
    await open({ period: 100 }, '&range=last-10000');
    await page.evaluate(() => {
      const { document } = globalThis as unknown as { readonly document: EventTarget };
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    const before = (await asked('clusterHistory')).length;
    await page.evaluate(() => {
      fake.push('block', { time: Date.now() + 60_000, totals: {} as never, columns: new Float64Array(0) });
    });
    expect((await asked('clusterHistory')).length).toBe(before);
  });

  it('says why the past cannot be read', async () => {
    const problem = { code: 'history-damaged', message: 'The history is damaged.', detail: '' };
    page = await site.open({
      fake: { nodes: 3, period: 0, answers: { clusterHistory: { problem } } },
      query: '?view=analyzer',
    });
    await page.getByRole('alert').getByText('The history is damaged.').waitFor();
  });

  it('says that older times are missing while their server does not answer', async () => {
    const problem = {
      code: 'host-unreachable',
      message: 'http://old:9090 could not be reached.',
      detail: '',
    };
    const outlets = { metricsUrl: null, remoteWrite: null, read: { url: 'http://old:9090', problem } };
    await open({ period: 100, answers: { outlets: { value: outlets } } }, '&range=last-600000');
    const words = page.getByRole('alert').getByText('Older times are missing. http://old:9090 could not be');
    await words.waitFor();
    await page.evaluate((now) => fake.answer('outlets', () => ({ value: now })), {
      ...outlets,
      read: { ...outlets.read, problem: null },
    });
    await eventually(() => words.count()).toBe(0);
  });

  it('plays the past below the same time line, and the address keeps that', async () => {
    await open();
    await choose('Playback');
    await eventually(() => strips().count()).toBe(0);
    expect(new URL(page.url()).searchParams.get('mode')).toBe('playback');
    const place = await pointAt(0.5);
    await page.mouse.click(place.x, place.y);
    await page.mouse.move(0, 0);
    const { from, to } = await range();
    await eventually(async () => Number(await timeLine().getAttribute('aria-valuenow'))).toBeCloseTo(
      (from + to) / 2,
      -6,
    );
  });

  it('tells its keys', async () => {
    await open();
    await timeLine().focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of the analyzer' }).getByText('zoom in and out').waitFor();
  });
});
