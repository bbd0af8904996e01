/** Nodes for control without a network: each keeps its files and processes in memory and misbehaves as a test says. */
import type { ProcessInfo } from '../../common/model/process.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { STATUS, type NodeSetting } from '../../common/model/status.ts';
import type { Operation, OperationReply } from '../../common/wire/operations.ts';
import type { ControlNode, ControlNodes, RunListener, RunningProgram } from '../../main/control/types.ts';

const SWITCHES: readonly NodeSetting[] = ['block', 'stay', 'lstay', 'quiet', 'nomfs'];

/** A process with what a list says of it; the rest as any process has it. */
export function someProcess(given: Partial<ProcessInfo> & { readonly pid: number }): ProcessInfo {
  return {
    started: 1000 + given.pid,
    uid: 1000,
    user: 'anna',
    name: 'work',
    command: 'work --hard',
    place: { kind: 'home' },
    state: 'R',
    cpuSeconds: 1,
    cpuPercent: null,
    memory: 4096,
    nice: 0,
    age: 100,
    migrations: 0,
    locked: false,
    reasons: [],
    ...given,
  };
}

export class ScriptedNode implements ControlNode {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  dialect: ControlNode['dialect'] = 'openmosix';
  reachable = true;
  load = 100;
  speed = 10_000;
  cpus = 1;
  root = '/proc/hpc';
  addresses: readonly string[];
  /** Files of admin/ that are no switches. */
  readonly numbers: Record<string, number> = {
    speed: 10_000,
    decayinterval: 1,
    slowdecay: 975,
    fastdecay: 926,
  };
  /** Of MattX: its commands and lists as the node holds them. */
  readonly mattx = { balancer: 1, mattxfs: 0, debug: 1, affinity: 0, exclude: 'bash,cat', include: '' };
  status: number = STATUS.configured | STATUS.up;
  list: ProcessInfo[] = [];
  /** Guests, and own processes away, that are only counted. */
  guests = 0;
  away = 0;
  /** Files (`admin/block`, `move`) whose writes are refused, with the words; accepted and ignored; missing. */
  readonly refused = new Map<string, string>();
  readonly ignored = new Set<string>();
  readonly missing = new Set<string>();
  /** The next batch that changes something ends so, before or after it was done. */
  fails: { readonly problem: Problem; readonly done: boolean } | undefined;
  /** The next batch that changes something is cut after so many replies; what is done of it is `done`. */
  cut: { readonly replies: number; readonly done: number } | undefined;
  /** Called before each batch. */
  onBatch: (operations: readonly Operation[]) => void = () => undefined;
  /** Everything that was written, in words. */
  readonly writes: string[] = [];
  readonly runs: { readonly command: string; readonly listener: RunListener }[] = [];

  constructor(id: number) {
    this.id = id;
    this.key = `id:${id}`;
    this.name = `node${id}`;
    this.addresses = [addressOf(id)];
  }

  get why(): string {
    return this.reachable ? '' : 'it does not answer';
  }

