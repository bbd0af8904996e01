/** Control of nodes in a real browser: choosing several, switches, speed, drain, the plan, the lock and the way back. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../common/model/control.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

/** Opens the overview, with changes allowed unless it is said otherwise. */
async function open(options: FakeOptions): Promise<void> {
  page = await site.open({ fake: { period: 0, unlocked: true, ...options } });
  await page.getByRole('grid').locator('.layer .row').first().waitFor();
}

function row(name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

async function chosenNames(): Promise<string[]> {
  return page.locator('.layer [aria-selected="true"] .name').allTextContents();
}

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

function panel(title: string): Locator {
  return page.getByRole('region', { name: `Details of ${title}` });
}

function control(name: string): Locator {
  return page.getByRole('checkbox', { name, exact: true });
}

function dialog(): Locator {
  return page.getByRole('dialog');
}

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

const strips = (): Locator => page.getByRole('status', { name: 'What you ordered' });

describe('choosing nodes', () => {
  it('adds and takes away single ones with Ctrl', async () => {
    await open({ nodes: 6 });
    await row('node2').click();
    await row('node5').click({ modifiers: ['Control'] });
    expect(await chosenNames()).toEqual(['node2', 'node5']);
    await row('node2').click({ modifiers: ['Control'] });
    await panel('node5').waitFor();
  });

  it('takes a range with Shift', async () => {
    await open({ nodes: 6 });
    await row('node2').click();
    await row('node5').click({ modifiers: ['Shift'] });
    expect(await chosenNames()).toEqual(['node2', 'node3', 'node4', 'node5']);
    await panel('4 nodes').getByText('node2, node3, node4, node5').waitFor();
  });

  it('goes by the keyboard alone', async () => {
    await open({ nodes: 6 });
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    expect(await chosenNames()).toEqual(['node1', 'node2']);
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press(' ');
    expect(await chosenNames()).toEqual(['node1', 'node2', 'node4']);
    await page.keyboard.press('Control+a');
    await panel('6 nodes').waitFor();
    await page.keyboard.press('Escape');
    await panel('6 nodes').waitFor({ state: 'detached' });
  });

  it('takes with Ctrl-A only what the filter shows', async () => {
    await open({ nodes: 12 });
    await page.getByRole('searchbox').fill('node1');
    await page.getByRole('searchbox').press('Enter');
    await page.keyboard.press('Control+a');
    await panel('4 nodes').waitFor();
  });

  it('does not draw the rows anew', async () => {
    await open({ nodes: 6 });
    const before = await row('node3').elementHandle();
    await row('node3').click();
    await row('node4').click({ modifiers: ['Control'] });
    expect(await before?.innerText()).toContain('node3');
    expect(await before?.getAttribute('aria-selected')).toBe('true');
  });
});

describe('the switches', () => {
  it('show the state the node itself reports', async () => {
    await open({ nodes: 6 });
    await row('node5').click();
    expect(await control('block').getAttribute('aria-checked')).toBe('true');
    expect(await control('stay').getAttribute('aria-checked')).toBe('false');
    await page.evaluate(() => {
      fake.fix(4, 'status', 3 + 4);
      fake.tick();
    });
    await expect.poll(() => control('stay').getAttribute('aria-checked')).toBe('true');
    expect(await control('block').innerText()).toContain('off');
  });

  it('say how many of several are on', async () => {
    await open({ nodes: 6 });
    await row('node4').click();
    await row('node6').click({ modifiers: ['Shift'] });
    expect(await control('block').getAttribute('aria-checked')).toBe('mixed');
    expect(await control('block').innerText()).toContain('1 of 3 on');
  });

  it('are unknown on a node that does not answer', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    await row('node2').click();
    expect(await control('block').innerText()).toContain('unknown');
    await panel('node2')
      .getByText('Nothing can be changed on node2: there is no connection to it now.')
      .waitFor();
  });

  it('change the node, and show it when the node reports it', async () => {
    await open({ nodes: 6 });
    await row('node1').click();
    await control('block').click();
    await strips().getByText('1 of 1 verified').waitFor();
    expect(await callsOf('plan')).toEqual([
      {
        order: { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'setting', setting: 'block', on: true }] },
      },
    ]);
    expect(await control('block').getAttribute('aria-checked')).toBe('false');
    await page.evaluate(() => fake.tick());
    await expect.poll(() => control('block').getAttribute('aria-checked')).toBe('true');
  });

  it('are greyed with the reason where the dialect has none, and do nothing there', async () => {
    await open({ nodes: 6 });
    await page.evaluate(() => fake.change(0, { dialect: 'linux' }));
    await row('node1').click();
    await panel('node1')
      .getByText(/plain Linux, whose kernel does not migrate/)
      .waitFor();
    expect(await control('block').getAttribute('aria-disabled')).toBe('true');
    await control('block').click({ force: true });
    await page.getByRole('button', { name: 'Drain …' }).click({ force: true });
    expect(await callsOf('plan')).toEqual([]);
    expect(await dialog().count()).toBe(0);
  });

  it('say whether openMosix runs, which is not changed from here', async () => {
    await open({ nodes: 6 });
    await row('node1').click();
    await panel('node1').getByText('openMosix runs; it is started and stopped at the node itself.').waitFor();
  });
});

