/** What a plan says of MattX before anything is written: every order, every prohibition, and why. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  orderSchema,
  type NodeChange,
  type OrderInput,
  type ProcessChange,
} from '../../common/model/control.ts';
import { ScriptedNodes, someProcess } from '../../test/harness/scripted-nodes.ts';
import { gatherFacts } from './facts.ts';
import { nodeIntents, processIntents, type Intent, type Left } from './intent.ts';
import { Limiter } from './limiter.ts';
import { makePlan, type PlanWithDeeds } from './plan.ts';

const DEFAULT_LIST = 'bash,cat';
let nodes: ScriptedNodes;

beforeEach(() => {
  nodes = new ScriptedNodes(3);
  for (const node of nodes.nodes) node.dialect = 'mattx';
});

async function planOf(
  intents: readonly Intent[],
  order: OrderInput = { kind: 'undo', action: 1 },
): Promise<PlanWithDeeds> {
  const facts = await gatherFacts(nodes, intents, new Limiter(16));
  return makePlan('id', orderSchema.parse(order), intents, facts, nodes, '');
}

async function stepsOn(
  change: NodeChange,
  left: Left | null = null,
): Promise<readonly PlanWithDeeds['steps'][number][]> {
  return (await planOf([{ kind: 'node', node: 'id:1', change, left }])).steps;
}

/** Plans a change to process 7 of node 1. */
async function stepsFor(change: ProcessChange): Promise<PlanWithDeeds['steps']> {
  return (await planOf(processIntents([{ node: 'id:1', pid: 7, started: 1007 }], change))).steps;
}

const pins = (...names: string[]): NodeChange => ({ kind: 'pins', list: 'exclude', names, seen: null });

