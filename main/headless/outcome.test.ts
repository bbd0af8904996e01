import { describe, expect, test } from 'vitest';
import type { Action, ActionStep, Plan, PlanStep } from '../../common/model/control.ts';
import { actionTable, exitCodeOf, planTable, printedAction, printedPlan, progressLine } from './outcome.ts';

function planStep(node: number, step: Partial<PlanStep> = {}): PlanStep {
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
    ...step,
  };
}

function actionStep(node: number, step: Partial<ActionStep> = {}): ActionStep {
  return { ...planStep(node), state: 'verified', now: '1', outcome: '', ...step };
}

const order = {
  kind: 'nodes' as const,
  nodes: ['id:1'],
  changes: [{ kind: 'setting' as const, setting: 'block' as const, on: true }],
  reason: '',
  until: null,
};

function plan(...steps: PlanStep[]): Plan {
  return { id: 'p', order, title: 'Block 2 nodes', steps, confirm: true, notes: ['This concerns 2 nodes.'] };
}

function action(...steps: ActionStep[]): Action {
  return {
    number: 12,
    time: 0,
    who: 'anna@desk',
    title: 'Block 2 nodes',
    order,
    steps,
    state: 'done',
    undoes: null,
    undoneBy: null,
    ended: null,
    undoable: true,
  };
}

describe('a plan', () => {
  const impossible = planStep(2, {
    before: null,
    verdict: 'impossible',
    why: 'it is plain Linux',
    undo: null,
  });

  test('shows node by node the file, the old value, the new one, and what is impossible and why', () => {
    expect(planTable(plan(planStep(1), impossible)).split('\n')).toEqual([
      'Block 2 nodes',
      'NODE   WHAT      FILE                   OLD  NEW  NOTE',
      'node1  block on  /proc/hpc/admin/block    0    1',
      'node2  block on  /proc/hpc/admin/block    -    1  impossible: it is plain Linux',
      'This concerns 2 nodes.',
    ]);
  });

  test('is good when nothing in it is impossible', () => {
    expect(exitCodeOf(printedPlan(plan(planStep(1), planStep(2, { verdict: 'same' }))))).toBe(0);
    expect(exitCodeOf(printedPlan(plan(planStep(1), impossible)))).toBe(1);
  });

  test('as JSON has no action and nothing verified', () => {
    expect(printedPlan(plan(planStep(1)))).toMatchObject({
      action: null,
      state: 'planned',
      nodes: [{ key: 'id:1', verified: null, steps: [{ what: 'block on', before: '0', after: '1' }] }],
    });
  });
});

describe('an action', () => {
  test.each([
    ['verified', '', true],
    ['same', '', true],
    ['refused', 'sudo: a password is required', 'refused: sudo: a password is required'],
    ['no-effect', 'accepted, then taken back: it is 0', 'accepted, then taken back: it is 0'],
    ['no-effect', '', 'accepted, no effect'],
    ['unknown', '', 'not known whether it was written'],
    ['written', '', 'written, not verified yet'],
    ['waiting', '', 'not begun'],
  ] as const)('whose step is %s has the node verified or the reason', (state, outcome, verified) => {
    const printed = printedAction(action(actionStep(1, { state, outcome })));
    expect(printed.nodes).toMatchObject([{ verified, steps: [{ state }] }]);
    expect(exitCodeOf(printed)).toBe(verified === true ? 0 : 1);
  });

  test('that was impossible from the start says why', () => {
    const step = actionStep(1, {
      state: 'impossible',
      verdict: 'impossible',
      outcome: 'it is down',
      now: null,
    });
    expect(printedAction(action(step)).nodes[0]?.verified).toBe('impossible: it is down');
  });

  test('of several steps on a node is verified when each is', () => {
    const steps = [
      actionStep(1),
      actionStep(1, { what: 'expel', state: 'written', outcome: '3 guests left' }),
    ];
    const printed = printedAction(action(...steps));
    expect(printed.nodes).toMatchObject([{ verified: 'written, not verified yet: 3 guests left' }]);
    expect(exitCodeOf(printed)).toBe(1);
  });

  test('is told with the values read back, the sum and the way back', () => {
    const refused = actionStep(2, { state: 'refused', now: null, outcome: 'Permission denied' });
    expect(actionTable(action(actionStep(1), refused)).split('\n')).toEqual([
      'Block 2 nodes',
      'NODE   WHAT      OLD  NOW  RESULT',
      'node1  block on    0    1  verified',
      'node2  block on    0    -  refused: Permission denied',
      '1 of 2 nodes verified. It is action 12 of the audit log. "mosview undo 12" takes it back.',
    ]);
  });

  test('under way says in one line what is awaited', () => {
    const expel = actionStep(2, { what: 'expel', state: 'written', outcome: '3 guests left' });
    expect(progressLine(action(actionStep(1), expel))).toBe(
      'Action 12: 1 of 2 nodes verified; node2: expel, written, not verified yet: 3 guests left',
    );
    expect(progressLine(action(actionStep(1)))).toBe('Action 12: 1 of 1 nodes verified');
  });

  test('on a process shows its command as text, however it is called', () => {
    const command = `$(reboot)\u001B[2J\n${'x'.repeat(4000)}`;
    const step = actionStep(1, { process: { pid: 1806, started: 1, command }, what: 'send to node 5' });
    const line = actionTable(action(step)).split('\n')[2] ?? '';
    expect(line).toContain('1806 $(reboot)\u{FFFD}[2J xxx');
    expect(line.length).toBeLessThan(150);
  });
});
