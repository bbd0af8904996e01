/**
 * Fills the gaps of nodes with an agent: what it kept while nobody was connected is asked for after every (re)connection,
 * and written where the history has nothing.
 */
import { setImmediate } from 'node:timers/promises';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { Dialect } from '../../common/model/node.ts';
import type { Recorded } from '../../common/model/recorded.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { History } from '../history/index.ts';
import type { SshSession } from '../ssh/index.ts';
import { newMigrations, pastMigrations, pastValues, readRecorded } from './agent-history.ts';

/** After a connection the tracker of migrations is first to say what it saw. */
const SETTLE_MILLISECONDS = 5000;
/** Without a second for so long this program itself was away: the machine slept. */
const PAUSE_MILLISECONDS = 15_000;
/** What is older is not asked for. */
const LONGEST_MILLISECONDS = 30 * 24 * 3_600_000;
const ANSWER_MILLISECONDS = 120_000;
const ANSWER_BYTES = 64 * 1024 * 1024;
/** Lines that are read and written in one go: an hour of values and some moves. */
const LINES_AT_ONCE = 400;
/** Points over the longest time: minutes, so that a gap's begin is known to the minute. */
const MOST_PIXELS = 10_000;

/** A node with a connection of its own. */
export interface GapNode extends RecordedNode {
  readonly dialect: Dialect | undefined;
  /** Whether it answers now. */
  readonly sampling: boolean;
  readonly session: Pick<SshSession, 'exec'>;
}

export interface GapOptions {
  readonly history: Pick<History, 'ask' | 'fill' | 'record'>;
  /** Told of migrations with their numbers, once they are on disk. */
  onMigrations(migrations: readonly Migration[]): void;
  onProblem(problem: Problem): void;
}

/** What is known of a node from second to second. Times are milliseconds since 1970. */
interface Watched {
  sampling: boolean;
  /** Since when there may be a gap; undefined while only the history knows. */
  since: number | undefined;
  /** When it answered again; undefined while nothing is to be asked. */
  back: number | undefined;
}

export class GapFiller {
  readonly #options: GapOptions;
  readonly #watched = new Map<string, Watched>();
  #begun: number | undefined;
  #last: number | undefined;
  /** One node after the other, so that a whole cluster that is back costs no spike. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: GapOptions) {
    this.#options = options;
  }

  /** Looks who came and went. To be called once a second. */
  step(time: number, nodes: readonly GapNode[]): void {
    this.#begun ??= time;
    const before = this.#last ?? time;
    const slept = time - before > PAUSE_MILLISECONDS;
    this.#last = time;
    for (const node of nodes) {
      const watched = this.#watched.get(node.key) ?? { sampling: false, since: undefined, back: undefined };
      this.#watched.set(node.key, watched);
      if (node.sampling !== watched.sampling) {
        watched.sampling = node.sampling;
        // A gap that could not be filled yet goes on.
        if (!node.sampling) watched.since ??= before;
        else watched.back = time;
      } else if (slept && node.sampling) {
        watched.since ??= before;
        watched.back = time;
      }
      const { back } = watched;
      if (!node.sampling || node.dialect !== 'agent' || back === undefined) continue;
      if (time - back < SETTLE_MILLISECONDS) continue;
      watched.back = undefined;
      const begun = this.#begun;
      this.#work = this.#work.then(() => this.#fill(node, watched, begun, back));
    }
  }

  /** Resolves when everything asked for so far is written, or given up. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #fill(node: GapNode, watched: Watched, begun: number, until: number): Promise<void> {
    const since = watched.since ?? (await this.#lastBefore(node.key, begun));
    watched.since = since;
    const lines = await historyOf(node, since);
    const written = lines.ok ? await this.#write(node, lines.value, since, until) : lines;
    // What was lost is asked for again with the next connection.
    if (written.ok) watched.since = undefined;
    else this.#options.onProblem(written.problem);
  }

  /** The last time before this program that the history has a value of, to the minute. */
  async #lastBefore(key: string, begun: number): Promise<number> {
    const from = begun - LONGEST_MILLISECONDS;
    const question = { keys: [key], metrics: ['load' as const], from, to: begun, pixels: MOST_PIXELS };
    const answer = await this.#options.history.ask('history', question);
    if (!answer.ok) return from;
    const [series] = answer.value.nodes[0]?.series ?? [];
    const last = series?.mean.findLastIndex((value) => !Number.isNaN(value)) ?? -1;
    return Math.max(from, (series?.times[last] ?? from) - answer.value.resolution * 1000);
  }

  async #write(node: GapNode, lines: readonly string[], since: number, until: number): Promise<Result<void>> {
    const { history } = this.#options;
    const others: Recorded[] = [];
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      const recorded = readRecorded(lines.slice(at, at + LINES_AT_ONCE)).filter(
        ({ t }) => t >= since && t < until,
      );
      const { times, values } = pastValues(recorded);
      const filled = times.length === 0 ? success(undefined) : await history.fill(node, times, values);
      if (!filled.ok) return filled;
      others.push(...recorded.filter(({ kind }) => kind !== 'load'));
      await setImmediate();
    }
    const moves = pastMigrations(node, others);
    return moves.length === 0 ? success(undefined) : this.#log(node, moves, since);
  }

  async #log({ id }: GapNode, moves: readonly Migration[], since: number): Promise<Result<void>> {
    const { history } = this.#options;
    const logged = await history.ask('migrations', { node: id, from: since - 60_000, limit: 10_000 });
    if (!logged.ok) return logged;
    const news = newMigrations(
      moves,
      logged.value.migrations.filter(({ home }) => home === id),
    );
    if (news.length === 0) return success(undefined);
    const stored = await history.record('migrations', news);
    if (!stored.ok) return stored;
    this.#options.onMigrations(stored.value);
    return success(undefined);
  }
}

/** The lines that the agent of a node kept since a time; problems say what went wrong there. */
async function historyOf({ name, session }: GapNode, since: number): Promise<Result<readonly string[]>> {
  const answer = await session.exec('/bin/sh', {
    input: `PATH=$PATH:/usr/local/bin; exec mos history --since ${Math.floor(since)} < /dev/null\n`,
    timeoutMilliseconds: ANSWER_MILLISECONDS,
    maxBytes: ANSWER_BYTES,
  });
  if (!answer.ok) return answer;
  const { exitCode, stdout, stderr } = answer.value;
  if (exitCode === 0) return success(stdout.toString('utf8').split('\n'));
  const words = stderr.toString('utf8').trim().slice(0, 500);
  return failure(
    problem(
      'not-available',
      `${name}: its agent did not say what it kept while nothing was recorded here; the gap stays until the next connection.`,
      words,
    ),
  );
}
