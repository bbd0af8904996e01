/** A node's own window in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function open(options: Partial<FakeOptions> = {}, key = 'id:3'): Promise<void> {
  const query = `?view=node&key=${encodeURIComponent(key)}`;
  page = await site.open({ fake: { nodes: 12, period: 0, ...options }, query });
}

interface HistoryInput {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
}

async function readings(): Promise<HistoryInput[]> {
  const inputs = await page.evaluate(() =>
    fake.calls.filter((call) => call.name === 'history').map((call) => call.input),
  );
  return inputs as HistoryInput[];
}

async function spans(): Promise<number[]> {
  return (await readings()).map(({ from, to }) => to - from);
}

function chart(name: string): ReturnType<Page['locator']> {
  return page.getByRole('img', { name: new RegExp(`^${name}:`) });
}

const MINUTE = 60_000;

describe('who it is', () => {
  it('names the node in title and heading', async () => {
    await open();
    await page.getByRole('heading', { name: 'node3' }).waitFor();
    expect(await page.title()).toBe('node3 (3) – mosview');
  });

  it('shows the facts, the views of the observers and the log of the connection', async () => {
    await open();
    const facts = page.getByRole('complementary', { name: 'Facts' });
    await facts.getByText('Linux 2.4.26-om1 i686').waitFor();
    await facts.getByRole('cell', { name: 'node108' }).waitFor();
    expect(await facts.getByRole('listitem').first().innerText()).toContain('connected, speaks openmosix');
  });

  it('shows a disagreement of the observers', async () => {
    await open();
    await page.getByRole('heading', { name: 'node3' }).waitFor();
    await page.evaluate(() => fake.change(2, { disagreement: 'node8 sees 112, node108 sees 900' }));
    await page.getByText('node8 sees 112, node108 sees 900', { exact: true }).waitFor();
  });

  it('says when there is no such node', async () => {
    await open({}, 'id:999');
    await page.getByRole('alert').getByText('There is no such node.').waitFor();
  });
});

describe('the ways on', () => {
  it('lead to the analyzer at this node and its range', async () => {
    await open();
    await page.getByRole('radio', { name: '1 h' }).check({ force: true });
    await page.getByRole('button', { name: 'History' }).click();
    const opened = await page.evaluate(
      () => fake.calls.findLast((call) => call.name === 'openWindow')?.input,
    );
    expect(opened).toEqual({ view: 'analyzer', key: 'id:3', range: 'last-3600000' });
  });
});

describe('the charts', () => {
  it('begin with the last ten minutes of load, CPU and memory, each summarised in words', async () => {
    await open();
    await chart('Load')
      .and(page.getByLabel(/min \d+, mean \d+, max \d+/))
      .waitFor();
    await chart('CPU busy')
      .and(page.getByLabel(/max \d+ %/))
      .waitFor();
    await chart('Memory used')
      .and(page.getByLabel(/mean \d+\.\d GiB/))
      .waitFor();
    expect((await spans())[0]).toBe(10 * MINUTE);
  });

  it('ask for at most as many pixels as they are wide', async () => {
    await open();
    await chart('Load').and(page.getByLabel(/mean/)).waitFor();
    const box = await chart('Load').boundingBox();
    expect((await readings()).at(-1)?.pixels).toBeLessThanOrEqual(box?.width ?? 0);
  });

  it.each([
    ['1 h', 60 * MINUTE],
    ['24 h', 24 * 60 * MINUTE],
    ['7 d', 7 * 24 * 60 * MINUTE],
  ])('show %s when chosen', async (name, span) => {
    await open();
    await page.getByRole('radio', { name, exact: true }).check({ force: true });
    await expect.poll(async () => (await spans()).at(-1)).toBe(span);
  });

  it('are chosen with the arrow keys too', async () => {
    await open();
    await page.getByRole('radio', { name: '10 min' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await spans()).at(-1)).toBe(60 * MINUTE);
  });

  it('follow the time while live', async () => {
    await open({ period: 100 });
    await expect.poll(async () => (await readings()).length, { timeout: 10_000 }).toBeGreaterThan(2);
  });

  it('read nothing while paused, and everything up to now when going on', async () => {
    await open();
    await chart('Load').and(page.getByLabel(/mean/)).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused; recording goes on.').waitFor();
    const before = await readings();
    await page.evaluate(() => fake.tick());
    expect(await readings()).toEqual(before);
    await page.getByRole('button', { name: 'Go on live' }).click();
    await expect.poll(async () => (await readings()).length).toBe(before.length + 1);
  });

  it('show another range while paused, up to the same moment', async () => {
    await open({ period: 100 });
    await chart('Load').and(page.getByLabel(/mean/)).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const shown = (await readings()).at(-1);
    await page.getByRole('radio', { name: '1 h' }).check({ force: true });
    await expect.poll(async () => (await spans()).at(-1)).toBe(60 * MINUTE);
    expect((await readings()).at(-1)?.to).toBe(shown?.to);
  });

  it('share one time cursor, moved by the pointer', async () => {
    await open();
    await chart('Load').and(page.getByLabel(/mean/)).waitFor();
    await chart('Load').hover({ position: { x: 200, y: 40 } });
    await expect.poll(() => page.locator('.chart-readout strong').count()).toBe(3);
  });

  it('share one time cursor, moved by the keyboard', async () => {
    await open();
    await chart('Load').and(page.getByLabel(/mean/)).waitFor();
    await chart('CPU busy').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('.chart-readout strong').count()).toBe(3);
  });

  it('say when nothing was recorded', async () => {
    await open({ answers: { history: { value: { nodes: [], resolution: 1 } } } });
    await chart('Load').and(page.getByLabel('Load: nothing recorded in this range')).waitFor();
  });

  it('say why the history cannot be read', async () => {
    const problem = { code: 'disk-full', message: 'The history cannot be read.', detail: '' };
    await open({ answers: { history: { problem } } });
    await page.getByRole('alert').getByText('The history cannot be read.').waitFor();
  });
});
