/**
 * An emulated openMosix 2.4 cluster, or one of the agent, as real files: every node has a folder that stands for its
 * /proc, kept by the demo cluster's simulation. What clients write there takes effect at the next step, and a kernel's
 * bad habits can be switched on for single files.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { ADMIN_NAMES, writeAdmin, writeProcess } from '../../main/demo/kernel-writes.ts';
import type { Machine } from '../../main/demo/machine.ts';
import { newsDelay } from '../../main/demo/news.ts';
import type { ListedProcess } from '../../main/demo/process.ts';
import { guestFiles, placeFiles, systemFiles, type Files } from '../../main/demo/process-text.ts';
import { Simulation, type StartOptions } from '../../main/demo/simulation.ts';
import { KernelFiles, type FileFault } from './kernel-files.ts';
import {
  adminFiles,
  agentAdminFiles,
  agentGuestFiles,
  agentJobFiles,
  DECAY_FILES,
  nodeFiles,
  ownFiles,
  TUNING_FILES,
} from './kernel-text.ts';

export type { FileFault };

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
  /**
   * Whose tree it is. The agent's is in run/mosview/hpc beside the folder for /proc, with the files of each job in it; what is
   * refused reads as before and is answered in admin/last_error. Default `kernel`.
   */
  readonly layout?: 'kernel' | 'agent';
  /** Lets a second pass every second by itself. Otherwise only step() lets time pass. */
  readonly live?: boolean;
}

/** A node's files. */
export interface KernelNode {
  readonly id: number;
  /** Stands for /proc: stat, loadavg, meminfo, one folder per process, and the cluster's folder. */
  readonly proc: string;
  /** The cluster's folder, /proc/hpc, /proc/mosix or /run/mosview/hpc. */
  readonly tree: string;
}

/** A process as a node's list shows it. */
export interface KernelProcess {
  readonly pid: number;
  /** Ticks of a hundredth of a second since the node's start: field 22 of /proc/PID/stat. */
  readonly started: number;
}

/** A new folder for an emulation: in memory where that can be had, since a disk takes five times as long. */
export function newKernelFolder(): string {
  const memory = '/dev/shm';
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'mosview-kernel-'));
}

/** A running emulation. */
export class EmulatedKernel {
  readonly simulation: Simulation;
  readonly nodes: readonly KernelNode[];
  readonly #folder: string;
  readonly #files: KernelFiles;
  readonly #unconfigured = new Set<number>();
  /** Folders nodes/ID that are shared by the observers whom the same news reach at the same time. */
  readonly #shared = new Map<string, { readonly observer: number; readonly id: number }>();
  /** Links to them. */
  readonly #links = new Set<string>();
  readonly #processFolders = new Map<string, ProcessFolder>();
  readonly #isAgent: boolean;
  /** Why the agent refuses what is written to a file, by the file. */
  readonly #refusals = new Map<string, string>();
  /** What the agent of a node refused last. */
  readonly #refused = new Map<number, string>();
  /** Why an agent's node moves nothing. */
  readonly #limits = new Map<number, string>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: KernelOptions) {
    const { folder, ids, rootName = 'hpc', layout = 'kernel' } = options;
    this.#isAgent = layout === 'agent';
    this.#folder = folder;
    this.#files = new KernelFiles(join(folder, 'staging'));
    this.simulation = new Simulation(options);
    this.nodes = ids.map((id) => {
      const proc = join(folder, `node${id}`, 'proc');
      const tree = this.#isAgent ? join(folder, `node${id}`, 'run/mosview/hpc') : join(proc, rootName);
      return { id, proc, tree };
    });
    for (const node of this.nodes) {
      if (!this.#isAgent) {
        this.#files.putAll(node.tree, TUNING_FILES);
        this.#files.put(join(node.tree, 'admin/config'), '\u0001\u0000\u0000\u0000');
      }
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
    this.#takeWrites();
    this.simulation.step(seconds);
    this.#writeAll();
  }

  /** Lets a file misbehave; `path` is below the node's /proc, such as `hpc/nodes/5/load`. */
  setFault(id: number, path: string, fault: FileFault): void {
    const file = join(this.node(id).proc, path);
    // What misbehaves here must not do so at other nodes.
    if (this.#links.delete(dirname(file))) {
      rmSync(dirname(file));
      this.#files.putAll(dirname(file), nodeFiles(this.simulation, id, Number(basename(dirname(file)))));
    }
    this.#files.setFault(file, fault);
  }

  /** Lets an agent refuse, for a reason, whatever is written to a file; `path` is below its tree. */
  refuse(id: number, path: string, why: string): void {
    this.#refusals.set(join(this.node(id).tree, path), why);
  }

  /** Gives an agent a reason why its node moves nothing; empty for none. */
  setLimit(id: number, why: string): void {
    this.#limits.set(id, why);
    this.#writeAll();
  }

  /** Starts a process at home on a node; its files are there at once. Any name will do. */
  startProcess(id: number, options: StartOptions): KernelProcess {
    const { pid, started } = this.simulation.startProcess(id, options);
    this.#writeAll();
    return { pid, started };
  }

  /** Ends the process that a node lists under this number, a guest too; its files are gone at once. */
  endProcess(id: number, pid: number): void {
    this.#takeWrites();
    this.simulation.endProcess(id, pid);
    this.#writeAll();
  }

  /** Ends a process and gives its number to a new one with a later start, at once. */
  reuseNumber(id: number, pid: number): KernelProcess {
    this.#takeWrites();
    const { started } = this.simulation.reuseNumber(id, pid);
    this.#writeAll();
    return { pid, started };
  }

