/** The windows of processes, groups and programs in a real browser. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { fakeMembers, fakeProcess, fakeProcesses, fakeRun } from '../harness/fake-processes.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

const UNLOCKED = { value: { unlockedUntil: Date.now() + 3_600_000, running: [] } };
const PLAN: Plan = {
  id: 'plan-1',
  order: {
    kind: 'processes',
    processes: [{ node: 'id:5', pid: 1, started: 1 }],
    change: { kind: 'lock', on: true },
    reason: '',
  },
  title: 'The plan',
  steps: [
    {
      node: 'id:5',
      nodeName: 'node5',
      process: null,
      what: 'something',
      file: '',
      before: '0',
      after: '1',
      verdict: 'change',
      why: '',
      undo: '0',
    },
  ],
  confirm: false,
  notes: [],
};
const ACTION = {
  number: 1,
  time: Date.now(),
  who: 'ada',
  title: 'The plan',
  order: PLAN.order,
  steps: [],
  state: 'done',
  undoes: null,
  undoneBy: null,
  ended: null,
  undoable: false,
};
const ANSWERS = {
  control: UNLOCKED,
  plan: { value: PLAN },
  apply: { value: ACTION },
  migrations: { value: { migrations: [] } },
  groups: { value: { groups: [] } },
  runs: { value: { runs: [] } },
};

async function open(view: string, options: Partial<FakeOptions> = {}): Promise<void> {
  page = await site.open({
    fake: { nodes: 12, period: 0, ...options, answers: { ...ANSWERS, ...options.answers } },
    query: `?view=${view}&key=id%3A5`,
  });
}

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

async function untilCalls(name: string, expected: readonly unknown[]): Promise<void> {
  await expect.poll(() => callsOf(name)).toEqual(expected);
}

async function push(processes: readonly ProcessInfo[]): Promise<void> {
  await page.evaluate(
    (list) => fake.push('processes', { key: 'id:5', time: Date.now(), processes: list, problem: null }),
    [...processes],
  );
}

/** Opens the window of node 5's processes with a list. */
async function openList(
  processes: readonly ProcessInfo[],
  options: Partial<FakeOptions> = {},
): Promise<void> {
  await open('processes', options);
  await page.getByRole('heading', { name: 'Processes of node5' }).waitFor();
  await push(processes);
  if (processes.length > 0) await page.getByRole('rowheader').first().waitFor();
}

function grid(): Locator {
  return page.getByRole('grid');
}

function row(pid: number): Locator {
  return page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: String(pid), exact: true }) });
}

async function pids(): Promise<number[]> {
  return (await page.getByRole('rowheader').allTextContents()).map(Number);
}

async function chosenPids(): Promise<number[]> {
  return (await page.locator('[role="row"][aria-selected="true"] [role="rowheader"]').allTextContents()).map(
    Number,
  );
}

function reference(pid: number): unknown {
  return { node: 'id:5', pid, started: 100_000 + pid };
}

const busy = fakeProcess({ pid: 10, cpuPercent: 90, name: 'busy', command: 'busy' });
const calm = fakeProcess({ pid: 20, cpuPercent: 5, name: 'calm', command: 'calm' });
const away = fakeProcess({ pid: 30, cpuPercent: 50, place: { kind: 'away', id: 7 }, migrations: 2 });
const guest = fakeProcess({ pid: 40, place: { kind: 'guest', id: 2, pid: 812 }, migrations: null });
const held = fakeProcess({ pid: 50, reasons: ['clone_vm', 'mem_lock'], locked: true });
const some = [busy, calm, away, guest, held];

