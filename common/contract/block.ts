/**
 * The block of columns that carries one second of the whole cluster to a window: one Float64Array, column after
 * column, one place per slot. A missing value is NaN.
 */
import { METRIC_INDEX, METRICS, type MetricName } from '../model/metric.ts';

/** The states of a node as shown, by their number in the state column. */
export const NODE_STATES = ['up', 'down', 'stale', 'connecting', 'failed'] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** Column of the node's state, an index into NODE_STATES. */
export const STATE_COLUMN = METRICS.length;

/** Column of the age of the node's load value in seconds. */
export const AGE_COLUMN = METRICS.length + 1;

/** Columns of a block: the metrics in their order, the state, the age. */
export const COLUMN_COUNT = METRICS.length + 2;

/** Reads one second of the cluster out of its columns. */
export class BlockView {
  readonly slots: number;
  readonly #columns: Float64Array;

  constructor(columns: Float64Array) {
    this.#columns = columns;
    this.slots = columns.length / COLUMN_COUNT;
  }

  /** The value of a metric, NaN where the node has none. */
  value(metric: MetricName, slot: number): number {
    return this.column(METRIC_INDEX[metric], slot);
  }

  /** The state of a node; `connecting` for a slot the block does not have yet. */
  state(slot: number): NodeState {
    return NODE_STATES[this.column(STATE_COLUMN, slot)] ?? 'connecting';
  }

  /** Seconds since the node's load was measured, NaN where it never was. */
  age(slot: number): number {
    return this.column(AGE_COLUMN, slot);
  }

  private column(column: number, slot: number): number {
    return slot < this.slots ? (this.#columns[column * this.slots + slot] ?? NaN) : NaN;
  }
}
