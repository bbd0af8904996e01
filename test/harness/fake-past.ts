/**
 * The past inside the page for tests, measurements and pictures of the window alone: courses of every node that are the
 * same whenever they are asked for, gaps, failures, marks. Part of fake-bridge.ts.
 */
import type { HistoryAnswer, HistoryInput } from '../../common/contract/history-queries.ts';
import type { CallInput, PushName, PushPayload } from '../../common/contract/contract.ts';
import type { Checkpoint, NodeStatistics, Series, Spread, StateSpan } from '../../common/model/history.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { RESOLUTIONS } from '../../common/model/retention.ts';

/** Spans of time in which the page's past was recorded, oldest first. */
export type Recordings = readonly { readonly from: number; readonly to: number }[];

/** How the past is to be. */
export interface FakePast {
  readonly checkpoints?: readonly Checkpoint[];
}

interface FakeCluster {
  readonly nodes: readonly NodeInfo[];
  readonly recordings: Recordings;
  readonly past: FakePast;
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
}

const GIB = 1024 ** 3;
const HOUR = 3_600_000;
/** The record reaches back so many hours, and between these ones nothing was recorded. */
const HOURS = 48;
const HOLE = { from: 9, to: 7.5 };
/** Every so manieth node was down for a while. */
const FAILING = 9;
const DOWN = { from: 5, to: 4.4, reason: 'the cluster reports ENETUNREACH' };
const STALE = { from: 3, to: 2.9, reason: 'no answer for 12 s' };
/** Migrations come in waves, one wave this often. */
const WAVE = 0.6 * HOUR;

/** The recordings of the last two days, with a hole of an hour and a half; they go on. */
export function recordingsUntil(end: number): Recordings {
  return [
    { from: end - HOURS * HOUR, to: end - HOLE.from * HOUR },
    { from: end - HOLE.to * HOUR, to: end + HOURS * HOUR },
  ];
}

/** The questions answered here; the others are those of fake-history.ts. */
type Name = 'recorded' | 'history' | 'clusterHistory' | 'statistics' | 'top' | 'states' | 'marks';

type Answers = {
  readonly [Each in Name]: (input: HistoryInput<Each>) => { readonly value: HistoryAnswer<Each> };
};

