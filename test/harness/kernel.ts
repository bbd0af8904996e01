/**
 * An emulated openMosix 2.4 cluster as real files: every node has a folder that stands for its /proc, kept by the demo
 * cluster's simulation. What clients write there takes effect at the next step, and a kernel's bad habits can be
 * switched on for single files.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { assertNever } from '../../common/model/result.ts';
import { Simulation } from '../../main/demo/simulation.ts';
import type { Machine, SimulatedProcess } from '../../main/demo/machine.ts';
import {
  adminFiles,
  guestFiles,
  nodeFiles,
  ownFiles,
  processFiles,
  SETTING_FILES,
  TRIGGER_FILES,
  TUNING_FILES,
  type Files,
} from './kernel-text.ts';

/** How the emulation is set up. */
export interface KernelOptions {
  /** An existing folder of its own; everything in it is removed by close(). */
  readonly folder: string;
  /** Ids of the nodes, 1..65535. */
  readonly ids: readonly number[];
  readonly seed?: number;
  /** Share of the usual demand; 0 for a cluster where nothing is started. Default 1. */
  readonly demand?: number;
  /** `mosix` for kernels up to 2.4.16. Default `hpc`. */
  readonly rootName?: 'hpc' | 'mosix';
  /** Lets a second pass every second by itself. Otherwise only step() lets time pass. */
  readonly live?: boolean;
}

/** A node's files. */
export interface KernelNode {
  readonly id: number;
  /** Stands for /proc: stat, loadavg, meminfo, one folder per process, and the cluster's folder. */
  readonly proc: string;
  /** The cluster's folder, /proc/hpc or /proc/mosix. */
  readonly tree: string;
}

/**
 * What a file does wrong. `empty` and `text` are what a read gives; `slow` lets a read wait until the fault is taken
 * back (a FIFO without a writer); `refuse` fails every open, for root too (a folder stands in its place); `ignore`
 * accepts writes and does nothing.
 */
export type FileFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'slow' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'text'; readonly text: string };

const DECAY_FILES = Object.keys(TRIGGER_FILES).filter((file) => file.startsWith('decay/'));

/** A running emulation. */
export class EmulatedKernel {
  readonly simulation: Simulation;
  readonly nodes: readonly KernelNode[];
  readonly #folder: string;
  readonly #staging: string;
  /** What each file holds by our own writing; a difference on disk is a client's write. */
  readonly #written = new Map<string, string>();
  readonly #faults = new Map<string, FileFault>();
  readonly #unconfigured = new Set<number>();
  readonly #processFolders = new Map<string, ProcessFolder>();
  readonly #timer: NodeJS.Timeout | undefined;
  #staged = 0;

  constructor(options: KernelOptions) {
    const { folder, ids, rootName = 'hpc' } = options;
    this.#folder = folder;
    this.#staging = join(folder, 'staging');
    this.simulation = new Simulation(options);
    this.nodes = ids.map((id) => {
      const proc = join(folder, `node${id}`, 'proc');
      return { id, proc, tree: join(proc, rootName) };
    });
    mkdirSync(this.#staging, { recursive: true });
    for (const node of this.nodes) {
      this.#putAll(node.tree, TUNING_FILES);
      this.#put(join(node.tree, 'admin/config'), '\u0001\u0000\u0000\u0000');
      mkdirSync(join(node.tree, 'nodes'), { recursive: true });
      mkdirSync(join(node.tree, 'remote'), { recursive: true });
    }
    this.#writeAll();
    if (options.live === true) this.#timer = setInterval(() => this.step(1), 1000);
  }

  /** The files of a node. */
  node(id: number): KernelNode {
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) throw new Error(`There is no node ${id}`);
    return node;
  }

