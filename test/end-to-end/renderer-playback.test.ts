/** Playback in a real browser: a past second in table, heat map, map and process list, and how time is moved. */
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

const HOUR = 3_600_000;
const now = Date.now();
/** Whole twenty seconds: one migration begins in each. */
const SECOND = Math.floor((now - 2 * HOUR) / 20_000) * 20_000;

/** Opens playback over the day that ends now, at a time of it. */
async function open(time: number, options: Partial<FakeOptions> = {}, range = ''): Promise<void> {
  const recordings = [
    { from: now - 20 * HOUR, to: now - 6 * HOUR },
    { from: now - 5 * HOUR, to: now + HOUR },
  ];
  page = await site.open({
    query: `?view=analyzer&mode=playback${range}`,
    fake: { nodes: 6, period: 0, recordings, ...options },
  });
  await slider().waitFor();
  await goTo(time);
}

function slider(): Locator {
  return page.getByRole('slider', { name: 'Time', exact: true });
}

/** As a hand on the slider does. */
async function goTo(time: number): Promise<void> {
  await slider().evaluate((element, value) => {
    const input = element as unknown as EventTarget & { value: string };
    input.value = String(value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, time);
}

async function timeNow(): Promise<number> {
  return Number(await slider().inputValue());
}

async function show(tab: string): Promise<void> {
  const tabs = page.getByRole('radiogroup', { name: 'View of the past' });
  await tabs.getByText(tab, { exact: true }).click();
}

/** Seconds asked for, in their order. */
async function asked(): Promise<number[]> {
  return page.evaluate(() =>
    fake.calls
      .filter((call) => call.name === 'moment')
      .map((call) => (call.input as { readonly time: number }).time),
  );
}

/** Waits until the second the slider stands in was asked for last; the slider itself stands on whole steps. */
async function untilAsked(): Promise<void> {
  await expect
    .poll(async () => Math.abs(((await asked()).at(-1) ?? 0) - (await timeNow())))
    .toBeLessThanOrEqual(1000);
}

async function button(name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
}

describe('a past second', () => {
  beforeEach(() => open(SECOND));

  it('is shown in the table of nodes, and is marked as the past', async () => {
    await page.getByRole('rowheader', { name: 'node6' }).waitFor();
    await page.getByRole('region', { name: 'Playback' }).getByText('2 hours ago').waitFor();
    await untilAsked();
  });

  it('is shown in the heat map', async () => {
    await show('Heat map');
    await page.getByRole('list', { name: 'Colours' }).getByText('below 5').waitFor();
  });

  it('has the migrations of its time on the map, and nothing by which one could be ordered', async () => {
    await show('Map');
    const side = page.getByRole('complementary', { name: 'About the map' });
    await expect.poll(() => side.getByRole('listitem').count()).toBeGreaterThan(8);
    expect(await side.getByText('Drag a process').count()).toBe(0);
    await page.getByRole('application', { name: 'Map of the cluster' }).focus();
    for (const key of ['ArrowRight', 'Enter', 'm', 'h']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(() => fake.calls.filter(({ name }) => name === 'plan'))).toEqual([]);
  });

  it('has the process list of a node that was opened, and says how old that was', async () => {
    await page.getByRole('rowheader', { name: 'node3' }).dblclick();
    await page.getByRole('grid', { name: 'Processes of node3' }).getByText('octave').first().waitFor();
    await page.getByText('as listed at').waitFor();
  });

  it('calls the node of the process list by its name also where nothing was recorded', async () => {
    await page.getByRole('rowheader', { name: 'node3' }).dblclick();
    await page.getByRole('grid', { name: 'Processes of node3' }).waitFor();
    await goTo(now - 5.5 * HOUR);
    await untilAsked();
    const chosen = page.getByRole('combobox', { name: 'Node' }).locator('option:checked');
    await expect.poll(() => page.locator('.past-node option').count()).toBe(1);
    expect(await chosen.innerText()).toBe('3 node3');
  });

  it('says in words that nothing was recorded, since when, and leads on', async () => {
    await goTo(now - 5.5 * HOUR);
    await page.getByText('Nothing was recorded from').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(0);
    await button('On to where recording began again');
    await page.getByRole('rowheader', { name: 'node1' }).waitFor();
    expect(await timeNow()).toBeCloseTo(now - 5 * HOUR, -4);
  });
});

describe('in a small window', () => {
  it('the time can be read above its slider, and the views can be scrolled to', async () => {
    await open(SECOND);
    await page.setViewportSize({ width: 800, height: 500 });
    const time = await page.getByRole('region', { name: 'Playback' }).locator('time').boundingBox();
    const bar = await slider().boundingBox();
    expect((time?.y ?? 0) + (time?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);
    const row = page.getByRole('rowheader', { name: 'node6' });
    await row.scrollIntoViewIfNeeded();
    const [place, table] = [await row.boundingBox(), await page.locator('.playback .table').boundingBox()];
    expect((place?.y ?? 500) + (place?.height ?? 0)).toBeLessThanOrEqual(500);
    expect(table?.height).toBeGreaterThan(150);
  });
});

describe('moving the time', () => {
  beforeEach(() => open(SECOND));

  it('goes by itself while it is played, faster at another speed, and rests when it is paused', async () => {
    await page.getByText('60×').click();
    await page.keyboard.press('>');
    expect(await page.getByRole('radio', { name: '300×' }).isChecked()).toBe(true);
    await button('Play');
    await expect.poll(async () => (await timeNow()) - SECOND).toBeGreaterThan(120_000);
    await button('Pause playback');
    const paused = await timeNow();
    await untilAsked();
    expect(await timeNow()).toBe(paused);
  });

  it('goes from second to second, and to the next migration and back, by keys', async () => {
    await slider().focus();
    const begin = await timeNow();
    await page.keyboard.press('.');
    await expect.poll(timeNow).toBeCloseTo(begin + 1000, -3);
    await page.keyboard.press('m');
    await page.getByRole('status').getByText('cc1: node').waitFor();
    await expect.poll(timeNow).toBeCloseTo(SECOND + 20_000, -3);
    await page.keyboard.press('Shift+M');
    await expect.poll(timeNow).toBeCloseTo(SECOND, -3);
  });

  it('goes by whole seconds in a range that begins between two', async () => {
    const begin = SECOND - HOUR + 700;
    await open(SECOND, {}, `&range=${begin}-${begin + 3 * HOUR}`);
    expect(await timeNow()).toBe(SECOND);
    await page.keyboard.press('.');
    await expect.poll(timeNow).toBe(SECOND + 1000);
    await page.keyboard.press(',');
    await expect.poll(timeNow).toBe(SECOND);
  });

  it('goes to the next checkpoint, and says when there is no other', async () => {
    await page.evaluate(
      (time) =>
        fake.answer('marks', (input: { readonly from: number; readonly to: number }) => ({
          value: {
            checkpoints:
              input.from <= time && time < input.to
                ? [{ number: 1, time, who: 'ada@desk', text: 'new kernel' }]
                : [],
            migrationTimes: new Float64Array(0),
            migrationCounts: new Float64Array(0),
          },
        })),
      SECOND + 600_000,
    );
    await button('On to the next checkpoint');
    await page.getByText('new kernel (ada@desk)').waitFor();
    await button('On to the next checkpoint');
    await page.getByText('There is no later checkpoint in this range.').waitFor();
  });

  it('shows the newest time wanted, with one question under way at a time', async () => {
    await page.evaluate(`
      let under = 0;
      const call = mosview.call;
      globalThis.most = 0;
      mosview.call = async (name, input) => {
        if (name !== 'moment') return call(name, input);
        under += 1;
        globalThis.most = Math.max(globalThis.most, under);
        await new Promise((done) => setTimeout(done, 50));
        under -= 1;
        return call(name, input);
      };
    `);
    for (let step = 1; step <= 20; step += 1) await goTo(SECOND + step * 60_000);
    await untilAsked();
    expect(await page.evaluate('globalThis.most')).toBe(1);
  });

  it('asks for nothing while the window is hidden', async () => {
    await page.getByRole('rowheader', { name: 'node1' }).waitFor();
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    const before = (await asked()).length;
    await goTo(SECOND + HOUR);
    await expect.poll(timeNow).toBeCloseTo(SECOND + HOUR, -3);
    expect((await asked()).length).toBe(before);
  });
});
