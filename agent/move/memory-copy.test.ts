import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success } from '../../common/model/result.ts';
import { MemoryCopy, type Sink } from './memory-copy.ts';
import { LAZY_PAGES, PARENT_PAGES, PRESENT_PAGES, pagemapBytes, readPagemap } from './pagemap.ts';
import { presentPages } from './present.ts';

const PAGE = 4096;
const MEGABYTES = 8;
/** Changes one byte of its memory for every line, and answers. */
const PROGRAM = `
my $memory = 'x' x (${MEGABYTES} << 20);
$| = 1; print "ready\\n";
while (<STDIN>) { substr($memory, 3 << 20, 1) = chr(65 + $n++ % 26); print "done\\n"; }
`;

let folder: string;
let child: ChildProcess;
let pid: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-memory-'));
  child = spawn('perl', ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  pid = child.pid ?? 0;
  await answer();
});

afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

async function answer(): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
}

async function change(): Promise<void> {
  child.stdin?.write('\n');
  await answer();
}

/** Keeps what a round gives, by the names of the files. */
function files(): {
  readonly sink: Sink;
  readonly of: (file: string) => Buffer;
  readonly names: () => string[];
} {
  const parts = new Map<string, Buffer[]>();
  return {
    sink: (file, bytes) => {
      parts.set(file, [...(parts.get(file) ?? []), Buffer.from(bytes)]);
      return Promise.resolve(success(undefined));
    },
    of: (file) => Buffer.concat(parts.get(file) ?? []),
    names: () => [...parts.keys()].sort(),
  };
}

/** The memory of the process itself. */
function memoryAt(address: number, pages: number): Buffer {
  const bytes = Buffer.alloc(pages * PAGE);
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  readSync(fd, bytes, 0, bytes.length, address);
  closeSync(fd);
  return bytes;
}

describe('the copy of a process', () => {
  test('gets all of its private memory in the first round, and what has changed in the next', async () => {
    const copy = new MemoryCopy();
    const first = files();
    expect(await copy.round([pid], first.sink)).toEqual(success(undefined));
    expect(first.names()).toEqual([`pagemap-${pid}.img`, 'pages-1.img']);
    expect(first.of('pages-1.img').length).toBe(copy.bytes);
    expect(copy.bytes).toBeGreaterThan(MEGABYTES << 20);
    expect(first.of('pages-1.img').includes(Buffer.alloc(MEGABYTES << 20, 'x'))).toBe(true);

    await change();
    const second = files();
    await copy.round([pid], second.sink);
    expect(second.of('pages-1.img').includes('Axxx')).toBe(true);
    expect(second.of('pages-1.img').length).toBeLessThan(1 << 20);
    const runs = readPagemap(second.of(`pagemap-${pid}.img`))?.runs ?? [];
    const pagesOf = (flag: number): number =>
      runs.filter(({ flags }) => flags === flag).reduce((sum, { pages }) => sum + pages, 0);
    expect(pagesOf(PRESENT_PAGES) * PAGE).toBe(second.of('pages-1.img').length);
    expect((pagesOf(PRESENT_PAGES) + pagesOf(PARENT_PAGES)) * PAGE).toBe(copy.bytes);
    copy.close();
  });

  test('is complete with the images of the process when it has stopped', async () => {
    const copy = new MemoryCopy();
    await copy.round([pid], files().sink);
    await change();
    child.kill('SIGSTOP');
    // As criu does: a page or two of its own, and of all others only where they are.
    const [own, ...left] = (await presentPages(pid)).filter(({ pages }) => pages > 1);
    if (own === undefined) throw new Error('The process has no memory.');
    const runs = [
      { ...own, pages: 1, flags: PRESENT_PAGES },
      { address: own.address + PAGE, pages: own.pages - 1, flags: LAZY_PAGES },
      ...left.map((pages) => ({ ...pages, flags: LAZY_PAGES })),
    ];
    writeFileSync(join(folder, 'pages-3.img'), memoryAt(own.address, 1));
    writeFileSync(join(folder, `pagemap-${pid}.img`), pagemapBytes({ pagesId: 3, runs }));
    await copy.compare([pid]);
    expect(await copy.complete(folder, [pid])).toEqual(success(undefined));

    const completed = readPagemap(readFileSync(join(folder, `pagemap-${pid}.img`)));
    const pages = readFileSync(join(folder, 'pages-3.img'));
    let at = 0;
    for (const { address, pages: count, flags } of completed?.runs ?? []) {
      if (flags !== PRESENT_PAGES) continue;
      expect(pages.subarray(at, at + count * PAGE).equals(memoryAt(address, count))).toBe(true);
      at += count * PAGE;
    }
    expect(at).toBe(pages.length);
    expect(pages.includes('Axxx')).toBe(true);
    expect(pages.length).toBeLessThan(1 << 20);
    const count = (all: readonly { readonly pages: number }[] = []): number =>
      all.reduce((sum, run) => sum + run.pages, 0);
    expect(count(completed?.runs)).toBe(count(runs));
    copy.close();
  });

  test('is refused with what is wrong when an image has an unknown form, or its process is gone', async () => {
    const copy = new MemoryCopy();
    const image = join(folder, 'pagemap-100.img');
    writeFileSync(image, 'something else');
    expect(await copy.complete(folder, [pid])).toMatchObject({
      problem: {
        message: 'The process could not be read: pagemap-100.img has a form that is not known here.',
      },
    });
    writeFileSync(join(folder, 'pages-1.img'), '');
    writeFileSync(image, pagemapBytes({ pagesId: 1, runs: [{ address: 0, pages: 1, flags: LAZY_PAGES }] }));
    expect(await copy.complete(folder, [pid])).toMatchObject({
      problem: {
        code: 'cannot-move',
        message: 'The process could not be read: not all memory of its process 100 was there.',
      },
    });
  });

  test('leaves out a process that has ended, and ends with the problem of whoever takes it', async () => {
    const copy = new MemoryCopy();
    const lost = failure(problem('connection-lost', 'The connection ended.'));
    expect(await copy.round([pid], () => Promise.resolve(lost))).toEqual(lost);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const none = files();
    expect(await copy.round([pid], none.sink)).toEqual(success(undefined));
    expect(none.names()).toEqual([]);
  });
});