  /** Takes what clients wrote, lets `seconds` (0..1) pass and brings all files up to date. */
  step(seconds = 1): void {
    for (const node of this.nodes) this.#takeAdminWrites(node);
    for (const folder of this.#processFolders.values()) this.#takeProcessWrites(folder);
    this.simulation.step(seconds);
    this.#writeAll();
  }

  /** Lets a file misbehave; `path` is below the node's /proc, such as `hpc/nodes/5/load`. */
  setFault(id: number, path: string, fault: FileFault): void {
    const file = join(this.node(id).proc, path);
    this.#endFault(file);
    if (fault.kind === 'none') return;
    this.#faults.set(file, fault);
    switch (fault.kind) {
      case 'empty':
        this.#replace(file, '');
        return;
      case 'text':
        this.#replace(file, fault.text);
        return;
      case 'slow': {
        const fifo = this.#stagedName();
        execFileSync('mkfifo', [fifo]);
        renameSync(fifo, file);
        return;
      }
      case 'refuse':
        rmSync(file, { force: true });
        mkdirSync(file);
        return;
      case 'ignore':
        return;
      default:
        assertNever(fault);
    }
  }

  /** Takes a node out of the cluster's map, or in again: without it no node has a folder of it. */
  setConfigured(id: number, configured: boolean): void {
    if (configured) this.#unconfigured.delete(id);
    else this.#unconfigured.add(id);
    if (!configured) for (const node of this.nodes) this.#remove(join(node.tree, 'nodes', String(id)));
    this.#writeAll();
  }

  /** Ends everything, waiting readers of slow files too, and removes all files. */
  close(): void {
    clearInterval(this.#timer);
    for (const file of this.#faults.keys()) this.#endFault(file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #writeAll(): void {
    const seen = new Set<string>();
    for (const { id, proc, tree } of this.nodes) {
      const machine = this.simulation.machine(id);
      if (!machine.up) continue;
      this.#putAll(proc, ownFiles(this.simulation, machine));
      this.#putAll(tree, adminFiles(machine));
      this.#putAll(tree, TRIGGER_FILES);
      for (const other of this.simulation.ids) {
        if (!this.#unconfigured.has(other)) this.#putAll(tree, nodeFiles(this.simulation, id, other));
      }
      for (const folder of processFolders(machine, proc, tree)) {
        seen.add(folder.path);
        this.#processFolders.set(folder.path, folder);
        this.#putAll(folder.path, folder.guest ? guestFiles(folder.process) : processFiles(folder.process));
        // A guest is sent on through the file of its local process.
        if (folder.guest) this.#put(join(proc, String(folder.process.guestPid), 'migrate'), '');
      }
    }
    for (const [path, folder] of this.#processFolders) {
      if (seen.has(path)) continue;
      this.#remove(path);
      if (folder.guest) this.#remove(folder.local);
      this.#processFolders.delete(path);
    }
  }

  #takeAdminWrites({ id, tree }: KernelNode): void {
    const { simulation } = this;
    for (const setting of SETTING_FILES) {
      const value = this.#clientNumber(join(tree, 'admin', setting));
      if (value === 0 || value === 1) simulation.setSetting(id, setting, value === 1);
    }
    const speed = this.#clientNumber(join(tree, 'admin/speed'));
    if (speed !== undefined && speed > 0) simulation.setSpeed(id, speed);
    if (this.#clientNumber(join(tree, 'admin/bring')) === 1) simulation.bring(id);
    if (this.#clientNumber(join(tree, 'admin/expel')) === 1) simulation.expel(id);
    // What is written to decay/ concerns the writing process only.
    for (const file of DECAY_FILES) this.#clientNumber(join(tree, file));
  }

  #takeProcessWrites({ path, local, guest, process }: ProcessFolder): void {
    for (const file of guest ? ['migrate'] : ['goto', 'migrate']) {
      const target = this.#clientNumber(join(local, file));
      if (target === undefined) continue;
      if (target === -1) this.simulation.rebalance(process.home.id, process.pid);
      else this.simulation.migrate(process.home.id, process.pid, target);
    }
    const lock = guest ? undefined : this.#clientNumber(join(path, 'lock'));
    if (lock === 0 || lock === 1) process.locked = lock === 1;
  }

  /** The whole number a client wrote into the file since the last step; anything else is put back as it was. */
  #clientNumber(file: string): number | undefined {
    const before = this.#written.get(file);
    const fault = this.#faults.get(file)?.kind;
    if (before === undefined || (fault !== undefined && fault !== 'ignore')) return undefined;
    const text = readFileSync(file, 'latin1');
    // An empty file is a client between its truncating and its writing.
    if (text === before || text === '') return undefined;
    if (fault === 'ignore' || !/^-?\d{1,9}\s*$/.test(text)) {
      this.#replace(file, before);
      return undefined;
    }
    this.#written.set(file, text);
    return Number(text);
  }

  #putAll(folder: string, files: Files): void {
    for (const [path, text] of Object.entries(files)) this.#put(join(folder, path), text);
  }

  /** Brings a file up to date; one that misbehaves stays as it is until its fault is taken back. */
  #put(file: string, text: string): void {
    if (this.#written.get(file) === text) return;
    const isNew = !this.#written.has(file);
    this.#written.set(file, text);
    const fault = this.#faults.get(file)?.kind;
    if (fault !== undefined && fault !== 'ignore') return;
    if (isNew) mkdirSync(dirname(file), { recursive: true });
    this.#replace(file, text);
  }

  /** Replaces a file in one step, so that nobody reads half of it. */
  #replace(file: string, text: string): void {
    const staged = this.#stagedName();
    writeFileSync(staged, text, 'latin1');
    renameSync(staged, file);
  }

  #stagedName(): string {
    this.#staged += 1;
    return join(this.#staging, String(this.#staged));
  }

  /** Makes a file well again; readers that wait at a slow one get its end and find the new one at their next look. */
  #endFault(file: string): void {
    const kind = this.#faults.get(file)?.kind;
    if (kind === undefined) return;
    this.#faults.delete(file);
    const fifo = kind === 'slow' ? openSync(file, constants.O_RDWR | constants.O_NONBLOCK) : undefined;
    if (kind === 'refuse') rmSync(file, { recursive: true });
    if (kind !== 'ignore') this.#replace(file, this.#written.get(file) ?? '');
    if (fifo !== undefined) closeSync(fifo);
  }

  #remove(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    for (const file of this.#written.keys()) {
      if (!file.startsWith(`${folder}/`)) continue;
      this.#written.delete(file);
      this.#faults.delete(file);
    }
  }
}

/** The folder that shows a process: /proc/PID at its home, remote/PID where it is a guest. */
interface ProcessFolder {
  readonly path: string;
  /** /proc/PID on the same node, where its requests are written. */
  readonly local: string;
  readonly guest: boolean;
  readonly process: SimulatedProcess;
}

function processFolders(machine: Machine, proc: string, tree: string): readonly ProcessFolder[] {
  const local = (pid: number) => join(proc, String(pid));
  const atHome = [
    ...machine.daemons,
    ...machine.away,
    ...machine.processes.filter((process) => process.home === machine),
  ].map((process) => ({ path: local(process.pid), local: local(process.pid), guest: false, process }));
  const guests = machine.processes
    .filter((process) => process.home !== machine)
    .map((process) => ({
      path: join(tree, 'remote', String(process.guestPid)),
      local: local(process.guestPid),
      guest: true,
      process,
    }));
  return [...atHome, ...guests];
}
