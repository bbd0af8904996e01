/** The tables of resources/sampler.sh as the demo's samplers declare them. */
import type { TableDeclaration } from '../../common/wire/writer.ts';

/** What every dialect's sampler tells of the machine itself. */
export const OWN_TABLES: readonly TableDeclaration[] = [
  'cpu user:ticks nice:ticks system:ticks idle:ticks iowait:ticks irq:ticks softirq:ticks steal:ticks',
  'load one:load five:load fifteen:load running:count processes:count',
  'memory total:kB free:kB available:kB buffers:kB cached:kB',
  'machine cpus:count',
].map((text) => declaration(text, false));

/** A table from its words in the sampler, `NAME COLUMN:UNIT...`. */
export function declaration(text: string, keyed: boolean): TableDeclaration {
  const [name = '', ...columns] = text.split(' ');
  return {
    name,
    keyed,
    columns: columns.map((column) => {
      const [columnName = '', unit = ''] = column.split(':');
      return { name: columnName, unit };
    }),
  };
}
