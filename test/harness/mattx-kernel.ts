/**
 * An emulated MattX cluster as real files: every node has a folder that stands for its /proc, kept by the demo cluster's
 * simulation. What clients write into mattx/admin takes effect at once where time runs by itself, and at the next
 * advance() otherwise.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync, readSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MattxCluster, type Harm, type MattxSignal } from '../../main/demo/mattx/cluster.ts';
import { plainNodes, type NodeOptions } from '../../main/demo/mattx/node.ts';
import { machineFiles, processFiles, processLinks } from '../../main/demo/mattx/proc-text.ts';
import type { MattxEntry, MattxProcess, ProgramOptions } from '../../main/demo/mattx/process.ts';
import { tableFiles } from '../../main/demo/mattx/tables.ts';
import { KernelFiles, type FileFault } from './kernel-files.ts';

/** How the emulation is set up. */
export interface MattxKernelOptions {
  /** A folder of its own, such as newKernelFolder() makes; everything in it is removed by close(). */
  readonly folder: string;
  /** The nodes, or the ids of plain ones with one CPU. */
  readonly nodes: readonly number[] | readonly NodeOptions[];
  /** Whether the balancers are on, which move processes by themselves. They are by default, as on a node. */
  readonly balancers?: boolean;
  /** Lets time pass by itself. Otherwise only advance() does. */
  readonly live?: boolean;
}

/** A node's files. */
export interface MattxNodeFiles {
  readonly id: number;
  /** Stands for /proc: stat, loadavg, meminfo, uptime, one folder per process, and mattx. */
  readonly proc: string;
  /** The folder /proc/mattx. */
  readonly tree: string;
}

/** How often the files follow by themselves. */
const LIVE_MILLISECONDS = 25;
const PIPE_BYTES = 65_536;

