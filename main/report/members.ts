/**
 * Which migrations were of processes of chosen groups. The log has only a process' number and short name, so the lists of
 * processes that the history keeps tell who it was: the last list before the move and the one of the next minute.
 */
import type { Group } from '../../common/model/control.ts';
import type { Migration } from '../../common/model/migration.ts';
import { commandPattern, membersAmong } from '../control/groups.ts';
import type { HistoryReader } from '../history/types.ts';
import { answerIfAny } from './source.ts';

/** Lists are asked for at whole minutes, so that the moves of a minute share them. */
const MINUTE = 60_000;

/** The processes of a node at one time, as `number:start`. */
interface PastList {
  readonly minute: number;
  readonly all: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
}

export class Members {
  readonly #history: HistoryReader;
  readonly #groups: readonly Group[];
  readonly #keyOf: (id: number) => string | undefined;
  /** The two latest lists of each home; migrations come in the order of time. */
  readonly #lists = new Map<string, readonly PastList[]>();
  #unknown = 0;

  constructor(history: HistoryReader, groups: readonly Group[], keyOf: (id: number) => string | undefined) {
    this.#history = history;
    this.#groups = groups;
    this.#keyOf = keyOf;
  }

  /** How many migrations were left out because no list has their process. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Whether a migration was of a process of one of the groups. Throws ProblemError. */
  async has({ home, pid, started, command, time }: Migration): Promise<boolean> {
    const key = this.#keyOf(home);
    const name = `${pid}:${started}`;
    if (key !== undefined && this.#groups.some(({ rule }) => isByHand(rule, key, pid, started))) return true;
    const minute = Math.floor(time / MINUTE);
    for (const each of key === undefined ? [] : [minute, minute + 1]) {
      const list = await this.#list(key ?? '', each);
      if (list.all.has(name)) return list.members.has(name);
    }
    if (this.#groups.some(({ rule }) => rule.kind === 'command' && commandPattern(rule.pattern)(command))) {
      return true;
    }
    if (this.#groups.some(({ rule }) => rule.kind !== 'hand')) this.#unknown += 1;
    return false;
  }

  async #list(key: string, minute: number): Promise<PastList> {
    const known = this.#lists.get(key) ?? [];
    const found = known.find((list) => list.minute === minute);
    if (found !== undefined) return found;
    const answer = await answerIfAny(this.#history.ask('pastProcesses', { key, time: minute * MINUTE }));
    const processes = answer?.processes ?? [];
    const members = this.#groups.flatMap((group) => membersAmong(group, key, processes));
    const list: PastList = { minute, all: namesOf(processes), members: namesOf(members) };
    this.#lists.set(key, [...known.slice(-1), list]);
    return list;
  }
}

function isByHand(rule: Group['rule'], key: string, pid: number, started: number): boolean {
  return (
    rule.kind === 'hand' &&
    rule.processes.some((ref) => ref.node === key && ref.pid === pid && ref.started === started)
  );
}

function namesOf(processes: readonly { readonly pid: number; readonly started: number }[]): Set<string> {
  return new Set(processes.map(({ pid, started }) => `${pid}:${started}`));
}
