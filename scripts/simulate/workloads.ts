/** What is played: machines, and the processes that are born on them. Synthetic ones follow one seed. */
import type { MoveCosts } from '../../common/balance/index.ts';
import { heavyTailed, randomFrom, type Random } from '../../common/model/random.ts';
import type { TraceLine } from './trace.ts';

/** A run's input. Speeds are shares of the standard speed; a work second is a CPU second at standard speed. */
export interface Workload {
  readonly speeds: Float64Array;
  /** Bytes of every node; 0 where memory plays no part. */
  readonly memoryTotal: number;
  readonly births: Births;
  readonly costs: MoveCosts;
  /** Seconds: what is born or seen between `from` and `to` is measured; the run ends at `end`, or when all is done. */
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** One process per index, in the order of time. */
export interface Births {
  /** Seconds. */
  readonly time: Float64Array;
  /** The node where it is started, 0..nodes-1. */
  readonly node: Int32Array;
  /** Work seconds. */
  readonly work: Float64Array;
  /** Bytes. */
  readonly memory: Float64Array;
}

export type WorkloadName = 'open' | 'batch' | 'static' | 'hot' | 'gainless' | 'recorded';

/** Every workload in one line. */
export const WORKLOADS: Readonly<Record<WorkloadName, string>> = {
  open: 'births all the time, half of them on a fifth of the nodes, most short and some very long',
  batch: '8 processes a node, all at once, half of them on a fifth of the nodes',
  static: '4 endless processes a node, placed at random',
  hot: '4 endless processes a node, all of them on a tenth of the nodes',
  gainless: '2 endless processes a node and short ones everywhere, so that no move can gain',
  recorded: 'process starts recorded in a build, played on a fifth of the nodes',
};

/** Parameters of the experiment in the project's facts, so that the figures compare. */
const SPEEDS = [1, 1.5, 2];
const SHAPE = 1.1;
const SHORTEST = 1;
const LONGEST = 1000;
const LONGEST_IN_BATCH = 60;
const UTILISATION = 0.8;
/** Half of the births come to the first fifth of the nodes. */
const BUSY_NODES = 0.2;
const BUSY_BIRTHS = 0.5;
/** 64 MB at 1 Gb/s. */
const FREEZE = { freezeSeconds: 0.5, secondsPerByte: 0, secondsPerComparedByte: 0 };
const ENDLESS = 1e9;

/** Makes a workload; `trace` is needed for the recorded one only. */
export function makeWorkload(
  name: WorkloadName,
  nodes: number,
  seed: number,
  trace: readonly TraceLine[] = [],
): Workload {
  const random = randomFrom(seed);
  const speeds = Float64Array.from(
    { length: nodes },
    () => SPEEDS[Math.floor(random() * SPEEDS.length)] ?? 1,
  );
  const make: Readonly<Record<WorkloadName, () => Workload>> = {
    open: () => open(speeds, random),
    batch: () => batch(speeds, random),
    static: () => endless(speeds, 60, () => Math.floor(random() * nodes)),
    hot: () => endless(speeds, 120, () => Math.floor(random() * Math.max(1, nodes / 10))),
    gainless: () => gainless(nodes, random),
    recorded: () => recorded(speeds, random, trace),
  };
  return make[name]();
}

/** Mean of the bounded Pareto distribution of the lifetimes, in work seconds. */
export function meanWork(shape = SHAPE, shortest = SHORTEST, longest = LONGEST): number {
  const ratio = (shortest / longest) ** shape;
  return ((shape / (shape - 1)) * (shortest - longest * ratio)) / (1 - ratio);
}

function open(speeds: Float64Array, random: Random): Workload {
  const [from, to, end] = [60, 180, 240];
  const rate = (UTILISATION * sum(speeds)) / meanWork();
  const births: Birth[] = [];
  for (let time = exponential(random, rate); time < end; time += exponential(random, rate)) {
    births.push({
      time,
      node: unevenNode(random, speeds.length),
      work: heavyTailed(random, SHAPE, SHORTEST, LONGEST),
    });
  }
  return { speeds, memoryTotal: 0, births: inColumns(births), costs: FREEZE, from, to, end };
}

function batch(speeds: Float64Array, random: Random): Workload {
  const births = Array.from({ length: 8 * speeds.length }, () => ({
    time: 0,
    node: unevenNode(random, speeds.length),
    work: heavyTailed(random, SHAPE, SHORTEST, LONGEST_IN_BATCH),
  }));
  return { ...untilDone(speeds), births: inColumns(births) };
}

function endless(speeds: Float64Array, end: number, place: () => number): Workload {
  const births = Array.from({ length: 4 * speeds.length }, () => ({ time: 0, node: place(), work: ENDLESS }));
  return { ...untilDone(speeds), births: inColumns(births), to: end, end };
}

/**
 * Two endless processes on each node, and short ones that come everywhere at the same pace, each when the last is gone: a node
 * with three of them has no better place to send one to, and a moved one would only be frozen.
 */
function gainless(nodes: number, random: Random): Workload {
  const births: Birth[] = [];
  for (let node = 0; node < nodes; node += 1) {
    births.push({ time: 0, node, work: ENDLESS }, { time: 0, node, work: ENDLESS });
    for (let time = 8 * random(); time < 40; time += 8) births.push({ time, node, work: 1 });
  }
  const speeds = new Float64Array(nodes).fill(1);
  return { ...untilDone(speeds), births: inColumns(births), to: 45, end: 45 };
}

/** The trace on each of a fifth of the nodes, begun at a random moment of the first half minute. */
function recorded(speeds: Float64Array, random: Random, trace: readonly TraceLine[]): Workload {
  const births: Birth[] = [];
  const starts = Array.from({ length: Math.ceil(speeds.length * BUSY_NODES) }, () => 30 * random());
  for (const [place, start] of starts.entries()) {
    for (const { time, node, cpuSeconds, memory } of trace)
      births.push({ time: start + time, node: (place + node) % speeds.length, work: cpuSeconds, memory });
  }
  return {
    ...untilDone(speeds),
    memoryTotal: 4 * 2 ** 30,
    // As measured: a move of 10 MB takes 0.1 s, and a link of 1 Gb/s moves the bytes.
    costs: { freezeSeconds: 0.1, secondsPerByte: 8e-9, secondsPerComparedByte: 0 },
    births: inColumns(births),
  };
}

interface Birth {
  readonly time: number;
  readonly node: number;
  readonly work: number;
  readonly memory?: number;
}

function untilDone(speeds: Float64Array): Omit<Workload, 'births'> {
  return { speeds, memoryTotal: 0, costs: FREEZE, from: 0, to: Infinity, end: Infinity };
}

function unevenNode(random: Random, nodes: number): number {
  const busy = Math.max(1, Math.floor(nodes * BUSY_NODES));
  return random() < BUSY_BIRTHS ? Math.floor(random() * busy) : busy + Math.floor(random() * (nodes - busy));
}

function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate;
}

function inColumns(births: readonly Birth[]): Births {
  const sorted = births.toSorted((one, other) => one.time - other.time);
  return {
    time: Float64Array.from(sorted, ({ time }) => time),
    node: Int32Array.from(sorted, ({ node }) => node),
    work: Float64Array.from(sorted, ({ work }) => work),
    memory: Float64Array.from(sorted, ({ memory }) => memory ?? 0),
  };
}

export function sum(figures: Iterable<number>): number {
  let total = 0;
  for (const figure of figures) total += figure;
  return total;
}
