import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { SAMPLER, ScriptedSession } from '../../test/harness/scripted-session.ts';
import { NodeLink } from '../nodes/link.ts';
import { Cluster, targetText, type Second } from './cluster.ts';

/** Rows of openMosix' files as the scripted nodes declare them: load, status, CPUs, total and free pages. */
const GOOD = '47 3 1 65280 38011';
const DOWN = '-101 1 -101 -101 -101';

let cluster: Cluster;
let warnings: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000_000_000);
  warnings = [];
  cluster = new Cluster({ observers: 2, onWarning: (text) => warnings.push(text) });
});

afterEach(async () => {
  await Promise.all([...cluster.links].map((link) => link.close()));
  vi.useRealTimers();
});

/** A node of the settings under the test's lead. */
class TestNode {
  readonly session = new ScriptedSession();
  readonly link: NodeLink;

  constructor(name: string, entry: Partial<NodeEntry> = {}) {
    this.link = new NodeLink({ name, host: name, ...entry }, this.session, SAMPLER, (changed) =>
      cluster.linkChanged(changed),
    );
    cluster.add(this.link, undefined);
  }

  /** Greets as a cluster's node and answers the first tick. */
  async greet(id: number, row = GOOD): Promise<this> {
    await vi.advanceTimersByTimeAsync(0);
    this.session.channel.greet(id);
    this.session.channel.answer(`nodes ${id} ${row}`);
    return this;
  }

  async greetAsLinux(): Promise<this> {
    await vi.advanceTimersByTimeAsync(0);
    this.session.channel.greetAsLinux();
    this.session.channel.answer('load 3', 'machine 1');
    return this;
  }

  get lastTick(): string | undefined {
    return this.session.channel.ticks.at(-1)?.split(' ')[0];
  }
}

/** One second: a tick, the nodes' answers, the look. */
async function second(answers: readonly (readonly [TestNode, ...string[]])[] = []): Promise<Second> {
  await vi.advanceTimersByTimeAsync(500);
  cluster.tick(Date.now());
  for (const [node, ...rows] of answers) node.session.channel.answer(...rows);
  await vi.advanceTimersByTimeAsync(500);
  return cluster.step(Date.now());
}

function info(key: string): NodeInfo {
  const found = cluster.infos().find((one) => one.key === key);
  if (found === undefined) throw new Error(`There is no row ${key}`);
  return found;
}

function stateOf({ columns }: Second, key: string): NodeState {
  return new BlockView(columns).state(info(key).slot);
}

function valuesOf({ columns }: Second, key: string): { load: number; free: number; age: number } {
  const block = new BlockView(columns);
  const { slot } = info(key);
  return { load: block.value('load', slot), free: block.value('memoryFree', slot), age: block.age(slot) };
}

describe('observers', () => {
  test('are asked for the whole cluster, the others for themselves', async () => {
    const nodes = [
      await new TestNode('a').greet(1),
      await new TestNode('b').greet(2),
      await new TestNode('c').greet(3),
    ];
    await second();
    expect(nodes.map((node) => node.lastTick)).toEqual(['all', 'own', 'all']);
    expect(cluster.infos().map((one) => one.observer)).toEqual([true, false, true]);
  });

  test('are none among plain machines and nodes with openMosix switched off', async () => {
    const nodes = [await new TestNode('plain').greetAsLinux(), await new TestNode('off').greet(0)];
    await second();
    expect(nodes.map((node) => node.lastTick)).toEqual(['own', 'own']);
  });

  test('show nodes that are in no settings', async () => {
    const a = await new TestNode('a').greet(1);
    const now = await second([[a, `nodes 1 ${GOOD}`, 'nodes 65535 60 3 2 1000 500']]);
    expect(stateOf(now, 'id:65535')).toBe('up');
    expect(valuesOf(now, 'id:65535')).toEqual({ load: 60, free: 500 * 4096, age: 0.5 });
    expect(info('id:65535')).toMatchObject({
      id: 65_535,
      name: 'node 65535',
      target: '',
      dialect: 'openmosix',
      connection: { kind: 'none' },
    });
  });

  test('that fall silent leave what they saw up for 4 seconds; then it is stale with its old figures', async () => {
    const a = await new TestNode('a').greet(1);
    await second([[a, 'nodes 9 60 3 2 1000 500']]);
    a.session.become({ kind: 'waiting', problem: problem('connection-lost', 'cut'), retryAt: 0 });
    for (let elapsed = 1; elapsed <= 3; elapsed += 1) expect(stateOf(await second(), 'id:9')).toBe('up');
    const now = await second();
    expect(stateOf(now, 'id:9')).toBe('stale');
    expect(valuesOf(now, 'id:9')).toMatchObject({ load: 60, age: 4.5 });
    expect(info('id:9')).toMatchObject({ reason: 'no observer sees it any more', dialect: 'openmosix' });
  });
});

