/**
 * A simulated MattX cluster with the habits of the real one, bad ones included: commands that always succeed, rows that
 * freeze, lists that lie, processes that are lost. Pure: time passes only in advance().
 */
import { assertNever } from '../../../common/model/result.ts';
import { parseAdmin } from './admin.ts';
import { nextMove } from './balancer.ts';
import { MattxNode, UNHEARD, type Errand, type Journey, type NodeOptions } from './node.ts';
import type { MattxEntry, MattxGuest, MattxProcess, ProgramOptions } from './process.ts';

/** How a cluster is set up. */
export interface MattxOptions {
  readonly nodes: readonly NodeOptions[];
  /** Called before each piece of time, in seconds, to start what is to run in it. */
  readonly workload?: (cluster: MattxCluster, seconds: number) => void;
}

/** A migration when it is done: node ids, the process' number at home, milliseconds. */
export interface MattxMigration {
  readonly home: number;
  readonly pid: number;
  readonly from: number;
  readonly to: number;
  readonly errand: Errand;
  readonly began: number;
  readonly ended: number;
}

/**
 * What came of a command that should not have been given. `hung-write`: the write never returned (here it does);
 * `oops`: the kernel failed; `init`: PID 1 was sent; `wrong-end`: a guest was sent from where it is a guest; `deadlock`:
 * only the main thread of several went; `namespace`: the number was taken for another; `second-copy`: it ran away
 * already; `lost`: another migration came between; `dead-target`: nobody was there to take it; `runs-twice`: a deputy
 * was continued; `bystander`: a left-over guest's end killed another process.
 */
export interface Harm {
  readonly kind:
    | 'hung-write'
    | 'oops'
    | 'init'
    | 'wrong-end'
    | 'deadlock'
    | 'namespace'
    | 'second-copy'
    | 'lost'
    | 'dead-target'
    | 'runs-twice'
    | 'bystander';
  readonly node: number;
  readonly pid: number;
}

/** Signals that concern a simulated process. */
export type MattxSignal = 'STOP' | 'CONT' | 'TERM' | 'KILL';

/** Between two rounds of a node: it looks after its lists, tells of itself and balances. */
const ROUND_MILLISECONDS = 2000;
const LONGEST_SLICE = 100;
const QUICKEST_JOURNEY = 150;
/** What a journey may take longer, out and home, and for each megabyte above a small process. */
const SPREAD = { out: 131, home: 101 };
const SMALL_MEGABYTES = 8;
const MILLISECONDS_PER_MEGABYTE = 20;

/** The cluster. */
export class MattxCluster {
  readonly nodes: readonly MattxNode[];
  /** Harm that was done, oldest first; empty where every command was a sound one. */
  readonly harm: Harm[] = [];
  /** Hears of every migration when it is done. */
  onMigration: ((migration: MattxMigration) => void) | undefined;
  readonly #workload: MattxOptions['workload'];
  #now = 0;

  /** A cluster whose nodes have joined and know each other. */
  constructor({ nodes, workload }: MattxOptions) {
    this.nodes = nodes.map((options) => new MattxNode(options));
    for (const { id } of this.nodes) this.join(id);
    this.advance(ROUND_MILLISECONDS);
    this.#workload = workload;
  }

  /** Milliseconds that have passed. */
  get now(): number {
    return this.#now;
  }

  node(id: number): MattxNode {
    const node = this.#find(id);
    if (node === undefined) throw new Error(`There is no node ${id}`);
    return node;
  }

  /** Lets a whole number of milliseconds pass. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.#now < end) {
      const journeys = this.nodes.flatMap(({ journey }) => (journey === undefined ? [] : [journey.ends]));
      const rounds = this.nodes.map((_, index) => this.#nextRound(index));
      const next = Math.min(end, this.#now + LONGEST_SLICE, ...journeys, ...rounds);
      this.#pass(next - this.#now);
    }
  }

  /** Takes one write to a node's admin file; it always succeeds. Bytes as Latin-1. */
  write(id: number, text: string): void {
    const node = this.node(id);
    const command = parseAdmin(text);
    if (!node.up || command === undefined) return;
    switch (command.kind) {
      case 'switch':
        node.switches[command.name] = command.on;
        return;
      case 'affinity':
        node.affinity = command.value;
        return;
      case 'list':
        if (command.name === 'exclude') node.excludes = command.text;
        else node.includes = command.text;
        return;
      case 'migrate':
        if (command.target === 'home') this.#recall(node, command.pid);
        else this.#send(node, command.pid, command.target, 'order');
        return;
      default:
        assertNever(command);
    }
  }

