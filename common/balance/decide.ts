/**
 * What a node does by itself, from its own figures and what it has heard of others: which of its jobs should go where, whether
 * it takes a job that another offers, and where a new one should begin. All of it rests on the rules of target.ts.
 */
import { STANDARD_LOAD } from '../model/metric.ts';
import { STATUS } from '../model/status.ts';
import { addedLoad, hasRoom, loadToBeat, type BalanceProcess } from './fit.ts';
import {
  isShortOfMemory,
  maySend,
  processLoad,
  whyNoGuests,
  whyNoneLeaves,
  type BalanceNode,
} from './node.ts';
import { bestOther, type Recommendation } from './target.ts';

/** How a job's memory goes over, in bytes. */
export interface MovedMemory {
  /** What goes while it stands still; all of it where it is left out. */
  readonly frozenBytes?: number | undefined;
  /** What goes before, and is then only compared and rebuilt. */
  readonly comparedBytes?: number | undefined;
}

/** A job that runs here. `memory` is what is resident. */
export interface Job extends BalanceProcess, MovedMemory {
  readonly id: number;
  /** Seconds since it was started. */
  readonly age: number;
  /** Seconds since its last move; absent where it never moved. */
  readonly residence?: number | undefined;
  /** CPU time it has used, in seconds of a CPU of standard speed. As much again is expected of it. */
  readonly cpuSeconds: number;
  /** Whether its user wants it to stay. */
  readonly locked?: boolean | undefined;
  /** Why it cannot move, in words that follow "it"; absent or empty where it can. */
  readonly whyStays?: string | undefined;
}

/** What a move costs, as this node has measured it. */
export interface MoveCosts {
  /** Seconds for which a job is frozen whatever its size. */
  readonly freezeSeconds: number;
  /** Seconds more for each byte that goes over meanwhile. */
  readonly secondsPerByte: number;
  /** Seconds more for each byte that went before. */
  readonly secondsPerComparedByte: number;
}

/** What moves by themselves must keep to. All in seconds. */
export interface Limits {
  readonly minimumAge: number;
  readonly minimumResidence: number;
  readonly longestFreeze: number;
}

export const DEFAULT_LIMITS: Limits = { minimumAge: 5, minimumResidence: 2, longestFreeze: 2 };

/** So many nodes are asked in a row when the first ones refuse; their answers say what to think of them. */
export const MOST_QUESTIONS = 4;

/** A job that should go now. */
export interface Proposal {
  readonly job: number;
  readonly target: number;
  /** Seconds that it ends earlier, its freeze counted; 0 where only memory is the reason. */
  readonly gain: number;
  /** One plain sentence. */
  readonly why: string;
}

/** What is to be done, or only why nothing is. */
export type Decision = Proposal | { readonly job?: undefined; readonly why: string };

/** What a node asks before it sends a job, or starts one there. */
export interface AdmissionRequest {
  readonly job: BalanceProcess;
  /** The load of the node that asks, with the job. */
  readonly load: number;
  /** Whether that node is short of memory, so that its load does not matter. */
  readonly forMemory: boolean;
}

/**
 * The one move a node should make now. To be asked every second and whenever figures arrive. `own` counts what is on its way
 * here (`withAdmitted`); `known` are the others young enough to act on.
 *
 * Of the jobs that may leave, the one that gains most: its expected CPU time, which is what it has used so far, at the stretch
 * here less that at the lightest node, less its freeze. A node short of memory sends its largest job that fits elsewhere.
 */
export function decide(
  own: BalanceNode,
  jobs: readonly Job[],
  known: readonly BalanceNode[],
  costs: MoveCosts,
  limits: Limits = DEFAULT_LIMITS,
): Decision {
  const held = whyNoneLeaves(own);
  if (held !== '') return { why: `node ${own.id} ${held}` };
  if (jobs.length === 0) return { why: 'no job runs here' };
  if (known.length === 0) return { why: 'nothing recent is known of any other node' };
  const forMemory = isShortOfMemory(own);
  // No other node can gain anything; leaving them out here is what makes thousands of decisions a second cheap.
  const others = forMemory ? known : known.filter(({ load }) => load < own.load);
  if (others.length === 0)
    return { why: `no known node has less load than the ${Math.round(own.load)} here` };

  let best: Proposal | undefined;
  let most = 0;
  let whyNot = '';
  for (const job of jobs) {
    const freeze = freezeOf(job, costs);
    const kept = whyKept(job, own, freeze, limits);
    const { node: target, why } = kept === '' ? bestOther(job, own, others) : { why: `it ${kept}` };
    if (target === undefined) {
      whyNot ||= `job ${job.id} stays: ${why}`;
      continue;
    }
    const gain = gainOf(job, own, target) - freeze;
    const figure = forMemory ? (job.memory ?? 0) : gain;
    if (figure > most) {
      most = figure;
      best = { job: job.id, target: target.id, gain: Math.max(0, gain), why };
    } else {
      whyNot ||= `job ${job.id} stays: its move would gain less than the ${freeze.toFixed(1)} s it is frozen for`;
    }
  }
  return best ?? { why: whyNot };
}

