/**
 * Answers ticks for a simulated node as resources/sampler.sh would on it: the same greeting, the same tables, unchanged
 * values left out.
 */
import type { TickMode } from '../../common/wire/protocol.ts';
import { WireWriter } from '../../common/wire/writer.ts';
import { listed, type ListedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';
import { declaration, OWN_TABLES } from './tables.ts';
import type { NodeSampler } from './world.ts';

const TABLES = [
  declaration(
    'nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits',
    true,
  ),
  declaration('away where:node migrations:count started:ticks', true),
  declaration('guests home:node homepid:pid started:ticks', true),
  ...OWN_TABLES,
];

/** One sampler on one node; made anew for every channel. */
export class SimulatedSampler implements NodeSampler {
  readonly #simulation: Simulation;
  readonly #id: number;
  readonly #writer = new WireWriter();
  /** Numbers of the processes that were told of. */
  #away: ReadonlySet<number> = new Set();
  #guests: ReadonlySet<number> = new Set();

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
    return this.#writer.declare(nonce, meta, TABLES, ['commands']);
  }

  /** The frame that answers a tick; with `places` it tells of the processes that migrate, too. */
  frame(mode: TickMode, sequence: number, places = false): string {
    const writer = this.#writer;
    const { cpu, load, memory } = this.#simulation.own(this.#id);
    writer.row('machine', 0, [this.#simulation.machine(this.#id).hardware.cpus]);
    writer.row('cpu', 0, cpu);
    writer.row('load', 0, load);
    writer.row('memory', 0, memory);
    for (const id of mode === 'all' ? this.#simulation.ids : [this.#id]) {
      writer.row('nodes', id, this.#simulation.row(this.#id, id));
    }
    if (places) this.#places();
    return writer.end(sequence);
  }

  /** The rows of this node's own processes that are or were away, and of its guests. */
  #places(): void {
    const writer = this.#writer;
    const machine = this.#simulation.machine(this.#id);
    const away = new Set<number>();
    const guests = new Set<number>();
    const tell = ({ pid, started, guest, process }: ListedProcess): void => {
      if (guest) {
        guests.add(pid);
        writer.row('guests', pid, [process.home.id, process.pid, started]);
      } else {
        away.add(pid);
        const where = process.place === machine ? 0 : process.place.id;
        writer.row('away', pid, [where, process.migrations, started]);
      }
      writer.text('commands', pid, process.program.command);
    };
    for (const process of machine.processes) if (process.migrations > 0) tell(listed(machine, process));
    for (const process of machine.away) tell(listed(machine, process));
    for (const pid of this.#away) if (!away.has(pid)) writer.remove('away', pid);
    for (const pid of this.#guests) if (!guests.has(pid)) writer.remove('guests', pid);
    for (const pid of [...this.#away, ...this.#guests]) {
      if (!away.has(pid) && !guests.has(pid)) writer.remove('commands', pid);
    }
    this.#away = away;
    this.#guests = guests;
  }
}
