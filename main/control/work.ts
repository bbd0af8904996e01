/** One action under way: its steps as they stand, told and recorded whenever they change. */
import type { Problem } from '../../common/contract/problem.ts';
import type { DeedAction, DeedStep } from './deed.ts';
import { stateOf, type Records } from './records.ts';

/** Changes of several steps within this time are told as one. */
const TELL_MILLISECONDS = 50;

export interface WorkListener {
  /** Soon after each change, and at once at the end. */
  onChange(action: DeedAction): void;
  /** The end could not be recorded. */
  onProblem(problem: Problem): void;
}

/** What becomes of a step. */
export type StepChange = Partial<Pick<DeedStep, 'state' | 'now' | 'outcome' | 'before' | 'undo'>>;

export class Work {
  readonly #records: Records;
  readonly #listener: WorkListener;
  readonly #sent = new Set<number>();
  #action: DeedAction;
  #isEnded: boolean;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];

  /** `isEnded`: its end is in the log already, only unknown steps are looked at again. */
  constructor(action: DeedAction, isEnded: boolean, records: Records, listener: WorkListener) {
    this.#action = action;
    this.#isEnded = isEnded;
    this.#records = records;
    this.#listener = listener;
    this.#settle();
  }

  get action(): DeedAction {
    return this.#action;
  }

  /** Whether nothing of it is open any more. */
  get isKnown(): boolean {
    return !this.#action.steps.some(({ state }) => ['waiting', 'written', 'unknown'].includes(state));
  }

  step(index: number): DeedStep {
    const step = this.#action.steps[index];
    if (step === undefined) throw new Error(`action ${this.#action.number} has no step ${index}`);
    return step;
  }

  /** Notes that these steps are being sent: what comes of them may stay unknown from now on. */
  sending(indexes: readonly number[]): void {
    for (const index of indexes) this.#sent.add(index);
  }

  /** Steps have changed, by their place; empty changes are none. */
  update(given: ReadonlyMap<number, StepChange>): void {
    const changes = new Map([...given].filter(([, change]) => Object.keys(change).length > 0));
    if (this.#isClosed || changes.size === 0) return;
    const before = this.#action.steps;
    const steps = before.map((step, index) => ({ ...step, ...changes.get(index) }));
    this.#action = { ...this.#action, steps, state: stateOf(steps) };
    if (this.#isEnded) {
      for (const index of changes.keys()) {
        const becameKnown = before[index]?.state === 'unknown' && steps[index]?.state !== 'unknown';
        if (becameKnown) this.#tellTrouble(this.#records.step(this.#action, index));
      }
    }
    this.#settle();
    if (this.isKnown) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), TELL_MILLISECONDS);
  }

  /** Resolves when nothing of it is open any more, or when it is closed. */
  async known(): Promise<void> {
    if (!this.isKnown && !this.#isClosed) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** The program ends: what is not known now is recorded as that. */
  close(): void {
    if (this.#isClosed) return;
    const changes = new Map<number, StepChange>();
    for (const [index, { state }] of this.#action.steps.entries()) {
      if (state === 'waiting' && !this.#sent.has(index)) {
        changes.set(index, { state: 'impossible', outcome: 'not written: mosview was closed before' });
      } else if (state === 'waiting') {
        changes.set(index, { state: 'unknown', outcome: 'mosview was closed before the node answered' });
      } else if (state === 'written') {
        changes.set(index, {
          state: 'unknown',
          outcome: 'written; mosview was closed before its effect was seen',
        });
      }
    }
    this.update(changes);
    this.#tell();
    this.#isClosed = true;
    this.#wake();
  }

  /** Records the end once no step is awaited; unknown ones are recorded on their own later. */
  #settle(): void {
    if (this.#isEnded || this.#action.state === 'running') return;
    this.#isEnded = true;
    this.#tellTrouble(this.#records.end(this.#action));
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listener.onChange(this.#action);
    if (this.isKnown) this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #tellTrouble(result: ReturnType<Records['end']>): void {
    if (!result.ok) this.#listener.onProblem(result.problem);
  }
}
