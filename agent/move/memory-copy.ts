/**
 * What the other side has of a job's memory: it is read and sent while the job runs, and compared with the copy of it that
 * went when the job has stopped. Nothing depends on a kernel that tells which pages were written.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as othersToo } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { PAGE_BYTES } from '../../common/model/metric.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { numbersOf } from '../proc/process.ts';
import {
  addRun,
  cut,
  LAZY_PAGES,
  PARENT_PAGES,
  PRESENT_PAGES,
  pagemapBytes,
  readPagemap,
  type PageRun,
  type Pages,
} from './pagemap.ts';
import { openOf, presentPages } from './present.ts';

/** Read at once: what a processor keeps near itself until it is compared. A thread that reads ahead is no quicker. */
const PIECE = 256 * 1024;
/** After so many bytes, some milliseconds, whatever else the agent has to do has its turn. */
const TURN = 4 * 1024 * 1024;
/** Of so many bytes it is seen at one glance whether they differ. */
const GLANCE = 16 * PAGE_BYTES;
/** Memory is taken in blocks so large that the C library gives them back to the kernel when they are freed. */
const BLOCK = 64 * 1024 * 1024;
const PAGEMAP = /^pagemap-(\d+)\.img$/;

/** Takes bytes that follow those before in a file of images. A problem ends the round. */
export type Sink = (file: string, bytes: Buffer) => Promise<Result<void>>;

/** Pages that the other side has, as they were when they were read. */
interface Known extends Pages {
  readonly bytes: Buffer;
}

/** Pages as they are now, fewer where they are not all there any more; and as the other side has them. */
interface Content extends Pages {
  readonly bytes: Buffer;
  readonly known: Buffer | undefined;
}

export class MemoryCopy {
  /** By a process' number in the job's namespaces, and by address. */
  readonly #known = new Map<number, readonly Known[]>();
  /** What of it was found to be the same now. */
  readonly #same = new Map<number, readonly PageRun[]>();
  #blocks: ArrayBuffer[] = [];
  #used = BLOCK;

