/** Answers `moment`: the whole cluster at a past second, in the form in which windows get the present one. */
import { AGE_COLUMN, COLUMN_COUNT, NODE_STATES, STATE_COLUMN } from '../../../common/contract/block.ts';
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { clusterTotals } from '../../../common/model/cluster.ts';
import { METRICS, METRIC_INDEX, type Metric, type MetricName } from '../../../common/model/metric.ts';
import type { RecordedNode } from '../../../common/model/history.ts';
import type { NodeInfo } from '../../../common/model/node.ts';
import { RESOLUTIONS, type Resolution } from '../../../common/model/retention.ts';
import { success, type Result } from '../../../common/model/result.ts';
import { MISSING, WINDOW_SECONDS, modelValue, nodeKey, nodeOfKey, windowOfSecond } from '../format.ts';
import { PartsReader } from '../parts.ts';
import { placementsAt } from '../records/placements.ts';
import type { NodeThen } from '../records/states.ts';
import { secondsValueAt } from '../rows.ts';
import { nodesOf } from './nodes.ts';
import type { HistoryView, Query } from './view.ts';
import { walk } from './walk.ts';

export function* moment(
  ...[view, input]: Parameters<Query<'moment'>>
): Generator<void, Result<HistoryAnswer<'moment'>>, void> {
  const all = nodesOf(view());
  const asked = Math.floor(input.time / 1000);
  const resolution = resolutionAt(view(), asked);
  const values = new Float64Array(METRICS.length * all.length).fill(NaN);
  const keys = all.map(({ key }) => key);
  const found =
    resolution === 1
      ? [asked, asked - 1].find((second) => takeSecond(view(), keys, second, values))
      : yield* takeBucket(view, keys, resolution, asked, values);
  const nodes = nodesThen(view(), found === undefined ? input.time : found * 1000, all, values);
  const columns = new Float64Array(COLUMN_COUNT * nodes.length).fill(NaN);
  for (const [slot, { place, state }] of nodes.entries()) {
    let isKnown = false;
    for (let metric = 0; metric < METRICS.length; metric += 1) {
      const value = place === undefined ? NaN : (values[metric * all.length + place] as number);
      columns[metric * nodes.length + slot] = value;
      isKnown ||= !Number.isNaN(value);
    }
    columns[STATE_COLUMN * nodes.length + slot] = NODE_STATES.indexOf(state);
    columns[AGE_COLUMN * nodes.length + slot] = isKnown ? 0 : NaN;
  }
  return success({
    time: found === undefined ? null : found * 1000,
    resolution,
    nodes: nodes.map(({ key, id, name, reason }, slot): NodeInfo => ({
      slot,
      key,
      id,
      name,
      target: '',
      dialect: null,
      connection: { kind: 'none' },
      reason,
      observer: false,
      disagreement: '',
    })),
    columns,
    totals: clusterTotals(figuresOf(columns, nodes.length)),
    placements: [
      ...placementsAt(view().tables.records, found === undefined ? input.time : found * 1000 + 999),
    ],
  });
}

/** A node at the moment, and its place in the list of all nodes; missing where nothing but its states is known. */
interface Then extends NodeThen {
  readonly place: number | undefined;
}

/** The nodes that were watched, as they were shown, and those that have values all the same. */
function nodesThen(
  { tables: { records } }: HistoryView,
  time: number,
  all: readonly RecordedNode[],
  values: Float64Array,
): readonly Then[] {
  const shown = records.states.nodesAt(time, records.recordings.within({ from: 0, to: time + 1000 }));
  const then = new Map(shown.map((node) => [node.key, node]));
  const nodes = all.flatMap((node, place): readonly Then[] => {
    const known = then.get(node.key);
    then.delete(node.key);
    if (known !== undefined) return [{ ...known, place }];
    const hasValues = METRICS.some((_, metric) => !Number.isNaN(values[metric * all.length + place]));
    return hasValues ? [{ ...node, state: 'up', reason: '', place }] : [];
  });
  return [...nodes, ...[...then.values()].map((node) => ({ ...node, place: undefined }))];
}

