/** Whether changes are allowed: locked at start, unlocked for a time, both in the audit log. */
import { success, type Result } from '../../common/model/result.ts';
import type { AuditLog } from './audit.ts';

/** For the command line, where typing the command is its own unlock. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

export class Unlock {
  readonly #log: AuditLog;
  readonly #who: string;
  readonly #onChange: () => void;
  #until: number | null;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: AuditLog, who: string, always: boolean, onChange: () => void) {
    this.#log = log;
    this.#who = who;
    this.#onChange = onChange;
    this.#until = always ? FOR_EVER : null;
  }

  /** Milliseconds since 1970 at which changes are locked again; null while they are. */
  get until(): number | null {
    return this.#until;
  }

  /** Allows changes for so many minutes from now. Nothing is allowed when that cannot be recorded. */
  unlock(minutes: number): Result<unknown> {
    const recorded = this.#record('unlocked', `Changes are allowed for ${minutes} minutes.`);
    if (!recorded.ok) return recorded;
    clearTimeout(this.#timer);
    this.#until = Date.now() + minutes * 60_000;
    this.#timer = setTimeout(
      () => this.lock('Changes are locked again: the time was over.'),
      minutes * 60_000,
    );
    this.#onChange();
    return recorded;
  }

  /** Forbids changes from now on, also when that cannot be recorded. */
  lock(words: string): Result<unknown> {
    clearTimeout(this.#timer);
    if (this.#until === null || this.#until === FOR_EVER) return success(undefined);
    this.#until = null;
    const recorded = this.#record('locked', words);
    this.#onChange();
    return recorded;
  }

  #record(kind: 'locked' | 'unlocked', text: string): Result<unknown> {
    return this.#log.append(() => ({
      time: Date.now(),
      who: this.#who,
      kind,
      action: null,
      text,
      body: '{}',
    }));
  }
}
