/** Looks every second at a job that is away, so that one which starts to do what needs its home is noticed. */
import { judgeTree, readTree, type Tree } from './examine.ts';
import { Proc } from '../proc/proc.ts';
import type { Reason } from './reason.ts';

export interface AwayWatchOptions {
  /** Where /proc is; the agent's own. */
  readonly proc?: string;
  /** The first process of the job's PID namespace at this node. */
  readonly initPid: number;
}

/** Milliseconds after which everything is looked at although nothing of the job changed: others may have come to share. */
const WHOLE_LOOK = 10_000;

/** All that the job's own processes show and the rules ask for; how much memory they have changes and does not matter. */
function shownBy({ views, unreadable }: Tree): string {
  return JSON.stringify([views.map((view) => ({ ...view, resident: 0, threads: 0 })), unreadable]);
}

/** One for each job that is away. */
export class AwayWatch {
  readonly #proc: Proc;
  readonly #initPid: number;
  #shown = '';
  #looked = -Infinity;
  #reasons: readonly Reason[] = [];

  constructor({ proc, initPid }: AwayWatchOptions) {
    this.#proc = new Proc(proc);
    this.#initPid = initPid;
  }

  /**
   * The reasons for which the job could not move now; how old it is does not count. With one of which `homeHelps`, and
   * none of which it does not, it should go home. Files, sockets and other processes are looked at when something of the
   * job changed, and every 10 s. `now` in milliseconds since 1970.
   */
  async look(pids: readonly number[], now: number): Promise<readonly Reason[]> {
    const tree = readTree(this.#proc, pids);
    const shown = shownBy(tree);
    if (shown === this.#shown && Math.abs(now - this.#looked) < WHOLE_LOOK) return this.#reasons;
    const { reasons } = await judgeTree(this.#proc, tree, this.#initPid);
    this.#shown = shown;
    this.#looked = now;
    this.#reasons = reasons;
    return reasons;
  }
}