describe('the list of processes', () => {
  it('is asked for while the window can be seen, and ended when it is hidden', async () => {
    await openList(some);
    expect(await callsOf('watchProcesses')).toEqual([{ key: 'id:5', on: true }]);
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    expect(await callsOf('watchProcesses')).toEqual([
      { key: 'id:5', on: true },
      { key: 'id:5', on: false },
    ]);
  });

  it('begins with the busiest and says where each runs and why it stays', async () => {
    await openList(some);
    expect(await pids()).toEqual([10, 30, 20, 40, 50]);
    await row(30).getByText('on node 7', { exact: true }).waitFor();
    await row(40).getByText('guest from node 2 (pid 812)', { exact: true }).waitFor();
    const why = row(50).locator('[data-column="why"]');
    expect(await why.textContent()).toBe(
      'it shares its memory with other processes; it has locked memory; it is locked',
    );
    expect(await why.getAttribute('title')).toContain('it does not leave by itself, but can be sent');
  });

  it('is sorted by the title that was clicked, and remembers it', async () => {
    await openList(some);
    await page.getByRole('button', { name: 'PID', exact: true }).click();
    expect(await pids()).toEqual([10, 20, 30, 40, 50]);
    await page.getByRole('button', { name: 'PID', exact: true }).click();
    expect(await pids()).toEqual([50, 40, 30, 20, 10]);
    await page.reload();
    await page.getByRole('grid').waitFor();
    await push(some);
    await expect.poll(pids).toEqual([50, 40, 30, 20, 10]);
  });

  it('is narrowed by a filter over number, user, command and reason', async () => {
    await openList(some);
    await page.keyboard.press('/');
    await page.keyboard.type('threads');
    await expect.poll(pids).toEqual([50]);
    expect(await page.locator('.filter-count').textContent()).toBe('1 of 5');
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await pids()).length).toBe(5);
  });

  it.each([
    ['Migrated', [30]],
    ['Guests', [40]],
    ['Movable', [10, 30, 20, 40]],
  ])('shows only those that are %s', async (name, expected) => {
    await openList(some);
    await page.getByRole('radio', { name }).check({ force: true });
    await expect.poll(pids).toEqual(expected);
  });

  it('shows hostile names as text, bounded and without control characters', async () => {
    const command = '<img src=x onerror="document.title=1">' + '\u0007\u001b[2J\n'.repeat(200);
    await openList([
      fakeProcess({ pid: 10, name: '$(reboot)', command: command.slice(0, 1000), user: '\u202Eroot' }),
    ]);
    await row(10).getByText('$(reboot)', { exact: true }).waitFor();
    await row(10).getByText('\uFFFDroot').waitFor();
    expect(await grid().locator('img').count()).toBe(0);
    expect(await row(10).locator('[data-column="command"]').getAttribute('title')).not.toMatch(/\p{Cc}/u);
    expect((await row(10).boundingBox())?.height).toBe(30);
  });

  it('builds only the rows in view of 2,000 processes, and keeps them when the next list comes', async () => {
    await openList(fakeProcesses(2000));
    expect(await grid().getAttribute('aria-rowcount')).toBe('2001');
    expect(await page.getByRole('rowheader').count()).toBeLessThan(50);
    const element = await page.locator('.layer .row').first().elementHandle();
    await push(fakeProcesses(2000, 1));
    expect(await element?.isVisible()).toBe(true);
  });

  it('says in words why there is none, and how old the last one is', async () => {
    await openList(some);
    await page.evaluate(() =>
      fake.push('processes', {
        key: 'id:5',
        time: Date.now(),
        processes: [],
        problem: { code: 'connection-lost', message: 'node5 did not list its processes.', detail: '' },
      }),
    );
    await page.getByRole('alert').getByText('node5 did not list its processes.').waitFor();
    await page
      .getByRole('alert')
      .getByText(/^The list below is of /)
      .waitFor();
    expect(await grid().getAttribute('class')).toContain('old');
    expect((await pids()).length).toBe(5);
    await row(10).click();
    expect(await page.getByRole('button', { name: 'Lock', exact: true }).getAttribute('title')).toContain(
      'node5 did not list its processes.',
    );
    await push(some);
    await page.getByText(/^The list below is of /).waitFor({ state: 'detached' });
  });

  it('says why a node without a connection lists nothing', async () => {
    await open('processes');
    await page.getByRole('heading', { name: 'Processes of node5' }).waitFor();
    await page.evaluate(() => fake.change(4, { connection: { kind: 'none' }, target: '' }));
    await page
      .getByRole('alert')
      .getByText(/no login of its own on node5/)
      .waitFor();
  });
});