/** A running emulation. */
export class MattxKernel {
  readonly cluster: MattxCluster;
  readonly nodes: readonly MattxNodeFiles[];
  readonly #folder: string;
  readonly #files: KernelFiles;
  /** The reading ends of the admin files. */
  readonly #admins = new Map<number, number>();
  readonly #deaf = new Set<number>();
  readonly #processFolders = new Map<string, MattxEntry>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor({ folder, nodes, balancers = true, live = false }: MattxKernelOptions) {
    const options = nodes.map((node) => (typeof node === 'number' ? node : node.id));
    const isPlain = nodes.every((node) => typeof node === 'number');
    this.#folder = folder;
    this.#files = new KernelFiles(join(folder, 'staging'));
    this.cluster = new MattxCluster({
      nodes: isPlain ? plainNodes(options) : nodes.filter((node) => typeof node !== 'number'),
    });
    this.nodes = options.map((id) => {
      const proc = join(folder, `node${id}`, 'proc');
      return { id, proc, tree: join(proc, 'mattx') };
    });
    for (const { id, tree } of this.nodes) this.#admins.set(id, openAdmin(join(tree, 'admin')));
    if (!balancers) for (const { id } of this.nodes) this.cluster.write(id, 'balancer 0');
    this.#writeAll();
    if (live) this.#timer = this.#run();
  }

  /** The files of a node. */
  node(id: number): MattxNodeFiles {
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) throw new Error(`There is no node ${id}`);
    return node;
  }

  /** What commands did that should not have been given, oldest first. */
  get harm(): readonly Harm[] {
    return this.cluster.harm;
  }

  /** Takes what clients wrote, lets a whole number of milliseconds pass and brings all files up to date. */
  advance(milliseconds: number): void {
    this.#takeWrites();
    this.cluster.advance(milliseconds);
    this.#writeAll();
  }

  /** Writes to a node's admin file as one write, whatever is in it; bytes as Latin-1. */
  write(id: number, text: string): void {
    this.#change(() => this.cluster.write(id, text));
  }

  /** Starts a process at home on a node; its files are there at once. */
  start(id: number, options: ProgramOptions): MattxProcess {
    return this.#change(() => this.cluster.start(id, options));
  }

  /** Sends a signal to the process that a node lists under this number, a guest too. */
  signal(id: number, pid: number, signal: MattxSignal): boolean {
    return this.#change(() => this.cluster.signal(id, pid, signal));
  }

  /** Switches a node off, which leaves its files as they were, or on: it has started anew. */
  setDown(id: number, down: boolean, joined = true): void {
    this.#change(() => this.cluster.setDown(id, down, joined));
  }

  /** Lets a file misbehave; `path` is below the node's /proc, such as `mattx/nodes`. Not for admin. */
  setFault(id: number, path: string, fault: FileFault): void {
    this.#files.setFault(join(this.node(id).proc, path), fault);
  }

  /** Lets a node's admin file take every write without doing anything, or work again. */
  setDeaf(id: number, deaf: boolean): void {
    this.#takeWrites();
    if (deaf) this.#deaf.add(id);
    else this.#deaf.delete(id);
  }

  /** Ends everything, waiting readers of slow files too, and removes all files. */
  close(): void {
    clearInterval(this.#timer);
    for (const admin of this.#admins.values()) closeSync(admin);
    this.#files.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(): NodeJS.Timeout {
    const start = performance.now() - this.cluster.now;
    return setInterval(() => {
      this.advance(Math.max(0, Math.round(performance.now() - start) - this.cluster.now));
    }, LIVE_MILLISECONDS);
  }

  /** Changes something after what clients wrote before, and shows it at once. */
  #change<Value>(change: () => Value): Value {
    this.#takeWrites();
    const value = change();
    this.#writeAll();
    return value;
  }

  #writeAll(): void {
    const { cluster } = this;
    const seen = new Set<string>();
    for (const { id, proc, tree } of this.nodes) {
      const node = cluster.node(id);
      const addressOf = (other: number): string => cluster.node(other).address;
      for (const pid of node.entries.keys()) seen.add(join(proc, String(pid)));
      if (!node.up) continue;
      this.#files.putAll(proc, machineFiles(node, cluster.now));
      this.#files.putAll(tree, tableFiles(node, addressOf, cluster.now));
      for (const entry of node.entries.values()) this.#writeProcess(join(proc, String(entry.pid)), entry);
    }
    for (const folder of this.#processFolders.keys()) if (!seen.has(folder)) this.#removeProcess(folder);
  }

  #writeProcess(folder: string, entry: MattxEntry): void {
    const before = this.#processFolders.get(folder);
    if (before !== undefined && before !== entry) this.#removeProcess(folder);
    this.#files.putAll(folder, processFiles(entry, this.cluster.now));
    if (before === entry) return;
    this.#processFolders.set(folder, entry);
    for (const [path, target] of Object.entries(processLinks(entry))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(target, join(folder, path));
    }
  }

  #removeProcess(folder: string): void {
    this.#files.remove(folder);
    this.#processFolders.delete(folder);
  }

  #takeWrites(): void {
    for (const [id, admin] of this.#admins) {
      for (const command of commandsIn(admin)) if (!this.#deaf.has(id)) this.cluster.write(id, command);
    }
  }
}

/**
 * Makes an admin file and opens its reading end. It is a FIFO that is never without a reader: a write succeeds at once,
 * and all are kept in order. To be read it would wait where the kernel says EIO; so its mode allows writing only.
 */
function openAdmin(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  execFileSync('mkfifo', [file]);
  chmodSync(file, 0o222);
  return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
}

/**
 * The commands that wait in an admin file. A FIFO does not keep writes apart; a line feed does, so one without must be the
 * last before it is read.
 */
function commandsIn(admin: number): readonly string[] {
  const buffer = Buffer.alloc(PIPE_BYTES);
  let text = '';
  try {
    for (let bytes = readSync(admin, buffer); bytes > 0; bytes = readSync(admin, buffer)) {
      text += buffer.toString('latin1', 0, bytes);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
  return text.split('\n').filter((line) => line !== '');
}
