/** Rules of MattX that several parts share: its affinity beside our speed. Source: MattX 1.7. */
import { STANDARD_SPEED } from './metric.ts';

/** Affinity that MattX gives a node by itself for each of its CPUs. */
export const AFFINITY_PER_CPU = 1000;

/** The speed of a node (10000 is the standard CPU) with an affinity and so many CPUs. */
export function speedOfAffinity(affinity: number, cpus: number): number {
  return (affinity / (AFFINITY_PER_CPU * cpus)) * STANDARD_SPEED;
}
