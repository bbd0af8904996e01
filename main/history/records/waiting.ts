/** Rows on their way to the disk: they wait in memory while nothing can be written, and what is too much is given up. */
import { type Problem, problem } from '../../../common/contract/problem.ts';
import { type Result, failure, success } from '../../../common/model/result.ts';
import type { Records } from './index.ts';
import { type RowKind, type RowKinds, rowWords } from './rows.ts';

/** Rows kept in memory while nothing can be written, of each kind, so that none crowds out another. */
const MOST_WAITING: Readonly<Record<RowKind, number>> = {
  migrations: 10_000,
  states: 10_000,
  recordings: 1000,
  checkpoints: 1000,
  // Some kilobytes each.
  processes: 2000,
  // Of as many seconds as wait of the values at most.
  placements: 600,
};

/** Rows of one transaction when many wait, so that a try on a full disk costs little. */
const ROWS_AT_A_TIME = 1000;

/** Rows of one call. */
interface Group {
  readonly kind: RowKind;
  readonly count: number;
  /** Adds them; the returned function tells so once that is committed. */
  readonly write: (records: Records) => () => void;
  readonly lose: (trouble: Problem) => void;
}

/** How many rows of each kind were given up. */
export type Lost = ReadonlyMap<RowKind, number>;

export class WaitingRows {
  readonly #file: string;
  #groups: readonly Group[] = [];

  /** `file` is named where rows are lost. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** `done` is called once: when the rows are on disk, as they are stored, or when they are lost. */
  add<Kind extends RowKind>(
    kind: Kind,
    rows: readonly RowKinds[Kind][],
    done: (result: Result<readonly RowKinds[Kind][]>) => void,
  ): void {
    const group: Group = {
      kind,
      count: rows.length,
      write: (records) => {
        const stored = records.add(kind, rows);
        return () => done(success(stored));
      },
      lose: (trouble) => done(failure(trouble)),
    };
    this.#groups = [...this.#groups, group];
  }

  /** Writes the oldest groups, inside the caller's transaction; the returned function tells so once that is committed. */
  write(records: Records): () => void {
    const written: (() => void)[] = [];
    let count = 0;
    for (const group of this.#groups) {
      if (count >= ROWS_AT_A_TIME) break;
      count += group.count;
      written.push(group.write(records));
    }
    return () => {
      this.#groups = this.#groups.slice(written.length);
      for (const tell of written) tell();
    };
  }

  /** Gives up the oldest groups of the kinds of which more wait than the memory is to hold. */
  dropOldest(): Lost {
    const left = new Map<RowKind, number>();
    const newest = new Map<RowKind, Group>();
    for (const group of this.#groups) {
      left.set(group.kind, (left.get(group.kind) ?? 0) + group.count);
      newest.set(group.kind, group);
    }
    return this.#drop((group) => {
      const waiting = left.get(group.kind) ?? 0;
      if (waiting <= MOST_WAITING[group.kind] || newest.get(group.kind) === group) return false;
      left.set(group.kind, waiting - group.count);
      return true;
    });
  }

  /** Gives up all that wait. */
  dropAll(): Lost {
    return this.#drop(() => true);
  }

  #drop(isDropped: (group: Group) => boolean): Lost {
    const dropped: Group[] = [];
    const kept: Group[] = [];
    for (const group of this.#groups) (isDropped(group) ? dropped : kept).push(group);
    this.#groups = kept;
    const lost = new Map<RowKind, number>();
    for (const { kind, count, lose } of dropped) {
      lost.set(kind, (lost.get(kind) ?? 0) + count);
      const words = `Lost, as nothing can be written to ${this.#file}: ${rowWords(kind, count)}.`;
      lose(problem('disk-full', words));
    }
    return lost;
  }
}
