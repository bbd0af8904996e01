import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../common/model/node.ts';
import { STATUS } from '../../common/model/status.ts';
import { fromPlacements, moveOrder, refOf, refusal, type MapNode, type NodesById } from './processes.ts';

function node(id: number, more: Partial<MapNode> = {}, info: Partial<NodeInfo> = {}): MapNode {
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
    share: 0.5,
    status: STATUS.configured + STATUS.up,
    ...more,
  };
}

function nodes(...all: MapNode[]): NodesById {
  return new Map(all.map((each) => [each.info.id, each]));
}

const [PROCESS] = fromPlacements([
  { home: 1, pid: 10, started: 100, at: 2, guestPid: 20, guestStarted: 200, command: 'cc1' },
]);
if (PROCESS === undefined) throw new Error('One placement makes one process.');
const UNCONNECTED = { connection: { kind: 'none' } } as const;
const BLOCKED = { status: STATUS.configured + STATUS.up + STATUS.block };

describe('naming a process for an order', () => {
  it('is by its home', () => {
    expect(refOf(PROCESS, nodes(node(1), node(2)))).toEqual({ node: 'id:1', pid: 10, started: 100 });
  });

  it('is by its host where its home is not connected, or where only the host tells of it', () => {
    const byHost = { node: 'id:2', pid: 20, started: 200 };
    expect(refOf(PROCESS, nodes(node(1, {}, UNCONNECTED), node(2)))).toEqual(byHost);
    expect(refOf({ ...PROCESS, pid: 0 }, nodes(node(1), node(2)))).toEqual(byHost);
  });

  it('is not possible where neither is connected', () => {
    const without = nodes(node(1, {}, UNCONNECTED), node(2, {}, UNCONNECTED), node(3));
    expect(refOf(PROCESS, without)).toBeUndefined();
    expect(refusal(PROCESS, 3, without)).toBe('Neither node1 nor node2 is connected.');
  });
});

describe('a target', () => {
  it.each([
    ['takes it', node(3), ''],
    ['is blocked', node(3, BLOCKED), 'node3 takes no guests: it is blocked.'],
    ['is down', node(3, { state: 'down' }), 'node3 takes no guests: it is down.'],
    ['is plain Linux', node(3, {}, { dialect: 'linux' }), 'node3 takes no guests: it is no openMosix node.'],
  ])('%s', (_name, target, why) => {
    expect(refusal(PROCESS, 3, nodes(node(1), node(2), target))).toBe(why);
  });

  it.each([
    ['of openMosix', 'openmosix', 'mattx', 'node3 takes no guests: it is no openMosix node.'],
    ['of MattX', 'mattx', 'openmosix', 'node3 takes no guests: it is no MattX node.'],
    ['of MattX', 'mattx', 'linux', 'node3 takes no guests: it is no MattX node.'],
    ['of MattX', 'mattx', 'mattx', ''],
    ['that has not said what it speaks', null, 'linux', 'node3 takes no guests: it is plain Linux.'],
  ] as const)('of a home %s is %s and %s', (_case, home, target, why) => {
    const all = nodes(node(1, {}, { dialect: home }), node(2), node(3, {}, { dialect: target }));
    expect(refusal(PROCESS, 3, all)).toBe(why);
  });

  it('takes its own process home also where it is blocked', () => {
    expect(refusal(PROCESS, 1, nodes(node(1, BLOCKED), node(2)))).toBe('');
    expect(moveOrder(PROCESS, 1, nodes(node(1), node(2)))).toMatchObject({
      change: { kind: 'move', to: 'home' },
    });
  });

  it('is none where the process is already', () => {
    expect(refusal(PROCESS, 2, nodes(node(1), node(2)))).toBe('It runs on node2 already.');
  });

  it('gets the process by its id', () => {
    const order = moveOrder(PROCESS, 3, nodes(node(1), node(2), node(3)));
    expect(order).toMatchObject({ kind: 'processes', change: { kind: 'move', to: 3 } });
  });
});
