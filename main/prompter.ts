/** How the back end asks the operator something: the window host shows dialogs, the command line asks in the terminal. */
import type { Prompt } from '../common/contract/contract.ts';

type WithoutId<Value> = Value extends unknown ? Omit<Value, 'id'> : never;

/** A question before it has a number. */
export type Question = WithoutId<Prompt>;

/** Asks the operator. */
export interface Prompter {
  /**
   * Resolves with the answers (a host key is accepted by `['yes']`), or `null` when it was refused, cancelled by the
   * signal, or nobody is there to ask.
   */
  ask(question: Question, signal: AbortSignal): Promise<readonly string[] | null>;
}