describe('a node that goes down', () => {
  test('is down with the reason, keeps the last figures with their age, and counts in no total', async () => {
    const a = await new TestNode('a').greet(1);
    await second([[a, `nodes 1 ${GOOD}`, 'nodes 9 900 3 2 1000 500']]);
    const now = await second([[a, `nodes 9 ${DOWN}`]]);
    expect(stateOf(now, 'id:9')).toBe('down');
    expect(info('id:9').reason).toBe('a cannot reach it (-101, ENETUNREACH)');
    expect(valuesOf(now, 'id:9')).toEqual({ load: 900, free: 500 * 4096, age: 1.5 });
    expect(now.totals).toMatchObject({ nodesUp: 1, cpus: 1, loadPercent: 47, efficiency: 100 });
  });

  test('shows the latest figures that anyone had, not its own from before its connection was lost', async () => {
    const a = await new TestNode('a').greet(1);
    const b = await new TestNode('b').greet(9, '10 3 1 1000 500');
    await second([[a, `nodes 1 ${GOOD}`]]);
    b.session.become({ kind: 'failed', problem: problem('authentication-failed', 'no key fits') });
    for (let elapsed = 0; elapsed < 20; elapsed += 1) await second([[a, 'nodes 9 60 3 1 1000 500']]);
    const now = await second([[a, `nodes 9 ${DOWN}`]]);
    expect(stateOf(now, 'id:9')).toBe('down');
    expect(valuesOf(now, 'id:9')).toMatchObject({ load: 60, age: 1.5 });
  });

  test('that was never up has no figures', async () => {
    const a = await new TestNode('a').greet(1);
    const now = await second([[a, `nodes 9 ${DOWN}`]]);
    expect(valuesOf(now, 'id:9')).toEqual({ load: NaN, free: NaN, age: NaN });
  });

  test('but still answers us is up on its own figures; that the others have lost it is said', async () => {
    const a = await new TestNode('a').greet(1);
    const c = await new TestNode('c').greet(3);
    const b = await new TestNode('b').greet(2);
    const now = await second([
      [a, `nodes 2 ${DOWN}`],
      [c, `nodes 2 ${DOWN}`],
      [b, 'nodes 2 60 3 1 1000 500'],
    ]);
    expect(stateOf(now, 'id:2')).toBe('up');
    expect(info('id:2').reason).toContain('cannot reach it');
    expect(valuesOf(now, 'id:2').load).toBe(60);
  });
});

describe('figures', () => {
  test('that are minus errno are shown as missing, the others of the node as they are', async () => {
    const a = await new TestNode('a').greet(1);
    const now = await second([[a, 'nodes 9 60 3 2 1000 -12']]);
    expect(stateOf(now, 'id:9')).toBe('up');
    expect(valuesOf(now, 'id:9')).toMatchObject({ load: 60, free: NaN });
    expect(now.totals.memoryTotal).toBe(65_280 * 4096);
  });

  test('of a plain machine are its own', async () => {
    const plain = await new TestNode('plain').greetAsLinux();
    const now = await second([[plain, 'load 3', 'machine 1']]);
    expect(stateOf(now, 'host:plain')).toBe('up');
    expect(valuesOf(now, 'host:plain').load).toBe(200);
    expect(info('host:plain').dialect).toBe('linux');
  });

  test('of a node that stops answering are old after 4 seconds, and it is stale', async () => {
    const a = await new TestNode('a').greet(1);
    await second([[a]]);
    for (let elapsed = 1; elapsed <= 3; elapsed += 1) expect(stateOf(await second(), 'id:1')).toBe('up');
    const now = await second();
    expect(stateOf(now, 'id:1')).toBe('stale');
    expect(valuesOf(now, 'id:1')).toMatchObject({ load: 47, age: 4.5 });
    expect(now.totals.nodesUp).toBe(0);
  });
});

