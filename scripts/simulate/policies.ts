/** Who decides in a simulated cluster: nobody, a central oracle that knows everything exactly, or each node by our policy. */
import { STANDARD_SPEED } from '../../common/model/metric.ts';
import { STATUS } from '../../common/model/status.ts';
import {
  balancedLoad,
  decide,
  freezeOf,
  isShortOfMemory,
  LoadVector,
  MOST_TO_ACT_ON,
  MOST_QUESTIONS,
  placement,
  whyRefused,
  withAdmitted,
  type AdmissionRequest,
  type BalanceNode,
  type BalanceProcess,
  type Job,
  type LoadEntry,
} from '../../common/balance/index.ts';
import { Queue } from '../../common/balance/queue.ts';
import type { Random } from '../../common/model/random.ts';
import type { Machines } from './machines.ts';
import type { Workload } from './workloads.ts';

/** What a policy is asked in the course of a run. */
export interface Policy {
  /** The node where a new process begins; it was started on the given one. */
  place(process: number, node: number): number;
  /** Once a second for each node, each at a moment of its own. */
  tick?(node: number): void;
  /** Once a second. */
  second?(): void;
  /** Datagrams so far; a question and its answer are two. */
  readonly messages: number;
}

/** Everything stays where it was started. */
export const STILL: Policy = { place: (_process, node) => node, messages: 0 };

/**
 * Every second it moves the oldest process of the most loaded node to the node that is lightest with it, again and again
 * until nothing gains. It knows all loads exactly and at no cost; moves freeze as for everybody, and what remains of a
 * process is expected to be its age. It is the experiment's oracle, nothing made weaker.
 */
export function oracle(machines: Machines, { speeds, births, costs }: Workload): Policy {
  const loadOf = (node: number, more: number): number =>
    ((machines.counted[node] ?? 0) + more) / (speeds[node] ?? 1);
  const oldestOf = (node: number): number => Math.min(...machines.running(node));
  const second = (): void => {
    const senders = new Queue(speeds.length);
    const receivers = new Queue(speeds.length);
    const enqueue = (node: number): void => {
      senders.set(node, machines.running(node).length > 0 ? -loadOf(node, 0) : Infinity);
      receivers.set(node, loadOf(node, 1));
    };
    for (const node of speeds.keys()) enqueue(node);
    while (-senders.least > receivers.least) {
      const [from, to] = [senders.first, receivers.first];
      const oldest = oldestOf(from);
      const freeze = freezeOf({ memory: births.memory[oldest] }, costs);
      const age = machines.now - (births.time[oldest] ?? 0);
      if (age * (-senders.least - receivers.least) <= freeze) {
        senders.set(from, Infinity);
        continue;
      }
      machines.move(oldest, to, freeze);
      enqueue(from);
      enqueue(to);
    }
  };
  return { ...STILL, second };
}

/** The policy of common/balance, as agents follow it. */
export class Gossip implements Policy {
  messages = 0;
  readonly #machines: Machines;
  readonly #workload: Workload;
  readonly #random: Random;
  readonly #members: readonly number[];
  readonly #vectors: readonly LoadVector[];
  readonly #sequences: Float64Array;

  constructor(machines: Machines, workload: Workload, random: Random) {
    this.#machines = machines;
    this.#workload = workload;
    this.#random = random;
    this.#members = Array.from(workload.speeds.keys(), idOf);
    // What is not acted on is not sent on by these either; agents keep all of it, for those who look at them.
    this.#vectors = this.#members.map((id) => new LoadVector(id, MOST_TO_ACT_ON));
    this.#sequences = new Float64Array(this.#members.length);
  }

