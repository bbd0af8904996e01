/** The migration log in the history file: its rows and queries, and the migrations that wait for the disk. */
import type Database from 'better-sqlite3';
import type { HistoryInput } from '../../common/contract/history-queries.ts';
import { problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { type Result, failure, success } from '../../common/model/result.ts';

/** The layout of the file that brought the log; a file that was not written since has none. */
const FIRST_LAYOUT = 2;

/** Migrations kept in memory while nothing can be written. */
const MAX_WAITING = 10_000;

/** Migrations of one transaction when many wait, so that a try on a full disk costs little. */
const MIGRATIONS_AT_A_TIME = 1000;

const COLUMNS =
  'number, time, home, pid, started, command, from_node AS "from", to_node AS "to", cause, action, duration, result, count';

type Values = Readonly<Record<string, string | number>>;

/** The table of migrations. */
export class MigrationTable {
  readonly #database: Database.Database;
  #insert: Database.Statement<[Migration]> | undefined;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Adds migrations in their order; returns them with their numbers. To be run inside a transaction. */
  add(migrations: readonly Migration[]): readonly Migration[] {
    this.#insert ??= this.#database.prepare<[Migration]>(
      `INSERT INTO migration
         (time, home, pid, started, command, from_node, to_node, cause, action, duration, result, count)
       VALUES (:time, :home, :pid, :started, :command, :from, :to, :cause, :action, :duration, :result, :count)`,
    );
    const insert = this.#insert;
    return migrations.map((migration) => {
      const whole = {
        ...migration,
        time: Math.round(migration.time),
        started: Math.round(migration.started),
        duration: migration.duration === null ? null : Math.round(migration.duration),
      };
      return { ...whole, number: Number(insert.run(whole).lastInsertRowid) };
    });
  }

  /**
   * The migrations a query asks for, newest first: by time, and in one millisecond by number. Where the clock never went
   * back that is the order of the numbers.
   */
  read(query: HistoryInput<'migrations'>): readonly Migration[] {
    if ((this.#database.pragma('user_version', { simple: true }) as number) < FIRST_LAYOUT) return [];
    const { clauses, values } = this.#conditions(query);
    const newest = (more: readonly string[]): string => {
      const all = [...clauses, ...more];
      const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
      return `SELECT number FROM migration ${where} ORDER BY time DESC, number DESC LIMIT :limit`;
    };
    // Each column has its index in the order of time, so that as few rows as possible are looked at.
    const found =
      query.node === undefined
        ? [newest([])]
        : ['home', 'from_node', 'to_node'].map((column) => newest([`${column} = :node`]));
    return this.#database
      .prepare<[Values], Migration>(
        `SELECT ${COLUMNS} FROM migration
         WHERE number IN (${found.map((part) => `SELECT number FROM (${part})`).join(' UNION ')})
         ORDER BY time DESC, number DESC LIMIT :limit`,
      )
      .all(values);
  }

  #conditions({ from, to, node, cause, text, before, limit }: HistoryInput<'migrations'>): {
    readonly clauses: readonly string[];
    readonly values: Values;
  } {
    const clauses: string[] = [];
    const values: Record<string, string | number> = { limit };
    if (node !== undefined) values['node'] = node;
    const restrict = (clause: string, name: string, value: string | number): void => {
      clauses.push(clause);
      values[name] = value;
    };
    if (from !== undefined) restrict('time >= :from', 'from', from);
    if (to !== undefined) restrict('time < :to', 'to', to);
    if (cause !== undefined) restrict('cause = :cause', 'cause', cause);
    if (text !== undefined && text !== '') {
      restrict(
        String.raw`command LIKE :text ESCAPE '\'`,
        'text',
        `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
      );
    }
    if (before !== undefined) {
      const time = this.#database
        .prepare<[number], number>('SELECT time FROM migration WHERE number = ?')
        .pluck()
        .get(before);
      if (time === undefined) restrict('number < :before', 'before', before);
      else {
        restrict('time <= :last AND (time < :last OR number < :before)', 'before', before);
        values['last'] = time;
      }
    }
    return { clauses, values };
  }
}

/** Migrations of one call, and whom to tell what became of them. */
interface Group {
  readonly migrations: readonly Migration[];
  readonly done: (result: Result<readonly Migration[]>) => void;
}

/** Migrations on their way to the disk. */
export class WaitingMigrations {
  readonly #file: string;
  #groups: readonly Group[] = [];

  /** `file` is named where migrations are lost. */
  constructor(file: string) {
    this.#file = file;
  }

  /** How many wait. */
  get size(): number {
    return this.#groups.reduce((sum, { migrations }) => sum + migrations.length, 0);
  }

  /** `done` is called once: when they are on disk, with their numbers, or when they are lost. */
  add(migrations: readonly Migration[], done: Group['done']): void {
    this.#groups = [...this.#groups, { migrations, done }];
  }

  /** Writes the oldest groups, inside the caller's transaction; the returned function tells so once that is committed. */
  write(table: MigrationTable): () => void {
    const written: { readonly done: Group['done']; readonly stored: readonly Migration[] }[] = [];
    let count = 0;
    for (const { migrations, done } of this.#groups) {
      if (count >= MIGRATIONS_AT_A_TIME) break;
      count += migrations.length;
      written.push({ done, stored: table.add(migrations) });
    }
    return () => {
      this.#groups = this.#groups.slice(written.length);
      for (const { done, stored } of written) done(success(stored));
    };
  }

  /** Gives up the oldest groups of what is more than the memory is to hold; returns how many migrations that were. */
  dropOldest(): number {
    let [dropped, left] = [0, this.size];
    for (const { migrations } of this.#groups.slice(0, -1)) {
      if (left <= MAX_WAITING) break;
      dropped += 1;
      left -= migrations.length;
    }
    return this.#drop(dropped);
  }

  /** Gives up all that wait; returns how many migrations that were. */
  dropAll(): number {
    return this.#drop(this.#groups.length);
  }

  #drop(groups: number): number {
    const dropped = this.#groups.slice(0, groups);
    this.#groups = this.#groups.slice(groups);
    let count = 0;
    for (const { migrations, done } of dropped) {
      count += migrations.length;
      const words = `${migrations.length} migrations could not be written to ${this.#file} and are lost.`;
      done(failure(problem('disk-full', words)));
    }
    return count;
  }
}
