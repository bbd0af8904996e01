/** Everything the window reads of the past, each part when what it depends on has changed. */
import { createMemo, createSignal, onCleanup, type Accessor } from 'solid-js';
import type { CallInput, CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import type { MetricName } from '../../common/model/metric.ts';
import { call, type Answer } from '../back-end.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { plainText } from '../words/format.ts';
import { createAsking, createVisible, type Asking } from './asking.ts';
import { pixelsAsked, type TimeScale } from './scale.ts';
import { STRIP_WORDS, type StripMetric } from './strip-data.ts';
import { byName } from './strip-list.ts';
import { createStripStore, type StripStore } from './strip-store.ts';
import type { Timeline } from './timeline.ts';
import { createTogether } from './together.ts';

/** Statistics of a live range are read again after this share of it, but not more often than every ten seconds. */
const STATISTICS_SHARE = 1 / 200;
const STATISTICS_PERIOD = { shortest: 10_000, longest: 60_000 };
/** What is seen first is shown together if it comes within so long. */
const TOGETHER_MS = 200;
/** More of the operator's actions than this in one range are not marked. */
export const MOST_ACTIONS = 1000;

type Asked<Name extends 'clusterHistory' | 'statistics' | 'marks' | 'states' | 'actions'> = Asking<
  CallInput<Name>,
  CallOutput<Name>
>;

export interface Past {
  /** Every node recorded in the order of names, which are safe to show; undefined before the first answer. */
  readonly nodes: Accessor<readonly RecordedNode[] | undefined>;
  /** From when on there is anything; undefined before it is known, null where there is nothing. */
  readonly since: Accessor<number | null | undefined>;
  readonly cluster: Asked<'clusterHistory'>;
  readonly statistics: Asked<'statistics'>;
  readonly marks: Asked<'marks'>;
  readonly actions: Asked<'actions'>;
  /** Only the recordings count. */
  readonly states: Asked<'states'>;
  /** Mean CPU use of every node by its key; empty while nobody looks at it. */
  readonly cpuMeans: Accessor<ReadonlyMap<string, number>>;
  readonly strips: StripStore;
  /** The first problem of those questions; a lost connection is told elsewhere. */
  readonly problem: Accessor<Problem | undefined>;
  readonly reading: Accessor<boolean>;
}

/**
 * Starts the reading; it ends with the owner. `early` is the first answer of which nodes are recorded, `wanted` are the keys
 * of the strips in view.
 */
export function createPast(
  early: Answer<'recorded'>,
  cluster: Cluster,
  timeline: Timeline,
  metric: Accessor<StripMetric>,
  statisticsShown: Accessor<boolean>,
  wanted: Accessor<readonly string[]>,
): Past {
  const visible = createVisible();
  const [happened, setHappened] = createSignal(0);
  for (const push of ['checkpoint', 'action'] as const) {
    onCleanup(window.mosview.on(push, () => setHappened((times) => times + 1)));
  }

  /** The scale while something may be asked. */
  const asked = createMemo((): TimeScale | undefined =>
    visible() && timeline.scale().pixels > 0 ? timeline.scale() : undefined,
  );
  const span = createMemo(() => {
    const scale = asked();
    return scale === undefined ? undefined : { from: scale.from, to: scale.to };
  });
  const metrics = createMemo((): MetricName[] => [
    ...new Set<MetricName>([
      ...STRIP_WORDS[metric()].metrics,
      ...(statisticsShown() ? [...STRIP_WORDS.load.metrics, ...STRIP_WORDS.memory.metrics] : []),
    ]),
  ]);
  const { connected } = cluster;
  const together = createTogether(TOGETHER_MS);
  const again = () => [connected(), happened()];

  let first: Answer<'recorded'> | undefined = early;
  const recorded = createAsking(
    () => (visible() ? { known: cluster.nodes().length } : undefined),
    () => {
      const answer = first;
      first = undefined;
      return call('recorded', {}, answer);
    },
    connected,
  );
  const clusterHistory: Past['cluster'] = createAsking(
    () => {
      const scale = asked();
      if (scale === undefined) return undefined;
      return { metrics: metrics(), ...scale, pixels: pixelsAsked(scale.pixels, devicePixelRatio) };
    },
    (question) => together(call('clusterHistory', question)),
    connected,
  );
  const marks: Past['marks'] = createAsking(asked, (question) => together(call('marks', question)), again);
  const actions: Past['actions'] = createAsking(
    () => {
      const within = span();
      return within === undefined ? undefined : { ...within, limit: MOST_ACTIONS };
    },
    (question) => together(call('actions', question)),
    again,
  );
  const states: Past['states'] = createAsking(
    () => {
      const within = span();
      return within === undefined ? undefined : { ...within, limit: 1 };
    },
    (question) => together(call('states', question)),
    connected,
  );

  /** The span of the statistics follows a live range in wider steps than the pictures do. */
  const statisticsSpan = createMemo<{ from: number; to: number } | undefined>((before) => {
    const within = span();
    if (within === undefined || before === undefined || !timeline.live()) return within;
    const length = within.to - within.from;
    const { shortest, longest } = STATISTICS_PERIOD;
    const period = Math.min(longest, Math.max(shortest, length * STATISTICS_SHARE));
    const sameLength = Math.abs(before.to - before.from - length) < 1;
    return sameLength && within.to - before.to < period && within.to >= before.to ? before : within;
  });
  const top = createAsking(
    () => {
      const within = statisticsSpan();
      return metric() !== 'cpu' || within === undefined ? undefined : within;
    },
    (within) => call('top', { metric: 'cpuBusy', ...within, limit: 2000 }),
    connected,
  );
  const cpuMeans = createMemo(
    (): ReadonlyMap<string, number> =>
      new Map(top.answer()?.value.nodes.map((node) => [node.key, node.mean] as const)),
  );
  const strips = createStripStore(asked, metric, wanted, connected, together);
  /** The statistics are the longest answer: at first the pictures are asked for before them. */
  const statisticsDue = createMemo(
    (before: boolean) => before || statisticsShown() || wanted().length > 0,
    false,
  );
  const statistics: Past['statistics'] = createAsking(
    () => (statisticsDue() ? statisticsSpan() : undefined),
    (question) => together(call('statistics', question)),
    connected,
  );

  const askings = [recorded, clusterHistory, statistics, marks, actions, states, top, strips] as const;
  return {
    nodes: createMemo(() => {
      const nodes = recorded.answer()?.value.nodes;
      return nodes && byName(nodes.map((node) => ({ ...node, name: plainText(node.name) })));
    }),
    since: () => recorded.answer()?.value.from,
    cluster: clusterHistory,
    statistics,
    marks,
    actions,
    states,
    cpuMeans,
    strips,
    problem: createMemo(() =>
      askings
        .map((each) => each.problem())
        .find((each) => each !== undefined && each.code !== 'connection-lost'),
    ),
    reading: createMemo(() => askings.some((each) => each.asking())),
  };
}
