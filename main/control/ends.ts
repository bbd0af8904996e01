/** Orders that end by themselves: at their time they are undone, also after a restart and while changes are locked. */
import type { DeedAction } from './deed.ts';
import type { Records } from './records.ts';
import type { ControlNodes } from './types.ts';
import { isUndoable } from './undo.ts';

const LOOK_MILLISECONDS = 5000;

/** Whoever undoes at the end of an order. */
export const TIMER = 'timer';

export interface EndsOptions {
  readonly records: Records;
  readonly nodes: ControlNodes;
  /** Takes an action back on some of its nodes; resolves when that has begun or could not. */
  undo(action: DeedAction, nodes: ReadonlySet<string>): Promise<void>;
}

/**
 * Keeps an eye on all orders with an end, those of other programs and of earlier runs too. A node that cannot be reached
 * at the time is undone when it can be.
 */
export class Ends {
  readonly #options: EndsOptions;
  /** Number of the newest action that was looked at, and the ends before it that are still to come. */
  #seen = 0;
  readonly #coming = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: EndsOptions) {
    this.#options = options;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#lookAndGoOn(), LOOK_MILLISECONDS);
  }

  async #lookAndGoOn(): Promise<void> {
    await this.#look();
    if (!this.#isClosed) this.#schedule();
  }

  async #look(): Promise<void> {
    const { records, nodes } = this.#options;
    const added = records.ending(this.#seen);
    for (const { number, order } of added.ok ? added.value : []) {
      this.#seen = number;
      if ('until' in order && order.until !== null) this.#coming.set(number, order.until);
    }
    for (const [number, until] of this.#coming) {
      if (this.#isClosed) return;
      if (until > Date.now()) continue;
      const found = records.find(number);
      if (!found.ok || found.value?.state === 'running') continue;
      const left = found.value === undefined ? new Set<string>() : this.#nodesLeft(found.value);
      if (left.size === 0) this.#coming.delete(number);
      const back = new Set([...left].filter((key) => nodes.find(key)?.reachable === true));
      if (back.size > 0 && found.value !== undefined) await this.#options.undo(found.value, back);
    }
  }

  /** Keys of the nodes on which it was not undone yet: neither by the timer, nor by an operator with any effect. */
  #nodesLeft(action: DeedAction): ReadonlySet<string> {
    const left = new Set(action.steps.filter(isUndoable).map(({ node }) => node));
    const undoing = this.#options.records.undoing(action.number);
    if (!undoing.ok) return new Set();
    for (const { who, steps } of undoing.value) {
      for (const { node, state } of steps) if (who === TIMER || state !== 'impossible') left.delete(node);
    }
    return left;
  }
}
