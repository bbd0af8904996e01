/**
 * Pre-copy: a job's memory is sent while it runs, then what has changed meanwhile, and so on, until little is left to send
 * while it stands still. Every round has a folder of images of its own, in which `parent` leads to the round before.
 */
import { join } from 'node:path';

/** Less than this goes as quickly while the job stands still as it is compared. */
const LEAST_BYTES = 4 * 1024 * 1024;
/** So much may be left for the time in which it stands still. */
const ENOUGH_BYTES = 8 * 1024 * 1024;
/** A round that is hardly smaller than the one before shows a job that changes its memory as quickly as it is sent. */
const MOST_LEFT = 0.7;
const MOST_ROUNDS = 6;
/** Images are a little larger than the memory that they hold. */
export const OVERHEAD = 1.1;

/** What went over in one round. */
export interface Round {
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Whether another round should go before the job is frozen, after those that were. `room` is how many bytes of images the
 * other side has room for: all rounds stay there until the job is rebuilt, and the last one must fit whatever changes.
 */
export function goesOn(rounds: readonly Round[], residentBytes: number, room: number): boolean {
  const expected = expectedBytes(rounds, residentBytes);
  const sent = rounds.reduce((sum, { bytes }) => sum + bytes, 0);
  if (rounds.length >= MOST_ROUNDS || sent + expected + residentBytes > room / OVERHEAD) return false;
  const last = rounds.at(-1);
  if (last === undefined) return residentBytes >= LEAST_BYTES;
  return expected > ENOUGH_BYTES && (rounds.length === 1 || expected < last.bytes * MOST_LEFT);
}

/**
 * Bytes that the next round will have: the job changes its memory while the last one is sent as it did before. After the
 * first round nothing is known of that yet.
 */
export function expectedBytes(rounds: readonly Round[], residentBytes: number): number {
  const [before, last] = rounds.slice(-2);
  if (before === undefined || last === undefined) return residentBytes;
  return Math.min(residentBytes, (last.bytes / before.seconds) * last.seconds);
}

/** Bytes that will go while the job stands still, before anything is known of how it changes its memory. */
export function firstGuess(residentBytes: number): number {
  return Math.min(residentBytes, ENOUGH_BYTES);
}

/** The rounds for people: `1000 MB in 9.8 s, 3 MB in 0.1 s`. */
export function wordsOf(rounds: readonly Round[]): string {
  return rounds.map(({ bytes, seconds }) => `${megabytes(bytes)} in ${seconds.toFixed(1)} s`).join(', ');
}

/** Bytes for people: `1000 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** criu's name for the link from a round's folder to the one before. */
export const PARENT = 'parent';

export function roundFolder(images: string, round: number): string {
  return join(images, String(round));
}

/** Where the images of the round before are, seen from a round's folder. */
export function previousRound(round: number): string {
  return join('..', String(round - 1));
}