  /** Bytes of memory that the other side has. */
  get bytes(): number {
    return [...this.#known.values()].flat().reduce((sum, { pages }) => sum + pages * PAGE_BYTES, 0);
  }

  /**
   * Reads the private memory of processes that run, and gives what the other side does not have as it is to `sink`: the
   * images of a round, as criu writes them. What ends or is given back meanwhile is left out.
   */
  async round(pids: readonly number[], sink: Sink): Promise<Result<void>> {
    let pagesId = 0;
    for (const [inside, pid] of numbered(pids)) {
      const present = await presentPages(pid);
      pagesId += 1;
      const file = `pages-${pagesId}.img`;
      const sent = await withMemory(pid, (memory) =>
        this.#send(memory, inside, present, (bytes) => sink(file, bytes)),
      );
      if (sent === undefined) continue;
      if (!sent.ok) return sent;
      const runs: PageRun[] = [];
      for (const { within, ...pages } of cut(this.#known.get(inside) ?? [], sent.value))
        addRun(runs, { ...pages, flags: within?.flags ?? PARENT_PAGES });
      const told = await sink(`pagemap-${inside}.img`, pagemapBytes({ pagesId, runs }));
      if (!told.ok) return told;
    }
    return success(undefined);
  }

  /** Compares the memory of processes that stand still with what went; after this the images can be completed. */
  async compare(pids: readonly number[]): Promise<void> {
    for (const [inside, pid] of numbered(pids)) {
      const known = this.#known.get(inside) ?? [];
      const same: PageRun[] = [];
      await withMemory(pid, async (memory) => {
        for await (const { address, bytes, known: before } of contentsOf(memory, known, known)) {
          const end = { from: bytes.length, to: bytes.length };
          let done = 0;
          for (const { from, to } of [...differences(bytes, before), end]) {
            addRun(same, { address: address + done, pages: (from - done) / PAGE_BYTES, flags: PARENT_PAGES });
            done = to;
          }
        }
      });
      this.#same.set(inside, same);
    }
  }

  /**
   * Completes the images in the folder, which criu wrote of a job that stands still without its private memory: of what the
   * other side has they say so, and the rest is added. Problems: cannot-move with what could not be read, disk-full.
   */
  async complete(folder: string, pids: readonly number[]): Promise<Result<void>> {
    const outside = new Map(numbered(pids));
    try {
      for (const name of readdirSync(folder)) {
        const [, number] = PAGEMAP.exec(name) ?? [];
        if (number === undefined) continue;
        const path = join(folder, name);
        const pagemap = readPagemap(readFileSync(path));
        if (pagemap === undefined) return unreadable(`${name} has a form that is not known here`);
        const { pagesId, runs } = pagemap;
        if (runs.every(({ flags }) => flags !== LAZY_PAGES)) continue;
        const same = this.#same.get(Number(number)) ?? [];
        const pages = new PagesFile(join(folder, `pages-${pagesId}.img`));
        const all = await withMemory(outside.get(Number(number)) ?? 0, (memory) =>
          completed(pages, runs, memory, same),
        ).finally(() => pages.close());
        if (all === undefined) return unreadable(`not all memory of its process ${number} was there`);
        writeFileSync(path, pagemapBytes({ pagesId, runs: all }));
      }
      return success(undefined);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return unreadable('it ended meanwhile');
      if (errorCode(error) !== 'ENOSPC') throw error;
      return failure(problem('disk-full', `There is no room for the images of the process in ${folder}.`));
    }
  }

  /** Gives its memory back. */
  close(): void {
    for (const block of this.#blocks) block.transfer(0);
    this.#blocks = [];
    this.#used = BLOCK;
    this.#known.clear();
  }

  /** Gives pages that are new or have changed to `sink`, and answers which. */
  async #send(
    memory: number,
    inside: number,
    present: readonly Pages[],
    sink: (bytes: Buffer) => Promise<Result<void>>,
  ): Promise<Result<readonly PageRun[]>> {
    const before = this.#known.get(inside) ?? [];
    const added: Known[] = [];
    const sent: PageRun[] = [];
    // criu wants the file also when nothing is in it.
    const made = await sink(Buffer.alloc(0));
    if (!made.ok) return made;
    for await (const { address, bytes, known } of contentsOf(memory, present, before)) {
      if (bytes.length === 0) continue;
      const copy = known ?? this.#room(bytes.length);
      if (known === undefined) added.push({ address, pages: bytes.length / PAGE_BYTES, bytes: copy });
      for (const { from, to } of differences(bytes, known)) {
        bytes.copy(copy, from, from, to);
        const taken = await sink(copy.subarray(from, to));
        if (!taken.ok) return taken;
        addRun(sent, { address: address + from, pages: (to - from) / PAGE_BYTES, flags: PRESENT_PAGES });
      }
    }
    this.#known.set(
      inside,
      [...before, ...added].sort((one, other) => one.address - other.address),
    );
    return success(sent);
  }

  #room(length: number): Buffer {
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#used + length > BLOCK) {
      block = new ArrayBuffer(BLOCK);
      this.#blocks.push(block);
      this.#used = 0;
    }
    this.#used += length;
    return Buffer.from(block, this.#used - length, length);
  }
}

/**
 * Writes a process' file of pages anew, with those that criu left out and that are not the same at the other side, and
 * answers what is where. Undefined when not all of them could be read.
 */
async function completed(
  pages: PagesFile,
  runs: readonly PageRun[],
  memory: number,
  same: readonly PageRun[],
): Promise<readonly PageRun[] | undefined> {
  const all: PageRun[] = [];
  const written = runs.filter(({ flags }) => flags !== LAZY_PAGES);
  const left = runs.filter(({ flags }) => flags === LAZY_PAGES);
  let next = 0;
  const takeUntil = async (address: number): Promise<boolean> => {
    for (let run = written[next]; run !== undefined && run.address < address; run = written[(next += 1)]) {
      if ((run.flags & PRESENT_PAGES) !== 0 && !(await pages.take(run.pages))) return false;
      addRun(all, run);
    }
    return true;
  };
  for (const { within, ...piece } of cut(left, same)) {
    if (!(await takeUntil(piece.address))) return undefined;
    if (within === undefined && !(await pages.add(memory, piece))) return undefined;
    addRun(all, { ...piece, flags: within?.flags ?? PRESENT_PAGES });
  }
  if (!(await takeUntil(Infinity))) return undefined;
  pages.finish();
  return all;
}

/** Takes the place of criu's file of pages when it is finished. */
class PagesFile {
  readonly #path: string;
  readonly #before: number;
  #file: number | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(PIECE);
  #held = 0;

