/**
 * openMosix 2.4 and MOSIX: every node's figures are in nodes/ID of any node; the machine's own /proc adds what they do
 * not have. Formats: openMosix HOWTO and libmosix' readers (units of 4096 bytes, negative values are minus errno).
 */
import { METRIC_INDEX, PAGE_BYTES, type MetricName } from '../../../common/model/metric.ts';
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import type { Table } from '../../../common/wire/reader.ts';
import { noValues, type Decoder, type DecoderOptions, type DialectModule, type Values } from '../decoder.ts';
import { ProcReader } from '../proc.ts';
import { readPlaces } from './places.ts';

/** Which file becomes which metric, and how many of the model's units one of the file's is. */
const FILES: readonly { readonly file: string; readonly metric: MetricName; readonly factor: number }[] = [
  { file: 'load', metric: 'load', factor: 1 },
  { file: 'speed', metric: 'speed', factor: 1 },
  { file: 'cpus', metric: 'cpus', factor: 1 },
  { file: 'util', metric: 'util', factor: 1 },
  { file: 'tmem', metric: 'memoryTotal', factor: PAGE_BYTES },
  { file: 'rmem', metric: 'memoryFree', factor: PAGE_BYTES },
  { file: 'mem', metric: 'memoryAvailable', factor: PAGE_BYTES },
  { file: 'status', metric: 'status', factor: 1 },
];

/** One column of the wire's table with the metric it becomes. */
interface Mapping {
  readonly column: number;
  readonly metric: number;
  readonly factor: number;
}

function mappingOf(table: Table): readonly Mapping[] {
  return FILES.flatMap(({ file, metric, factor }) => {
    const column = table.columns.findIndex((candidate) => candidate.name === file);
    return column < 0 ? [] : [{ column, metric: METRIC_INDEX[metric], factor }];
  });
}

/** One node's row in the model's units. A negative value (minus errno) stays as it is, so that it can be named. */
function convert(row: Values, mapping: readonly Mapping[]): Values {
  const values = noValues();
  for (const { column, metric, factor } of mapping) {
    const value = row[column] ?? NaN;
    values[metric] = value < 0 ? value : value * factor;
  }
  return values;
}

export const openmosix: DialectModule = {
  name: 'openmosix',
  createDecoder({ meta, tables, texts, speed: givenSpeed }: DecoderOptions): Decoder {
    const nodes = tables.get('nodes');
    const mapping = nodes === undefined ? [] : mappingOf(nodes);
    const proc = new ProcReader(tables);
    const self = Number(meta.get('self'));
    const selfId = Number.isInteger(self) && self >= 1 && self <= MAX_NODE_ID ? self : undefined;

    return {
      selfId,
      read(all) {
        const row = selfId === undefined ? undefined : nodes?.rows.get(selfId);
        const cluster = row === undefined ? noValues() : convert(row, mapping);
        const speed = cluster[METRIC_INDEX.speed] ?? NaN;
        const own = proc.read(speed > 0 ? speed : givenSpeed);
        // What the cluster says of the node comes first; its own /proc fills what the cluster does not know.
        for (let index = 0; index < own.length; index += 1) {
          const value = cluster[index] ?? NaN;
          if (!Number.isNaN(value) && value >= 0) own[index] = value;
        }
        const places = readPlaces(tables, texts);
        if (!all || nodes === undefined) return { own, views: undefined, places };
        const views = new Map<number, Values>();
        for (const [id, view] of nodes.rows) views.set(id, convert(view, mapping));
        return { own, views, places };
      },
    };
  },
};
