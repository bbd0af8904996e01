/**
 * An emulated cluster of openMosix' port to 2.6 as real files: every node has a folder that stands for its /proc, behind
 * which a small kernel acts. Source: the openMosix facts 1.9 and 2.2.
 *
 * Plain files take every write, so that the kernel's errors (EAGAIN, EFAULT, EINVAL) reach no client: they are kept in
 * `answers`, and the write does nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { KernelFiles, type FileFault } from './kernel-files.ts';

export type Om26Version = '2.6.7' | '2.6.17' | '2.6.28';

/** How the emulation is set up. */
export interface Om26Options {
  /** A folder of its own, such as newKernelFolder() makes; everything in it is removed by close(). */
  readonly folder: string;
  /** Ids of the nodes, 1..254; the kernel knows only their addresses. */
  readonly ids: readonly number[];
  /** Default 2.6.17. */
  readonly version?: Om26Version;
  /** Milliseconds that a move is queued, and that it takes then. Default 60 each. */
  readonly queued?: number;
  readonly migrating?: number;
}

/** A node's files. */
export interface Om26Node {
  readonly id: number;
  readonly address: string;
  /** Stands for /proc. */
  readonly proc: string;
}

/** What a process of the emulation is like. */
export interface Om26Program {
  readonly command: string;
  /** Words of `stay`. */
  readonly stay?: readonly string[];
  /** A thread of the kernel has no memory and no command line. */
  readonly kernelThread?: boolean;
}

/** What the kernel answered to a write into `where`. */
export interface Om26Answer {
  readonly pid: number;
  readonly text: string;
  readonly answer: 'ok' | 'EAGAIN' | 'EFAULT' | 'EINVAL';
}

/** A process at its home, with the guest that it is elsewhere. */
interface Process {
  readonly home: number;
  readonly pid: number;
  readonly started: number;
  readonly program: Om26Program;
  /** Id of the node where it is. */
  at: number;
  guest: { readonly pid: number; readonly started: number } | undefined;
  /** The move under way: where to, and how long each part of it still takes. */
  move: { readonly to: number | undefined; queued: number; migrating: number } | undefined;
}

const STEP_MILLISECONDS = 25;
const TICKS = 100;
/** Beyond the numbers that processes of the machine itself are likely to have. */
const FIRST_PID = 4_000_000;
const BITS = { deputy: 0x1, guest: 0x2, passing: 0x80 } as const;

/** A running emulation; time passes by itself. */
export class Om26Kernel {
  readonly nodes: readonly Om26Node[];
  readonly answers: Om26Answer[] = [];
  readonly #options: Required<Om26Options>;
  readonly #files: KernelFiles;
  readonly #processes = new Map<number, Process>();
  /** A write is taken at once: until then the file holds what was written, which a real one never shows. */
  readonly #watchers = new Map<number, FSWatcher>();
  readonly #timer: NodeJS.Timeout;
  #lastPid = FIRST_PID;
  #now = 0;

  constructor(options: Om26Options) {
    this.#options = { version: '2.6.17', queued: 60, migrating: 60, ...options };
    const { folder, ids } = options;
    this.#files = new KernelFiles(join(folder, 'staging'));
    this.nodes = ids.map((id) => ({
      id,
      address: `10.77.0.${id}`,
      proc: join(folder, `node${id}`, 'proc'),
    }));
    for (const node of this.nodes) this.#boot(node);
    this.#timer = setInterval(() => this.#step(STEP_MILLISECONDS), STEP_MILLISECONDS);
  }

  /** The name of the port's folder in that of a process. */
  get port(): 'om' | 'pms' {
    return this.#options.version === '2.6.28' ? 'pms' : 'om';
  }