describe('rows', () => {
  it('keep their places while the pointer is over them, and are in order again when it has left', async () => {
    await openList([busy, calm]);
    await row(20).hover();
    await page.getByText('Rows keep their places while the pointer is over them.').waitFor();
    await push([busy, { ...calm, cpuPercent: 99 }, { ...away, cpuPercent: 100 }]);
    await row(30).waitFor();
    expect(await pids()).toEqual([10, 20, 30]);
    await page.getByRole('heading', { level: 1 }).hover();
    await expect.poll(pids).toEqual([30, 20, 10]);
  });

  it('of processes that ended stay, greyed, while another is chosen', async () => {
    await openList([busy, calm]);
    await row(20).click();
    await page.getByRole('heading', { level: 1 }).hover();
    await push([calm]);
    await row(10).getByText('gone', { exact: true }).waitFor();
    expect(await pids()).toEqual([10, 20]);
    await grid().press('Escape');
    await expect.poll(pids).toEqual([20]);
  });

  it('are chosen as processes: a number that is used again is another one', async () => {
    await openList([busy, calm]);
    await row(10).click();
    await page.getByRole('heading', { level: 1 }).hover();
    await push([{ ...busy, started: 7 }, calm]);
    await expect.poll(chosenPids).toEqual([]);
  });

  it('are chosen by Ctrl and Shift', async () => {
    await openList(some);
    await row(10).click();
    await row(20).click({ modifiers: ['Shift'] });
    expect(await chosenPids()).toEqual([10, 30, 20]);
    await row(30).click({ modifiers: ['Control'] });
    expect(await chosenPids()).toEqual([10, 20]);
    await page.getByText('2 processes are chosen.').waitFor();
  });

  it('are chosen by keyboard', async () => {
    await openList(some);
    await grid().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    expect(await chosenPids()).toEqual([10, 30]);
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press(' ');
    expect(await chosenPids()).toEqual([10, 30, 40]);
    expect(await grid().getAttribute('aria-activedescendant')).toBe(await row(40).getAttribute('id'));
    await page.keyboard.press('Control+a');
    expect((await chosenPids()).length).toBe(5);
    await page.keyboard.press('Escape');
    expect(await chosenPids()).toEqual([]);
  });

  it('that a filter hides are not chosen any more', async () => {
    await openList(some);
    await row(10).click();
    await page.getByRole('searchbox').fill('calm');
    await expect.poll(pids).toEqual([20]);
    await page.getByRole('searchbox').fill('');
    await expect.poll(async () => (await pids()).length).toBe(5);
    expect(await chosenPids()).toEqual([]);
  });
});