  async operate(operations: readonly Operation[]): Promise<Result<readonly OperationReply[]>> {
    if (!this.reachable) return failure(problem('connection-lost', `${this.name} is not connected`));
    this.onBatch(operations);
    const changes = operations.some(
      ({ kind }) => !['read', 'count', 'place', 'list', 'settings'].includes(kind),
    );
    const { fails, cut } = this;
    if (changes && fails !== undefined) {
      this.fails = undefined;
      if (fails.done) for (const operation of operations) this.#do(operation);
      return failure(fails.problem);
    }
    if (changes && cut !== undefined) {
      this.cut = undefined;
      this.reachable = false;
      const replies = operations.slice(0, cut.done).map((operation) => this.#do(operation));
      return success(
        operations.map(
          (_, index) => (index < cut.replies ? replies[index] : undefined) ?? { kind: 'unanswered' },
        ),
      );
    }
    return success(operations.map((operation) => this.#do(operation)));
  }

  async processes(): Promise<Result<readonly ProcessInfo[]>> {
    return this.reachable
      ? success(this.list)
      : failure(problem('connection-lost', `${this.name} is not connected`));
  }

  async run(command: string, _placement: unknown, listener: RunListener): Promise<Result<RunningProgram>> {
    this.runs.push({ command, listener });
    return success({ close: () => listener.onEnd({ exitCode: undefined, signal: 'HUP', why: '' }) });
  }

  /** Changes a process of the list. */
  change(pid: number, change: Partial<ProcessInfo>): void {
    this.list = this.list.map((info) => (info.pid === pid ? { ...info, ...change } : info));
  }

  #do(operation: Operation): OperationReply {
    switch (operation.kind) {
      case 'read':
        return this.missing.has(operation.file) ? { kind: 'missing' } : text(this.#read(operation.file));
      case 'write':
        return this.#write(operation.file, operation.value);
      case 'count': {
        const value = operation.what === 'guests' ? this.guests : this.away;
        return { kind: 'done', value };
      }
      case 'list':
        return { kind: 'list', lines: [], uptime: 0, ticksPerSecond: 100 };
      case 'settings':
        return this.missing.has('settings') ? { kind: 'missing' } : text(...this.#settings());
      case 'admin':
        this.writes.push(`${operation.command} ${operation.value}`);
        if (!this.ignored.has(operation.command)) this.mattx[operation.command] = operation.value;
        return { kind: 'done' };
      case 'pins':
        return this.#pins(operation);
      case 'send':
      case 'where':
      case 'place':
      case 'move':
      case 'migrate':
      case 'lock':
      case 'signal':
      case 'renice':
        return this.#toProcess(operation);
      default:
        return assertNever(operation);
    }
  }

  #settings(): readonly string[] {
    const { balancer, mattxfs, debug, affinity, exclude, include } = this.mattx;
    const weight = affinity === 0 ? 1000 * this.cpus : affinity;
    const yes = (value: number): string => (value === 1 ? 'YES' : 'NO');
    const lists = [exclude, include].map((list) => `${list.length} ${list}`);
    const words = [yes(balancer), yes(mattxfs), debug === 1 ? 'ON' : 'OFF', String(affinity)];
    return [String(this.id), String(weight), ...words, ...lists];
  }

  #pins({ list, before, after }: Extract<Operation, { kind: 'pins' }>): OperationReply {
    const now = this.mattx[list];
    const isPlain = /^[A-Za-z0-9_.+,-]*$/.test(now);
    if (before !== (isPlain ? `=${now}` : `?${now.length}`)) return { kind: 'refused', words: 'changed' };
    this.writes.push(`${list} ${after.slice(1)}`);
    if (!this.ignored.has(list)) this.mattx[list] = after.slice(1);
    return { kind: 'done' };
  }

  #read(file: string): string {
    const name = file.replace(/^.*\//, '');
    if (file.startsWith('nodes/')) return String(name === 'status' ? this.status : this.numbers['speed']);
    const setting = SWITCHES.find((candidate) => candidate === name);
    if (setting !== undefined) return this.status & STATUS[setting] ? '1' : '0';
    return String(this.numbers[name] ?? 0);
  }

  #write(file: string, value: number): OperationReply {
    const words = this.refused.get(file);
    if (words !== undefined) return { kind: 'refused', words };
    if (this.missing.has(file)) return { kind: 'missing' };
    this.writes.push(`${file} ${value}`);
    if (this.ignored.has(file)) return { kind: 'done' };
    const name = file.replace('admin/', '');
    const setting = SWITCHES.find((candidate) => candidate === name);
    if (setting !== undefined) {
      this.status = value === 1 ? this.status | STATUS[setting] : this.status & ~STATUS[setting];
    } else if (name === 'expel') this.guests = 0;
    else if (name === 'bring') this.away = 0;
    else this.numbers[name] = value;
    return { kind: 'done' };
  }

  #toProcess(operation: Extract<Operation, { readonly pid: number }>): OperationReply {
    const info = this.list.find(({ pid }) => pid === operation.pid);
    if (info === undefined) return { kind: 'gone' };
    if (info.started !== operation.started) return { kind: 'other', started: info.started };
    if (operation.kind === 'place') {
      const where = info.place.kind === 'away' ? info.place.id : 0;
      if (this.dialect === 'openmosix26') return text(where === 0 ? 'home' : addressOf(where), '', '', '');
      return text(String(where), String(info.migrations ?? 0), info.locked === true ? '1' : '0', '');
    }
    const words = this.refused.get(operation.kind);
    if (words !== undefined) return { kind: 'refused', words };
    const value =
      'value' in operation
        ? operation.value
        : 'nice' in operation
          ? operation.nice
          : 'to' in operation
            ? operation.to
            : 'target' in operation
              ? operation.target
              : operation.signal;
    this.writes.push(`${operation.kind} ${operation.pid} ${value}`);
    if (!this.ignored.has(operation.kind)) this.#change(operation);
    return { kind: 'done' };
  }

  #change(operation: Extract<Operation, { readonly pid: number }>): void {
    const { pid } = operation;
    switch (operation.kind) {
      case 'move':
        this.change(pid, {
          place: operation.value === 0 ? { kind: 'home' } : { kind: 'away', id: operation.value },
        });
        return;
      case 'send':
        this.change(pid, {
          place: operation.to === 0 ? { kind: 'home' } : { kind: 'away', id: operation.to },
          state: operation.to === 0 ? 'R' : 'T',
        });
        return;
      case 'where':
        this.change(pid, {
          place:
            operation.target === 'home'
              ? { kind: 'home' }
              : { kind: 'away', id: Number(operation.target.split('.').at(-1)) },
        });
        return;
      case 'migrate':
        this.list = this.list.filter((info) => info.pid !== pid);
        return;
      case 'lock':
        this.change(pid, { locked: operation.value === 1 });
        return;
      case 'renice':
        this.change(pid, { nice: operation.nice });
        return;
      case 'signal':
        if (operation.signal === 'STOP') this.change(pid, { state: 'T' });
        else if (operation.signal === 'CONT') this.change(pid, { state: 'R' });
        else this.list = this.list.filter((info) => info.pid !== pid);
        return;
      case 'place':
        return;
    }
  }
}

function text(...texts: readonly string[]): OperationReply {
  return { kind: 'text', texts };
}

/** The address of node `id`. */
function addressOf(id: number): string {
  return `10.0.0.${id}`;
}

/** Nodes 1 to `count`. */
export class ScriptedNodes implements ControlNodes {
  readonly nodes: readonly ScriptedNode[];

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, index) => new ScriptedNode(index + 1));
  }

  node(id: number): ScriptedNode {
    const node = this.nodes[id - 1];
    if (node === undefined) throw new Error(`There is no node ${id}`);
    return node;
  }

  find(key: string): ScriptedNode | undefined {
    return this.nodes.find((node) => node.key === key);
  }

  ofId(id: number): ScriptedNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  all(): readonly ScriptedNode[] {
    return this.nodes;
  }
}