describe('orders on a node', () => {
  test.each<[NodeChange, string, string, string, object]>([
    [
      { kind: 'setting', setting: 'stay', on: true },
      'stay on',
      '1',
      '0',
      { kind: 'mattx', command: 'balancer', value: 0 },
    ],
    [
      { kind: 'speed', speed: 5000 },
      'speed 5000',
      '0',
      '500',
      { kind: 'mattx', command: 'affinity', value: 500 },
    ],
    [
      { kind: 'affinity', affinity: 7 },
      'affinity 7',
      '0',
      '7',
      { kind: 'mattx', command: 'affinity', value: 7 },
    ],
    [
      { kind: 'mattx', which: 'debug', on: false },
      'debug off',
      '1',
      '0',
      { kind: 'mattx', command: 'debug', value: 0 },
    ],
    [
      { kind: 'mattx', which: 'mattxfs', on: true },
      'mattxfs on',
      '0',
      '1',
      { kind: 'mattx', command: 'mattxfs', value: 1 },
    ],
    [
      pins('bash', 'cat', 'fft'),
      'exclude list',
      DEFAULT_LIST,
      'bash,cat,fft',
      { kind: 'pins', list: 'exclude', before: '=bash,cat', after: 'bash,cat,fft' },
    ],
    [
      pins(),
      'exclude list',
      DEFAULT_LIST,
      '',
      { kind: 'pins', list: 'exclude', before: '=bash,cat', after: '' },
    ],
  ])('%o is one command', async (change, what, before, after, deed) => {
    expect(await stepsOn(change)).toMatchObject([
      { verdict: 'change', what, before, after, undo: before, deed },
    ]);
  });

  test('a speed says its affinity, which depends on the CPUs', async () => {
    nodes.node(1).cpus = 4;
    expect(await stepsOn({ kind: 'speed', speed: 10_000 })).toMatchObject([
      { after: '4000', why: expect.stringContaining('affinity 4000') as string },
    ]);
    nodes.node(1).cpus = NaN;
    expect(await stepsOn({ kind: 'speed', speed: 10_000 })).toMatchObject([{ verdict: 'impossible' }]);
    nodes.node(1).cpus = 256;
    expect(await stepsOn({ kind: 'speed', speed: 1_000_000 })).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining('at most 10000000') as string },
    ]);
  });

  test.each<[NodeChange, string]>([
    [{ kind: 'setting', setting: 'block', on: true }, 'cannot refuse guests'],
    [{ kind: 'setting', setting: 'lstay', on: true }, 'own processes from guests'],
    [{ kind: 'setting', setting: 'quiet', on: true }, 'tells its load'],
    [{ kind: 'setting', setting: 'nomfs', on: true }, 'mattxfs'],
    [{ kind: 'expel' }, 'cannot send guests away'],
    [{ kind: 'bring' }, 'one by one'],
    [{ kind: 'decay', which: 'slowdecay', value: 1 }, 'no statistics that decay'],
  ])('%o is not there, and why', async (change, why) => {
    expect(await stepsOn(change)).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining(why) as string },
    ]);
  });

  test('openMosix has no lists', async () => {
    nodes.node(1).dialect = 'openmosix';
    expect(await stepsOn(pins('a'))).toMatchObject([
      { verdict: 'impossible', why: 'openMosix has no such setting' },
    ]);
  });

  test('what is so already is not written', async () => {
    nodes.node(1).mattx.balancer = 0;
    expect(await stepsOn({ kind: 'setting', setting: 'stay', on: true })).toMatchObject([
      { verdict: 'same' },
    ]);
    expect(await stepsOn(pins('bash', 'cat'))).toMatchObject([{ verdict: 'same' }]);
  });

  test('a list above 247 bytes is refused, for MattX would cut it silently', async () => {
    const names = Array.from({ length: 31 }, (_, index) => `name-${100 + index}`);
    expect(await stepsOn(pins(...names.slice(0, 27), 'abcd'))).toMatchObject([{ verdict: 'change' }]);
    expect(await stepsOn(pins(...names))).toMatchObject([
      { verdict: 'impossible', why: 'it has 278 bytes; MattX would cut it silently at 247' },
    ]);
  });

  test('a list that was changed since it was shown is left', async () => {
    expect(
      await stepsOn({ kind: 'pins', list: 'exclude', names: ['bash', 'x'], seen: 'bash' }),
    ).toMatchObject([{ verdict: 'impossible', why: expect.stringContaining('somebody else') as string }]);
  });

  test('a hostile list is shown, replaced only as a whole, and not put back', async () => {
    nodes.node(1).mattx.exclude = "bash,$(reboot)';";
    expect(await stepsOn(pins('bash'))).toMatchObject([
      {
        verdict: 'change',
        before: "bash,$(reboot)';",
        undo: null,
        deed: { kind: 'pins', before: '?16', after: 'bash' },
      },
    ]);
    expect(await stepsOn({ kind: 'pin-self' })).toMatchObject([{ verdict: 'impossible' }]);
  });

  test('mosview appends its own names and keeps the others', async () => {
    nodes.node(1).list = [
      someProcess({ pid: 7, name: 'sh', reasons: ['mosview'] }),
      someProcess({ pid: 8, name: 'bash', reasons: ['mosview'] }),
      someProcess({ pid: 9, name: 'evil name;', reasons: ['mosview'] }),
      someProcess({ pid: 10, name: 'fft' }),
    ];
    expect(await stepsOn({ kind: 'pin-self' })).toMatchObject([{ after: 'bash,cat,sh', undo: DEFAULT_LIST }]);
  });

  test('undo leaves what somebody else changed since', async () => {
    const left = { value: '500', action: 4 };
    nodes.node(1).mattx.affinity = 900;
    expect(await stepsOn({ kind: 'affinity', affinity: 0 }, left)).toMatchObject([
      { verdict: 'impossible', why: 'it is 900 now, not 500 as action 4 left it' },
    ]);
  });
});

