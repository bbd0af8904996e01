/**
 * A back end inside the page for tests and measurements of the window alone: it implements the Bridge with generated
 * nodes and a second of numbers per second. It is put into a page before the window's scripts; never in the product.
 */
import {
  COLUMN_COUNT,
  NODE_STATES,
  AGE_COLUMN,
  STATE_COLUMN,
  type NodeState,
} from '../../common/contract/block.ts';
import type { Bridge } from '../../common/contract/bridge.ts';
import type {
  CallInput,
  CallName,
  Candidate,
  PushName,
  PushPayload,
} from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { clusterTotals, type NodeFigures } from '../../common/model/cluster.ts';
import type { Action } from '../../common/model/control.ts';
import { METRIC_INDEX, type MetricName } from '../../common/model/metric.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { NODE_DOWN, STATUS } from '../../common/model/status.ts';
import { fakeControl } from './fake-control.ts';
import { fakeHistory } from './fake-history.ts';
import { fakePast, recordingsUntil, type FakePast, type Recordings } from './fake-past.ts';

/** How the page's cluster is to be. */
export interface FakeOptions {
  readonly nodes: number;
  /** Nodes in trouble among them: one of each kind per so many nodes, 0 for none. */
  readonly troubleEvery?: number;
  /** Names the nodes instead of node1, node2, ... */
  readonly names?: readonly string[];
  /** Milliseconds between seconds; 0 where the test calls `tick` itself. */
  readonly period?: number;
  /** Seconds that went by before the window opened; they are sent at once, so that the sparklines are full. */
  readonly past?: number;
  /** The recorded past. */
  readonly recordedPast?: FakePast;
  readonly notices?: readonly Problem[];
  /** Answers of calls, by name, in place of those below: `{ value }` or `{ problem }`. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Whether changes are allowed from the start. */
  readonly unlocked?: boolean;
  /** When the past was recorded; see recordingsUntil for the default. */
  readonly recordings?: Recordings;
  /** Actions that were carried out before, newest first. */
  readonly actions?: readonly Action[];
}

/** What tests see of it, as `globalThis.fake`. */
export interface Fake {
  /** Every call, in order. */
  readonly calls: { readonly name: string; readonly input: unknown }[];
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
  /** Sends the next second. */
  tick(): void;
  setConnected(connected: boolean): void;
  /** Changes a node's row of identity. */
  change(slot: number, change: Partial<NodeInfo>): void;
  /** Sets a number from the next second on. */
  fix(slot: number, metric: MetricName, value: number): void;
  setState(slot: number, state: NodeState): void;
  /** Answers a call with this from now on: `{ value }` or `{ problem }`. */
  answer(name: CallName, give: (input: never) => unknown): void;
}

const GIB = 1024 ** 3;
const MINUTE = 60_000;
/** Seconds made once and sent in turn, so that a measurement of the window measures no making of numbers. */
const PREPARED = 30;

interface Scope {
  fakeOptions?: FakeOptions;
  fake?: Fake;
  mosview?: Bridge;
}

const scope = globalThis as Scope;

