/**
 * MattX: its table has every node's load, affinity and free memory without a time; the machine's own /proc adds the rest.
 * Formats: MattX 1.7's mattx_proc.c.
 *
 * MattX counts 1000 for each runnable process and gives a node an affinity of 1000 for each CPU; its balancer compares
 * load x 1000 / affinity. That is the model's load with 100 in place of 1000, for it, too, is one process on one standard
 * CPU. The model's speed is one CPU's: the affinity for each CPU, of which 1000 is the standard. The table does not say
 * how many CPUs another node has; its speed is then that of the node as one CPU.
 */
import { STANDARD_LOAD } from '../../../common/model/metric.ts';
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import { speedOfAffinity } from '../../../common/model/mattx.ts';
import { STATUS } from '../../../common/model/status.ts';
import type { Table } from '../../../common/wire/reader.ts';
import {
  noValues,
  setValue,
  type Decoder,
  type DecoderOptions,
  type DialectModule,
  type Values,
} from '../decoder.ts';
import { ProcReader } from '../proc.ts';
import { shownText } from '../node-text.ts';
import { PairReader } from './pairs.ts';

const MEGABYTE = 1_048_576;
const ADDRESS_LENGTH = 39;
/** What a row says of a node that has joined and was not heard yet. */
const UNHEARD = { load: 0, affinity: 1000, megabytes: 0 } as const;

/** The load on the model's scale; NaN where there is no affinity to weigh it by. */
export function loadOfMattx(load: number, affinity: number): number {
  return affinity > 0 ? (load * STANDARD_LOAD) / affinity : NaN;
}

function viewOf(row: Values): Values {
  const [load = NaN, affinity = NaN, megabytes = NaN] = row;
  const values = noValues();
  if (load === UNHEARD.load && affinity === UNHEARD.affinity && megabytes === UNHEARD.megabytes)
    return values;
  setValue(values, 'load', loadOfMattx(load, affinity));
  setValue(values, 'speed', speedOfAffinity(affinity, 1));
  setValue(values, 'memoryFree', megabytes * MEGABYTE);
  return values;
}

/** What the table `oddities` of resources/sampler.sh counts, in words. */
const ODDITIES: readonly (readonly [column: string, words: (count: number) => string])[] = [
  ['lines', (count) => `lines of its table of nodes that are not understood: ${count}`],
  ['high', (count) => `nodes not shown, since their id is above ${MAX_NODE_ID}: ${count}`],
  ['beyond', (count) => `nodes not shown beyond the first 1000: ${count}`],
  ['twice', (count) => `ids twice in its table, of which the first line is taken: ${count}`],
  ['columns', (count) => `columns of its table that this program does not know: ${count}`],
  ['cut', () => 'its table of nodes has no end'],
  ['pairs', (count) => `lines of its remote and guests that are not understood: ${count}`],
];

function oddities(table: Table | undefined): readonly string[] {
  const row = table?.rows.get(0);
  return ODDITIES.flatMap(([name, words]) => {
    const count = row?.[table?.columns.findIndex((column) => column.name === name) ?? -1] ?? NaN;
    return count > 0 ? [words(count)] : [];
  });
}

export const mattx: DialectModule = {
  name: 'mattx',
  viewsAreHearsay: true,
  createDecoder({ meta, tables, texts, speed: givenSpeed }: DecoderOptions): Decoder {
    const proc = new ProcReader(tables);
    const pairs = new PairReader(tables, texts);
    /** The rows that the views were made from, so that an unchanged row gives the same object. */
    const seen = new Map<number, { readonly row: Values; readonly view: Values }>();
    const table = (name: string): Table | undefined => tables.get(name);
    const selfId = (): number | undefined => {
      const self = table('mattx')?.rows.get(0)?.[0] ?? Number(meta.get('self'));
      return Number.isInteger(self) && self >= 1 && self <= MAX_NODE_ID ? self : undefined;
    };

    function ownValues(): Values {
      const [, load = NaN, affinity = NaN, , balancer = NaN] = table('mattx')?.rows.get(0) ?? [];
      const cpus = table('machine')?.rows.get(0)?.[0] ?? NaN;
      const speed = speedOfAffinity(affinity, cpus);
      const own = proc.read(speed > 0 ? speed : givenSpeed);
      // Without a cluster the load is the one of a plain machine.
      if (selfId() === undefined) return own;
      const weighed = loadOfMattx(load, affinity);
      if (!Number.isNaN(weighed)) setValue(own, 'load', weighed);
      setValue(own, 'status', STATUS.configured | STATUS.up | (balancer === 0 ? STATUS.stay : 0));
      return own;
    }

    function views(): ReadonlyMap<number, Values> {
      const rows = table('nodes')?.rows ?? new Map<number, Values>();
      for (const id of seen.keys()) if (!rows.has(id)) seen.delete(id);
      for (const [id, row] of rows) {
        const before = seen.get(id);
        if (before === undefined || !isSame(before.row, row))
          seen.set(id, { row: row.slice(), view: viewOf(row) });
      }
      return new Map([...seen].map(([id, { view }]) => [id, view]));
    }

    return {
      get selfId() {
        return selfId();
      },
      read(all) {
        const trouble = [...oddities(table('oddities'))];
        const { places, leftOver } = pairs.read();
        if (leftOver !== '') trouble.push(leftOver);
        return {
          own: ownValues(),
          views: all ? views() : undefined,
          places: selfId() === undefined ? undefined : places,
          trouble: trouble.join('; '),
          addressOf: (id) => shownText(texts.get('addresses')?.get(id) ?? '', ADDRESS_LENGTH),
        };
      },
    };
  },
};

function isSame(one: Values, other: Values): boolean {
  return one.every((value, index) => Object.is(value, other[index]));
}
