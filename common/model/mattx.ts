/**
 * Rules of MattX that several parts share: its affinity beside our speed, its two lists of names, and which of its nodes
 * is the best. Source: the MattX facts, observed on version 1.7.
 */
import { STANDARD_SPEED } from './metric.ts';

/** Affinity that MattX gives a node by itself for each of its CPUs. */
export const AFFINITY_PER_CPU = 1000;

/** MattX takes more and wraps silently above 2^32; nobody needs more than this. */
export const MOST_AFFINITY = 10_000_000;

/** MattX cuts a longer list silently. */
export const MOST_LIST_BYTES = 247;

/** The lists of programs that never leave by themselves, and of those that alone do. */
export type MattxList = 'exclude' | 'include';

/** One name of a list as mosview writes it; a process' short name has at most 15 characters. */
export const LIST_NAME = /^[A-Za-z0-9_.+-]{1,64}$/;

/** A whole list as mosview writes it: names parted by commas, or nothing. */
export const LIST_TEXT = /^(?:[A-Za-z0-9_.+-]{1,64}(?:,[A-Za-z0-9_.+-]{1,64})*)?$/;

/** The speed of a node (10000 is the standard CPU) with an affinity and so many CPUs. */
export function speedOfAffinity(affinity: number, cpus: number): number {
  return (affinity / (AFFINITY_PER_CPU * cpus)) * STANDARD_SPEED;
}

/** The affinity that gives a node of so many CPUs a speed; at least 1, since 0 would mean automatic. */
export function affinityOfSpeed(speed: number, cpus: number): number {
  return Math.max(1, Math.round((speed / STANDARD_SPEED) * AFFINITY_PER_CPU * cpus));
}

/** The names of a list. */
export function namesOfList(text: string): readonly string[] {
  return text === '' ? [] : text.split(',');
}

/** Why a list cannot be written, in words; empty where it can. */
export function whyNoList(text: string): string {
  if (!LIST_TEXT.test(text)) {
    return 'a name has letters, digits and _ . + - only; separate names with commas';
  }
  return text.length > MOST_LIST_BYTES
    ? `it has ${text.length} bytes; MattX would cut it silently at ${MOST_LIST_BYTES}`
    : '';
}

/** A node as a target. `load` for its affinity: 100 for each process that wants to run on a CPU of standard affinity. */
export interface MattxTarget {
  readonly id: number;
  readonly load: number;
  readonly affinity: number;
}

/**
 * The node with the least load for its affinity; of equals the one with the most affinity, then the lowest id. Nodes with
 * affinity 1 are drained and none of them. Undefined where none says enough.
 */
export function bestTarget(targets: readonly MattxTarget[]): number | undefined {
  const able = targets.filter(({ load, affinity }) => load >= 0 && affinity > 1);
  return able.toSorted(
    (one, other) => one.load - other.load || other.affinity - one.affinity || one.id - other.id,
  )[0]?.id;
}