describe('moves', () => {
  test('one at home is sent by one command', async () => {
    nodes.node(1).list = [someProcess({ pid: 7 })];
    expect(await stepsFor({ kind: 'move', to: 3 })).toMatchObject([
      { verdict: 'change', before: '0', after: '3', undo: '0', deed: { kind: 'send', pid: 7, to: 3 } },
    ]);
  });

  test('one that is away comes home first, and goes on then', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
    expect(await stepsFor({ kind: 'move', to: 3 })).toMatchObject([
      { what: 'bring home', before: '2', after: '0', undo: null, deed: { kind: 'send', to: 0 } },
      { what: 'send to node 3', after: '3', undo: '2', deed: { kind: 'send', to: 3 } },
    ]);
    expect(await stepsFor({ kind: 'move', to: 'home' })).toMatchObject([{ after: '0', undo: '2' }]);
    expect(await stepsFor({ kind: 'move', to: 2 })).toMatchObject([{ verdict: 'same' }]);
  });

  test('the best node has the least load for its affinity, among those that answer themselves', async () => {
    nodes.node(1).list = [someProcess({ pid: 7 })];
    nodes.node(1).load = 300;
    nodes.node(2).load = 200;
    nodes.node(3).load = 200;
    nodes.node(3).speed = 30_000;
    expect(await stepsFor({ kind: 'move', to: 'best' })).toMatchObject([{ after: '3' }]);
    nodes.node(3).load = 0;
    nodes.node(3).speed = 10;
    expect(await stepsFor({ kind: 'move', to: 'best' })).toMatchObject([{ after: '2' }]);
    nodes.node(3).speed = 10_000;
    nodes.node(3).reachable = false;
    expect(await stepsFor({ kind: 'move', to: 'best' })).toMatchObject([{ after: '2' }]);
    nodes.node(1).load = 0;
    expect(await stepsFor({ kind: 'move', to: 'best' })).toMatchObject([
      { verdict: 'same', why: 'it is at the best node' },
    ]);
  });

  test.each([
    ['kernel_thread', 'thread of the kernel'],
    ['zombie', 'it has ended'],
    ['init_proc', 'it is init'],
    ['clone_vm', 'threads'],
    ['pid_namespace', 'PID namespace'],
    ['mosview', 'it is mosview itself'],
    ['left_over', 'left over'],
  ])('%s is never sent', async (reason, why) => {
    nodes.node(1).list = [someProcess({ pid: 7, reasons: [reason] })];
    expect(await stepsFor({ kind: 'move', to: 3 })).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining(why) as string, deed: null },
    ]);
  });

  test('one that is stopped, and one without a known place, are not sent', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, state: 'T' })];
    expect(await stepsFor({ kind: 'move', to: 3 })).toMatchObject([{ verdict: 'impossible' }]);
    nodes.node(1).change(7, { state: 'R', place: { kind: 'unknown' } });
    expect(await stepsFor({ kind: 'move', to: 3 })).toMatchObject([{ verdict: 'impossible' }]);
  });

  test('a target must answer on its own connection, and have MattX', async () => {
    nodes.node(1).list = [someProcess({ pid: 7 })];
    nodes.node(3).reachable = false;
    nodes.node(2).dialect = 'linux';
    const why = async (to: number): Promise<string> => (await stepsFor({ kind: 'move', to }))[0]?.why ?? '';
    expect(await why(3)).toContain('node3 does not answer on its own connection');
    expect(await why(2)).toBe('node2 has no MattX');
    expect(await why(99)).toBe('there is no node 99 in the cluster');
  });

  test('a guest is moved from its home, where it is told by its command and its user', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, parent: 2, place: { kind: 'guest', id: 2, pid: 0 } })];
    const away = { place: { kind: 'away', id: 1 }, state: 'T' } as const;
    nodes.node(2).list = [
      someProcess({ pid: 20, ...away }),
      someProcess({ pid: 21, ...away, command: 'other' }),
    ];
    expect(await stepsFor({ kind: 'move', to: 'home' })).toMatchObject([
      { node: 'id:2', process: { pid: 20 }, after: '0', deed: { kind: 'send', pid: 20, to: 0 } },
    ]);
    nodes.node(2).change(21, { command: 'work --hard' });
    expect(await stepsFor({ kind: 'move', to: 'home' })).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining('look alike') as string },
    ]);
    nodes.node(2).reachable = false;
    expect(await stepsFor({ kind: 'move', to: 'home' })).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining('cannot be asked') as string },
    ]);
  });
});

