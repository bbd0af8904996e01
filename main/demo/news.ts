/** What every simulated node tells of itself, and what the others believe of it seconds later. */
import { NODE_DOWN, STATUS } from '../../common/model/status.ts';
import type { Machine } from './machine.ts';

/** Columns of a node's row as the cluster tells it, in order; memory in pages of 4096 bytes. */
export const ROW_COLUMNS = ['load', 'speed', 'cpus', 'util', 'tmem', 'rmem', 'mem', 'status'] as const;

/** Seconds whose news are kept: a row takes up to two from one node to another. */
const OLDEST = 3;
const WIDTH = ROW_COLUMNS.length;

/** The news of all machines of the last seconds. */
export class News {
  readonly #machines: readonly Machine[];
  /** Newest at `#second % OLDEST`. */
  readonly #told: readonly Float64Array[];
  /** What the others still believe of a machine that has stopped telling. */
  readonly #silent = new Map<Machine, readonly number[]>();
  #second = 0;

  constructor(machines: readonly Machine[]) {
    this.#machines = machines;
    this.#told = Array.from({ length: OLDEST }, () => new Float64Array(machines.length * WIDTH));
  }

  /** Lets every machine tell of itself, at a full second. A quiet one lets the others know its status only. */
  tell(second: number): void {
    this.#second = second;
    const told = this.#at(0);
    for (const [index, machine] of this.#machines.entries()) {
      const start = index * WIDTH;
      if (!machine.up || !machine.has('quiet')) this.#silent.delete(machine);
      else if (!this.#silent.has(machine)) this.#silent.set(machine, this.#rowAt(1, index).slice(0, -1));
      if (!machine.up) {
        told.fill(NODE_DOWN, start, start + WIDTH - 1);
        told[start + WIDTH - 1] = STATUS.configured;
        continue;
      }
      told[start] = machine.load;
      told[start + 1] = machine.speed;
      told[start + 2] = machine.hardware.cpus;
      told[start + 3] = machine.utilisation;
      told[start + 4] = machine.hardware.pages;
      told[start + 5] = machine.freePages;
      told[start + 6] = machine.availablePages;
      told[start + 7] = machine.status;
    }
  }

  /** The row of the machine at `index` as node `observer` believes it. */
  row(observer: number, index: number): readonly number[] {
    const machine = this.#machines[index];
    if (machine === undefined) return [];
    const row = this.#rowAt(newsDelay(observer, machine.id), index);
    const believed = observer === machine.id ? undefined : this.#silent.get(machine);
    return believed === undefined ? row : [...believed, ...row.slice(-1)];
  }

  #rowAt(secondsAgo: number, index: number): readonly number[] {
    return Array.from(this.#at(secondsAgo).subarray(index * WIDTH, (index + 1) * WIDTH));
  }

  #at(secondsAgo: number): Float64Array {
    return this.#told[(this.#second + OLDEST - secondsAgo) % OLDEST] ?? new Float64Array();
  }
}

/** Seconds, 0 to 2, that a node's news take to `observer`; its own take none. */
export function newsDelay(observer: number, id: number): number {
  if (observer === id) return 0;
  return ((Math.imul(observer, 0x9e3779b1) ^ Math.imul(id, 0x85ebca6b)) >>> 8) % OLDEST;
}