  /** Starts a process at home on a node. */
  start(id: number, options: ProgramOptions): MattxProcess {
    return this.node(id).start(options);
  }

  /** Sends a signal to what a node lists under this number. False when there is none. */
  signal(id: number, pid: number, signal: MattxSignal): boolean {
    const node = this.node(id);
    const entry = node.entries.get(pid);
    if (entry === undefined) return false;
    if (pid === 1 || (!entry.guest && entry.program.kind !== 'program')) return true;
    const isDeputy = !entry.guest && (entry.copies.length > 0 || node.journey?.process === entry);
    switch (signal) {
      case 'STOP':
        entry.stopped = true;
        break;
      case 'CONT':
        if (isDeputy) this.#harm('runs-twice', node, pid);
        entry.stopped = false;
        break;
      case 'TERM':
        if (entry.guest || !entry.program.catchesTerm) this.#end(node, entry);
        else if (isDeputy) entry.pendingTerm = true;
        break;
      case 'KILL':
        this.#end(node, entry);
        break;
      default:
        assertNever(signal);
    }
    return true;
  }

  /** Starts a node's discovery daemon: from now on it and the others know each other. */
  join(id: number): void {
    const node = this.node(id);
    node.joined = true;
    for (const other of this.#peers(node)) {
      node.believe(other.id, UNHEARD);
      if (!other.beliefs.has(id)) other.believe(id, UNHEARD);
    }
  }

  /**
   * Switches a node off or on. Off, it answers nobody, and its processes and guests are lost; what the others list of it
   * stays. On, it has started anew and joined, or with `joined` false has not.
   */
  setDown(id: number, down: boolean, joined = true): void {
    const node = this.node(id);
    if (node.up !== down) return;
    if (!down) {
      node.boot();
      if (joined) this.join(id);
      return;
    }
    node.up = false;
    node.journey = undefined;
    for (const entry of node.entries.values()) if (entry.guest) removeItem(entry.process.copies, entry);
  }