describe('disagreement of the observers', () => {
  let a: TestNode;
  let b: TestNode;

  beforeEach(async () => {
    a = await new TestNode('a').greet(1);
    b = await new TestNode('b').greet(2);
  });

  function disagreeing(): Promise<Second> {
    return second([
      [a, `nodes 9 ${GOOD}`],
      [b, `nodes 9 ${DOWN}`],
    ]);
  }

  test('is shown only when it lasts 10 seconds, because gossip is seconds old', async () => {
    for (let elapsed = 0; elapsed < 10; elapsed += 1) {
      expect(stateOf(await disagreeing(), 'id:9')).toBe('up');
      expect(info('id:9').disagreement).toBe('');
    }
    await disagreeing();
    expect(info('id:9').disagreement).toBe('a sees it up, b does not');
  });

  test('begins anew when they agreed in between', async () => {
    for (let elapsed = 0; elapsed < 9; elapsed += 1) await disagreeing();
    await second([[a], [b, `nodes 9 ${GOOD}`]]);
    for (let elapsed = 0; elapsed < 10; elapsed += 1) await disagreeing();
    expect(info('id:9').disagreement).toBe('');
  });

  test('is taken back at once when they agree', async () => {
    for (let elapsed = 0; elapsed < 11; elapsed += 1) await disagreeing();
    await second([[a], [b, `nodes 9 ${GOOD}`]]);
    expect(info('id:9').disagreement).toBe('');
  });
});

describe('rows', () => {
  test('of the settings are there at once, before anything is connected', async () => {
    const a = new TestNode('a', { user: 'root', port: 2222 });
    const now = await second();
    expect(cluster.linkOf('host:a')).toBe(a.link);
    expect(now.changed).toEqual([info('host:a')]);
    expect(info('host:a')).toMatchObject({ slot: 0, id: 1, name: 'a', target: 'root@a:2222', dialect: null });
    expect(stateOf(now, 'host:a')).toBe('connecting');
  });

  test('are told once, and again only when something about them changed', async () => {
    const a = await new TestNode('a').greet(1);
    await second([[a]]);
    expect((await second([[a, 'nodes 1 60 3 1 1000 500']])).changed).toEqual([]);
    a.session.become({ kind: 'queued' });
    expect((await second()).changed).toMatchObject([{ key: 'id:1', connection: { kind: 'queued' } }]);
  });

  test('that a node leaves for its cluster id are told as removed, once', async () => {
    const a = new TestNode('a');
    await second();
    await a.greet(5);
    const now = await second([[a]]);
    expect(now.removed).toEqual([0]);
    expect(now.changed).toMatchObject([{ slot: 1, key: 'id:5', name: 'a' }]);
    expect((await second([[a]])).removed).toEqual([]);
  });

  test('move with a node that comes back under another id; the old id stays as far as others see it', async () => {
    const a = await new TestNode('a').greet(1);
    const b = await new TestNode('b').greet(2);
    await second([[a, `nodes 2 ${GOOD}`], [b]]);
    b.session.become({ kind: 'waiting', problem: problem('connection-lost', 'cut'), retryAt: 0 });
    b.session.become({ kind: 'connected', since: 1 });
    await b.greet(7);
    await second([[a, `nodes 7 ${GOOD}`, `nodes 2 ${DOWN}`], [b]]);
    expect(info('id:7')).toMatchObject({ name: 'b' });
    expect(info('id:2')).toMatchObject({ name: 'node 2', connection: { kind: 'none' } });
  });

  test('of two nodes with one id are both there, and it is said once', async () => {
    const a = await new TestNode('a').greet(5);
    const b = await new TestNode('b').greet(5);
    await second([[a], [b]]);
    await second([[a], [b]]);
    expect(warnings).toEqual(['b says it is node 5, and so does a: two nodes have one id']);
    expect(info('id:5').name).toBe('a');
    expect(info('host:b').name).toBe('b');
  });

  test('become one again when the other node with its id leaves', async () => {
    const a = await new TestNode('a').greet(5);
    const b = await new TestNode('b').greet(5);
    await second([[a], [b]]);
    cluster.remove(a.link);
    await a.link.close();
    await second([[b]]);
    expect(cluster.infos().map((one) => one.key)).toEqual(['id:5']);
    expect(info('id:5').name).toBe('b');
  });

  test('of a node that is taken out of the settings go, unless others see it', async () => {
    const a = await new TestNode('a').greet(1);
    const b = await new TestNode('b').greet(2);
    const plain = await new TestNode('plain').greetAsLinux();
    await second([[a, `nodes 2 ${GOOD}`], [b]]);
    for (const node of [b, plain]) {
      cluster.remove(node.link);
      await node.link.close();
    }
    await second([[a]]);
    expect(cluster.infos().map((one) => one.key)).toEqual(['id:1', 'id:2']);
    expect(info('id:2')).toMatchObject({ name: 'node 2', target: '' });
    expect(cluster.linkOf('id:2')).toBeUndefined();
  });
});