  constructor(path: string) {
    this.#path = path;
    this.#before = openSync(path, 'r');
  }

  /** The next pages of criu's file; false when there are not so many. */
  take(pages: number): Promise<boolean> {
    return this.#fill(this.#before, pages, null);
  }

  /** Pages as they are in a process' memory; false when they are not all there. */
  add(memory: number, { address, pages }: Pages): Promise<boolean> {
    return this.#fill(memory, pages, address);
  }

  finish(): void {
    this.#flush();
    renameSync(`${this.#path}.new`, this.#path);
  }

  close(): void {
    closeSync(this.#before);
    if (this.#file !== undefined) closeSync(this.#file);
  }

  /** From an address on, or where the file was read to. */
  async #fill(from: number, pages: number, address: number | null): Promise<boolean> {
    for (let done = 0; done < pages * PAGE_BYTES;) {
      if (this.#held === PIECE) {
        this.#flush();
        await othersToo();
      }
      const length = Math.min(PIECE - this.#held, pages * PAGE_BYTES - done);
      const room = this.#buffer.subarray(this.#held);
      if (readMost(from, room, length, address === null ? null : address + done) < length) return false;
      this.#held += length;
      done += length;
    }
    return true;
  }

  #flush(): void {
    this.#file ??= openSync(`${this.#path}.new`, 'w', 0o600);
    for (let done = 0; done < this.#held;)
      done += writeSync(this.#file, this.#buffer, done, this.#held - done);
    this.#held = 0;
  }
}

/** Reads pages in pieces of which the other side has all or nothing. Each lasts until the next is taken. */
async function* contentsOf(
  memory: number,
  pages: readonly Pages[],
  known: readonly Known[],
): AsyncGenerator<Content, void> {
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  let turn = 0;
  for (const { within, ...piece } of cut(pages, known, PIECE / PAGE_BYTES)) {
    const length = piece.pages * PAGE_BYTES;
    const count = readMost(memory, buffer, length, piece.address);
    const from = piece.address - (within?.address ?? 0);
    yield {
      ...piece,
      bytes: buffer.subarray(0, count - (count % PAGE_BYTES)),
      known: within?.bytes.subarray(from, from + length),
    };
    turn += length;
    if (turn < TURN) continue;
    turn = 0;
    await othersToo();
  }
}

/** The number of bytes read; fewer, or none, of what is not there any more. */
function readMost(from: number, buffer: Buffer, length: number, address: number | null): number {
  try {
    return readSync(from, buffer, 0, length, address);
  } catch {
    return 0;
  }
}

/** Where, in whole pages, the bytes differ from those that are known; everywhere when none are. */
function differences(
  bytes: Buffer,
  known: Buffer | undefined,
): readonly { readonly from: number; readonly to: number }[] {
  if (known === undefined) return [{ from: 0, to: bytes.length }];
  const found: { from: number; to: number }[] = [];
  const differ = (from: number, to: number): boolean => known.compare(bytes, from, to, from, to) !== 0;
  for (let glance = 0; glance < bytes.length; glance += GLANCE) {
    const end = Math.min(glance + GLANCE, bytes.length);
    if (!differ(glance, end)) continue;
    for (let from = glance; from < end; from += PAGE_BYTES) {
      if (!differ(from, from + PAGE_BYTES)) continue;
      const last = found.at(-1);
      if (last?.to === from) last.to += PAGE_BYTES;
      else found.push({ from, to: from + PAGE_BYTES });
    }
  }
  return found;
}

/** Processes of a job by their numbers in its namespaces; none of those that have ended. */
function numbered(pids: readonly number[]): readonly (readonly [number, number])[] {
  return pids.flatMap((pid) => {
    const inside = numbersOf(pid).at(-1);
    return inside === undefined ? [] : [[inside, pid] as const];
  });
}

/** What is done with an open /proc/PID/mem; undefined when the process has ended. */
async function withMemory<Value>(
  pid: number,
  use: (memory: number) => Promise<Value>,
): Promise<Value | undefined> {
  const memory = openOf(pid, 'mem');
  if (memory === undefined) return undefined;
  try {
    return await use(memory);
  } finally {
    closeSync(memory);
  }
}

function unreadable(why: string): Result<never> {
  return failure(problem('cannot-move', `The process could not be read: ${why}.`));
}