function start(options: FakeOptions): void {
  const nodes = Array.from({ length: options.nodes }, (_unused, slot) => makeNode(slot, options));
  const states = nodes.map((_node, slot) => troubleOf(slot, options)?.state ?? 'up');
  const fixed = new Map<string, number>();
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const connectionListeners = new Set<(connected: boolean) => void>();
  let prepared: PushPayload<'block'>[] = [];
  let ticks = 0;
  let watching = false;

  function push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void {
    for (const listener of listeners.get(name) ?? [])
      (listener as (payload: PushPayload<Name>) => void)(payload);
  }

  function tick(time = Date.now()): void {
    if (!watching) return;
    const second = ticks % PREPARED;
    const block = (prepared[second] ??= makeBlock(nodes, states, fixed, second));
    ticks += 1;
    performance.mark('block');
    push('block', { ...block, time });
  }

  const fake: Fake = {
    calls: [],
    push,
    tick: () => tick(),
    setConnected: (connected) => {
      for (const listener of connectionListeners) listener(connected);
    },
    change: (slot, change) => {
      const old = nodes[slot];
      if (old === undefined) return;
      nodes[slot] = { ...old, ...change };
      push('nodes', { all: false, changed: [nodes[slot]], removed: [] });
    },
    fix: (slot, metric, value) => {
      fixed.set(`${slot} ${metric}`, value);
      prepared = [];
    },
    setState: (slot, state) => {
      states[slot] = state;
      prepared = [];
    },
    answer: (name, give) => {
      given.set(name, give);
    },
  };

  const given = new Map<string, (input: never) => unknown>();
  for (const [name, answer] of Object.entries(options.answers ?? {})) given.set(name, () => answer);
  const control = fakeControl({
    nodes,
    options,
    push,
    value: (slot, metric) =>
      fixed.get(`${slot} ${metric}`) ?? makeValues(slot, 0, states[slot] ?? 'up')[metric] ?? NaN,
    fix: (slot, metric, value) => fake.fix(slot, metric, value),
  });
  const recordings = options.recordings ?? recordingsUntil(Date.now());
  const past = {
    ...fakeHistory({ nodes, recordings, block: (second) => makeBlock(nodes, states, fixed, second) }),
    ...fakePast({ nodes, recordings, past: options.recordedPast ?? {}, push }),
  };
  const answers: Record<string, (input: never) => unknown> = {
    ...past,
    program: () => ({
      value: {
        version: '0.1.0',
        host: 'electron',
        demo: false,
        dataFolder: '/tmp/data',
        settingsFile: '/tmp/settings.json',
        nodes: nodes.length,
        notices: options.notices ?? [],
        attachedTo: null,
      },
    }),
    outlets: () => ({ value: { metricsUrl: null, remoteWrite: null, read: null } }),
    watch: ({ on }: CallInput<'watch'>) => {
      watching = on;
      if (on) {
        setTimeout(() => {
          push('nodes', { all: true, changed: nodes, removed: [] });
          for (let back = options.past ?? 0; back >= 0; back -= 1) tick(Date.now() - back * 1000);
        });
      }
      return { value: {} };
    },
    node: ({ key }: CallInput<'node'>) => nodeDetail(nodes.find((node) => node.key === key)),
    importSshConfig: () => ({
      value: { path: '~/.ssh/config', candidates: makeCandidates(), notices: [] },
    }),
    importMap: ({ text }: CallInput<'importMap'>) =>
      text.includes('oops')
        ? { problem: problem('bad-input', 'Line 2 of the map is not "first-id host count".', 'oops') }
        : { value: { candidates: makeCandidates() } },
    discover: () => {
      const [first, ...others] = makeCandidates();
      return {
        value: {
          name: 'node1',
          nodes: others.slice(0, 8),
          beside: first === undefined ? [] : [first],
          notes: ['Two network cards: it is known as 10.0.0.1 and answers at 172.16.0.1.'],
        },
      };
    },
    addNode: ({ target }: CallInput<'addNode'>) =>
      target.includes(' ')
        ? { problem: problem('bad-input', `"${target}" is not [user@]host[:port].`) }
        : { value: { name: target } },
  };

  scope.mosview = {
    async call(name, input) {
      fake.calls.push({ name, input });
      const answer = given.get(name) ?? answers[name] ?? control[name];
      await Promise.resolve();
      return (answer?.(input as never) ?? { value: {} }) as never;
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all);
      all.add(listener);
      return () => all.delete(listener);
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
  };
  scope.fake = fake;
  const period = options.period ?? 1000;
  if (period > 0) setInterval(() => tick(), period);
}

interface Trouble {
  readonly state: NodeState;
  readonly connection: ConnectionState;
  readonly reason: string;
}

function troubleOf(slot: number, options: FakeOptions): Trouble | undefined {
  const every = options.troubleEvery ?? 0;
  if (every === 0) return undefined;
  const target = `root@10.0.0.${slot + 1}:22`;
  const troubles: readonly Trouble[] = [
    { state: 'down', connection: { kind: 'none' }, reason: 'the cluster reports ENETUNREACH' },
    {
      state: 'stale',
      connection: {
        kind: 'waiting',
        problem: problem('host-unreachable', `${target} refused the connection.`, 'connect ECONNREFUSED'),
        retryAt: Date.now() + 20_000,
      },
      reason: '',
    },
    {
      state: 'failed',
      connection: {
        kind: 'failed',
        problem: problem(
          'changed-host-key',
          `${target} shows another host key than the one that was accepted before.`,
          'was SHA256:Tq8Fv1dPQ0F3r3u9yXxq0M6v0m2y0oI2mVb8sUj9n3o\nnow SHA256:9bJ0oX5mK2pVtYyQ4cRr7eWw1zDdGgHh8iLlNnPpSs0',
        ),
      },
      reason: '',
    },
    { state: 'connecting', connection: { kind: 'connecting', step: 'passing gate.example' }, reason: '' },
  ];
  return slot % every < troubles.length ? troubles[slot % every] : undefined;
}