  place(process: number, node: number): number {
    const job = { at: idOf(node), home: idOf(node), memory: this.#workload.births.memory[process] };
    for (let question = 0; question < MOST_QUESTIONS; question += 1) {
      const own = this.#figures(node);
      const { to } = placement(own, this.#vector(node).knownNodes(this.#machines.now), job);
      if (to === null) return node;
      const { load } = withAdmitted(own, [job]);
      if (this.#ask(node, to - 1, { job, load, forMemory: false })) return to - 1;
    }
    return node;
  }

  tick(node: number): void {
    const { now } = this.#machines;
    const vector = this.#vector(node);
    const own = this.#figures(node);
    const partner = vector.partner(this.#members, now, this.#random);
    if (partner !== undefined) {
      this.messages += 1;
      const { sequence } = this.#entry(node, own);
      this.#vector(partner - 1).merge(vector.message(own, sequence, now), now);
      this.#act(partner - 1);
    }
    this.#act(node);
  }

  /** Decides for a node and carries it out, unless those that are asked refuse. */
  #act(node: number): void {
    if (this.#machines.running(node).length === 0) return;
    for (let question = 0; question < MOST_QUESTIONS; question += 1) {
      const own = this.#figures(node);
      const jobs = this.#machines.running(node).map((process) => this.#job(process, node));
      const decision = decide(
        own,
        jobs,
        this.#vector(node).knownNodes(this.#machines.now),
        this.#workload.costs,
      );
      if (decision.job === undefined) return;
      const to = decision.target - 1;
      const job = this.#process(decision.job, node);
      if (!this.#ask(node, to, { job, load: own.load, forMemory: isShortOfMemory(own) })) continue;
      this.#machines.move(decision.job, to, freezeOf(job, this.#workload.costs));
      return;
    }
  }

  /** Asks a node to take a job. Both tell their figures by the way. */
  #ask(node: number, other: number, request: AdmissionRequest): boolean {
    this.messages += 2;
    const coming = this.#coming(other);
    const admitted = whyRefused(this.#present(other), request, coming) === '';
    const answer = withAdmitted(this.#present(other), admitted ? [...coming, request.job] : coming);
    const { now } = this.#machines;
    this.#vector(other).merge([this.#entry(node, this.#figures(node))], now);
    this.#vector(node).merge([this.#entry(other, answer)], now);
    return admitted;
  }

  #entry(node: number, figures: BalanceNode): LoadEntry {
    const sequence = (this.#sequences[node] ?? 0) + 1;
    this.#sequences[node] = sequence;
    return { node: figures, sequence, age: 0 };
  }

  /** What a node knows of itself: what runs there and what it has admitted. */
  #figures(node: number): BalanceNode {
    return withAdmitted(this.#present(node), this.#coming(node));
  }

  /** The same without what is on its way. */
  #present(node: number): BalanceNode {
    const { speeds, memoryTotal } = this.#workload;
    const power = { speed: (speeds[node] ?? 1) * STANDARD_SPEED, cpus: 1 };
    const status = STATUS.configured | STATUS.up;
    const load = balancedLoad(this.#machines.running(node).length, 0, power);
    const id = idOf(node);
    if (memoryTotal === 0) return { id, load, ...power, status };
    let memoryAvailable = memoryTotal;
    for (const process of this.#machines.running(node)) memoryAvailable -= this.#memory(process);
    return { id, load, ...power, status, memoryTotal, memoryAvailable };
  }

  #coming(node: number): readonly BalanceProcess[] {
    return this.#machines.coming(node).map((process) => this.#process(process, node));
  }

  #process(process: number, node: number): BalanceProcess {
    const home = idOf(this.#workload.births.node[process] ?? 0);
    return { at: idOf(node), home, memory: this.#memory(process) };
  }

  #job(process: number, node: number): Job {
    const { now, moved } = this.#machines;
    const movedAt = moved[process] ?? NaN;
    return {
      at: idOf(node),
      home: idOf(this.#workload.births.node[process] ?? 0),
      memory: this.#memory(process),
      id: process,
      age: now - (this.#workload.births.time[process] ?? 0),
      residence: Number.isNaN(movedAt) ? undefined : now - movedAt,
      cpuSeconds: this.#machines.used(process),
    };
  }

  #memory(process: number): number {
    return this.#workload.births.memory[process] ?? 0;
  }

  #vector(node: number): LoadVector {
    const vector = this.#vectors[node];
    if (vector === undefined) throw new Error(`There is no node ${node}.`);
    return vector;
  }
}

/** Ids of nodes begin with 1, as openMosix' do. */
function idOf(node: number): number {
  return node + 1;
}