describe('signals', () => {
  test.each([
    ['CONT', 'it would run at home and away'],
    ['STOP', 'stopped already'],
  ] as const)('SIG%s to a deputy is refused', async (signal, why) => {
    nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
    expect(await stepsFor({ kind: 'signal', signal })).toMatchObject([
      { verdict: 'impossible', why: expect.stringContaining(why) as string },
    ]);
  });

  test('an end is given to a deputy, for it ends both', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
    expect(await stepsFor({ kind: 'signal', signal: 'KILL' })).toMatchObject([{ verdict: 'change' }]);
  });

  test.each([
    ['a left-over guest', ['left_over'], 'left over'],
    ['a guest that its home does not know any more', [], 'does not say that it is here'],
  ] as const)('%s is not touched', async (_case, reasons, why) => {
    nodes.node(1).list = [
      someProcess({ pid: 7, parent: 2, place: { kind: 'guest', id: 2, pid: 0 }, reasons: [...reasons] }),
    ];
    for (const change of [
      { kind: 'signal', signal: 'KILL' },
      { kind: 'renice', nice: 3 },
      { kind: 'move', to: 'home' },
      { kind: 'move', to: 3 },
    ] as const) {
      expect(await stepsFor(change)).toMatchObject([
        { verdict: 'impossible', why: expect.stringContaining(why) as string, deed: null },
      ]);
    }
  });

  test('what is left over is not touched, and nothing is locked', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, reasons: ['left_over'], place: { kind: 'away', id: 2 } })];
    for (const change of [
      { kind: 'signal', signal: 'KILL' },
      { kind: 'renice', nice: 3 },
      { kind: 'move', to: 'home' },
    ] as const) {
      expect(await stepsFor(change)).toMatchObject([{ verdict: 'impossible' }]);
    }
    expect(await stepsFor({ kind: 'lock', on: true })).toMatchObject([
      { why: expect.stringContaining('MattX has no locks') as string },
    ]);
  });

  test('a process that is stopped and at home is continued', async () => {
    nodes.node(1).list = [someProcess({ pid: 7, state: 'T' })];
    expect(await stepsFor({ kind: 'signal', signal: 'CONT' })).toMatchObject([{ verdict: 'change' }]);
  });
});

describe('a drain', () => {
  const order = { kind: 'drain' as const, nodes: ['id:1'], bring: true };

  test('is what is really possible: settings, then homeward moves at the homes, then the note', async () => {
    nodes.node(1).list = [
      someProcess({ pid: 7, place: { kind: 'away', id: 3 }, state: 'T' }),
      someProcess({ pid: 8, parent: 2, place: { kind: 'guest', id: 2, pid: 0 } }),
    ];
    nodes.node(2).list = [someProcess({ pid: 20, place: { kind: 'away', id: 1 }, state: 'T' })];
    const { steps, notes, confirm } = await planOf(
      nodeIntents(orderSchema.parse(order) as never, () => 'mattx'),
      order,
    );
    expect(steps.map(({ node, what, undo }) => [node, what, undo])).toEqual([
      ['id:1', 'stay on', '1'],
      ['id:1', 'affinity 1', '0'],
      ['id:1', 'bring home', null],
      ['id:2', 'bring home', null],
    ]);
    expect(notes.join(' ')).toContain('MattX cannot refuse guests');
    expect(confirm).toBe(true);
  });

  test('names the guests whose home cannot be asked', async () => {
    nodes.node(1).list = [someProcess({ pid: 8, parent: 2, place: { kind: 'guest', id: 2, pid: 0 } })];
    nodes.node(2).reachable = false;
    const intents = nodeIntents(orderSchema.parse({ ...order, bring: false }) as never, () => 'mattx');
    const { steps } = await planOf(intents, order);
    expect(steps.at(-1)).toMatchObject({ verdict: 'impossible', process: { pid: 8 } });
  });
});