function makeNode(slot: number, options: FakeOptions): NodeInfo {
  const trouble = troubleOf(slot, options);
  const id = slot + 1;
  return {
    slot,
    key: `id:${id}`,
    id,
    name: options.names?.[slot] ?? `node${id}`,
    target: trouble?.connection.kind === 'none' ? '' : `root@10.0.${slot >> 8}.${slot & 255}:22`,
    dialect: 'openmosix',
    connection: trouble?.connection ?? { kind: 'connected', since: Date.now() - 40 * MINUTE },
    reason: trouble?.reason ?? '',
    observer: slot % 100 === 7,
    disagreement: '',
  };
}

function makeBlock(
  nodes: readonly NodeInfo[],
  states: readonly NodeState[],
  fixed: ReadonlyMap<string, number>,
  second: number,
): PushPayload<'block'> {
  const columns = new Float64Array(nodes.length * COLUMN_COUNT).fill(NaN);
  const up: NodeFigures[] = [];
  nodes.forEach((_node, slot) => {
    const state = states[slot] ?? 'up';
    const set = (column: number, value: number): void => {
      columns[column * nodes.length + slot] = value;
    };
    const values = makeValues(slot, second, state);
    for (const [metric, value] of Object.entries(values)) {
      set(METRIC_INDEX[metric as MetricName], fixed.get(`${slot} ${metric}`) ?? value);
    }
    set(STATE_COLUMN, NODE_STATES.indexOf(state));
    set(AGE_COLUMN, state === 'up' ? 0.3 : state === 'connecting' ? NaN : 40 + slot + second);
    if (state === 'up') up.push({ ...values, load: fixed.get(`${slot} load`) ?? values.load });
  });
  return { time: 0, totals: clusterTotals(up), columns };
}

function makeValues(slot: number, second: number, state: NodeState) {
  if (state === 'connecting') return {} as NodeFigures & Record<string, number>;
  const total = [2, 4, 8, 16][slot % 4] ?? 2;
  const phase = (slot * 2.399) % 6.28;
  const busy = 0.5 + 0.5 * Math.sin(phase + second / 5) * Math.cos(slot + second / 3);
  const switches = slot % 9 === 4 ? STATUS.block : slot % 11 === 5 ? STATUS.stay + STATUS.lstay : 0;
  return {
    load: Math.round(((slot % 7) + 1) * 40 * busy),
    speed: 10_000 + (slot % 5) * 1500,
    cpus: [1, 2, 4, 8][slot % 4] ?? 1,
    util: 95,
    memoryTotal: total * GIB,
    memoryFree: total * GIB * (0.2 + 0.5 * busy),
    memoryAvailable: total * GIB * 0.4,
    status: state === 'down' ? NODE_DOWN : STATUS.configured + STATUS.up + switches,
    cpuBusy: 100 * busy,
    loadAverage: 2 * busy,
    running: Math.round(3 * busy),
    processes: 180 + slot,
  };
}

function nodeDetail(info: NodeInfo | undefined): unknown {
  if (info === undefined) return { problem: problem('not-found', 'There is no such node.') };
  const now = Date.now();
  return {
    value: {
      info,
      system: 'Linux 2.4.26-om1 i686',
      version: '',
      events: [
        { time: now - 41 * MINUTE, text: 'connecting to root@10.0.0.1:22' },
        { time: now - 40 * MINUTE, text: 'host key accepted: known_hosts' },
        { time: now - 40 * MINUTE, text: 'connected, speaks openmosix' },
      ],
      views: [
        { observer: 'node8', load: 112, age: 0.4 },
        { observer: 'node108', load: 112, age: 0.9 },
      ],
    },
  };
}

function makeCandidates(): Candidate[] {
  return Array.from({ length: 12 }, (_unused, index) => ({
    entry: { name: `host${index + 1}`, host: `10.1.0.${index + 1}` },
    about: `root@10.1.0.${index + 1}:22${index % 3 === 0 ? ' through gate' : ''}`,
    known: index === 1,
  }));
}

if (scope.fakeOptions !== undefined) start(scope.fakeOptions);
