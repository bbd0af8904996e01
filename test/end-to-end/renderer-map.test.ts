/** The migration map and the migration log in a real browser: what they show, and what is ordered on them. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../common/model/control.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import { placeNodes, type Point } from '../../renderer/map/layout.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { makeMigrations, migration, ownProcess, placement, planFor } from '../harness/fake-map.ts';
import { useWindow } from '../harness/window.ts';
import type { PageOptions } from '../harness/window-page.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

function pushMigrations(migrations: Migration[]): Promise<void> {
  return page.evaluate((given) => fake.push('migrations', { migrations: given }), migrations);
}

const MOVE: Plan['order'] = {
  kind: 'processes',
  processes: [{ node: 'id:1', pid: 1000, started: 5000 }],
  change: { kind: 'move', to: 3 },
  reason: '',
};

describe('the map', () => {
  const plan = planFor(MOVE, 'Send cc1 to node3');

  async function open(
    options: FakeOptions,
    placements: readonly Placement[] = [],
    more: Omit<PageOptions, 'fake'> = {},
  ): Promise<void> {
    const answers = { plan: { value: plan }, migrations: { value: { migrations: [] } }, ...options.answers };
    page = await site.open({
      query: '?view=map',
      ...more,
      fake: { period: 0, ...options, answers },
    });
    await page.getByText(`${options.nodes} nodes`).waitFor();
    if (placements.length > 0) await place(placements);
  }

  async function place(placements: readonly Placement[]): Promise<void> {
    await page.evaluate(
      (given) => fake.push('placements', { time: Date.now(), placements: given }),
      placements as Placement[],
    );
    await page.getByText(`${placements.length} process`).waitFor();
  }

  /** Where a node is on the page; a node with one process has it in the middle. */
  async function at(node: number, nodes: number): Promise<Point> {
    const box = await map().boundingBox();
    if (box === null) throw new Error('The map is not on the page.');
    const ids = Array.from({ length: nodes }, (_unused, index) => index + 1);
    const place = placeNodes(ids, box).byId.get(node);
    if (place === undefined) throw new Error(`There is no node ${node}.`);
    return { x: box.x + place.x, y: box.y + place.y };
  }

  function map(): ReturnType<Page['locator']> {
    return page.getByRole('application', { name: 'Map of the cluster' });
  }

  function tip(): ReturnType<Page['locator']> {
    return page.getByRole('tooltip');
  }

  async function drag(from: number, to: number, nodes: number): Promise<void> {
    const [start, end] = [await at(from, nodes), await at(to, nodes)];
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 3 });
    await page.mouse.move(end.x, end.y, { steps: 3 });
  }

  it('asks for placements while it can be seen, and says how many processes are away', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await page.getByText('5 nodes, 1 process away from home').waitFor();
    expect(await callsOf('watchPlacements')).toEqual([{ on: true }]);
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    expect(await callsOf('watchPlacements')).toEqual([{ on: true }, { on: false }]);
  });

  it('tells of a process under the pointer its number, name, home, place and since when', async () => {
    const arrived = migration({ number: 4, home: 1, pid: 1000, from: 1, to: 2 });
    const answers = { migrations: { value: { migrations: [arrived] } } };
    await open({ nodes: 5, answers }, [placement({ home: 1, at: 2, pid: 1000, command: 'povray' })]);
    const { x, y } = await at(2, 5);
    await page.mouse.move(x, y);
    await expect
      .poll(() => tip().innerText())
      .toMatch(/^povray \(pid 1000\)\s+home node1, runs on node2\s+since /);
  });

  it('tells of a node under the pointer its state, load and processes', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    const { x, y } = await at(2, 5);
    await page.mouse.move(x + 30, y + 20);
    await expect.poll(() => tip().innerText()).toMatch(/^node2\s+up, load \d+ %\s+0 away, 1 guest$/);
  });

  it('shows hostile names as text', async () => {
    const command = '<img src=x onerror="document.title=1">\u202Eabc\u0007';
    await open({ nodes: 5, names: ['<b>one</b>\u001B[31m'] }, [placement({ home: 1, at: 2, command })]);
    const { x, y } = await at(2, 5);
    await page.mouse.click(x, y);
    await page
      .getByText('<img src=x onerror="document.title=1">\uFFFDabc\uFFFD 1000 from <b>one</b>')
      .waitFor();
    await page.mouse.move(x, y);
    await expect.poll(() => tip().innerText()).toContain('\uFFFDabc\uFFFD');
    expect(await page.locator('.map-window img, .map-window b').count()).toBe(0);
  });

  it('moves a process that is dragged onto a node', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await drag(2, 3, 5);
    await expect.poll(() => tip().innerText()).toMatch(/^Move to node3/);
    await page.mouse.up();
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([
        {
          order: {
            kind: 'processes',
            processes: [{ node: 'id:1', pid: 1000, started: 5000 }],
            change: { kind: 'move', to: 3 },
          },
        },
      ]);
  });

  it('brings a process home that is dragged there', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await drag(2, 1, 5);
    await expect.poll(() => tip().innerText()).toMatch(/^Bring home to node1/);
    await page.mouse.up();
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([{ order: expect.objectContaining({ change: { kind: 'move', to: 'home' } }) as unknown }]);
  });

  it('names a process by its host where its home is not connected', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2, guestPid: 77, guestStarted: 88 })]);
    await page.evaluate(() => fake.change(0, { connection: { kind: 'none' } }));
    await drag(2, 3, 5);
    await page.mouse.up();
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([
        {
          order: expect.objectContaining({
            processes: [{ node: 'id:2', pid: 77, started: 88 }],
          }) as unknown,
        },
      ]);
  });

  it.each([
    { why: 'node3 takes no guests: it is blocked.', make: () => fake.fix(2, 'status', 3 + 16) },
    { why: 'node3 takes no guests: it is down.', make: () => fake.setState(2, 'down') },
  ])('says "$why" and orders nothing there', async ({ why, make }) => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await page.evaluate(make);
    await page.evaluate(() => fake.tick());
    await drag(2, 3, 5);
    await expect.poll(() => tip().innerText()).toBe(why);
    await page.mouse.up();
    await drag(2, 4, 5);
    await page.mouse.up();
    await expect.poll(async () => (await callsOf('plan')).length).toBe(1);
  });

  it('leaves a drag with Escape', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await drag(2, 3, 5);
    await tip().getByText('Move to node3').waitFor();
    await page.keyboard.press('Escape');
    await tip().getByText('Move to node3').waitFor({ state: 'detached' });
    await page.mouse.up();
    await drag(2, 4, 5);
    await page.mouse.up();
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([{ order: expect.objectContaining({ change: { kind: 'move', to: 4 } }) as unknown }]);
  });

  it('brings a process home at a double click, and opens a node', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    const remote = await at(2, 5);
    await page.mouse.dblclick(remote.x, remote.y);
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([{ order: expect.objectContaining({ change: { kind: 'move', to: 'home' } }) as unknown }]);
    await page.keyboard.press('Escape');
    const empty = await at(4, 5);
    await page.mouse.dblclick(empty.x, empty.y);
    await expect.poll(() => callsOf('openWindow')).toEqual([{ view: 'node', key: 'id:4' }]);
  });

  it('lists the processes of the chosen node that were never away, so that they can be moved', async () => {
    await open({ nodes: 5 });
    const { x, y } = await at(3, 5);
    await page.mouse.click(x, y);
    await expect.poll(() => callsOf('watchProcesses')).toEqual([{ key: 'id:3', on: true }]);
    await page.evaluate(
      (processes) => fake.push('processes', { key: 'id:3', time: 1, problem: null, processes }),
      [ownProcess({ pid: 300 }), ownProcess({ pid: 301, reasons: ['clone_vm'] })],
    );
    const list = page.getByRole('list', { name: 'Processes of node3' });
    await list.getByText('At home, can be moved (1)').waitFor();
    expect(await list.getByText('301').count()).toBe(0);
    await drag(3, 4, 5);
    await page.mouse.up();
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([
        {
          order: expect.objectContaining({
            processes: [{ node: 'id:3', pid: 300, started: 4000 }],
          }) as unknown,
        },
      ]);
  });

  it('ends the list of a node that is not chosen any more', async () => {
    await open({ nodes: 5 });
    const { x, y } = await at(3, 5);
    await page.mouse.click(x, y);
    await expect.poll(async () => (await callsOf('watchProcesses')).length).toBe(1);
    await page.getByRole('button', { name: 'Close the node' }).click();
    await expect
      .poll(() => callsOf('watchProcesses'))
      .toEqual([
        { key: 'id:3', on: true },
        { key: 'id:3', on: false },
      ]);
  });

  it('does it all by keyboard: nodes, processes, home', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await map().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const spoken = map().getByRole('status');
    await expect.poll(() => spoken.textContent()).toMatch(/^node2, up, load \d+ %, 0 away, 1 guest$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => spoken.textContent()).toBe('cc1 (pid 1000), home node1, runs on node2');
    await page.keyboard.press('h');
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([{ order: expect.objectContaining({ change: { kind: 'move', to: 'home' } }) as unknown }]);
  });

  it('moves by keyboard to a node chosen from a list', async () => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })]);
    await map().focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Enter', 'm']) await page.keyboard.press(key);
    await page.getByRole('dialog', { name: 'Send cc1 (pid 1000) to a node' }).waitFor();
    await page.keyboard.type('node4');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => callsOf('plan'))
      .toEqual([{ order: expect.objectContaining({ change: { kind: 'move', to: 4 } }) as unknown }]);
  });

  it('tells newest migrations beside the map', async () => {
    await open({ nodes: 5 });
    await pushMigrations([migration({ number: 9, home: 1, from: 1, to: 5, command: 'ld' })]);
    await page.getByLabel('About the map').getByText('node1 → node5').waitFor();
  });

  it.each([
    { motion: 'no-preference', frames: true },
    { motion: 'reduce', frames: false },
  ] as const)('animates a migration only while it happens ($motion)', async ({ motion, frames }) => {
    await open({ nodes: 5 }, [placement({ home: 1, at: 2 })], { reducedMotion: motion });
    const move = migration({ number: 9, from: 2, to: 4 });
    const changed = page.evaluate(`(async () => {
      const canvas = document.querySelectorAll('canvas')[2];
      const before = canvas.toDataURL();
      fake.push('migrations', { migrations: [${JSON.stringify(move)}] });
      let seen = false;
      const end = performance.now() + 2500;
      while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        if (canvas.toDataURL() !== before) seen = true;
        else if (seen) return 'moved and came to rest';
      }
      return seen ? 'never came to rest' : 'at rest';
    })()`);
    expect(await changed).toBe(frames ? 'moved and came to rest' : 'at rest');
  });

  it('draws nothing again while nothing changes', async () => {
    await open({ nodes: 24 }, [placement({ home: 1, at: 2 })]);
    const pictures = (): Promise<number> =>
      page.evaluate(`(async () => {
        for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
        return performance.getEntriesByName('map picture').length;
      })()`);
    const before = await pictures();
    expect(before).toBeGreaterThan(0);
    await page.evaluate(
      (given) => fake.push('placements', { time: 2, placements: given }),
      [placement({ home: 1, at: 2 })],
    );
    expect(await pictures()).toBe(before);
  });
});