  #find(id: number): MattxNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  /** The others that are on and have joined. */
  #peers(node: MattxNode): readonly MattxNode[] {
    return this.nodes.filter((other) => other !== node && other.up && other.joined);
  }

  #harm(kind: Harm['kind'], node: MattxNode, pid: number): void {
    this.harm.push({ kind, node: node.id, pid });
  }

  /** When the node at this place in the list has its next round. */
  #nextRound(index: number): number {
    const phase = (index * 370) % ROUND_MILLISECONDS;
    return this.#now + ROUND_MILLISECONDS - ((this.#now + ROUND_MILLISECONDS - phase) % ROUND_MILLISECONDS);
  }

  #pass(milliseconds: number): void {
    this.#workload?.(this, milliseconds / 1000);
    const inRound = this.nodes.filter((_, index) => this.#nextRound(index) === this.#now + milliseconds);
    for (const node of this.nodes) {
      if (!node.up) continue;
      for (const entry of node.run(milliseconds, this.#now)) this.#end(node, entry);
    }
    this.#now += milliseconds;
    for (const node of this.nodes) {
      if (node.journey !== undefined && node.journey.ends <= this.#now) this.#arrive(node, node.journey);
    }
    for (const node of inRound) if (node.up) this.#round(node);
  }

  #round(node: MattxNode): void {
    this.#watchGuests(node);
    this.#watchRemote(node);
    if (!node.joined) return;
    const figures = node.figures(this.#now);
    for (const other of this.#peers(node)) {
      // A connection that is busy with a transfer carries no news.
      if (node.journey?.peer !== other.id && other.journey?.peer !== node.id) other.believe(node.id, figures);
    }
    const move = nextMove(node, this.#now);
    if (move === undefined) return;
    node.lastMove = this.#now;
    this.#send(node, move.process.pid, move.target, 'balance');
  }

  /** Drops the lines of guests that are gone, and tells their homes, which end whatever has that number. */
  #watchGuests(node: MattxNode): void {
    const gone = node.guests.filter(({ guest }) => !node.entries.has(guest.pid));
    node.guests = node.guests.filter((line) => !gone.includes(line));
    for (const { guest, wentHome } of gone) {
      const home = this.#find(guest.home);
      const { pid } = guest.process;
      const found = home?.entries.get(pid);
      if (wentHome || home === undefined || !home.up || found === undefined) continue;
      if (found !== guest.process) this.#harm('bystander', home, pid);
      this.#end(home, found);
    }
  }

  /** Drops the lines of processes that have ended, and ends their copies. */
  #watchRemote(node: MattxNode): void {
    const gone = node.remote.filter(({ pid }) => !node.entries.has(pid));
    node.remote = node.remote.filter((line) => !gone.includes(line));
    for (const { pid, target } of gone) {
      const place = this.#find(target);
      if (place === undefined || !place.up) continue;
      for (const { guest } of place.guests) {
        if (guest.home === node.id && guest.process.pid === pid) this.#end(place, guest);
      }
    }
  }

  #send(node: MattxNode, pid: number, target: number, errand: Errand): void {
    const entry = node.entries.get(pid);
    if (entry === undefined || !node.beliefs.has(target)) return;
    if (entry.guest) return this.#harm('wrong-end', node, pid);
    const { kind, threads } = entry.program;
    if (kind === 'kernel-thread') return this.#harm('hung-write', node, pid);
    if (kind === 'zombie') return this.#harm('oops', node, pid);
    if (pid === 1) return this.#harm('init', node, pid);
    if (threads > 0) this.#harm('deadlock', node, pid);
    if (entry.innerPid !== undefined) this.#harm('namespace', node, pid);
    if (entry.copies.length > 0) this.#harm('second-copy', node, pid);
    this.#lose(node);
    entry.stopped = true;
    this.#depart(node, entry, undefined, target, errand);
  }

  /** Calls a process home by its line in `remote`, the newest where there are two. */
  #recall(node: MattxNode, pid: number): void {
    const process = node.process(pid);
    const line = node.remote.findLast((each) => each.pid === pid);
    const copy = process?.copies.find(({ place }) => place === line?.target);
    // Here the number is looked up in the process' own namespace.
    if (process === undefined || copy === undefined || process.innerPid !== undefined) return;
    this.#lose(node);
    copy.stopped = true;
    this.#depart(node, process, copy, copy.place, 'order');
  }

  /** A journey that is interrupted by another one: the process stays stopped and in no list. */
  #lose(node: MattxNode): void {
    const { journey } = node;
    if (journey === undefined) return;
    const { process, returning } = journey;
    this.#harm('lost', node, process.pid);
    if (returning !== undefined) this.#leave(node, returning);
    node.journey = undefined;
  }

  #depart(
    node: MattxNode,
    process: MattxProcess,
    returning: MattxGuest | undefined,
    peer: number,
    errand: Errand,
  ): void {
    const spread = returning === undefined ? SPREAD.out : SPREAD.home;
    const load = Math.max(0, process.program.megabytes - SMALL_MEGABYTES) * MILLISECONDS_PER_MEGABYTE;
    const duration = QUICKEST_JOURNEY + ((process.pid * 37) % spread) + Math.round(load);
    node.journey = { process, returning, peer, errand, began: this.#now, ends: this.#now + duration };
  }

  #arrive(node: MattxNode, journey: Journey): void {
    const { process, returning, peer, errand, began } = journey;
    node.journey = undefined;
    if (returning === undefined) {
      const target = this.#find(peer);
      if (target?.up !== true || !target.joined) return this.#harm('dead-target', node, process.pid);
      process.copies.push(target.receive(node.id, process));
      node.remote = [...node.remote, { pid: process.pid, target: peer }];
    } else {
      if (!process.copies.includes(returning)) return this.#harm('lost', node, process.pid);
      this.#leave(node, returning);
      process.stopped = process.copies.length > 0;
      if (process.pendingTerm && !process.stopped) this.#end(node, process);
    }
    const [from, to] = returning === undefined ? [node.id, peer] : [peer, node.id];
    this.onMigration?.({ home: node.id, pid: process.pid, from, to, errand, began, ended: this.#now });
  }

  /** Ends a copy because its process leaves it for home; its line in `guests` stays for a while. */
  #leave(home: MattxNode, copy: MattxGuest): void {
    const { process, place: target } = copy;
    const place = this.node(target);
    place.entries.delete(copy.pid);
    for (const line of place.guests) if (line.guest === copy) line.wentHome = true;
    removeItem(process.copies, copy);
    const index = home.remote.findLastIndex((line) => line.pid === process.pid && line.target === target);
    home.remote = home.remote.filter((_, each) => each !== index);
  }

  /** Takes a process or a guest out of the world; the other side hears of it in a round. */
  #end(node: MattxNode, entry: MattxEntry): void {
    node.entries.delete(entry.pid);
    if (entry.guest) removeItem(entry.process.copies, entry);
    else if (node.journey?.process === entry) node.journey = undefined;
  }
}

function removeItem<Item>(items: Item[], item: Item): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