  /** Takes a node out of the cluster's map, or in again: without it no node has a folder of it. */
  setConfigured(id: number, configured: boolean): void {
    if (configured) this.#unconfigured.delete(id);
    else this.#unconfigured.add(id);
    if (!configured) {
      for (const node of this.nodes) {
        const folder = join(node.tree, 'nodes', String(id));
        this.#links.delete(folder);
        this.#files.remove(folder);
      }
    }
    this.#writeAll();
  }

  /** Ends everything, waiting readers of slow files too, and removes all files. */
  close(): void {
    clearInterval(this.#timer);
    this.#files.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #writeAll(): void {
    const seen = new Set<string>();
    for (const { id, proc, tree } of this.nodes) {
      const machine = this.simulation.machine(id);
      if (!machine.up) continue;
      this.#files.putAll(proc, ownFiles(this.simulation, machine));
      this.#writeAdmin(machine, tree);
      for (const other of this.simulation.ids) {
        if (!this.#unconfigured.has(other)) this.#writeNews(id, other, join(tree, 'nodes', String(other)));
      }
      for (const entry of machine.list()) {
        const folder = this.#isAgent
          ? agentFolder(id, entry, proc, tree)
          : kernelFolder(id, entry, proc, tree);
        seen.add(folder.path);
        this.#processFolders.set(folder.path, folder);
        for (const [path, files] of folder.files) this.#files.putAll(path, files);
      }
    }
    for (const [folder, { observer, id }] of this.#shared) {
      this.#files.putAll(folder, nodeFiles(this.simulation, observer, id));
    }
    for (const [path, { files }] of this.#processFolders) {
      if (seen.has(path)) continue;
      for (const [folder] of files) this.#files.remove(folder);
      this.#processFolders.delete(path);
    }
  }

  #writeAdmin(machine: Machine, tree: string): void {
    if (!this.#isAgent) {
      this.#files.putAll(tree, { ...adminFiles(this.simulation, machine), ...DECAY_FILES });
      return;
    }
    const refused = this.#refused.get(machine.id) ?? '';
    const limit = this.#limits.get(machine.id) ?? '';
    this.#files.putAll(tree, agentAdminFiles(this.simulation, machine, refused, limit));
  }

  /** Brings nodes/ID up to date; a new one becomes a link to the folder of all whom the news reach at the same time. */
  #writeNews(observer: number, id: number, folder: string): void {
    if (this.#links.has(folder)) return;
    if (observer === id || existsSync(folder)) {
      this.#files.putAll(folder, nodeFiles(this.simulation, observer, id));
      return;
    }
    const shared = join(this.#folder, 'news', `${id}-${newsDelay(observer, id)}`);
    if (!this.#shared.has(shared)) this.#shared.set(shared, { observer, id });
    symlinkSync(shared, folder);
    this.#links.add(folder);
  }

  #takeWrites(): void {
    for (const node of this.nodes) this.#takeAdminWrites(node);
    for (const folder of this.#processFolders.values()) this.#takeProcessWrites(folder);
  }

  #takeAdminWrites({ id, tree }: KernelNode): void {
    for (const name of ADMIN_NAMES) {
      const value = this.#taken(id, join(tree, 'admin', name));
      if (value !== undefined) writeAdmin(this.simulation, this.simulation.machine(id), name, value);
    }
    for (const file of Object.keys(DECAY_FILES)) this.#files.takeNumber(join(tree, file));
  }

  #takeProcessWrites({ node, writable, entry }: ProcessFolder): void {
    for (const file of ['goto', 'migrate', 'lock'] as const) {
      const value = this.#taken(node, join(writable, file));
      if (value !== undefined) writeProcess(this.simulation, entry, file, value);
    }
  }

  /** The number that a client wrote and that is not refused. */
  #taken(node: number, file: string): number | undefined {
    const value = this.#files.takeNumber(file);
    const why = value === undefined ? undefined : this.#refusals.get(file);
    if (why === undefined) return value;
    const path = relative(this.node(node).tree, file);
    const when = new Date().toISOString();
    this.#refused.set(node, `${when} ${path}: "${value}" was written and is refused: ${why}.\n`);
    return undefined;
  }
}

/** What shows a process on a node: /proc/PID, of a guest remote/PID, and of an agent's job its folder in the tree. */
interface ProcessFolder {
  readonly node: number;
  readonly path: string;
  /** The folder whose files are written to. */
  readonly writable: string;
  readonly files: readonly (readonly [folder: string, files: Files])[];
  readonly entry: ListedProcess;
}

function kernelFolder(node: number, entry: ListedProcess, proc: string, tree: string): ProcessFolder {
  const path = join(proc, String(entry.pid));
  const own = [path, { ...systemFiles(entry), ...placeFiles(entry) }] as const;
  const remote = [join(tree, 'remote', String(entry.pid)), guestFiles(entry)] as const;
  return { node, path, writable: path, entry, files: entry.guest ? [own, remote] : [own] };
}

/** The agent leaves a guest its name. */
function agentFolder(node: number, entry: ListedProcess, proc: string, tree: string): ProcessFolder {
  const path = join(proc, String(entry.pid));
  const own = [path, systemFiles({ ...entry, guest: false })] as const;
  const writable = join(tree, String(entry.pid));
  return entry.guest
    ? {
        node,
        path,
        writable,
        entry,
        files: [own, [join(tree, 'remote', String(entry.pid)), agentGuestFiles(entry)]],
      }
    : { node, path, writable, entry, files: [own, [writable, agentJobFiles(entry)]] };
}
