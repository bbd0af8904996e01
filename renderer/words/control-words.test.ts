/** What can be changed of nodes, how their switches stand and what a drain has come to, in words. */
import { describe, expect, it } from 'vitest';
import type { Action, ActionStep } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { progressWords } from './action-words.ts';
import {
  drainsOf,
  nodeNames,
  clusterWords,
  switchState,
  unchangeable,
  whyNone,
  type NodeNow,
} from './control-words.ts';

function node(id: number, change: Partial<NodeNow> = {}, info: Partial<NodeInfo> = {}): NodeNow {
  return {
    info: {
      slot: id,
      key: `id:${id}`,
      id,
      name: `node${id}`,
      target: '',
      dialect: 'openmosix',
      connection: { kind: 'connected', since: 0 },
      reason: '',
      observer: false,
      disagreement: '',
      ...info,
    },
    state: 'up',
    status: 3,
    speed: 10_000,
    ...change,
  };
}

function step(change: Partial<ActionStep> = {}): ActionStep {
  return {
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
    state: 'verified',
    now: '1',
    outcome: '',
    ...change,
  };
}

function drain(change: Partial<Action> = {}): Action {
  return {
    number: 1,
    time: 0,
    who: 'anna',
    title: 'Drain node1',
    order: { kind: 'drain', nodes: ['id:1'], bring: false, reason: '', until: null },
    steps: [step()],
    state: 'done',
    undoes: null,
    undoneBy: null,
    ended: null,
    undoable: true,
    ...change,
  };
}

describe('a switch', () => {
  it('is what the only node reports', () => {
    expect(switchState([node(1, { status: 3 + 16 })], 'block')).toEqual({ checked: 'true', words: 'on' });
    expect(switchState([node(1)], 'block')).toEqual({ checked: 'false', words: 'off' });
  });

  it('stands in between where nodes differ', () => {
    const nodes = [node(1, { status: 19 }), node(2), node(3, { status: 19 })];
    expect(switchState(nodes, 'block')).toEqual({ checked: 'mixed', words: '2 of 3 on' });
  });

  it('takes no old or negative status for a present one', () => {
    expect(switchState([node(1, { status: 19, state: 'stale' })], 'block').checked).toBe('unknown');
    expect(switchState([node(1, { status: -101 })], 'block').checked).toBe('unknown');
    expect(switchState([node(1, { status: NaN })], 'block').checked).toBe('unknown');
  });

  it('says how many nodes do not tell', () => {
    expect(switchState([node(1), node(2, { status: NaN })], 'stay').words).toBe('off, 1 unknown');
  });
});

describe('what cannot be changed', () => {
  it('is told once for all nodes with the same reason', () => {
    const nodes = [
      node(1),
      node(2, {}, { dialect: 'linux' }),
      node(3, {}, { dialect: 'linux' }),
      node(4, {}, { connection: { kind: 'none' } }),
    ];
    expect(unchangeable(nodes)).toBe(
      'Nothing can be changed on node2, node3: it is plain Linux, whose kernel does not migrate processes. ' +
        'Nothing can be changed on node4: mosview has no login there; it is seen through other nodes.',
    );
  });

  it('is nothing where everything can', () => {
    expect(unchangeable([node(1)])).toBe('');
  });
});

describe('a thing that no node can do', () => {
  const mattx = node(2, {}, { dialect: 'mattx' });

  it('says why, unless one of the nodes can', () => {
    expect(whyNone([mattx], 'block', '')).toMatch(/^MattX cannot refuse guests; .*\.$/);
    expect(whyNone([mattx, node(1)], 'block', '')).toBe('');
    expect(whyNone([mattx], 'stay', '')).toBe('');
    expect(whyNone([node(1)], 'pins', '')).toBe('openMosix has no such setting.');
  });

  it('has the reason why nothing can be changed before its own', () => {
    expect(whyNone([mattx], 'block', 'There is no connection.')).toBe('There is no connection.');
  });
});

describe('the part of the cluster on a node', () => {
  it.each([
    [3, 'openMosix runs; it is started and stopped at the node itself.'],
    [1, 'openMosix is configured and does not run; it is started and stopped at the node itself.'],
    [-101, 'openMosix does not reach it (ENETUNREACH).'],
    [NaN, 'Whether openMosix runs there is not known.'],
  ])('with status %d: %s', (status, words) => {
    expect(clusterWords(node(1, { status }))).toBe(words);
  });

  const host = { key: 'host:gate' };
  it.each<[string, Partial<NodeNow>, Partial<NodeInfo>, string]>([
    ['MattX', {}, { dialect: 'mattx' }, 'MattX runs; it is loaded and unloaded at the node itself.'],
    [
      'MattX of another node',
      { state: 'stale', status: NaN },
      { dialect: 'mattx' },
      'Whether MattX runs there is not known.',
    ],
    [
      'MattX in no cluster',
      { status: NaN },
      { dialect: 'mattx', ...host },
      'MattX is loaded there and in no cluster; it is loaded and unloaded at the node itself.',
    ],
    [
      'openMosix that is off',
      { status: NaN },
      host,
      'openMosix is switched off there (mospe); it is started and stopped at the node itself.',
    ],
    [
      'plain Linux',
      { status: NaN },
      { dialect: 'linux', ...host },
      'It is plain Linux, which is part of no cluster.',
    ],
    [
      'nothing yet',
      { state: 'connecting', status: NaN },
      { dialect: null, ...host },
      'What it speaks is not known yet.',
    ],
  ])('is told of a node with %s in its own words', (_case, change, info, words) => {
    expect(clusterWords(node(1, change, info))).toBe(words);
  });
});

describe('a drain', () => {
  const nodes = [node(1).info, node(2).info];

  it('concerns only the nodes it was carried out on, until it is undone', () => {
    expect(drainsOf(nodes, [drain()]).map((each) => each.nodes.map((info) => info.name))).toEqual([
      ['node1'],
    ]);
    expect(drainsOf(nodes, [drain({ undoneBy: 2 })])).toEqual([]);
    expect(drainsOf(nodes, [drain({ steps: [step({ verdict: 'impossible' })] })])).toEqual([]);
  });

  it('counts the guests while it is under way, then names who ordered it and why', () => {
    const running = drain({
      state: 'running',
      steps: [step({ state: 'written', outcome: '3 guests left' })],
    });
    expect(drainsOf(nodes, [running])[0]?.words).toBe('draining, 3 guests left');
    const order = { ...drain().order, reason: 'new disk' };
    expect(drainsOf(nodes, [drain({ order })])[0]?.words).toBe('drained by anna (new disk)');
  });
});

describe('names and progress', () => {
  it('keep many names short', () => {
    expect(nodeNames(['a', 'b', 'c', 'd'])).toBe('a, b, c, d');
    expect(nodeNames(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  });

  it('count what went well and give the first reason of what did not', () => {
    const steps = [step(), step({ state: 'refused', nodeName: 'node3', outcome: 'Permission denied' })];
    expect(progressWords(drain({ steps }))).toBe('1 of 2 verified, 1 refused: node3: Permission denied');
  });
});
