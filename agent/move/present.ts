/**
 * Which pages of a process' private memory are there: those that criu leaves out when it is asked to, and that must be
 * carried. Sources of the formats: proc_pid_maps(5), proc_pid_pagemap(5).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as othersToo } from 'node:timers/promises';
import { PAGE_BYTES } from '../../common/model/metric.ts';
import { Proc } from '../proc/proc.ts';
import type { Pages } from './pagemap.ts';

/** Readable, private and of no file; `[heap]` and `[stack]` too, but not the kernel's own `[v...]`. */
const PRIVATE = /^([0-9a-f]+)-([0-9a-f]+) r..p [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ 0 *(?!\[v)/;
/** Some programs reserve far more than any machine has, and to look through it takes seconds. What is in it goes last. */
const MOST_BYTES = 64 * 1024 ** 3;
/** An entry of pagemap has 64 bits, of which the highest two tell that the page is in memory or swapped out. */
const WORDS = 2;
const ENTRY_BYTES = 8;
const THERE = 0xc0000000;
const ENTRIES = 16_384;

const proc = new Proc();

/** In the order of their addresses; none of a process that has ended. */
export async function presentPages(pid: number): Promise<readonly Pages[]> {
  const found: Pages[] = [];
  const pagemap = openOf(pid, 'pagemap');
  if (pagemap === undefined) return found;
  const entries = new Uint32Array(ENTRIES * WORDS);
  try {
    for (const { start, end } of privateRanges(proc.text(`${pid}/maps`) ?? '')) {
      let first: number | undefined;
      for (let address = start; address < end;) {
        const count = Math.min(ENTRIES, (end - address) / PAGE_BYTES);
        const bytes = count * ENTRY_BYTES;
        // It ended, or what follows was given back.
        if (readSync(pagemap, entries, 0, bytes, (address / PAGE_BYTES) * ENTRY_BYTES) < bytes) break;
        for (let at = 0; at < count; at += 1, address += PAGE_BYTES) {
          const isThere = ((entries[at * WORDS + 1] ?? 0) & THERE) !== 0;
          if (isThere) first ??= address;
          else if (first !== undefined) {
            found.push({ address: first, pages: (address - first) / PAGE_BYTES });
            first = undefined;
          }
        }
        if (count === ENTRIES) await othersToo();
      }
      if (first !== undefined) found.push({ address: first, pages: (end - first) / PAGE_BYTES });
    }
  } finally {
    closeSync(pagemap);
  }
  return found;
}

/** Opens a file of a process' memory; undefined when the process has ended. */
export function openOf(pid: number, file: 'mem' | 'pagemap'): number | undefined {
  try {
    return openSync(`/proc/${pid}/${file}`, 'r');
  } catch {
    return undefined;
  }
}

function privateRanges(maps: string): readonly { readonly start: number; readonly end: number }[] {
  return maps
    .split('\n')
    .flatMap((line) => {
      const [, start = '', end = ''] = PRIVATE.exec(line) ?? [];
      return start === '' ? [] : { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) };
    })
    .filter(({ start, end }) => end - start <= MOST_BYTES);
}
