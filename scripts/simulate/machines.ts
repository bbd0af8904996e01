/**
 * The simulated machines: one CPU each, shared evenly by the processes that run there. Nothing happens between the events;
 * how far a process is follows from its node's virtual time, the CPU time that every process there has had.
 */
import { Queue } from '../../common/balance/queue.ts';
import type { Workload } from './workloads.ts';

/** Processes are the numbers of the workload's births. */
export class Machines {
  /** Seconds. */
  now = 0;
  /** Moves begun. */
  moves = 0;
  /** Processes of each node: those that run there and those on their way there. */
  readonly counted: Int32Array;
  /** Resident bytes of the same. */
  readonly memoryUsed: Float64Array;
  /** Of each process: when it ended, NaN while it has not; when it last moved, NaN when it never did. */
  readonly ended: Float64Array;
  readonly moved: Float64Array;

  readonly #workload: Workload;
  readonly #running: number[][];
  readonly #coming: number[][];
  readonly #at: Int32Array;
  /** Virtual time of each node, and when it was computed. */
  readonly #virtual: Float64Array;
  readonly #computed: Float64Array;
  /** Virtual time at which a process that runs will be done; work seconds it still needs while it does not run. */
  readonly #due: Float64Array;
  /** By node, the time of its next end; by process, the time of its arrival. */
  readonly #ends: Queue;
  readonly #arrivals: Queue;

  constructor(workload: Workload) {
    const nodes = workload.speeds.length;
    const processes = workload.births.time.length;
    this.#workload = workload;
    this.counted = new Int32Array(nodes);
    this.memoryUsed = new Float64Array(nodes);
    this.ended = new Float64Array(processes).fill(NaN);
    this.moved = new Float64Array(processes).fill(NaN);
    this.#running = Array.from({ length: nodes }, () => []);
    this.#coming = Array.from({ length: nodes }, () => []);
    this.#at = new Int32Array(processes);
    this.#virtual = new Float64Array(nodes);
    this.#computed = new Float64Array(nodes);
    this.#due = Float64Array.from(workload.births.work);
    this.#ends = new Queue(nodes);
    this.#arrivals = new Queue(processes);
  }

  /** When something ends or arrives next; Infinity when nothing will. */
  get next(): number {
    return Math.min(this.#ends.least, this.#arrivals.least);
  }

  /** Goes to that moment and lets it happen. Returns how many processes ended, 0 or 1. */
  step(): number {
    this.now = this.next;
    const arrives = this.#arrivals.least <= this.#ends.least;
    if (arrives) this.#arrive(this.#arrivals.first);
    else this.#end(this.#ends.first);
    return arrives ? 0 : 1;
  }

  /** The processes that run on a node, and those on their way there. */
  running(node: number): readonly number[] {
    return this.#running[node] ?? [];
  }

  coming(node: number): readonly number[] {
    return this.#coming[node] ?? [];
  }

  /** Work seconds that a running process has had. */
  used(process: number): number {
    const node = this.#at[process] ?? 0;
    this.#advance(node);
    const left = (this.#due[process] ?? 0) - (this.#virtual[node] ?? 0);
    return (this.#workload.births.work[process] ?? 0) - left;
  }

  begin(process: number, node: number): void {
    this.#count(process, node, 1);
    this.#run(process, node);
  }

  /** Freezes a running process and lets it run on there after so many seconds. */
  move(process: number, to: number, freeze: number): void {
    const from = this.#at[process] ?? 0;
    this.#stop(process, from);
    this.#count(process, from, -1);
    this.#count(process, to, 1);
    this.#at[process] = to;
    this.#coming[to]?.push(process);
    this.#arrivals.set(process, this.now + freeze);
    this.moved[process] = this.now;
    this.moves += 1;
  }

  #arrive(process: number): void {
    const node = this.#at[process] ?? 0;
    this.#arrivals.set(process, Infinity);
    remove(this.#coming[node] ?? [], process);
    this.#run(process, node);
  }

  #end(node: number): void {
    const process = this.#firstDue(node);
    this.#stop(process, node);
    this.#count(process, node, -1);
    this.ended[process] = this.now;
  }

  #run(process: number, node: number): void {
    this.#advance(node);
    this.#at[process] = node;
    this.#due[process] = (this.#due[process] ?? 0) + (this.#virtual[node] ?? 0);
    this.#running[node]?.push(process);
    this.#schedule(node);
  }

  #stop(process: number, node: number): void {
    this.#advance(node);
    this.#due[process] = (this.#due[process] ?? 0) - (this.#virtual[node] ?? 0);
    remove(this.#running[node] ?? [], process);
    this.#schedule(node);
  }

  #count(process: number, node: number, sign: 1 | -1): void {
    this.counted[node] = (this.counted[node] ?? 0) + sign;
    const memory = this.#workload.births.memory[process] ?? 0;
    this.memoryUsed[node] = (this.memoryUsed[node] ?? 0) + sign * memory;
  }

  #advance(node: number): void {
    const sharers = this.running(node).length;
    const passed = this.now - (this.#computed[node] ?? 0);
    this.#computed[node] = this.now;
    if (sharers === 0 || passed === 0) return;
    const speed = this.#workload.speeds[node] ?? 0;
    this.#virtual[node] = (this.#virtual[node] ?? 0) + (passed * speed) / sharers;
  }

  /** Computes anew when the node's next process ends. */
  #schedule(node: number): void {
    const sharers = this.running(node).length;
    if (sharers === 0) {
      this.#ends.set(node, Infinity);
      return;
    }
    const left = (this.#due[this.#firstDue(node)] ?? 0) - (this.#virtual[node] ?? 0);
    this.#ends.set(node, this.now + (Math.max(0, left) * sharers) / (this.#workload.speeds[node] ?? 0));
  }

  #firstDue(node: number): number {
    let first = -1;
    let least = Infinity;
    for (const process of this.running(node)) {
      const due = this.#due[process] ?? Infinity;
      if (due >= least) continue;
      least = due;
      first = process;
    }
    return first;
  }
}

function remove(list: number[], item: number): void {
  const place = list.indexOf(item);
  if (place < 0) return;
  const last = list.pop();
  if (last !== undefined && place < list.length) list[place] = last;
}
