/** What is counted of the migrations before any of them is written: totals, busiest pairs, top movers, bars over time. */
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import { readLog } from './log.ts';
import type { Selection } from './selection.ts';
import type { ReportSource } from './source.ts';
import { TopCounter } from './top-counter.ts';

/** Most bars of the chart of migrations, and how much time one may stand for: round numbers of seconds. */
const MOST_BARS = 170;
const BAR_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const LARGEST_ID = 65_536;

/** Moves of one cause. */
export interface CauseCount {
  /** Moves, of which so many were only counted by the process itself. */
  moves: number;
  unseen: number;
  /** Moves whose duration is known, its sum and the longest, in milliseconds. */
  timed: number;
  duration: number;
  longest: number;
}

/** A process that moved. */
export interface Mover {
  readonly home: number;
  readonly pid: number;
  readonly command: string;
}

export class Census {
  /** Entries of the log, and moves in them: an entry of a process' own counter stands for several. */
  entries = 0;
  moves = 0;
  unknown = 0;
  readonly causes = new Map<MigrationCause, CauseCount>();
  /** Moves by from x 65536 + to, both ends known. */
  readonly pairs = new TopCounter<number>();
  /** Moves by process, as the JSON of a Mover, and by command. */
  readonly movers = new TopCounter<string>();
  readonly commands = new TopCounter<string>();
  readonly bars: Float64Array;
  /** Milliseconds of a bar. */
  readonly step: number;
  readonly #from: number;

  constructor({ from, to }: Selection) {
    this.#from = from;
    this.step = barStep(to - from);
    this.bars = new Float64Array(Math.ceil((to - from) / this.step));
  }

  add(migration: Migration): void {
    const { time, from, to, home, pid, started, command, cause, duration, count, result } = migration;
    this.entries += 1;
    this.moves += count;
    const ofCause = this.causes.get(cause) ?? { moves: 0, unseen: 0, timed: 0, duration: 0, longest: 0 };
    this.causes.set(cause, ofCause);
    ofCause.moves += count;
    if (result === 'unseen') ofCause.unseen += count;
    if (duration !== null) {
      ofCause.timed += 1;
      ofCause.duration += duration;
      ofCause.longest = Math.max(ofCause.longest, duration);
    }
    if (from > 0 && to > 0) this.pairs.add(from * LARGEST_ID + to, count);
    // The start tells two processes with one number apart; it is not shown.
    if (pid > 0) this.movers.add(JSON.stringify([home, pid, started, command]), count);
    this.commands.add(command, count);
    const bar = Math.floor((time - this.#from) / this.step);
    // What does not lie in the range has no place, and a typed array takes nothing there.
    this.bars[bar] = (this.bars[bar] ?? 0) + count;
  }

  /** Begin of each bar. */
  get times(): Float64Array {
    return this.bars.map((_count, index) => this.#from + index * this.step);
  }

  topPairs(limit: number): readonly { from: number; to: number; count: number }[] {
    return this.pairs.top(limit).map(([pair, count]) => ({
      from: Math.floor(pair / LARGEST_ID),
      to: pair % LARGEST_ID,
      count,
    }));
  }

  topMovers(limit: number): readonly (Mover & { readonly count: number })[] {
    return this.movers.top(limit).map(([text, count]) => {
      const [home, pid, , command] = JSON.parse(text) as [number, number, number, string];
      return { home, pid, command, count };
    });
  }

  /** By how much a count of a pair, process or command may be too low at most. */
  get missing(): number {
    return Math.max(this.pairs.missing, this.movers.missing, this.commands.missing);
  }
}

/** Milliseconds of a bar: the shortest round time of which no more than 170 fill a range. */
function barStep(range: number): number {
  const seconds = BAR_SECONDS.find((each) => range / 1000 / each <= MOST_BARS);
  return 1000 * (seconds ?? 86_400 * Math.ceil(range / 86_400_000 / MOST_BARS));
}

/** Counts all migrations of a selection. Throws ProblemError, and the signal's reason when it is aborted. */
export async function takeCensus(
  source: ReportSource,
  selection: Selection,
  signal: AbortSignal,
  onTime: (time: number) => void,
): Promise<Census> {
  const census = new Census(selection);
  for await (const { migrations, time, unknown } of readLog(source, selection, signal)) {
    for (const migration of migrations) census.add(migration);
    census.unknown = unknown;
    onTime(time);
  }
  return census;
}
