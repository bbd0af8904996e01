/**
 * What processes outside a job share with it. Nothing of the kernel tells who shares, so that all others have to be gone
 * through; it is asked only for a job that has something to share at all. A process that even root may not look at (the
 * first one of some containers) is passed over: it cannot have been given anything by the job's user.
 */
import { parseMaps, type Mapping } from './maps.ts';
import { errorCode } from '../error-code.ts';
import type { Proc } from '../proc/proc.ts';

/** A mapping of the job that another process has too. */
export interface SharedOutside {
  readonly identity: string;
  /** The other process. */
  readonly pid: number;
}

const FORBIDDEN = new Set(['EACCES', 'EPERM']);

function ifAllowed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (FORBIDDEN.has(errorCode(error))) return undefined;
    throw error;
  }
}

function* others(proc: Proc, inside: readonly number[]): Generator<number> {
  const own = new Set(inside);
  for (const pid of proc.numbers('.')) if (!own.has(pid)) yield pid;
}

/** Of the shared mappings given, those that somebody outside has too and that one of both writes to; each once. */
export function mappedOutside(
  proc: Proc,
  inside: readonly number[],
  mappings: readonly Mapping[],
): readonly SharedOutside[] {
  if (mappings.length === 0) return [];
  const identities = new Set(mappings.map(({ identity }) => identity));
  const written = new Set(mappings.filter(({ writable }) => writable).map(({ identity }) => identity));
  const found = new Map<string, SharedOutside>();
  for (const pid of others(proc, inside)) {
    const text = ifAllowed(() => proc.text(`${pid}/maps`)) ?? '';
    // Most have none of them, which is seen without taking the text apart.
    if (!mappings.some(({ identity }) => text.includes(identity))) continue;
    for (const { identity, shared, writable } of parseMaps(text)) {
      const isShared = shared && identities.has(identity) && (writable || written.has(identity));
      if (isShared && !found.has(identity)) found.set(identity, { identity, pid });
    }
  }
  return [...found.values()];
}

/** The first process outside that has each of the paths open. */
export function openOutside(
  proc: Proc,
  inside: readonly number[],
  paths: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (paths.size === 0) return found;
  for (const pid of others(proc, inside)) {
    for (const number of ifAllowed(() => proc.numbers(`${pid}/fd`)) ?? []) {
      const target = ifAllowed(() => proc.link(`${pid}/fd/${number}`)) ?? '';
      if (paths.has(target) && !found.has(target)) found.set(target, pid);
    }
  }
  return found;
}
