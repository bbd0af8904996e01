/** The heat map in a real browser: every node as a cell, what is said of it, and what the keyboard and pointer do. */
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function open(options: FakeOptions): Promise<void> {
  page = await site.open({ fake: { period: 0, ...options } });
  await page.getByRole('grid').waitFor();
  await page.getByText('Heat map').click();
  await legend('below 5').waitFor();
}

function cells(): Locator {
  return page.getByRole('application', { name: 'Nodes as cells' });
}

function tip(): Locator {
  return page.getByRole('tooltip');
}

function legend(words: string): Locator {
  return page.getByRole('list', { name: 'Colours' }).getByRole('listitem').filter({ hasText: words });
}

async function setLoads(loads: readonly number[]): Promise<void> {
  await page.evaluate((given) => {
    given.forEach((load, slot) => fake.fix(slot, 'load', load));
    fake.tick();
  }, loads);
}

/** The colour in the middle of a node's cell; the cells of few nodes are as large as they become. */
async function colourOf(cell: number): Promise<string> {
  return page.evaluate(`
    const canvas = document.querySelector('.heat-cells canvas');
    const [red, green, blue] = canvas.getContext('2d').getImageData(${cell} * 72 + 10, 50, 1, 1).data;
    \`rgb(\${red}, \${green}, \${blue})\`;
  `);
}

/** The colours of the legend, from the lowest to the highest. */
async function swatches(): Promise<string[]> {
  return page.evaluate(`
    [...document.querySelectorAll('.heat-swatch')].map((one) => getComputedStyle(one).backgroundColor);
  `);
}

describe('what the heat map shows', () => {
  beforeEach(() => open({ nodes: 4 }));

  it('has the colour of each level where the legend has it', async () => {
    await setLoads([0, 30, 150, 1000]);
    await legend('400 and more 1').waitFor();
    const colours = await swatches();
    const shown = await Promise.all([0, 1, 2, 3].map(colourOf));
    expect(shown).toEqual([colours[0], colours[2], colours[5], colours[7]]);
  });

  it('counts the nodes of every level in words', async () => {
    await setLoads([0, 0, 150, 1000]);
    await legend('below 5 2').waitFor();
    await legend('100 to 200 1').waitFor();
  });

  it('says of the cell under the pointer what it shows', async () => {
    await setLoads([0, 137, 0, 0]);
    await cells().hover({ position: { x: 16 + 72 + 36, y: 40 } });
    await expect.poll(() => tip().innerText()).toMatch(/^node2\s+id 2, up\s+load 137, memory \d+ % used/);
  });

  it('has no colour for a node that is not up, and says so', async () => {
    await page.evaluate(() => {
      fake.setState(1, 'down');
      fake.tick();
    });
    await legend('no value 1').waitFor();
    await cells().hover({ position: { x: 16 + 72 + 36, y: 40 } });
    await expect.poll(() => tip().innerText()).toContain('down, 42 s old');
  });

  it('shows the memory in percent when it is asked for', async () => {
    await page.getByText('Memory used', { exact: true }).last().click();
    await legend('40 to 60 %').waitFor();
  });
});

describe('what can be done on it', () => {
  beforeEach(() => open({ nodes: 4 }));

  it('walks by the arrow keys, says the node, and opens it by Enter', async () => {
    await cells().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => cells().getByRole('status').innerText()).toContain('node2, id 2, up, load');
    await page.keyboard.press('Enter');
    const opened = await page.evaluate(() => fake.calls.filter((call) => call.name === 'openWindow'));
    expect(opened.at(-1)?.input).toEqual({ view: 'node', key: 'id:2' });
  });

  it('chooses the nodes that the table has chosen then, with the same panel', async () => {
    await cells().click({ position: { x: 16 + 72 + 36, y: 40 } });
    await page.getByRole('heading', { name: 'node2' }).waitFor();
    await page.getByText('Table', { exact: true }).click();
    const chosen = page.getByRole('row', { selected: true });
    await expect.poll(() => chosen.getByRole('rowheader').innerText()).toBe('node2');
  });

  it('puts the highest first', async () => {
    await setLoads([0, 30, 1000, 150]);
    await page.getByText('Highest first').click();
    await cells().focus();
    await page.keyboard.press('Home');
    await expect.poll(() => cells().getByRole('status').innerText()).toContain('node3, id 3, up, load 1,000');
  });

  it('shows only the nodes that pass the filter', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('node3');
    await page.getByText('1 of 4').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await expect.poll(() => cells().getByRole('status').innerText()).toContain('node3');
  });

  it('is remembered', async () => {
    await page.reload();
    await cells().waitFor();
  });
});