describe('the lock', () => {
  it('is closed at the start, and asks before the first order', async () => {
    await open({ nodes: 3, unlocked: false });
    await page.getByRole('button', { name: 'Read-only' }).waitFor();
    await row('node1').click();
    await control('block').click();
    await dialog().getByText('That is written to the audit log, and ends by itself.').waitFor();
    expect(await callsOf('apply')).toEqual([]);
    await page.keyboard.press('Enter');
    await strips().getByText('1 of 1 verified').waitFor();
    expect(await callsOf('unlock')).toEqual([{ minutes: 15 }]);
    await page.getByRole('button', { name: 'Changes allowed, 15 min left' }).click();
    await page.getByRole('button', { name: 'Read-only' }).waitFor();
  });

  it('changes nothing when the answer is no', async () => {
    await open({ nodes: 3, unlocked: false });
    await row('node1').click();
    await control('block').click();
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect([await callsOf('unlock'), await callsOf('apply')]).toEqual([[], []]);
  });

  it('shows a dry run without being opened', async () => {
    await open({ nodes: 3, unlocked: false });
    await row('node1').click();
    await control('block').click();
    await press('Only show what it would do');
    await dialog()
      .getByRole('row', { name: /node1 block on .*\/admin\/block 0 → 1/ })
      .waitFor();
    await press('Cancel');
    expect(await callsOf('unlock')).toEqual([]);
  });

  it('is opened by its button for as long as is chosen', async () => {
    await open({ nodes: 3, unlocked: false });
    await press('Read-only');
    await dialog().getByLabel('60 minutes').check();
    await press('Allow changes');
    await page.getByRole('button', { name: 'Changes allowed, 60 min left' }).waitFor();
  });

  it('asks again when it closed while the plan was looked at', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await row('node3').click({ modifiers: ['Shift'] });
    await control('block').click();
    await dialog().waitFor();
    await page.evaluate(() => fake.push('control', { unlockedUntil: null, running: [] }));
    await press('Apply');
    await dialog().getByText('Allow changes?').waitFor();
    await press('Allow changes');
    await strips().getByText('3 of 3 verified').waitFor();
  });
});

