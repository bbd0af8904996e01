/**
 * Answers ticks for a simulated node as resources/sampler.sh would on it: the same greeting, the same tables, unchanged
 * values left out.
 */
import type { TickMode } from '../../common/wire/protocol.ts';
import { WireWriter, type TableDeclaration } from '../../common/wire/writer.ts';
import type { Simulation } from './simulation.ts';

/** The tables of resources/sampler.sh, `NAME COLUMN:UNIT...` each. */
const NODES_TABLE =
  'nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits';
const OWN_TABLES = [
  'cpu user:ticks nice:ticks system:ticks idle:ticks iowait:ticks irq:ticks softirq:ticks steal:ticks',
  'load one:load five:load fifteen:load running:count processes:count',
  'memory total:kB free:kB available:kB buffers:kB cached:kB',
  'machine cpus:count',
] as const;

const TABLES: readonly TableDeclaration[] = [
  declaration(NODES_TABLE, true),
  ...OWN_TABLES.map((text) => declaration(text, false)),
];

function declaration(text: string, keyed: boolean): TableDeclaration {
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

/** One sampler on one node; made anew for every channel. */
export class SimulatedSampler {
  readonly #simulation: Simulation;
  readonly #id: number;
  readonly #writer = new WireWriter();

  constructor(simulation: Simulation, id: number) {
    this.#simulation = simulation;
    this.#id = id;
  }

  /** The greeting and everything up to `ready`. */
  greet(nonce: string, root: string): string {
    const meta = {
      system: 'Linux 2.4.26-om1',
      dialect: 'openmosix',
      root: `${root}/hpc`,
      self: String(this.#id),
    };
    return this.#writer.declare(nonce, meta, TABLES);
  }

  /** The frame that answers a tick. */
  frame(mode: TickMode, sequence: number): string {
    const writer = this.#writer;
    const { cpu, load, memory } = this.#simulation.own(this.#id);
    writer.row('machine', 0, [this.#simulation.machine(this.#id).hardware.cpus]);
    writer.row('cpu', 0, cpu);
    writer.row('load', 0, load);
    writer.row('memory', 0, memory);
    for (const id of mode === 'all' ? this.#simulation.ids : [this.#id]) {
      writer.row('nodes', id, this.#simulation.row(this.#id, id));
    }
    return writer.end(sequence);
  }
}