/** Jobs that move together, as one: it weighs what they weigh, and where one may not move, none does. */
export function together(id: number, first: Job, others: readonly Job[]): Job {
  const jobs = [first, ...others];
  const sum = (figure: (job: Job) => number): number => jobs.reduce((total, job) => total + figure(job), 0);
  const least = (figure: (job: Job) => number): number => Math.min(...jobs.map(figure));
  const most = (figure: (job: Job) => number): number => Math.max(...jobs.map(figure));
  const residence = least((job) => job.residence ?? Infinity);
  return {
    ...first,
    id,
    weight: sum(({ weight = 1 }) => weight),
    memory: sum(({ memory = 0 }) => memory),
    // They stand still one after the other.
    frozenBytes: most(({ memory = 0, frozenBytes = memory }) => frozenBytes),
    comparedBytes: most(({ comparedBytes = 0 }) => comparedBytes),
    age: least(({ age }) => age),
    residence: residence === Infinity ? undefined : residence,
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    locked: jobs.some(({ locked }) => locked === true),
    whyStays: jobs.find(({ whyStays = '' }) => whyStays !== '')?.whyStays,
  };
}

/** Seconds for which a move freezes the job. */
export function freezeOf(
  { memory = 0, frozenBytes = memory, comparedBytes = 0 }: Pick<Job, 'memory' | keyof MovedMemory>,
  { freezeSeconds, secondsPerByte, secondsPerComparedByte }: MoveCosts,
): number {
  return freezeSeconds + secondsPerByte * frozenBytes + secondsPerComparedByte * comparedBytes;
}

/**
 * Why a node refuses a job now, in words that follow its name; empty where it takes it. It counts what it has admitted and
 * does not yet see in its load, so that many who have heard of one idle node do not all send there.
 */
export function whyRefused(
  own: BalanceNode,
  request: AdmissionRequest,
  recentlyAdmitted: readonly BalanceProcess[],
): string {
  const expected = withAdmitted(own, recentlyAdmitted);
  const { job, load, forMemory } = request;
  if (!hasRoom(expected, job)) return whyNoGuests(expected) || 'has too little memory left';
  return forMemory || loadToBeat(job, expected) < load
    ? ''
    : `has load ${Math.round(expected.load)} itself by now, what is on its way there counted`;
}

/** A node's figures with the jobs it has admitted and does not yet see in its load. This is what it tells others. */
export function withAdmitted(own: BalanceNode, admitted: readonly BalanceProcess[]): BalanceNode {
  if (admitted.length === 0) return own;
  let { load, memoryAvailable } = own;
  for (const job of admitted) {
    load += addedLoad(job, own);
    if (memoryAvailable !== undefined) memoryAvailable -= job.memory ?? 0;
  }
  return { ...own, load, memoryAvailable };
}

/**
 * Where a new job should begin; null means at home. The best of all that is known recently: choosing among many costs no more
 * messages than the classic two choices, and the admission question, which must follow, keeps the others from the same place.
 */
export function placement(
  own: BalanceNode,
  known: readonly BalanceNode[],
  job: Pick<BalanceProcess, 'weight' | 'memory'> = {},
): Recommendation {
  if (!maySend(own))
    return { to: null, why: `node ${own.id} ${whyNoneLeaves(own) || 'keeps its own jobs (lstay)'}` };
  const process = { ...job, at: own.id, home: own.id };
  const { node, why } = bestOther(process, withAdmitted(own, [process]), known);
  return { to: node?.id ?? null, why };
}

/** Why the job stays whatever others offer, in words that follow "it"; empty where it may go. */
function whyKept(job: Job, own: BalanceNode, freeze: number, limits: Limits): string {
  if (job.locked) return 'is locked';
  if (job.whyStays) return job.whyStays;
  if (own.status & STATUS.lstay && job.home === own.id)
    return 'is at home on a node that keeps its own (lstay)';
  if (job.age < limits.minimumAge) return `is younger than ${limits.minimumAge} s`;
  if (job.residence !== undefined && job.residence < limits.minimumResidence)
    return `came less than ${limits.minimumResidence} s ago`;
  return freeze > limits.longestFreeze
    ? `would be frozen for ${freeze.toFixed(1)} s, and ${limits.longestFreeze} s is the limit`
    : '';
}

/** Seconds that the job's expected CPU time takes here longer than there. */
function gainOf(job: Job, own: BalanceNode, target: BalanceNode): number {
  return job.cpuSeconds * (stretch(own.load, own) - stretch(target.load + addedLoad(job, target), target));
}

/** Seconds that a CPU second of standard speed takes at that load: never fewer than an idle CPU of the node needs. */
function stretch(load: number, node: BalanceNode): number {
  return Math.max(load, processLoad(node) * Math.max(1, node.cpus)) / STANDARD_LOAD;
}
