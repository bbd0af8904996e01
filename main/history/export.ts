/** Reads every recorded value of a range out of a history file, piece by piece in bounded memory, as rows of a table. */
import type { RecordedNode } from '../../common/model/history.ts';
import { METRICS, METRIC_INDEX, type Metric, type MetricName } from '../../common/model/metric.ts';
import type { Resolution } from '../../common/model/retention.ts';
import { type Result, success } from '../../common/model/result.ts';
import { attempt, openForReading, troubleOf } from './file.ts';
import { MISSING, modelValue } from './format.ts';
import { type ValueSink, walk } from './queries/walk.ts';
import { spansOf } from './spans.ts';
import type { Tables } from './tables.ts';
import { Tail } from './tail.ts';

/** Values of one metric of a node in a piece; a whole number of the periods that rows on disk have. */
const PIECE_VALUES = 300;

/** What is wanted; times in milliseconds since 1970. */
export interface ExportRequest {
  readonly from: number;
  readonly to: number;
  /** The finest resolution wanted; what is older comes in the finest one that is kept. */
  readonly every: Resolution;
  readonly keys: readonly string[];
  readonly metrics: readonly MetricName[];
}

/** The values of a node at a time, NaN where there is none: of one second, or the means over `seconds`. */
export interface ExportedRow {
  readonly time: number;
  readonly seconds: Resolution;
  readonly node: RecordedNode;
  /** In the order of the metrics asked for, in their units. */
  readonly values: readonly number[];
}

/** A history file that is read, also beside its writer, and one that was set aside. */
export class HistoryFile {
  readonly #file: string;
  readonly #tables: Tables;

  private constructor(file: string, tables: Tables) {
    this.#file = file;
    this.#tables = tables;
  }

  /** Problems: file-unreadable, history-damaged, history-newer. */
  static open(file: string): Result<HistoryFile> {
    const tables = openForReading(file);
    return tables.ok ? success(new HistoryFile(file, tables.value)) : tables;
  }

  /** Every node ever recorded. Problems: history-damaged, file-unreadable. */
  nodes(): Result<readonly RecordedNode[]> {
    return attempt(this.#file, () => this.#tables.nodes());
  }

  /**
   * The rows in the order of time, then of the keys; moments without any value are left out. What is damaged is told and
   * passed over.
   */
  rows(request: ExportRequest, onDamage: (words: string) => void): Generator<ExportedRow> {
    return exportRows(this.#tables, request, (from, error) => {
      const trouble = troubleOf(error, this.#file);
      if (trouble === undefined) throw error;
      onDamage(`From ${new Date(from * 1000).toISOString()} on some minutes are missing: ${trouble.message}`);
    });
  }

  close(): void {
    this.#tables.close();
  }
}

function* exportRows(
  tables: Tables,
  request: ExportRequest,
  onDamage: (from: number, error: unknown) => void,
): Generator<ExportedRow> {
  const known = new Map(tables.nodes().map((node) => [node.key, node]));
  const nodes = request.keys.flatMap((key) => known.get(key) ?? []);
  const range = [Math.ceil(request.from / 1000), Math.ceil(request.to / 1000)] as const;
  for (const { resolution, from, to } of spansOf(tables.values.keptSince(), request.every, ...range)) {
    const length = PIECE_VALUES * resolution;
    for (let start = Math.floor(from / length) * length; start < to; start += length) {
      const piece = new Piece(start, resolution, nodes, request.metrics);
      try {
        piece.read(tables, Math.max(from, start), Math.min(to, start + length));
      } catch (error) {
        onDamage(start, error);
      }
      yield* piece.rows();
    }
  }
}

/** Some hundred values of every node and metric. */
class Piece implements ValueSink {
  readonly #start: number;
  readonly #resolution: Resolution;
  readonly #nodes: readonly RecordedNode[];
  readonly #metrics: readonly number[];
  /** Value of node n, metric m, place p at (n * metrics + m) * PIECE_VALUES + p. */
  readonly #values: Float64Array;
  readonly #used: Uint8Array;

  constructor(
    start: number,
    resolution: Resolution,
    nodes: readonly RecordedNode[],
    metrics: readonly MetricName[],
  ) {
    this.#start = start;
    this.#resolution = resolution;
    this.#nodes = nodes;
    this.#metrics = metrics.map((name) => METRIC_INDEX[name]);
    this.#values = new Float64Array(nodes.length * metrics.length * PIECE_VALUES).fill(NaN);
    this.#used = new Uint8Array(PIECE_VALUES);
  }

  /** Reads the seconds [from, to), in one moment of the file. */
  read(tables: Tables, from: number, to: number): void {
    tables.transaction(() => {
      const tail = new Tail();
      for (const tick of tables.ticks(from, to)) tail.add(tick);
      const view = { tables, tail, rows: tables.slotNodes() };
      const keys = this.#nodes.map(({ key }) => key);
      const span = { resolution: this.#resolution, from, to };
      const steps = walk(() => view, [span], keys, this.#metrics, this);
      while (!steps.next().done);
    });
  }

  seconds(node: number, metric: number, series: Int32Array, start: number, from: number, to: number): void {
    for (let place = from; place < to; place += 1) {
      const value = series[place] as number;
      if (value !== MISSING) this.#put(node, metric, start + place, value);
    }
  }

  buckets(...[node, metric, buckets, start, width, from, to]: Parameters<ValueSink['buckets']>): void {
    for (let place = from; place < to; place += 1) {
      if (buckets.count[place] !== 0) {
        this.#put(node, metric, start + place * width, buckets.mean[place] as number);
      }
    }
  }

  *rows(): Generator<ExportedRow> {
    for (let place = 0; place < PIECE_VALUES; place += 1) {
      if (this.#used[place] === 0) continue;
      const time = (this.#start + place * this.#resolution) * 1000;
      for (const [index, node] of this.#nodes.entries()) {
        const first = index * this.#metrics.length * PIECE_VALUES + place;
        const values = this.#metrics.map(
          (_, metric) => this.#values[first + metric * PIECE_VALUES] as number,
        );
        if (values.some((value) => !Number.isNaN(value))) {
          yield { time, seconds: this.#resolution, node, values };
        }
      }
    }
  }

  #put(node: number, metric: number, second: number, stored: number): void {
    const place = (second - this.#start) / this.#resolution;
    this.#values[(node * this.#metrics.length + metric) * PIECE_VALUES + place] = modelValue(
      stored,
      METRICS[this.#metrics[metric] as number] as Metric,
    );
    this.#used[place] = 1;
  }
}
