/**
 * How fast a CPU of this node is, in openMosix' measure: 10000 is the standard CPU. Ours is one core of an Intel Xeon of
 * 2.0 GHz with 105 MB of cache (2023) under Node 24, doing whole numbers and tables as most jobs do.
 */
import { STANDARD_SPEED } from '../../common/model/metric.ts';

/** Milliseconds of one round on the standard CPU. */
const STANDARD_ROUND = 0.155;

/** The work is timed in pieces of this many rounds; the fastest counts, since others may be using the CPU. */
const PIECE = 4;

const TOTAL_MS = 80;

/** Entries of the table: 64 KB, which is in the cache nearest to the CPU but one. */
const ENTRIES = 16_384;

/** One round: steps of a generator of random numbers, each of which changes a table and goes on with what it finds. */
function round(table: Int32Array, seed: number): number {
  let state = seed | 1;
  for (let step = 0; step < ENTRIES; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const index = (state >>> 8) & (ENTRIES - 1);
    const found = table[index] ?? 0;
    table[index] = (Math.imul(found, 31) + step) | 0;
    if (found & 1) state = (state + found) | 1;
  }
  return state;
}

/**
 * The speed of a CPU now, in about 80 ms during which nothing else happens in this process. `share` is the part of each
 * CPU that may be used (see limits.ts). It varies by some percent: measure once and keep it.
 */
export function measureSpeed(share = 1): number {
  const table = new Int32Array(ENTRIES);
  let seed = 88_172_645;
  let best = Infinity;
  for (const end = performance.now() + TOTAL_MS; performance.now() < end;) {
    const since = performance.now();
    for (let done = 0; done < PIECE; done += 1) seed = round(table, seed);
    best = Math.min(best, (performance.now() - since) / PIECE);
  }
  return Math.max(1, Math.round((STANDARD_SPEED * share * STANDARD_ROUND) / best));
}
