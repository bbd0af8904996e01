/** The window of actions and the audit log in a real browser. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Action, ActionStep, AuditEntry } from '../../common/model/control.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function open(options: Omit<FakeOptions, 'nodes'>): Promise<void> {
  page = await site.open({
    fake: { nodes: 3, period: 0, unlocked: true, ...options },
    query: '?view=actions',
  });
  await page.getByRole('tab', { name: 'Actions' }).waitFor();
}

function rows(): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('gridcell') });
}

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

const TIME = Date.UTC(2026, 6, 3, 12);

function step(node: number, change: Partial<ActionStep> = {}): ActionStep {
  return {
    node: `id:${node}`,
    nodeName: `node${node}`,
    process: null,
    what: 'block on',
    file: '/proc/hpc/admin/block',
    before: '0',
    after: '1',
    verdict: 'change',
    why: '',
    undo: '0',
    state: 'verified',
    now: '1',
    outcome: '',
    ...change,
  };
}

function action(number: number, change: Partial<Action> = {}): Action {
  return {
    number,
    time: TIME + number * 60_000,
    who: 'anna@desk',
    title: `Block node${number}`,
    order: {
      kind: 'nodes',
      nodes: ['id:1'],
      changes: [{ kind: 'setting', setting: 'block', on: true }],
      reason: '',
      until: null,
    },
    steps: [step(1)],
    state: 'done',
    undoes: null,
    undoneBy: null,
    ended: null,
    undoable: true,
    ...change,
  };
}

function entry(number: number, change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    number,
    time: TIME + number * 1000,
    who: 'anna@desk',
    kind: 'begun',
    action: 1,
    text: `Line ${number} in words`,
    body: '{"a":1}',
    hash: 'f'.repeat(64),
    ...change,
  };
}

describe('the actions', () => {
  it('are listed newest first with who, what and result', async () => {
    await open({
      actions: [
        action(3, {
          state: 'partly',
          steps: [step(1), step(2, { state: 'refused', now: '0', outcome: 'sudo: a password is required' })],
        }),
        action(2, { who: 'timer', undoneBy: 3 }),
        action(1),
      ],
    });
    await rows().first().waitFor();
    const texts = await rows().allInnerTexts();
    expect(texts).toHaveLength(3);
    expect(texts[0]).toMatch(
      /anna@desk\s+Block node3\s+partly done 1 of 2 verified, 1 refused: node2: sudo: a password is required/,
    );
    expect(texts[1]).toMatch(/timer\s+Block node2\s+done 1 of 1 verified\s+no. 3/);
  });

  it('show their steps with before, written and read back', async () => {
    await open({
      actions: [
        action(1, {
          steps: [step(1, { state: 'no-effect', now: '0', outcome: 'the kernel took it and kept 0' })],
          order: { ...action(1).order, reason: 'rack 3 moves' },
        }),
      ],
    });
    await rows().first().click();
    const detail = page.getByRole('region', { name: 'Action 1' });
    await detail.getByText('Reason: rack 3 moves.').waitFor();
    expect(await detail.locator('tbody tr').innerText()).toMatch(
      /node1\s+block on\s+0 → 1\s+0\s+accepted, no effect: ?the kernel took it and kept 0/,
    );
  });

  it('are walked with the arrow keys and left with Escape', async () => {
    await open({ actions: [action(2), action(1)] });
    await rows().first().waitFor();
    await page.getByRole('grid', { name: 'Actions' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('region', { name: 'Action 1' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Action 1' }).waitFor({ state: 'detached' });
  });

  it('are undone after the plan was seen', async () => {
    await open({ actions: [action(1)] });
    await rows().first().click();
    await page.getByRole('button', { name: 'Undo …' }).click();
    await page.getByRole('dialog').getByText('1 → 0').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect.poll(() => rows().count()).toBe(2);
    await page.getByRole('region', { name: 'Action 1' }).getByText('It was undone by action 2.').waitFor();
    expect(await page.getByRole('button', { name: 'Undo …' }).count()).toBe(0);
  });

  it('come in by themselves, and older ones when they are asked for', async () => {
    await open({ actions: Array.from({ length: 250 }, (_unused, index) => action(250 - index)) });
    await expect.poll(() => rows().count()).toBe(200);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await expect.poll(() => rows().count()).toBe(250);
    expect(await callsOf('actions')).toEqual([{ limit: 200 }, { before: 51, limit: 200 }]);
    expect(await page.getByRole('button', { name: 'Show older ones' }).count()).toBe(0);
  });

  it('say when there are none', async () => {
    await open({});
    await page.getByText('Nothing was changed yet.').waitFor();
  });
});

describe('the audit log', () => {
  async function openLog(entries: readonly AuditEntry[], broken = ''): Promise<void> {
    await open({ answers: { audit: { value: { entries, broken } } } });
    await page.getByRole('tab', { name: 'Actions' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('grid', { name: 'Audit log' }).waitFor();
  }

  it('says that its chain holds', async () => {
    await openLog([entry(214), entry(213)]);
    await page.getByText('The chain of 214 lines holds.').waitFor();
    expect(await rows().first().innerText()).toMatch(
      /214\s+.*anna@desk\s+begun\s+Line 214 in words\s+no. 1/s,
    );
  });

  it('says as an alert where it is broken', async () => {
    await openLog([entry(2)], 'Line 1 was changed.');
    await page.getByRole('alert').getByText('The chain is broken: Line 1 was changed.').waitFor();
  });

  it('shows a line in full, as text only', async () => {
    await openLog([entry(1, { text: '<b>x</b>', body: '{"a":"<img src=x>"}' })]);
    await rows().first().click();
    await page.getByRole('region', { name: 'Line 1' }).getByText('"a": "<img src=x>"').waitFor();
    expect(await page.locator('.log-window img, .log-window b').count()).toBe(0);
  });

  it('goes on with what is written while it is open', async () => {
    await openLog([entry(1)]);
    await rows().first().waitFor();
    await page.evaluate(
      (line) => {
        fake.answer('audit', () => ({ value: { entries: [line], broken: '' } }));
        fake.push('control', { unlockedUntil: Date.now() + 60_000, running: [] });
      },
      entry(2, { kind: 'unlocked' }),
    );
    await expect.poll(() => rows().count()).toBe(2);
  });
});