describe('one node in full', () => {
  test('has what each observer sees now, its log and its system', async () => {
    const a = await new TestNode('a').greet(1);
    const b = await new TestNode('b').greet(2);
    await second([
      [a, 'nodes 2 60 3 1 1000 500'],
      [b, 'nodes 2 70 3 1 1000 500'],
    ]);
    const detail = cluster.detail('id:2', Date.now());
    expect(detail?.info).toEqual(info('id:2'));
    expect(detail?.views).toEqual([
      { observer: 'a', load: 60, age: 0.5 },
      { observer: 'b', load: 70, age: 0.5 },
    ]);
    expect(detail?.system).toBe('Linux 2.4.26-om1');
    expect(detail?.events.map((event) => event.text)).toEqual(['sampling as openmosix node 2']);
  });

  test('has no view of an observer that has no load for it: NaN is no number on the bridge', async () => {
    const a = await new TestNode('a').greet(1);
    await second([[a, 'nodes 2 ? 3 1 1000 500']]);
    expect(cluster.detail('id:2', Date.now())?.views).toEqual([]);
  });

  test('that does not exist is none', () => {
    expect(cluster.detail('id:77', Date.now())).toBeUndefined();
  });
});

test.each([
  [{ host: 'node5' }, 'node5'],
  [{ host: 'node5', user: 'root', port: 2222 }, 'root@node5:2222'],
  [{ host: 'fe80::1', port: 22 }, '[fe80::1]:22'],
])('the way to a node is written as for ssh: %o', (entry, text) => {
  expect(targetText({ name: 'x', ...entry })).toBe(text);
});

describe('a MattX cluster', () => {
  async function greeted(): Promise<TestNode> {
    const node = new TestNode('a');
    await vi.advanceTimersByTimeAsync(0);
    node.session.channel.greetAsMattx(785);
    node.session.channel.answer('mattx 785 0 1000 429 1');
    return node;
  }

  test('calls no node up that is known from a row only; its age is since the row changed', async () => {
    const a = await greeted();
    await second([[a, 'nodes 786 2000 1000 428', 'addresses 786 192.168.77.2']]);
    const frozen = await second([[a]]);
    expect(stateOf(frozen, 'id:785')).toBe('up');
    expect(stateOf(frozen, 'id:786')).toBe('stale');
    expect(valuesOf(frozen, 'id:786')).toEqual({ load: 200, free: 428 * 1_048_576, age: 1.5 });
    expect(info('id:786').reason).toContain('add it (192.168.77.2) to the settings');
    expect(info('id:786').dialect).toBe('mattx');
    expect(frozen.totals.nodesUp).toBe(1);
    const moved = await second([[a, 'nodes 786 1000 1000 428']]);
    expect(stateOf(moved, 'id:786')).toBe('stale');
    expect(valuesOf(moved, 'id:786')).toMatchObject({ load: 100, age: 0.5 });
  });

  test('gives a node that joins later the row of its id', async () => {
    const a = await greeted();
    const b = new TestNode('b');
    await vi.advanceTimersByTimeAsync(0);
    b.session.channel.greetAsMattx(0);
    b.session.channel.answer('mattx 0 0 1000 429 1');
    await second([[a, 'nodes 786 0 1000 428']]);
    expect(info('host:b').dialect).toBe('mattx');
    const now = await second([[a], [b, 'mattx 786 0 1000 429 1']]);
    expect(stateOf(now, 'id:786')).toBe('up');
    expect(cluster.infos().map(({ key }) => key)).toEqual(['id:785', 'id:786']);
  });
});
