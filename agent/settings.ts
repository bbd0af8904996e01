/** What an operator has set of this node; kept over restarts of the agent and of the node. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { problem } from '../common/contract/problem.ts';
import { jsonOf } from '../common/model/json.ts';
import { MOST_SPEED, STANDARD_SPEED } from '../common/model/metric.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import { STATUS } from '../common/model/status.ts';
import { errorCode } from './error-code.ts';

/** 10000 is the standard CPU. */
export const speedSchema = z.int().min(1).max(MOST_SPEED);

const settingsSchema = z.object({
  stay: z.boolean().default(false),
  lstay: z.boolean().default(false),
  block: z.boolean().default(false),
  quiet: z.boolean().default(false),
  speed: speedSchema.default(STANDARD_SPEED),
  /** Seconds that a job must have run at a node before it moves by itself. */
  minimumAge: z.number().min(0).default(5),
  /** No move by itself may stop a job for longer, in seconds. */
  longestFreeze: z.number().min(0).default(2),
});
export type Settings = z.infer<typeof settingsSchema>;

/** The switches among them. */
export const switchSchema = z.enum(['stay', 'lstay', 'block', 'quiet']);
export type Switch = z.infer<typeof switchSchema>;

export class SettingsFile {
  readonly #path: string;
  readonly #log: (sentence: string) => void;
  #settings: Settings;
  #listener: () => void = () => undefined;

  /** `first` gives the speed of a node that has none yet. What cannot be read is said in `log` and begun anew. */
  constructor(path: string, first: () => number, log: (sentence: string) => void) {
    this.#path = path;
    this.#log = log;
    let text: string | undefined;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      // The first start on this node.
    }
    const read = text === undefined ? undefined : settingsSchema.safeParse(jsonOf(text));
    this.#settings = read?.data ?? settingsSchema.parse({ speed: first() });
    if (read?.success === false) {
      renameSync(path, `${path}.damaged`);
      log(
        `The settings in ${path} cannot be read. They begin anew, and the file is now ${path}.damaged: ${z.prettifyError(read.error)}`,
      );
    }
    if (read?.success !== true) this.set({});
  }

  /** Called after every change. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  get value(): Settings {
    return this.#settings;
  }

  /** Problem, which is logged too: they are in force and could not be kept for the agent's next start. */
  set(changes: Partial<Settings>): Result<void> {
    this.#settings = { ...this.#settings, ...changes };
    this.#listener();
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#settings, undefined, 2));
      renameSync(`${this.#path}.new`, this.#path);
      return success(undefined);
    } catch (error) {
      const why = `It is in force, but lost with the agent's next start: ${this.#path} could not be written (${errorCode(error)}).`;
      this.#log(why);
      return failure(problem('disk-full', why));
    }
  }

  /** As the cluster sees them (common/model/status.ts). */
  get status(): number {
    const { stay, lstay, block, quiet } = this.#settings;
    return (
      STATUS.configured |
      STATUS.up |
      (stay ? STATUS.stay : 0) |
      (lstay ? STATUS.lstay : 0) |
      (block ? STATUS.block : 0) |
      (quiet ? STATUS.quiet : 0)
    );
  }
}