describe('a command', () => {
  it.each([
    ['Best node', 'b', { kind: 'move', to: 'best' }, 10],
    ['Home', 'h', { kind: 'move', to: 'home' }, 30],
    ['Lock', 'l', { kind: 'lock', on: true }, 10],
    ['Unlock', 'u', { kind: 'lock', on: false }, 50],
    ['Stop', 'p', { kind: 'signal', signal: 'STOP' }, 10],
    ['End', 'Delete', { kind: 'signal', signal: 'TERM' }, 10],
  ])('%s is ordered by its button and by its key', async (name, key, change, pid) => {
    await openList(some);
    await row(pid).click();
    await page.getByRole('button', { name, exact: true }).click();
    const order = { order: { kind: 'processes', processes: [reference(pid)], change } };
    await untilCalls('plan', [order]);
    await untilCalls('apply', [{ plan: 'plan-1' }]);
    await grid().press(key);
    await untilCalls('plan', [order, order]);
  });

  it('Continue is ordered for a stopped process', async () => {
    await openList([fakeProcess({ pid: 10, state: 'T' })]);
    await row(10).click();
    await grid().press('c');
    await untilCalls('plan', [
      {
        order: { kind: 'processes', processes: [reference(10)], change: { kind: 'signal', signal: 'CONT' } },
      },
    ]);
  });

  it('Kill is always shown as a plan first', async () => {
    await openList(some);
    await row(10).click();
    await grid().press('Shift+Delete');
    await page.getByRole('dialog', { name: 'The plan' }).waitFor();
    expect(await callsOf('apply')).toEqual([]);
    await page.getByRole('button', { name: 'Apply' }).click();
    await untilCalls('apply', [{ plan: 'plan-1' }]);
    expect(await callsOf('plan')).toEqual([
      {
        order: { kind: 'processes', processes: [reference(10)], change: { kind: 'signal', signal: 'KILL' } },
      },
    ]);
  });

  it('is for all that are chosen', async () => {
    await openList(some);
    await row(10).click();
    await row(20).click({ modifiers: ['Control'] });
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await untilCalls('plan', [
      {
        order: {
          kind: 'processes',
          processes: [reference(10), reference(20)],
          change: { kind: 'lock', on: true },
        },
      },
    ]);
  });

  it('that is not possible is greyed, and says why when it is tried', async () => {
    await openList(some);
    await row(50).click();
    const button = page.getByRole('button', { name: 'Best node' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await grid().press('b');
    await page
      .getByRole('status')
      .getByText('Not possible: it shares its memory with other processes (threads).')
      .waitFor();
    expect(await callsOf('plan')).toEqual([]);
  });

  it('to move is not possible on plain Linux, and says so', async () => {
    await openList([fakeProcess({ pid: 10, place: { kind: 'unknown' }, migrations: null, locked: null })]);
    await page.evaluate(() => fake.change(4, { dialect: 'linux' }));
    await row(10).click();
    const button = page.getByRole('button', { name: 'Send to node' });
    await expect.poll(() => button.getAttribute('title')).toContain('it is plain Linux');
    expect(await page.getByRole('button', { name: 'End', exact: true }).getAttribute('aria-disabled')).toBe(
      'false',
    );
  });

  it('is in the context menu too, with its key, by pointer and by keyboard', async () => {
    await openList(some);
    await row(30).click({ button: 'right' });
    const menu = page.getByRole('menu', { name: 'Chosen processes' });
    await menu.getByRole('menuitem', { name: 'Home' }).waitFor();
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await grid().focus();
    await page.keyboard.press('Shift+F10');
    await menu.getByRole('menuitem', { name: 'Home' }).click();
    await untilCalls('plan', [
      { order: { kind: 'processes', processes: [reference(30)], change: { kind: 'move', to: 'home' } } },
    ]);
  });

  it('asks to allow changes first while they are locked', async () => {
    const locked = { value: { unlockedUntil: null, running: [] } };
    await openList(some, { answers: { control: locked, unlock: UNLOCKED } });
    await row(10).click();
    await grid().press('l');
    await page.getByRole('dialog', { name: 'Allow changes?' }).waitFor();
    expect(await callsOf('apply')).toEqual([]);
    await page.getByRole('button', { name: 'Allow changes' }).click();
    await untilCalls('apply', [{ plan: 'plan-1' }]);
  });
});

describe('sending to a node', () => {
  it('offers the least loaded first and sends at Enter', async () => {
    await openList(some);
    await page.evaluate(() => {
      fake.fix(8, 'load', 0);
      fake.tick();
    });
    await row(10).dblclick();
    await page.getByRole('dialog', { name: 'Send busy (10) to a node' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await untilCalls('plan', [
      { order: { kind: 'processes', processes: [reference(10)], change: { kind: 'move', to: 9 } } },
    ]);
  });

  it('sends at a double click on a node', async () => {
    await openList(some);
    await row(10).dblclick();
    await page.getByRole('option', { name: 'node11' }).dblclick();
    await untilCalls('plan', [
      { order: { kind: 'processes', processes: [reference(10)], change: { kind: 'move', to: 11 } } },
    ]);
  });

  it('does not send to a node that refuses guests, and says so', async () => {
    await openList(some);
    await page.evaluate(() => {
      fake.fix(2, 'status', 3 + 16);
      fake.tick();
    });
    await row(10).dblclick();
    await page.getByRole('combobox').fill('node3');
    await page.keyboard.press('ArrowDown');
    await page.getByText('node3 refuses guests (block). Allow them there first.').waitFor();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    expect(await callsOf('plan')).toEqual([]);
  });

  it('does not send where it runs already', async () => {
    await openList(some);
    await row(30).dblclick();
    await page.getByRole('option', { name: 'node7' }).click({ force: true });
    await page.getByText('On node7 it runs already.').waitFor();
  });
});

describe('renice', () => {
  it('takes a number from -20 to 19 and no other', async () => {
    await openList(some);
    await row(10).click();
    await grid().press('n');
    const number = page.getByRole('spinbutton');
    await number.fill('20');
    expect(await page.getByRole('button', { name: 'Renice', exact: true }).isDisabled()).toBe(true);
    await number.fill('-5');
    await page.getByText('More of the CPU than others.').waitFor();
    await number.press('Enter');
    await untilCalls('plan', [
      { order: { kind: 'processes', processes: [reference(10)], change: { kind: 'renice', nice: -5 } } },
    ]);
  });
});

describe('the chosen process', () => {
  it('is told in full, with its reasons as sentences', async () => {
    await openList(some);
    await row(50).click();
    const panel = page.getByRole('complementary', { name: 'Chosen process' });
    await panel.getByText('It shares its memory with other processes (threads).').waitFor();
    await panel.getByText('It is locked: it does not leave by itself, but can be sent.').waitFor();
    await panel.getByText('50, started by 1').waitFor();
  });

  it('shows its own migrations only', async () => {
    const seen = {
      time: Date.now(),
      command: 'work',
      duration: null,
      result: 'seen',
      count: 1,
      action: null,
    };
    const own = { ...seen, home: 5, pid: 30, started: 100_030, from: 5, to: 7, cause: 'operator' };
    const migrations = [
      { ...own, number: 3 },
      { ...own, number: 2, pid: 31, to: 8 },
      { ...own, number: 1, started: 1, to: 9 },
    ];
    await openList(some, { answers: { migrations: { value: { migrations } } } });
    await row(30).click();
    const panel = page.getByRole('complementary', { name: 'Chosen process' });
    await panel.getByText('home → node 7, ordered here').waitFor();
    expect(await panel.locator('.process-migrations li').count()).toBe(1);
  });
});

describe('adding to a group', () => {
  it('makes a new one of the chosen processes', async () => {
    await openList(some);
    await row(10).click();
    await grid().press('g');
    await page.getByLabel('Name').fill('night jobs');
    await page.getByLabel('Name').press('Enter');
    await untilCalls('saveGroup', [
      { group: { name: 'night jobs', rule: { kind: 'hand', processes: [reference(10)] } } },
    ]);
    await page.getByText('Now in the group "night jobs".').waitFor();
  });

  it('adds to one made by hand, without what is in it already', async () => {
    const group = { name: 'mine', rule: { kind: 'hand', processes: [reference(20)] } };
    await openList(some, { answers: { groups: { value: { groups: [group] } } } });
    await row(10).click();
    await row(20).click({ modifiers: ['Control'] });
    await grid().press('g');
    await page.getByLabel('Group', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await untilCalls('saveGroup', [
      { group: { name: 'mine', rule: { kind: 'hand', processes: [reference(20), reference(10)] } } },
    ]);
  });

  it('makes one of a process and all its descendants, but not over another group', async () => {
    const group = { name: 'mine', rule: { kind: 'user', user: 'ada' } };
    await openList(some, { answers: { groups: { value: { groups: [group] } } } });
    await row(10).click();
    await grid().press('g');
    await page.getByRole('radio', { name: /all descendants/ }).check();
    await page.getByLabel('Name').fill('mine');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').getByText('There is a group "mine" already.').waitFor();
    await page.getByLabel('Name').fill('tree');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await untilCalls('saveGroup', [{ group: { name: 'tree', rule: { kind: 'tree', root: reference(10) } } }]);
  });
});

describe('groups', () => {
  const groups = [
    { name: 'farm', rule: { kind: 'command', pattern: 'povray' } },
    { name: 'hand', rule: { kind: 'hand', processes: fakeMembers(3).members.map(({ ref }) => ref) } },
  ];
  async function openGroups(missing: readonly string[] = []): Promise<void> {
    const members = { value: { ...fakeMembers(3), missing } };
    await open('groups', { answers: { groups: { value: { groups } }, groupMembers: members } });
    await page.getByRole('rowheader').first().waitFor();
  }

  it('show their members on every node, and say which nodes were not asked', async () => {
    await openGroups(['node9: the connection is lost']);
    await page.getByText('Processes whose command line has "povray", on every node.').waitFor();
    expect(await page.locator('.layer [data-column="node"]').allTextContents()).toEqual(
      expect.arrayContaining(['node1', 'node2', 'node3']),
    );
    await page.getByText('node9: the connection is lost').waitFor();
  });

  it.each([
    ['Spread', { kind: 'spread' }],
    ['Best node', { kind: 'move', to: 'best' }],
    ['Lock', { kind: 'lock', on: true }],
    ['Stop', { kind: 'signal', signal: 'STOP' }],
    ['End', { kind: 'signal', signal: 'TERM' }],
  ])('are ordered as one: %s', async (name, change) => {
    await openGroups();
    await page.getByRole('button', { name, exact: true }).click();
    await untilCalls('plan', [{ order: { kind: 'group', group: 'farm', change } }]);
    await untilCalls('apply', [{ plan: 'plan-1' }]);
  });

  it('are sent to a node as one', async () => {
    await openGroups();
    await page.getByRole('button', { name: 'Send to node' }).click();
    await page.getByRole('option', { name: 'node11' }).dblclick();
    await untilCalls('plan', [{ order: { kind: 'group', group: 'farm', change: { kind: 'move', to: 11 } } }]);
  });

  it('lose chosen members where they were made by hand', async () => {
    await openGroups();
    await page.getByRole('button', { name: 'hand by hand' }).click();
    await page.getByRole('heading', { name: 'hand', exact: true }).waitFor();
    const [first] = fakeMembers(3).members;
    await row(first?.ref.pid ?? 0).click();
    await page.getByRole('button', { name: 'Take out' }).click();
    const left = fakeMembers(3).members.slice(1);
    await untilCalls('saveGroup', [
      { group: { name: 'hand', rule: { kind: 'hand', processes: left.map(({ ref }) => ref) } } },
    ]);
  });

  it('are removed after a question', async () => {
    await openGroups();
    await page.getByRole('button', { name: 'Remove group' }).click();
    expect(await callsOf('removeGroup')).toEqual([]);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the group' }).click();
    await untilCalls('removeGroup', [{ name: 'farm' }]);
  });

  it.each([
    ['By user', 'User', 'ada', { kind: 'user', user: 'ada' }],
    ['By command', 'Text of the command line', 'cc1 *.c', { kind: 'command', pattern: 'cc1 *.c' }],
  ])('are made %s', async (way, label, text, rule) => {
    await open('groups');
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByLabel('Name', { exact: true }).fill('new');
    await page.getByRole('radio', { name: way }).check({ force: true });
    await page.getByLabel(label, { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Make the group' }).click();
    await untilCalls('saveGroup', [{ group: { name: 'new', rule } }]);
  });

  it('are made by tree, from a process that is picked', async () => {
    await open('groups');
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByLabel('Name', { exact: true }).fill('tree');
    await page.getByLabel('Node', { exact: true }).selectOption('id:5');
    await push(some);
    await row(30).click();
    await page.getByRole('button', { name: 'Make the group' }).click();
    await untilCalls('saveGroup', [{ group: { name: 'tree', rule: { kind: 'tree', root: reference(30) } } }]);
    await untilCalls('watchProcesses', [
      { key: 'id:5', on: true },
      { key: 'id:5', on: false },
    ]);
  });
});

describe('running a program', () => {
  async function fill(command: string): Promise<void> {
    await page.getByLabel('Command line', { exact: true }).fill(command);
    await page.getByLabel('Home node', { exact: true }).selectOption('id:5');
  }
  function screen(): Locator {
    return page.getByRole('log', { name: 'Output' });
  }
  /** How far the view of the output is from its beginning and from its end, in CSS pixels. */
  async function scrolled(): Promise<{ readonly top: number; readonly left: number }> {
    return page.evaluate(`(() => {
      const { scrollTop, scrollHeight, clientHeight } = document.querySelector('.run-screen');
      return { top: scrollTop, left: Math.round(scrollHeight - scrollTop - clientHeight) };
    })()`);
  }

  it.each([
    ['Free', 'free'],
    ['Stay here', 'nomig'],
    ['Home', 'home'],
  ])('placed %s', async (name, where) => {
    await open('run', { answers: { run: { value: fakeRun({ number: 1 }) } } });
    await fill('./simulate');
    await page.getByRole('radio', { name: new RegExp(`^${name}`) }).check();
    await page.getByRole('button', { name: 'Start' }).click();
    await untilCalls('run', [
      { key: 'id:5', command: './simulate', placement: { where, job: 'unsaid', decay: 'usual' } },
    ]);
  });

  it('on one node, as an I/O job with fast decay', async () => {
    await open('run', { answers: { run: { value: fakeRun({ number: 1 }) } } });
    await fill('cp a b');
    await page.getByRole('radio', { name: /^On a node/ }).check();
    await page.getByLabel('Node it runs on').selectOption('7');
    await page.getByRole('radio', { name: 'I/O job' }).check({ force: true });
    await page.getByRole('radio', { name: 'Fast' }).check({ force: true });
    await page.getByLabel('Command line', { exact: true }).press('Enter');
    await untilCalls('run', [
      { key: 'id:5', command: 'cp a b', placement: { where: { node: 7 }, job: 'io', decay: 'fast' } },
    ]);
  });

  it('on all nodes but a range', async () => {
    await open('run', { answers: { run: { value: fakeRun({ number: 1 }) } } });
    await fill('./simulate');
    await page.getByRole('radio', { name: /^One on each/ }).check();
    await page.getByLabel('First node').fill('3');
    await page.getByLabel('Last node').fill('11');
    await page.getByLabel(/^Inverse/).check();
    await page.getByText('3 nodes: 1–2, 12.').waitFor();
    await page.getByRole('button', { name: 'Start on 3 nodes' }).click();
    await untilCalls('run', [
      {
        key: 'id:5',
        command: './simulate',
        placement: { where: { each: [1, 2, 12] }, job: 'unsaid', decay: 'usual' },
      },
    ]);
  });

  it('says what is missing', async () => {
    await open('run');
    await page.getByLabel('Command line', { exact: true }).fill('true');
    await page.getByLabel('Command line', { exact: true }).press('Enter');
    await page.getByRole('alert').getByText('Choose the home node.').waitFor();
  });

  it('asks to allow changes first while they are locked', async () => {
    const locked = { value: { unlockedUntil: null, running: [] } };
    const run = { value: fakeRun({ number: 1 }) };
    await open('run', { answers: { control: locked, unlock: UNLOCKED, run } });
    await fill('true');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Run true', { exact: true }).waitFor();
    expect(await callsOf('run')).toEqual([]);
    await page.getByRole('button', { name: 'Allow changes' }).click();
    await expect.poll(async () => (await callsOf('run')).length).toBe(1);
  });

  it('shows output as it comes, harmless, and follows its end unless scrolled up', async () => {
    const lines = Array.from({ length: 300 }, (_unused, index) => `line ${index}`).join('\n');
    await open('run', { answers: { runs: { value: { runs: [fakeRun({ number: 1, output: lines })] } } } });
    await screen().getByText('line 299').waitFor();
    expect((await scrolled()).left).toBeLessThan(3);
    const run = fakeRun({ number: 1, output: `${lines}\n\u001b[31m<b>red</b>\u0007\r\nlast` });
    await page.evaluate((next) => fake.push('run', { run: next }), run);
    await expect.poll(() => screen().textContent()).toContain('\uFFFD[31m<b>red</b>\uFFFD\nlast');
    expect((await scrolled()).left).toBeLessThan(3);
    await page.evaluate(`new Promise((seen) => {
      const view = document.querySelector('.run-screen');
      view.addEventListener('scroll', () => seen(), { once: true });
      view.scrollTo(0, 0);
    })`);
    await page.evaluate((next) => fake.push('run', { run: next }), { ...run, output: `${run.output}\nmore` });
    await expect.poll(() => screen().textContent()).toContain('more');
    expect((await scrolled()).top).toBe(0);
  });

  it('shows how a program ended, and stops one that runs', async () => {
    const runs = [
      fakeRun({ number: 2 }),
      fakeRun({ number: 1, command: 'false', state: 'ended', exitCode: 1 }),
    ];
    await open('run', { answers: { runs: { value: { runs } } } });
    await page.getByRole('button', { name: 'Stop' }).click();
    await untilCalls('stopRun', [{ number: 2 }]);
    await page.evaluate(
      (run) => fake.push('run', { run }),
      fakeRun({ number: 2, state: 'lost', why: 'The connection to node1 was lost.' }),
    );
    await page.getByText('The connection to node1 was lost.').waitFor();
    await page.getByRole('button', { name: /false/ }).click();
    await page.getByRole('region', { name: 'Program 1' }).getByText('ended, exit status 1').waitFor();
  });

  it('fills the form with a program that was started before', async () => {
    const run = fakeRun({ number: 1, placement: { where: { node: 7 }, job: 'cpu', decay: 'slow' } });
    await open('run', { answers: { runs: { value: { runs: [run] } } } });
    await page.getByRole('button', { name: 'Use again' }).click();
    expect(await page.getByLabel('Command line', { exact: true }).inputValue()).toBe(
      './simulate --steps 1000',
    );
    expect(await page.getByLabel('Node it runs on').inputValue()).toBe('7');
    expect(await page.getByRole('radio', { name: 'CPU job' }).isChecked()).toBe(true);
  });
});