  node(id: number): Om26Node {
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) throw new Error(`There is no node ${id}`);
    return node;
  }

  /** Starts a process at home on a node; its files are there at once. */
  start(id: number, program: Om26Program): { readonly pid: number; readonly started: number } {
    const { pid, started } = this.#newNumber();
    const process = { home: id, pid, started, program, at: id, guest: undefined, move: undefined };
    this.#processes.set(pid, process);
    this.#show(process);
    const watcher = watch(dirname(this.#whereFile(process)), { persistent: false }, (event, name) => {
      if (event === 'change' && name === 'where' && this.#processes.has(pid)) this.#takeWrite(process);
    });
    this.#watchers.set(pid, watcher);
    return { pid, started };
  }

  /** Ends a process wherever it is; its files are gone at once. */
  end(pid: number): void {
    const process = this.#processes.get(pid);
    if (process === undefined) throw new Error(`There is no process ${pid}`);
    this.#processes.delete(pid);
    this.#watchers.get(pid)?.close();
    this.#watchers.delete(pid);
    this.#leave(process);
    this.#files.remove(join(this.node(process.home).proc, String(pid)));
  }

  /** Lets a file misbehave; `path` is below the node's /proc. */
  setFault(id: number, path: string, fault: FileFault): void {
    this.#files.setFault(join(this.node(id).proc, path), fault);
  }

  /** A write into the file `where` of a process at its home, as one write of these bytes. */
  write(pid: number, text: string): Om26Answer['answer'] {
    const process = this.#processes.get(pid);
    if (process === undefined) throw new Error(`There is no process ${pid}`);
    const answer = this.#take(process, text);
    this.answers.push({ pid, text, answer });
    return answer;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#files.close();
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  #newNumber(): { readonly pid: number; readonly started: number } {
    this.#lastPid += 1;
    return { pid: this.#lastPid, started: TICKS * 60 + Math.floor(this.#now / 10) };
  }

  #boot({ id, proc, address }: Om26Node): void {
    const { version } = this.#options;
    this.#files.putAll(proc, {
      stat: 'cpu  100 0 50 900 0 0 0 0\ncpu0 100 0 50 900 0 0 0 0\nintr 1\n',
      loadavg: '0.10 0.20 0.30 2/40 700\n',
      meminfo: 'MemTotal: 250000 kB\nMemFree: 100000 kB\nBuffers: 1000 kB\nCached: 50000 kB\n',
      uptime: '5000.00 4000.00\n',
      'sys/kernel/osrelease': `${version}-om\n`,
      'net/fib_trie': fibTrie(address),
      [`self/${this.port}/where`]: 'home\n',
    });
    if (version !== '2.6.28') {
      this.#files.put(join(proc, 'hpc/admin/version'), 'openMosix version: 0.0.0\n');
      // The kernel answers a reader EINVAL; here one would wait for ever.
      for (const name of ['bring', 'expel']) execFileSync('mkfifo', [join(proc, 'hpc/admin', name)]);
    }
    if (version === '2.6.7') mkdirSync(join(proc, 'hpc/nodes/1'), { recursive: true });
    this.start(id, {
      command: 'kmigd',
      kernelThread: true,
      ...(version === '2.6.7' ? { stay: ['daemon'] } : {}),
    });
  }

  #step(milliseconds: number): void {
    this.#now += milliseconds;
    for (const process of this.#processes.values()) {
      this.#advance(process, milliseconds);
      this.#show(process);
    }
  }

  /** Takes what a client wrote, and shows what becomes of it. */
  #takeWrite(process: Process): void {
    const text = this.#files.takeText(this.#whereFile(process));
    if (text === undefined) return;
    this.write(process.pid, text);
    this.#show(process);
  }

  #take(process: Process, text: string): Om26Answer['answer'] {
    const { version, queued, migrating } = this.#options;
    if (version !== '2.6.7' && process.move !== undefined) return 'EAGAIN';
    // 2.6.17 overwrites the last byte, whatever it is.
    const words = version === '2.6.17' ? text.slice(0, -1) : text.replace(/\n+$/, '');
    const isHome = /^home/i.test(words) || (version === '2.6.28' && words === '0.0.0.0');
    const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(words) ? words.split('.').map(Number) : [];
    if (!isHome && !isTaken(version, parts)) {
      if (version === '2.6.7') return 'ok';
      return version === '2.6.17' ? 'EFAULT' : 'EINVAL';
    }
    const isAway = process.at !== process.home;
    // From there it can only go home; to be sent on is accepted and not implemented.
    if (isHome !== isAway || process.move !== undefined) return 'ok';
    const to = isHome ? process.home : this.nodes.find(({ address }) => address === words)?.id;
    process.move = { to, queued, migrating };
    return 'ok';
  }

  #advance(process: Process, milliseconds: number): void {
    const { move } = process;
    if (move === undefined) return;
    if (move.queued > 0) {
      move.queued -= milliseconds;
      return;
    }
    const { to } = move;
    const isHeld = to !== process.home && (process.program.stay ?? []).length > 0;
    // Only now the kernel sees that it must stay, or that nobody answers at the address.
    if (to === undefined || isHeld) {
      process.move = undefined;
      return;
    }
    move.migrating -= milliseconds;
    if (move.migrating > 0) return;
    process.move = undefined;
    this.#leave(process);
    process.at = to;
    if (to !== process.home) process.guest = this.#newNumber();
  }

  /** Takes a guest's files away. */
  #leave(process: Process): void {
    const { at, guest } = process;
    if (guest !== undefined) this.#files.remove(join(this.node(at).proc, String(guest.pid)));
    process.guest = undefined;
  }

  #whereFile({ home, pid }: Process): string {
    return join(this.node(home).proc, String(pid), this.port, 'where');
  }

  #show(process: Process): void {
    const { home, pid, started, program, at, guest, move } = process;
    const { proc } = this.node(home);
    const isAway = at !== home;
    const isMoving = move !== undefined && move.queued <= 0;
    const place = isAway ? this.node(at).address : 'home';
    const way =
      this.#options.version === '2.6.7' || move === undefined ? place : isMoving ? 'migrating' : 'queued';
    const flags = (isAway ? BITS.deputy : 0) | (isMoving ? BITS.passing : 0);
    this.#files.putAll(join(proc, String(pid)), this.#processFiles({ pid, started }, program, way, flags));
    if (guest === undefined) return;
    this.#files.putAll(
      join(this.node(at).proc, String(guest.pid)),
      this.#processFiles(guest, program, this.node(home).address, BITS.guest),
    );
  }

  #processFiles(
    { pid, started }: { readonly pid: number; readonly started: number },
    { command, stay = [], kernelThread = false }: Om26Program,
    where: string,
    flags: number,
  ): Readonly<Record<string, string>> {
    const pages = kernelThread ? 0 : 250;
    const middle = '1 1 0 -1 64 0 0 0 0 10 5 0 0 20 0 1 0';
    return {
      stat: `${pid} (${command}) S 1 ${middle} ${started} ${pages * 4096} ${pages} 4294967295 0 0\n`,
      status: `Name:\t${command}\nUid:\t0\t0\t0\t0\nThreads:\t1\n`,
      cmdline: kernelThread ? '' : `/usr/bin/${command}\0--hard\0`,
      [`${this.port}/where`]: `${where}\n`,
      [`${this.port}/stay`]: stay.map((word) => `${word}\n`).join(''),
      [`${this.port}/debug`]: `debug: dflags: 0x${flags.toString(16).padStart(8, '0')}\n`,
    };
  }
}

/** Whether a version takes these numbers for an address. */
function isTaken(version: Om26Version, parts: readonly number[]): boolean {
  const [first = 0, , , last = 0] = parts;
  if (parts.length !== 4) return false;
  if (version === '2.6.7') return parts.every((part) => part <= 255);
  if (version === '2.6.28') return parts.every((part) => part <= 254);
  return first !== 0 && last !== 0 && parts.slice(0, 3).every((part) => part <= 254);
}

/** What the kernel says of its routes, as far as it concerns a machine with one card. */
function fibTrie(address: string): string {
  const local = (own: string): string => `     |-- ${own}\n        /32 host LOCAL\n`;
  return `Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\nLocal:\n  +-- 0.0.0.0/0 3 0 5\n${local(address)}     |-- 10.77.0.255\n        /32 link BROADCAST\n${local('127.0.0.1')}`;
}