describe('the plan', () => {
  async function planFor12(): Promise<void> {
    await open({ nodes: 12, troubleEvery: 12 });
    await page.getByRole('grid').press('Control+a');
    await control('quiet').click();
    await dialog().waitFor();
  }

  it('shows what is impossible first, with the reason, and counts', async () => {
    await planFor12();
    await dialog().getByText('4 impossible').waitFor();
    await dialog().getByText('8 will change').waitFor();
    const rows = dialog().locator('tbody tr');
    expect(await rows.count()).toBe(12);
    expect(await rows.first().innerText()).toMatch(/node1.*impossible.*ENETUNREACH/s);
    expect(await rows.last().innerText()).toMatch(/node12.*0 → 1.*will change/s);
  });

  it('is applied with Enter and left with Escape', async () => {
    await planFor12();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await callsOf('apply')).toEqual([]);
    await control('quiet').click();
    await dialog().waitFor();
    await page.keyboard.press('Enter');
    await strips().getByText('8 of 12 verified, 4 impossible: node1: ').waitFor();
  });

  it('takes a reason, which becomes part of the order', async () => {
    await planFor12();
    await dialog().getByLabel('Reason').fill('rack 3 moves');
    await page.keyboard.press('Enter');
    await strips()
      .getByText(/verified/)
      .waitFor();
    expect(await callsOf('plan')).toMatchObject([{}, { order: { reason: 'rack 3 moves' } }]);
    expect(await callsOf('apply')).toEqual([{ plan: 'plan-2' }]);
  });

  it('is shown again when the nodes changed while the reason was written', async () => {
    await planFor12();
    await page.evaluate(() => fake.fix(11, 'status', 3 + 32));
    await dialog().getByLabel('Reason').fill('rack 3 moves');
    await page.keyboard.press('Enter');
    await dialog().getByText('Something changed meanwhile.').waitFor();
    await dialog().getByText('1 already so').waitFor();
    expect(await callsOf('apply')).toEqual([]);
    await press('Apply');
    await strips()
      .getByText(/verified/)
      .waitFor();
  });

  it('is made again when it was looked at for too long', async () => {
    await planFor12();
    await page.evaluate(() => {
      let asked = 0;
      fake.answer('apply', () => {
        asked += 1;
        return { problem: { code: asked === 1 ? 'not-found' : 'disk-full', message: 'No.', detail: '' } };
      });
    });
    await press('Apply');
    await expect.poll(async () => (await callsOf('plan')).length).toBe(2);
    await press('Apply');
    await page.getByRole('log', { name: 'Notices' }).getByText('Free space on the disk').waitFor();
  });

  it('offers nothing to apply where nothing would be written', async () => {
    await open({ nodes: 12, troubleEvery: 12, unlocked: false });
    await row('node5').click();
    await page.evaluate(() => fake.fix(4, 'status', 3 + 16));
    await page.evaluate(() => fake.fix(4, 'status', 3 + 16 + 32));
    await control('quiet').click();
    await dialog().getByText('Nothing would be written.').waitFor();
    expect(await page.getByRole('button', { name: 'Apply' }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    expect(await callsOf('unlock')).toEqual([]);
  });

  it('is always shown where the operator wants that', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await page.getByLabel('Always show the plan first').check();
    await row('node2').click();
    await control('block').click();
    await dialog().getByRole('button', { name: 'Apply' }).waitFor();
  });

  it('shows what a process calls itself as text', async () => {
    await open({ nodes: 3 });
    await page.evaluate(() => {
      const plan: Plan = {
        id: 'p',
        order: { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'expel' }], reason: '', until: null },
        title: 'Send home',
        steps: [
          {
            node: 'id:1',
            nodeName: '<b>node1</b>',
            process: { pid: 7, started: 1, command: '<img src=x>$(reboot)\u001b[31m' },
            what: 'send home',
            file: '/proc/7/goto',
            before: null,
            after: '0',
            verdict: 'change',
            why: '',
            undo: null,
          },
        ],
        confirm: true,
        notes: [],
      };
      fake.answer('plan', () => ({ value: plan }));
    });
    await row('node1').click();
    await control('block').click();
    await dialog().getByText('<img src=x>$(reboot)\uFFFD[31m').waitFor();
    await dialog().getByText('It cannot be undone.').waitFor();
    expect(await dialog().locator('img, b').count()).toBe(0);
  });
});

describe('an action under way', () => {
  it('is told step by step, and undone with one click', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await control('block').click();
    await strips().getByText('1 of 1 verified').waitFor();
    await strips().getByRole('button', { name: 'Undo' }).click();
    await strips().getByText(/^Undo/).first().waitFor();
    await expect.poll(() => strips().locator('.action-strip').count()).toBe(1);
    expect(await callsOf('plan')).toMatchObject([{}, { order: { kind: 'undo', action: 1 } }]);
    await page.evaluate(() => fake.tick());
    await expect.poll(() => control('block').getAttribute('aria-checked')).toBe('false');
  });

  it('stays with its reason where it went wrong, and leaves when it is dismissed', async () => {
    await open({ nodes: 12, troubleEvery: 12 });
    await page.getByRole('grid').press('Control+a');
    await control('quiet').click();
    await press('Apply');
    await strips().getByText('partly done').waitFor();
    await row('node5').click();
    await control('stay').click();
    await strips().getByText('1 of 1 verified').waitFor();
    expect(await strips().locator('.action-strip').count()).toBe(2);
    await strips()
      .getByRole('button', { name: /Dismiss Set quiet/ })
      .click();
    await expect.poll(() => strips().locator('.action-strip').count()).toBe(1);
  });
});

describe('the speed', () => {
  it('shows what balancing would do before anything is ordered', async () => {
    await open({ nodes: 3 });
    await row('node2').click();
    await page.getByLabel('Speed by number').fill('20000');
    const preview = page.getByRole('status', { name: 'Preview' });
    await preview.getByText('Efficiency 62 % → 88 %').waitFor();
    await preview.getByText('2 processes from node1 to node2').waitFor();
    expect(await callsOf('plan')).toEqual([]);
    await page.keyboard.press('Enter');
    await strips().getByText('1 of 1 verified').waitFor();
    expect(await callsOf('plan')).toMatchObject([{ order: { changes: [{ kind: 'speed', speed: 20_000 }] } }]);
  });

  it('follows the slider, and the newest wish wins', async () => {
    await open({ nodes: 3 });
    await row('node2').click();
    await page.evaluate(() => {
      let release: (() => void) | undefined;
      fake.answer('previewSpeeds', ({ speeds }: { speeds: { speed: number }[] }) => {
        const answer = { value: { now: 50, after: (speeds[0]?.speed ?? 0) / 1000, moves: [] } };
        if (release !== undefined) return answer;
        return new Promise((resolve) => {
          release = () => resolve(answer);
          Object.assign(globalThis, { release });
        });
      });
    });
    const slider = page.getByRole('slider', { name: 'Speed by slider' });
    await slider.fill('100');
    await slider.fill('150');
    await slider.fill('200');
    expect(await callsOf('previewSpeeds')).toHaveLength(1);
    await page.evaluate('release()');
    await page.getByText('Efficiency 50 % → 100 %').waitFor();
    expect(await callsOf('previewSpeeds')).toHaveLength(2);
    expect(await page.getByLabel('Speed by number').inputValue()).toBe('100000');
  });

  it('goes back with Escape, and takes no speed that is none', async () => {
    await open({ nodes: 3 });
    await row('node2').click();
    await page.getByLabel('Speed by number').fill('0');
    await page.getByText('A speed is a whole number from 1 to 1,000,000.').waitFor();
    expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByLabel('Speed by number').inputValue()).toBe('11500');
    await panel('node2').waitFor();
  });
});

