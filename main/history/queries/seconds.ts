/** Reads all nodes at every n-th second out of the sealed rows and the tail, as columns. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import type { RecordedNode } from '../../../common/model/history.ts';
import { METRICS } from '../../../common/model/metric.ts';
import { success, type Result } from '../../../common/model/result.ts';
import { MISSING, modelValue, nodeKey, nodeOfKey, WINDOW_SECONDS, windowOfSecond } from '../format.ts';
import { PartsReader } from '../parts.ts';
import { decodeSeconds } from '../rows.ts';
import type { HistoryView, Query } from './view.ts';

/** A value this many seconds before the one asked for still stands for it; a node is called up as long. */
const LOOK_BACK_SECONDS = 3;

/** Nodes after which a read lets others work. */
const NODES_AT_A_TIME = 200;

/** Answers `seconds`. */
export function* everyStep(
  ...[view, { from, to, step }]: Parameters<Query<'seconds'>>
): Generator<void, Result<HistoryAnswer<'seconds'>>, void> {
  const first = Math.ceil(from / 1000 / step) * step;
  const count = Math.max(0, Math.ceil((to / 1000 - first) / step));
  const steps = new Steps(view(), first, step, count);
  yield* steps.takeSealed(view);
  steps.takeTail(view());
  const { nodes, times, columns } = steps;
  return success({ nodes: [...nodes], times, columns });
}

/** The answer while it is made. */
class Steps {
  readonly nodes: readonly RecordedNode[];
  readonly times: Float64Array<ArrayBuffer>;
  readonly columns: Float64Array<ArrayBuffer>;
  readonly #seconds: readonly number[];
  readonly #lookBack: number;
  readonly #places: ReadonlyMap<string, number>;

  constructor({ tables, rows }: HistoryView, first: number, step: number, count: number) {
    // Rows know the latest names, and nodes that are not in the file yet.
    const nodes = new Map([...tables.nodes(), ...rows].map((node) => [node.key, node]));
    this.nodes = [...nodes.values()];
    this.#places = new Map([...nodes.keys()].map((key, place) => [key, place]));
    this.#seconds = Array.from({ length: count }, (_, index) => first + index * step);
    this.#lookBack = Math.min(step - 1, LOOK_BACK_SECONDS);
    this.times = Float64Array.from(this.#seconds, (second) => second * 1000);
    this.columns = new Float64Array(METRICS.length * nodes.size * count).fill(NaN);
  }

  /** Takes what is sealed, in portions. */
  *takeSealed(view: () => HistoryView): Generator<void, void, void> {
    const first = (this.#seconds[0] ?? Infinity) - this.#lookBack;
    const last = this.#seconds.at(-1) ?? -Infinity;
    const places = new Map(
      view()
        .tables.numberedNodes()
        .map(({ number, key }) => [number, this.#places.get(key)]),
    );
    const end = Math.max(-1, ...places.keys()) + 1;
    const series = new Int32Array(WINDOW_SECONDS);
    for (let window = windowOfSecond(first); window <= windowOfSecond(last); window += 1) {
      const start = window * WINDOW_SECONDS;
      for (let node = 0; node < end; node += NODES_AT_A_TIME) {
        const stored = view().tables.values[1].range(
          nodeKey(window, node),
          nodeKey(window, node + NODES_AT_A_TIME),
        );
        for (const [key, bytes] of stored) {
          const place = places.get(nodeOfKey(key));
          if (place === undefined) continue;
          const row = new PartsReader(bytes);
          for (const metric of METRICS.keys()) {
            if (decodeSeconds(row, metric, series))
              this.#take(metric, place, (second) => series[second - start]);
          }
        }
        if (stored.length > 0) yield;
      }
    }
  }

  /** Takes what is not sealed; it is newer than what is. */
  takeTail({ tail, rows }: HistoryView): void {
    const first = (this.#seconds[0] ?? 0) - this.#lookBack;
    const length = (this.#seconds.at(-1) ?? first - 1) - first + 1;
    const ticks = Array.from({ length }, (_, index) => tail.at(first + index));
    for (const [row, { key }] of rows.entries()) {
      const place = this.#places.get(key);
      if (place === undefined) continue;
      for (let metric = 0; metric < METRICS.length; metric += 1) {
        this.#take(metric, place, (second) => {
          const tick = ticks[second - first];
          return tick === undefined || row >= tick.rows ? undefined : tick.values[metric * tick.rows + row];
        });
      }
    }
  }

  /** Takes the values of a metric and a node, undefined where there are none. */
  #take(metric: number, place: number, storedAt: (second: number) => number | undefined): void {
    const description = METRICS[metric];
    if (description === undefined) return;
    const at = (metric * this.nodes.length + place) * this.#seconds.length;
    for (const [index, second] of this.#seconds.entries()) {
      for (let age = 0; age <= this.#lookBack; age += 1) {
        const stored = storedAt(second - age) ?? MISSING;
        if (stored === MISSING) continue;
        this.columns[at + index] = modelValue(stored, description);
        break;
      }
    }
  }
}
