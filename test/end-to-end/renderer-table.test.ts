/** The main window's table in a real browser: what it shows, and everything the keyboard and the pointer do to it. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';
import type { PageOptions } from '../harness/window-page.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function open(options: FakeOptions, more: Omit<PageOptions, 'fake'> = {}): Promise<void> {
  page = await site.open({ fake: { period: 0, ...options }, ...more });
  await page.getByRole('grid').locator('.layer .row').first().waitFor();
}

function row(name: string): ReturnType<Page['locator']> {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

async function names(): Promise<string[]> {
  return page.getByRole('rowheader').allTextContents();
}

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

async function untilNames(expected: readonly string[]): Promise<void> {
  await expect.poll(names).toEqual(expected);
}

describe('what the table shows', () => {
  it('has a row per node with its state in words', async () => {
    await open({ nodes: 12 });
    expect(await page.getByRole('rowheader').count()).toBe(12);
    expect(await row('node1').getByRole('gridcell').first().textContent()).toBe('up');
  });

  it('says load raw and in percent', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      fake.fix(1, 'load', 137);
      fake.tick();
    });
    await expect.poll(() => row('node2').locator('.load').innerText()).toBe('137\n100 %');
  });

  it('has the last digits of a column below each other and below its title', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      fake.fix(1, 'speed', 900);
      fake.tick();
    });
    await row('node2').getByText('900').waitFor();
    const ends = await page.evaluate<number[]>(`
      [...document.querySelectorAll('.header .speed .sort, .row .speed')].map((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return Math.round(text.getBoundingClientRect().right);
      })`);
    expect(new Set(ends).size, ends.join(' ')).toBe(1);
  });

  it('writes only the new numbers when the next second comes', async () => {
    await open({ nodes: 3 });
    const element = await row('node1').elementHandle();
    await page.evaluate(() => {
      fake.fix(0, 'load', 4321);
      fake.tick();
    });
    await row('node1').getByText('4,321').waitFor();
    expect(await element?.textContent()).toContain('4,321');
  });

  it('greys the numbers of a node that is down and says their age', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      fake.setState(1, 'down');
      fake.tick();
    });
    await expect.poll(() => row('node2').getByRole('gridcell').first().innerText()).toMatch(/^down\s+42 s$/);
    expect(await row('node2').getAttribute('class')).toContain('old');
  });

  it('decodes the switches of a node', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      fake.fix(0, 'status', 3 + 4 + 16);
      fake.tick();
    });
    await row('node1').getByText('stay, block').waitFor();
  });

  it('says why a connection failed, in full on hover', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    const cell = row('node3').locator('.connection');
    expect(await cell.textContent()).toBe('failed: changed host key');
    expect(await cell.getAttribute('title')).toContain('shows another host key');
  });

  it('builds only the rows in view of 2,000 nodes', async () => {
    await open({ nodes: 2000 });
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2001');
    expect(await page.getByRole('rowheader').count()).toBeLessThan(50);
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror="document.title=1">\u202Eabc\u0007';
    await open({ nodes: 2, names: [hostile] });
    expect((await names())[0]).toBe('<img src=x onerror="document.title=1">\uFFFDabc\uFFFD');
    expect(await page.locator('.table img').count()).toBe(0);
  });

  it('does nothing that the content security policy forbids', async () => {
    page = await site.open({ fake: { nodes: 12, troubleEvery: 12 } });
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') refused.push(message.text());
    });
    await page.reload();
    await row('node3').click();
    await page.getByRole('button', { name: 'Nodes', exact: true }).click();
    await page.getByRole('menuitem', { name: /ssh/ }).click();
    await page.getByRole('dialog').waitFor();
    expect(refused).toEqual([]);
  });
});

describe('the head', () => {
  it('shows the totals of the cluster', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    const totals = page.getByLabel('Cluster totals');
    await expect.poll(() => totals.innerText()).toContain('8\nof 12');
    expect(await totals.getByText('Efficiency').locator('..').getAttribute('title')).toContain('How evenly');
  });

  it('says what is wrong, and leads to it', async () => {
    await open({ nodes: 24, troubleEvery: 12 });
    await page.getByRole('button', { name: '2 down' }).click();
    await untilNames(['node1', 'node13']);
  });

  it('says when the way to the back end is lost', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => fake.setConnected(false));
    await page.getByText('The connection to mosview is lost').waitFor();
    await page.evaluate(() => fake.setConnected(true));
    await page.getByText('The connection to mosview is lost').waitFor({ state: 'detached' });
  });

  it('lists notices until they are dismissed', async () => {
    const notice = { code: 'disk-full', message: 'The disk is full.', detail: '' } as const;
    await open({ nodes: 3, notices: [notice] });
    const list = page.getByRole('log', { name: 'Notices' });
    await list.getByText('Free space on the disk').waitFor();
    await list.getByRole('button', { name: 'Dismiss' }).click();
    await list.getByText('The disk is full.').waitFor({ state: 'detached' });
  });
});

describe('sorting', () => {
  it('follows the title that was clicked, and turns round at the second click', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      fake.fix(0, 'load', 20);
      fake.fix(1, 'load', 30);
      fake.fix(2, 'load', 10);
      fake.tick();
    });
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await untilNames(['node2', 'node1', 'node3']);
    expect(await page.getByRole('columnheader', { name: 'Load' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await untilNames(['node3', 'node1', 'node2']);
  });

  it('is remembered', async () => {
    await open({ nodes: 3 });
    await page.getByRole('button', { name: 'Name', exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Name', exact: true }).press('Enter');
    await untilNames(['node3', 'node2', 'node1']);
    await page.reload();
    await untilNames(['node3', 'node2', 'node1']);
  });

  it('keeps the order still under a hand, so that a double click opens what was pointed at', async () => {
    await open({ nodes: 3 }, { sort: 'load descending' });
    await page.evaluate(() => {
      fake.fix(0, 'load', 30);
      fake.fix(1, 'load', 20);
      fake.fix(2, 'load', 10);
      fake.tick();
    });
    await untilNames(['node1', 'node2', 'node3']);
    await row('node2').hover();
    await page.evaluate(() => {
      fake.fix(2, 'load', 99);
      fake.tick();
    });
    await row('node3').getByText('99', { exact: true }).waitFor();
    expect(await names()).toEqual(['node1', 'node2', 'node3']);
  });
});

describe('the filter', () => {
  it('is reached with / and shows how many are left', async () => {
    await open({ nodes: 12 });
    await page.keyboard.press('/');
    await page.keyboard.type('node1');
    await untilNames(['node1', 'node10', 'node11', 'node12']);
    expect(await page.locator('.filter-count').textContent()).toBe('4 of 12');
  });

  it('is emptied by Escape', async () => {
    await open({ nodes: 12 });
    await page.keyboard.press('/');
    await page.keyboard.type('node12');
    await untilNames(['node12']);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await names()).length).toBe(12);
  });

  it('says when nothing matches, and offers the way back', async () => {
    await open({ nodes: 3 });
    await page.getByRole('searchbox').fill('nothing');
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await untilNames(['node1', 'node2', 'node3']);
  });
});

describe('the keyboard', () => {
  it('moves through the rows and opens the window of one', async () => {
    await open({ nodes: 12 });
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await row('node2').getAttribute('aria-selected')).toBe('true');
    expect(await callsOf('openWindow')).toEqual([{ view: 'node', key: 'id:2' }]);
  });

  it('reaches the last of 2,000 rows, which is then in view and named to screen readers', async () => {
    await open({ nodes: 2000 });
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await row('node2000').waitFor();
    const active = await page.getByRole('grid').getAttribute('aria-activedescendant');
    expect(active).toBe(await row('node2000').getAttribute('id'));
    expect(await row('node2000').getAttribute('aria-rowindex')).toBe('2001');
  });

  it('leaves the chosen row with Escape', async () => {
    await open({ nodes: 3 });
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('region', { name: 'Details of node1' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Details of node1' }).waitFor({ state: 'detached' });
  });
});

describe('the chosen node', () => {
  it('is opened by a double click', async () => {
    await open({ nodes: 3 });
    await row('node3').dblclick();
    expect(await callsOf('openWindow')).toEqual([{ view: 'node', key: 'id:3' }]);
  });

  it('offers to try a failed connection again', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    await row('node2').click();
    await page.getByRole('button', { name: 'Try again' }).click();
    expect(await callsOf('reconnect')).toEqual([{ key: 'id:2' }]);
  });

  it('offers nothing to try where the connection stands', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await page.getByRole('button', { name: 'Remove' }).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('shows a changed host key as an alert and forgets it only after a second question', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    await row('node3').click();
    await page.getByRole('alert').getByText('shows another host key').waitFor();
    await page.getByRole('button', { name: 'Forget the old key' }).click();
    expect(await callsOf('forgetHostKey')).toEqual([]);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Forget the old key' }).click();
    expect(await callsOf('forgetHostKey')).toEqual([{ key: 'id:3' }]);
  });

  it('is not removed when the question is answered with the default', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await callsOf('removeNode')).toEqual([]);
  });

  it('is removed after the question', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    expect(await callsOf('removeNode')).toEqual([{ key: 'id:1' }]);
  });
});

describe('the flow of numbers', () => {
  it('is asked for while the window can be seen, and ended when it is hidden', async () => {
    await open({ nodes: 3 });
    expect(await callsOf('watch')).toEqual([{ on: true }]);
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    expect(await callsOf('watch')).toEqual([{ on: true }, { on: false }]);
  });
});
