/**
 * The series of the strips in view: only those that are seen and not yet read for the range are asked for. What was read
 * for an earlier range stays until the new answer is there, so that zooming never shows an empty window.
 */
import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { StateSpan } from '../../common/model/history.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { Resolution } from '../../common/model/retention.ts';
import { call } from '../back-end.ts';
import type { Curve } from '../node/chart-data.ts';
import { createAsking } from './asking.ts';
import { pixelsAsked, type TimeScale } from './scale.ts';
import { troubles } from './spans.ts';
import { percentCurve, STRIP_WORDS, type StripMetric } from './strip-data.ts';
import type { Together } from './together.ts';

/** Nodes of one question, at most; the contract's limit. */
const MOST_KEYS = 100;
/** Strips kept; more are forgotten, those read longest ago first. */
const MOST_KEPT = 600;

export interface StripStore {
  /** What is known of a node's metric, be it of an earlier range; undefined before anything is. */
  curve(key: string): Curve | undefined;
  /** Seconds a value of that curve stands for; 1 before anything is known. */
  resolution(key: string): Resolution;
  /** The spans in which a node was not up, oldest first. */
  troubles(key: string): readonly StateSpan[];
  /** Whether every strip in view is of the range shown. */
  readonly complete: Accessor<boolean>;
  readonly problem: Accessor<Problem | undefined>;
  readonly asking: Accessor<boolean>;
}

/** What was read of a node, for which metric, and at which scale. */
interface Kept {
  readonly curve: Curve;
  readonly metric: StripMetric;
  readonly scale: TimeScale;
  readonly resolution: Resolution;
}

interface StripQuestion {
  readonly keys: string[];
  readonly metrics: MetricName[];
  readonly metric: StripMetric;
  readonly scale: TimeScale;
}

const NO_SPANS: readonly StateSpan[] = [];

/** Starts the reading; it ends with the owner. */
export function createStripStore(
  scale: Accessor<TimeScale | undefined>,
  metric: Accessor<StripMetric>,
  wanted: Accessor<readonly string[]>,
  connected: Accessor<boolean>,
  together: Together,
): StripStore {
  const kept = new Map<string, Kept>();
  const [changed, setChanged] = createSignal(0);

  // Asked first, as the answer is short: what is drawn when the series come is drawn once.
  const states = createAsking(
    () => {
      const now = scale();
      if (now === undefined || wanted().length === 0) return undefined;
      return { from: now.from, to: now.to, keys: [...wanted()] };
    },
    (question) => together(call('states', question)),
    connected,
  );

  const missing = createMemo(() => {
    changed();
    const now = scale();
    return wanted().filter((key) => {
      const known = kept.get(key);
      return known === undefined || known.metric !== metric() || known.scale !== now;
    });
  });
  const history = createAsking<StripQuestion, ReadonlyMap<string, Kept>>(
    () => {
      const now = scale();
      if (now === undefined || missing().length === 0) return undefined;
      const keys = missing().slice(0, MOST_KEYS);
      return { keys, metrics: [...STRIP_WORDS[metric()].metrics], metric: metric(), scale: now };
    },
    async ({ keys, metrics, metric, scale }) => {
      const pixels = pixelsAsked(scale.pixels, devicePixelRatio);
      const result = await together(call('history', { keys, metrics, ...scale, pixels }));
      if (!result.ok) return result;
      const { nodes, resolution } = result.value;
      const past = nodes.map(({ key, series }) => {
        return [key, { curve: percentCurve(metric, series), metric, scale, resolution }] as const;
      });
      return { ok: true, value: new Map(past) };
    },
    connected,
  );
  const down = createMemo(() => troubles(states.answer()?.value.spans ?? []));

  createEffect(
    on(history.answer, (now) => {
      for (const [key, past] of now?.value ?? []) {
        kept.delete(key);
        kept.set(key, past);
      }
      for (const key of kept.keys()) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(key);
      }
      setChanged((times) => times + 1);
    }),
  );

  return {
    curve(key) {
      changed();
      const known = kept.get(key);
      return known?.metric === metric() ? known.curve : undefined;
    },
    resolution: (key) => (changed(), kept.get(key)?.resolution ?? 1),
    troubles: (key) => down().get(key) ?? NO_SPANS,
    complete: () => scale() !== undefined && missing().length === 0,
    problem: () => history.problem() ?? states.problem(),
    asking: () => history.asking() || states.asking(),
  };
}