/** The finest resolution that still reaches a second. */
function resolutionAt({ tables }: HistoryView, second: number): Resolution {
  const kept = tables.values.keptSince();
  return RESOLUTIONS.find((resolution) => kept[resolution] <= second) ?? 3600;
}

/** Puts the values of a second into columns; false where there are none. */
function takeSecond(
  { tables, tail, rows }: HistoryView,
  keys: readonly string[],
  second: number,
  columns: Float64Array,
): boolean {
  const slotOfKey = new Map(keys.map((key, slot) => [key, slot]));
  const slotOfNumber = new Map(tables.numberedNodes().map(({ number, key }) => [number, slotOfKey.get(key)]));
  const window = windowOfSecond(second);
  const place = second - window * WINDOW_SECONDS;
  let found = false;
  const put = (slot: number, metric: number, value: number): void => {
    const at = metric * keys.length + slot;
    if (value === MISSING || !Number.isNaN(columns[at])) return;
    columns[at] = modelValue(value, METRICS[metric] as Metric);
    found = true;
  };
  for (const [key, bytes] of tables.values[1].range(nodeKey(window, 0), nodeKey(window + 1, 0))) {
    const slot = slotOfNumber.get(nodeOfKey(key));
    if (slot === undefined) continue;
    const row = new PartsReader(bytes);
    for (let metric = 0; metric < METRICS.length; metric += 1) {
      put(slot, metric, secondsValueAt(row, metric, place));
    }
  }
  const tick = tail.at(second);
  for (let row = 0; row < (tick?.rows ?? 0); row += 1) {
    const slot = slotOfKey.get(rows[row]?.key ?? '');
    if (tick === undefined || slot === undefined) continue;
    for (let metric = 0; metric * tick.rows < tick.values.length; metric += 1) {
      put(slot, metric, tick.values[metric * tick.rows + row] as number);
    }
  }
  return found;
}

/**
 * Puts the means of the last roll-up with any values, at most one before that of the second asked for, into columns; says
 * which.
 */
function* takeBucket(
  view: () => HistoryView,
  keys: readonly string[],
  resolution: Resolution,
  asked: number,
  columns: Float64Array,
): Generator<void, number | undefined, void> {
  const slots = keys.length;
  const at = Math.floor(asked / resolution) * resolution;
  let found: number | undefined;
  const put = (second: number, slot: number, metric: number, value: number): void => {
    if (found !== undefined && second > found) columns.fill(NaN);
    if (found === undefined || second > found) found = second;
    if (second === found) columns[metric * slots + slot] = modelValue(value, METRICS[metric] as Metric);
  };
  yield* walk(view, [{ resolution, from: at - resolution, to: at + resolution }], keys, [...METRICS.keys()], {
    seconds: () => undefined,
    buckets: (slot, metric, { count, mean }, start, width, from, to) => {
      for (let place = from; place < to; place += 1) {
        if (count[place] !== 0) put(start + place * width, slot, metric, mean[place] as number);
      }
    },
  });
  return found;
}

/** What the totals need, of every node that was up. */
function* figuresOf(columns: Float64Array, slots: number) {
  const value = (name: MetricName, slot: number): number | undefined => {
    const number = columns[METRIC_INDEX[name] * slots + slot] as number;
    return Number.isNaN(number) ? undefined : number;
  };
  for (let slot = 0; slot < slots; slot += 1) {
    if (columns[STATE_COLUMN * slots + slot] !== NODE_STATES.indexOf('up')) continue;
    yield {
      load: value('load', slot),
      cpus: value('cpus', slot),
      memoryTotal: value('memoryTotal', slot),
      memoryFree: value('memoryFree', slot),
      status: value('status', slot),
    };
  }
}