/** The answers of the questions about the past, and of setting a checkpoint. */
export function fakePast(cluster: FakeCluster): Partial<Answers> & Record<string, (input: never) => unknown> {
  const end = Date.now();
  const { recordings } = cluster;
  const begin = recordings[0]?.from ?? end;
  const checkpoints: Checkpoint[] = [
    ...(cluster.past.checkpoints ??
      [2, 1].map((hours) => ({
        number: 3 - hours,
        time: end - hours * HOUR,
        who: 'root@desk',
        text: `mark ${hours}`,
      }))),
  ];
  const recorded = cluster.nodes.map(({ key, id, name }) => ({ key, id, name }));
  const slotOf = new Map(cluster.nodes.map((node) => [node.key, node.slot] as const));
  const back = (hours: number): number => end - hours * HOUR;

  const isHole = (time: number): boolean => !recordings.some(({ from, to }) => time >= from && time < to);
  const fails = (slot: number): boolean => slot % FAILING === 2;
  const isDown = (slot: number, time: number): boolean =>
    fails(slot) && time >= back(DOWN.from) && time < back(DOWN.to);

  /** Times at two per pixel or a second, and where nothing is a single one. */
  function timesOf(from: number, to: number, pixels: number): Float64Array<ArrayBuffer> {
    const last = Math.min(to, Math.max(end, Date.now()));
    const length = Math.max(0, Math.min(pixels * 2, Math.floor((last - from) / 1000)));
    return Float64Array.from({ length }, (_unused, index) => from + (index * (last - from)) / length);
  }

  function series(slot: number, metric: MetricName, times: Float64Array<ArrayBuffer>): Series {
    const step = (times[1] ?? 0) - (times[0] ?? 0);
    const spread = step > 1500 ? 0.12 : 0;
    const size = sizeOf(metric, slot);
    const mean = times.map((time) =>
      isHole(time) || isDown(slot, time) ? NaN : size * courseOf(slot, metric, time),
    );
    const most =
      metric === 'cpuBusy' ? 100 : metric === 'memoryFree' ? sizeOf('memoryTotal', slot) : Infinity;
    return {
      metric,
      times,
      mean,
      min: mean.map((value) => Math.max(0, value * (1 - spread))),
      max: mean.map((value) => Math.min(most, value * (1 + spread))),
    };
  }

  function spans(slot: number, key: string): StateSpan[] {
    if (!fails(slot)) return [];
    return [
      { key, from: back(DOWN.from), to: back(DOWN.to), state: 'down', reason: DOWN.reason },
      { key, from: back(STALE.from), to: back(STALE.to), state: 'stale', reason: STALE.reason },
    ];
  }

  function statisticsOf(node: NodeInfo, from: number, to: number): NodeStatistics {
    const down = fails(node.slot)
      ? Math.max(0, Math.min(to, back(DOWN.to)) - Math.max(from, back(DOWN.from))) / 1000
      : 0;
    const load = sizeOf('load', node.slot);
    return {
      key: node.key,
      id: node.id,
      name: node.name,
      load: spread(0.1 * load, 0.5 * load, load, 0.9 * load),
      memoryUsed: spread(20, 35 + (node.slot % 30), 70 + (node.slot % 30), 60 + (node.slot % 30)),
      speed: 10_000 + (node.slot % 5) * 1500,
      cpus: [1, 2, 4, 8][node.slot % 4] ?? 1,
      memoryTotal: sizeOf('memoryTotal', node.slot),
      secondsUp: (to - from) / 1000 - down,
      secondsDown: down,
      secondsUnknown: 0,
    };
  }

  function waves(from: number, to: number): readonly { readonly time: number; readonly count: number }[] {
    const first = Math.ceil(Math.max(from, begin) / WAVE);
    const length = Math.max(0, Math.floor(Math.min(to, end) / WAVE) - first + 1);
    return Array.from({ length }, (_unused, index) => ({
      time: (first + index) * WAVE,
      count: 1 + (((first + index) * 7) % 23),
    })).filter(({ time }) => !isHole(time));
  }

  const answers: Answers = {
    recorded: () => ({
      value: {
        nodes: recorded,
        from: recorded.length === 0 ? null : begin,
        to: recorded.length === 0 ? null : Math.max(end, Date.now()),
      },
    }),
    history: ({ keys, metrics, from, to, pixels }) => {
      const times = timesOf(from, to, pixels);
      return {
        value: {
          nodes: keys.map((key) => ({
            key,
            series: metrics.map((metric) => series(slotOf.get(key) ?? 0, metric, times)),
          })),
          resolution: resolutionOf(from, to, pixels),
        },
      };
    },
    clusterHistory: ({ metrics, from, to, pixels }) => {
      const times = timesOf(from, to, pixels);
      const nothing = times.map((time) => (isHole(time) ? NaN : 0));
      return {
        value: {
          times,
          series: metrics.map((metric) => {
            const one = series(0, metric, times);
            const wide = metric === 'load' || metric === 'cpuBusy';
            const highest = metric === 'cpuBusy' ? 100 : 210;
            return {
              ...one,
              min: wide ? one.mean.map((value) => value * 0.1) : one.min,
              max: wide ? one.mean.map((value) => Math.min(highest, value * 2.2)) : one.max,
            };
          }),
          efficiency: times.map(
            (time, index) => (nothing[index] ?? NaN) + 70 + 25 * Math.sin(time / (1.7 * HOUR)),
          ),
          nodes: nothing.map((value) => value + recorded.length),
          resolution: resolutionOf(from, to, pixels),
        },
      };
    },
    statistics: ({ from, to, keys }) => ({
      value: {
        nodes: cluster.nodes
          .filter((node) => keys === undefined || keys.includes(node.key))
          .map((node) => statisticsOf(node, from, to)),
        resolution: to - from > 12 * HOUR ? 60 : 1,
      },
    }),
    top: ({ metric, limit }) => ({
      value: {
        nodes: cluster.nodes
          .map((node) => ({
            key: node.key,
            id: node.id,
            name: node.name,
            mean: 0.5 * sizeOf(metric, node.slot),
          }))
          .toSorted((a, b) => b.mean - a.mean)
          .slice(0, limit),
      },
    }),
    states: ({ from, to, keys, limit }) => {
      const all = cluster.nodes
        .filter((node) => keys === undefined || keys.includes(node.key))
        .flatMap((node) => spans(node.slot, node.key))
        .filter((span) => span.to > from && span.from < to);
      return {
        value: {
          spans: all.slice(0, limit ?? 10_000),
          recordings: recordings.filter((span) => span.to > from && span.from < to),
          more: all.length > (limit ?? 10_000),
        },
      };
    },
    marks: ({ from, to }) => {
      const found = waves(from, to);
      return {
        value: {
          checkpoints: checkpoints.filter(({ time }) => time >= from && time < to),
          migrationTimes: Float64Array.from(found, ({ time }) => time),
          migrationCounts: Float64Array.from(found, ({ count }) => count),
        },
      };
    },
  };
  return {
    ...answers,
    addCheckpoint: ({ text }: CallInput<'addCheckpoint'>) => {
      const checkpoint = { number: checkpoints.length + 1, time: Date.now(), who: 'anna@desk', text };
      checkpoints.push(checkpoint);
      setTimeout(() => cluster.push('checkpoint', { checkpoint }));
      return { value: { checkpoint } };
    },
  };
}

function sizeOf(metric: string, slot: number): number {
  switch (metric) {
    case 'load':
      return 60 + ((slot * 37) % 150);
    case 'cpuBusy':
      return 60 + ((slot * 13) % 40);
    case 'memoryTotal':
      return ([2, 4, 8, 16][slot % 4] ?? 2) * GIB;
    case 'memoryFree':
      return 0.8 * sizeOf('memoryTotal', slot);
    default:
      return 1;
  }
}

/** A course between 0 and 1 with waves of hours and of minutes. */
function courseOf(slot: number, metric: string, time: number): number {
  if (metric === 'memoryTotal') return 1;
  const phase = slot * 2.399;
  return (
    0.5 +
    0.3 * Math.sin(phase + time / (1.3 * HOUR)) +
    0.15 * Math.sin(phase * 3 + time / (0.11 * HOUR)) +
    0.05 * Math.sin(time / 7000 + slot)
  );
}

function resolutionOf(from: number, to: number, pixels: number): (typeof RESOLUTIONS)[number] {
  const seconds = (to - from) / 1000 / (2 * pixels);
  return RESOLUTIONS.findLast((each) => each <= seconds) ?? 1;
}

function spread(min: number, mean: number, max: number, p95: number): Spread {
  return { min, mean, max, p95 };
}
