/**
 * The one interface over the languages nodes speak: a decoder turns the tables of a channel into readings in the
 * model's units.
 */
import { METRIC_INDEX, METRICS, type MetricName } from '../../common/model/metric.ts';
import type { Dialect } from '../../common/model/node.ts';
import type { Table, WireReader } from '../../common/wire/reader.ts';
import type { Places, PlacesByAddress } from '../migrations/types.ts';

/** One value per metric in the catalogue's order, NaN where there is none. */
export type Values = Float64Array;

/** What a node said in its latest frame. */
export interface NodeReading {
  /** The node's own figures. */
  readonly own: Values;
  /** The cluster's nodes by id as this node believes them; absent in dialects and modes without a cluster view. */
  readonly views: ReadonlyMap<number, Values> | undefined;
  /** The processes that migrate from and to this node; absent in dialects that know none. */
  readonly places: Places | undefined;
  /** The same in dialects that know nodes by their addresses only. */
  readonly addressedPlaces?: PlacesByAddress;
  /** What in the node's files is not understood or not shown, in words; nothing where all is. */
  readonly trouble?: string;
  /** The address by which this node knows another, empty where it does not say; absent in dialects without. Untrusted. */
  readonly addressOf?: (id: number) => string;
}

/** What a decoder is made from: what the node declared, and what the settings say about it. */
export interface DecoderOptions {
  readonly meta: ReadonlyMap<string, string>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly texts: WireReader['texts'];
  /** Speed of a node whose kernel has none; 10000 is the standard CPU. */
  readonly speed: number;
}

/** Turns a channel's tables into readings; made anew for every channel, because it keeps the counters before. */
export interface Decoder {
  /** The node's id in its own cluster, undefined where it has none; it may be another one after a frame. */
  readonly selfId: number | undefined;
  /** The node's own addresses as it tells them, the one it is reached at first; absent in dialects that need none. */
  readonly addresses?: readonly string[];
  /** Reads the tables after a frame. `all` says whether the frame carries the cluster's nodes. */
  read(all: boolean): NodeReading;
}

/** A dialect: its name on the wire and its decoder. */
export interface DialectModule {
  readonly name: Dialect;
  /** True where a node keeps what it heard of others without a time, so that it tells neither who is up nor who is down. */
  readonly viewsAreHearsay?: true;
  createDecoder(options: DecoderOptions): Decoder;
}

/** Values with nothing in them. */
export function noValues(): Values {
  return new Float64Array(METRICS.length).fill(NaN);
}

/** Sets one metric. */
export function setValue(values: Values, metric: MetricName, value: number): void {
  values[METRIC_INDEX[metric]] = value;
}
