/**
 * Answers ticks for a simulated MattX node as resources/sampler.sh would on it: the same greeting, the same tables,
 * unchanged values left out.
 */
import type { TickMode } from '../../../common/wire/protocol.ts';
import { WireWriter } from '../../../common/wire/writer.ts';
import { declaration, OWN_TABLES } from '../tables.ts';
import type { NodeSampler } from '../world.ts';
import type { MattxCluster } from './cluster.ts';
import type { MattxNode } from './node.ts';
import { ownFigures, RELEASE } from './proc-text.ts';
import { processOf, type MattxEntry } from './process.ts';
import { MATTX_VERSION } from './tables.ts';

const TABLES = [
  declaration('mattx self:node load:load affinity:affinity memory:MB balancer:switch', false),
  declaration(
    'oddities lines:count high:count beyond:count twice:count columns:count cut:switch pairs:count',
    false,
  ),
  declaration('nodes load:load affinity:affinity memory:MB', true),
  declaration('away where:node started:ticks evidence:code', true),
  declaration('guests home:node started:ticks evidence:code', true),
  ...OWN_TABLES,
];

/** What speaks for a line of `remote` or `guests`: no process has the number, it looks as it should, or it does not. */
const EVIDENCE = { none: 0, sound: 1, unsound: 2 };

/** One sampler on one node; made anew for every channel. */
export class MattxSampler implements NodeSampler {
  readonly #cluster: MattxCluster;
  readonly #node: MattxNode;
  readonly #writer = new WireWriter();
  /** The processes that were told of, by their numbers. */
  #away: ReadonlyMap<number, MattxEntry | undefined> = new Map();
  #guests: ReadonlyMap<number, MattxEntry | undefined> = new Map();

  constructor(cluster: MattxCluster, id: number) {
    this.#cluster = cluster;
    this.#node = cluster.node(id);
  }

  greet(nonce: string, root: string): string {
    const meta = {
      system: `Linux ${RELEASE}`,
      dialect: 'mattx',
      root: `${root}/mattx`,
      self: String(this.#self),
      version: MATTX_VERSION,
    };
    return this.#writer.declare(nonce, meta, TABLES, ['addresses', 'commands']);
  }

  frame(mode: TickMode, sequence: number, places: boolean): string {
    const writer = this.#writer;
    const node = this.#node;
    const { cpu, load, memory } = ownFigures(node, this.#cluster.now);
    const own = node.figures(this.#cluster.now);
    writer.row('machine', 0, [node.cpus]);
    writer.row('cpu', 0, cpu);
    writer.row('load', 0, load);
    writer.row('memory', 0, memory);
    if (mode === 'all') {
      for (const [id, { load: runnable, affinity, freeMegabytes }] of [
        ...(node.joined ? [[node.id, own] as const] : []),
        ...node.beliefs,
      ]) {
        writer.row('nodes', id, [runnable, affinity, freeMegabytes]);
        writer.text('addresses', id, this.#cluster.node(id).address);
      }
    }
    const balancer = node.switches.balancer ? 1 : 0;
    writer.row('mattx', 0, [this.#self, own.load, own.affinity, own.freeMegabytes, balancer]);
    if (places) this.#places();
    writer.row('oddities', 0, [0, 0, 0, 0, 0, 0, 0]);
    return writer.end(sequence);
  }

  /** Without the discovery daemon the node has no id of its own. */
  get #self(): number {
    return this.#node.joined ? this.#node.id : 0;
  }

  #places(): void {
    const { entries, guests, remote } = this.#node;
    const told = new Set([...this.#away.keys(), ...this.#guests.keys()]);
    const here = new Map<number, MattxEntry | undefined>();
    for (const { guest } of guests) {
      const entry = entries.get(guest.pid);
      here.set(guest.pid, entry);
      this.#tell('guests', guest.pid, guest.home, entry, entry?.guest === true);
    }
    const away = new Map<number, MattxEntry | undefined>();
    for (const { pid, target } of remote) {
      // Of the lines of one process the first counts.
      if (away.has(pid)) continue;
      const entry = entries.get(pid);
      away.set(pid, entry);
      this.#tell('away', pid, target, entry, entry?.guest === false && entry.stopped);
    }
    for (const [pid, entry] of this.#away) {
      // One that has come home stays listed while it lives.
      if (away.has(pid) || entry === undefined || entries.get(pid) !== entry) continue;
      away.set(pid, entry);
      this.#tell('away', pid, 0, entry, !entry.guest && entry.stopped);
    }
    for (const pid of this.#away.keys()) if (!away.has(pid)) this.#writer.remove('away', pid);
    for (const pid of this.#guests.keys()) if (!here.has(pid)) this.#writer.remove('guests', pid);
    for (const pid of told) if (!away.has(pid) && !here.has(pid)) this.#writer.remove('commands', pid);
    this.#away = away;
    this.#guests = here;
  }

  #tell(
    table: 'away' | 'guests',
    pid: number,
    peer: number,
    entry: MattxEntry | undefined,
    isSound: boolean,
  ): void {
    const evidence = entry === undefined ? EVIDENCE.none : isSound ? EVIDENCE.sound : EVIDENCE.unsound;
    this.#writer.row(table, pid, [peer, entry?.started ?? NaN, evidence]);
    this.#writer.text('commands', pid, entry === undefined ? '' : processOf(entry).program.command);
  }
}