describe('a drain', () => {
  it('is ordered with its reason and its end, and ended in one click', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await press('Drain …');
    await dialog().getByLabel('Reason').fill('new disk');
    await dialog().getByLabel('Also bring its own processes home').check();
    await dialog().getByLabel('for 4 hours').check();
    await press('Drain');
    await press('Apply');
    await panel('node1')
      .getByText(/^drained by anna@desk until .*\d\d:\d\d \(new disk\)$/)
      .waitFor();
    const [{ order }] = (await callsOf('plan')) as [{ order: { until: number } }];
    expect(order).toMatchObject({ kind: 'drain', nodes: ['id:1'], bring: true, reason: 'new disk' });
    expect(Math.abs(order.until - Date.now() - 4 * 3_600_000)).toBeLessThan(60_000);
    await press('End the drain');
    await panel('node1')
      .getByText(/^drained by/)
      .waitFor({ state: 'detached' });
  });

  it('counts the guests that are left', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await page.evaluate(() => {
      const step = {
        node: 'id:1',
        nodeName: 'node1',
        process: null,
        what: 'expel',
        file: '',
        before: '0',
        after: '1',
        verdict: 'change',
        why: '',
        undo: null,
        state: 'written',
        now: null,
        outcome: '3 guests left',
      } as const;
      fake.push('action', {
        action: {
          number: 5,
          time: Date.now(),
          who: 'anna@desk',
          title: 'Drain node1',
          order: { kind: 'drain', nodes: ['id:1'], bring: false, reason: '', until: null },
          steps: [step],
          state: 'running',
          undoes: null,
          undoneBy: null,
          ended: null,
          undoable: true,
        },
      });
    });
    await panel('node1').getByText('draining, 3 guests left').waitFor();
  });

  it('does not end in the past', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await press('Drain …');
    await dialog().getByLabel('until a time').check();
    await dialog().getByLabel('End of the drain').fill('2020-01-01T10:00');
    await press('Drain');
    await dialog().getByRole('alert').getByText('That time is past already.').waitFor();
    expect(await callsOf('plan')).toEqual([]);
  });
});

describe('the rest of what a node can do', () => {
  it('sends guests away after the plan was seen, for that cannot be undone', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await press('Send guests away');
    await dialog().getByText('It cannot be undone.').waitFor();
    await press('Apply');
    await strips().getByText('1 of 1 verified').waitFor();
    expect(await strips().getByRole('button', { name: 'Undo' }).count()).toBe(0);
  });

  it('sets only the decay values that were given, and shows what stands there now', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await press('Decay …');
    await dialog().getByLabel('Slow decay').fill('900');
    await press('Show the plan');
    await dialog().getByText('975 → 900').waitFor();
    expect(await callsOf('plan')).toMatchObject([
      { order: { changes: [{ kind: 'decay', which: 'slowdecay', value: 900 }] } },
    ]);
  });

  it('opens the processes of a node, and the other windows', async () => {
    await open({ nodes: 3 });
    await row('node1').click();
    await press('Processes');
    await press('Windows');
    await page.getByRole('menuitem', { name: 'Migration map' }).click();
    expect(await callsOf('openWindow')).toEqual([{ view: 'processes', key: 'id:1' }, { view: 'map' }]);
  });

  it("is there in the node's own window, too", async () => {
    page = await site.open({
      fake: { period: 0, nodes: 6, unlocked: true },
      query: '?view=node&key=id:5',
    });
    await expect.poll(() => control('block').getAttribute('aria-checked')).toBe('true');
    await control('block').click();
    await strips().getByText('1 of 1 verified').waitFor();
    await press('Processes');
    expect(await callsOf('openWindow')).toEqual([{ view: 'processes', key: 'id:5' }]);
  });
});