describe('the migration log', () => {
  async function open(migrations: readonly Migration[], nodes = 12): Promise<void> {
    page = await site.open({
      query: '?view=migrations',
      fake: { nodes, period: 0, answers: { migrations: { value: { migrations } } } },
    });
    await page.getByText(/^Live/).waitFor();
  }

  function rows(): ReturnType<Page['locator']> {
    return page.locator('.log .layer .row');
  }

  async function rowTexts(): Promise<string[]> {
    const texts = await rows().allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  it('has a row per migration in words, newest first', async () => {
    await open([
      migration({ number: 3, command: '', from: 0, to: 0, result: 'unseen', count: 3, cause: 'unknown' }),
      migration({ number: 2, from: 1, to: 5, cause: 'operator', action: 41, duration: 1240 }),
      migration({ number: 1, from: 5, to: 1, cause: 'brought-home' }),
    ]);
    const texts = await rowTexts();
    expect(texts[0]).toMatch(/– 1000 of node1 – – not known – 3 unseen moves$/);
    expect(texts[1]).toMatch(/cc1 1000 of node1 node1 home node5 ordered here, action 41 1\.2 s moved$/);
    expect(texts[2]).toMatch(/node5 node1 home brought home – moved$/);
  });

  it('leads from a migration to the actions', async () => {
    await open([migration({ number: 2, cause: 'operator', action: 41 })]);
    await page.getByRole('button', { name: 'action 41' }).click();
    expect(await callsOf('openWindow')).toEqual([{ view: 'actions' }]);
  });

  it('shows new ones at the top, and what became known of an old one in its place', async () => {
    await open([migration({ number: 2, command: 'two' }), migration({ number: 1, command: 'one' })]);
    await pushMigrations([
      migration({ number: 3, command: 'three' }),
      migration({ number: 1, command: 'one', cause: 'expelled' }),
    ]);
    await expect.poll(() => rows().locator('strong').allTextContents()).toEqual(['three', 'two', 'one']);
    expect((await rowTexts())[2]).toContain('guests sent away');
  });

  it('holds new ones back while it is paused, and counts them', async () => {
    await open([migration({ number: 1, command: 'one' })]);
    await page.getByRole('button', { name: 'Pause' }).click();
    await pushMigrations([migration({ number: 2, command: 'two' })]);
    await page.getByText('Paused, 1 new').waitFor();
    expect(await rows().count()).toBe(1);
    await page.getByRole('button', { name: 'Go on live' }).click();
    await expect.poll(() => rows().locator('strong').allTextContents()).toEqual(['two', 'one']);
  });

  it('asks for what the filters say, and lets only that in', async () => {
    await open([migration({ number: 1 })]);
    await page.getByLabel('Node').selectOption({ label: 'node7' });
    await page.getByLabel('Cause').selectOption({ label: 'balancing' });
    await page.getByLabel('Command').fill('pov');
    await expect
      .poll(async () => (await callsOf('migrations')).at(-1))
      .toEqual({ node: 7, cause: 'balancer', text: 'pov', limit: 500 });
    await pushMigrations([
      migration({ number: 8, command: 'povray', to: 7 }),
      migration({ number: 9, command: 'povray', to: 6 }),
      migration({ number: 10, command: 'cc1', to: 7 }),
    ]);
    await expect.poll(() => rows().locator('strong').allTextContents()).toEqual(['povray', 'cc1']);
  });

  it('takes a range of time', async () => {
    await open([migration({ number: 1 })]);
    await page.getByLabel('Time').selectOption('last hour');
    const asked = (): Promise<{ from?: number } | undefined> =>
      callsOf('migrations').then((calls) => calls.at(-1) as { from?: number });
    await expect.poll(async () => Date.now() - ((await asked())?.from ?? 0)).toBeLessThan(3_700_000);
    await page.getByLabel('Time').selectOption('between …');
    await page.getByLabel('From', { exact: true }).fill('2024-05-03T12:00:00');
    await expect.poll(async () => (await asked())?.from).toBe(Date.parse('2024-05-03T12:00:00'));
  });

  it('reads the next page when somebody scrolls to the end', async () => {
    await open(makeMigrations(5000, 500, 12));
    await page.getByRole('table').focus();
    await page.keyboard.press('End');
    await expect.poll(async () => (await callsOf('migrations'))[1]).toEqual({ before: 4501, limit: 500 });
  });

  it('builds only the rows in view, and keeps the place of one who reads further down', async () => {
    await open(makeMigrations(5000, 500, 12));
    expect(await rows().count()).toBeLessThan(60);
    const fifth = rows().nth(5);
    const atTop = await fifth.innerText();
    await page.evaluate(`document.querySelector('.table').scrollTo({ top: 3000 })`);
    await expect.poll(() => fifth.innerText()).not.toBe(atTop);
    const before = await fifth.innerText();
    await pushMigrations([migration({ number: 5001 }), migration({ number: 5002 })]);
    await page.getByText('502').waitFor();
    await expect.poll(() => page.evaluate(`document.querySelector('.table').scrollTop`)).toBe(3060);
    expect(await fifth.innerText()).toBe(before);
  });

  it('shows hostile names as text', async () => {
    await open([migration({ number: 1, command: '$(reboot)<b>\u0007' })]);
    await rows().getByText('$(reboot)<b>\uFFFD').waitFor();
  });

  it('says in words that nothing was seen, or that nothing passes', async () => {
    await open([]);
    await page.getByText('No migration was seen yet.').waitFor();
    await page.getByLabel('Cause').selectOption({ label: 'balancing' });
    await page.getByText('No migration passes these filters.').waitFor();
  });

  it('says when the log cannot be read', async () => {
    page = await site.open({
      query: '?view=migrations',
      fake: {
        nodes: 3,
        period: 0,
        answers: { migrations: { problem: { code: 'disk-full', message: 'The disk is full.', detail: '' } } },
      },
    });
    await page.getByText('The disk is full.').waitFor();
  });
});
