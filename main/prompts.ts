/** The questions now open to the windows: every window shows them, the first answer counts. */
import type { Prompt } from '../common/contract/contract.ts';
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { Prompter, Question } from './prompter.ts';

interface OpenQuestion {
  readonly prompt: Prompt;
  readonly resolve: (answer: readonly string[] | null) => void;
}

/** Asks through the windows. A question stays open until a window answers or its signal cancels it. */
export class WindowPrompter implements Prompter {
  readonly #open = new Map<string, OpenQuestion>();
  readonly #onChange: (prompts: readonly Prompt[]) => void;
  #count = 0;

  /** `onChange` gets every question now open, oldest first. */
  constructor(onChange: (prompts: readonly Prompt[]) => void) {
    this.#onChange = onChange;
  }

  /** Every question now open, oldest first. */
  get prompts(): readonly Prompt[] {
    return [...this.#open.values()].map((open) => open.prompt);
  }

  ask(question: Question, signal: AbortSignal): Promise<readonly string[] | null> {
    if (signal.aborted) return Promise.resolve(null);
    this.#count += 1;
    const id = String(this.#count);
    return new Promise((resolve) => {
      const close = (answer: readonly string[] | null): void => {
        signal.removeEventListener('abort', cancel);
        this.#open.delete(id);
        this.#onChange(this.prompts);
        resolve(answer);
      };
      const cancel = (): void => close(null);
      signal.addEventListener('abort', cancel);
      this.#open.set(id, { prompt: { ...question, id }, resolve: close });
      this.#onChange(this.prompts);
    });
  }

  /** Takes a window's answer. Problems: not-found when another window was first. */
  answer(id: string, answer: readonly string[] | null): Result<void> {
    const open = this.#open.get(id);
    if (open === undefined)
      return failure(problem('not-found', 'This question was answered or withdrawn already'));
    open.resolve(answer);
    return success(undefined);
  }
}
