/** The migration log in the history file: its rows and what is asked of them. */
import type Database from 'better-sqlite3';
import type { HistoryInput } from '../../../common/contract/history-queries.ts';
import type { Migration } from '../../../common/model/migration.ts';
import { DAY_SECONDS, type Account } from '../chunks.ts';
import { hasTable } from './node-numbers.ts';
import type { Span } from './recordings.ts';
import type { RowTable } from './rows.ts';

/** Bytes that a migration takes with its places in the indexes, besides its command, which is there twice. */
export const MIGRATION_BYTES = 130;

/** Up to so many nodes each is looked up by its own indexes; of more the whole log is looked through in order of time. */
const NODES_LOOKED_UP = 16;

/** The columns that name nodes; each has its index in the order of time. */
const NODE_COLUMNS = ['home', 'from_node', 'to_node'] as const;

const COLUMNS =
  'number, time, home, pid, started, command, from_node AS "from", to_node AS "to", cause, action, duration, result, count';

type Values = Record<string, string | number>;

/** The table of migrations. */
export class MigrationTable implements RowTable<Migration> {
  readonly #database: Database.Database;
  readonly #account: Account;
  #insert: Database.Statement<[Migration]> | undefined;

  constructor(database: Database.Database, account: Account) {
    this.#database = database;
    this.#account = account;
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
      this.#count(whole, 1);
      return { ...whole, number: Number(insert.run(whole).lastInsertRowid) };
    });
  }

  /**
   * The migrations a query asks for, newest first, or with `after` oldest first: by time, and in one millisecond by
   * number. Where the clock never went back that is the order of the numbers.
   */
  read(query: HistoryInput<'migrations'>): readonly Migration[] {
    if (!hasTable(this.#database, 'migration')) return [];
    const { clauses, values } = this.#conditions(query);
    const order = query.after === undefined ? 'DESC' : 'ASC';
    const first = (more: readonly string[]): string => {
      const all = [...clauses, ...more];
      const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
      return `SELECT number FROM migration ${where} ORDER BY time ${order}, number ${order} LIMIT :limit`;
    };
    return this.#database
      .prepare<[Values], Migration>(
        `SELECT ${COLUMNS} FROM migration
         WHERE number IN (${parts(query, values, first)
           .map((part) => `SELECT number FROM (${part})`)
           .join(' UNION ')})
         ORDER BY time ${order}, number ${order} LIMIT :limit`,
      )
      .all(values);
  }

  /**
   * How many migrations there were in each part of `width` milliseconds of [from, to), by the parts' numbers; parts
   * without any are left out. Only an index is read.
   */
  counts(from: number, to: number, width: number): readonly (readonly [part: number, count: number])[] {
    if (!hasTable(this.#database, 'migration')) return [];
    return this.#database
      .prepare<[number, number, number, number], readonly [number, number]>(
        `SELECT CAST((time - ?) / ? AS INTEGER) AS part, count(*) FROM migration
         WHERE time >= ? AND time < ? GROUP BY part ORDER BY part`,
      )
      .raw()
      .all(from, width, from, to);
  }

  /** The time of the oldest and of the newest; undefined where there is none. */
  range(): Span | undefined {
    const [from, to] = ['min', 'max'].map((which) =>
      this.#database.prepare<[], number | null>(`SELECT ${which}(time) FROM migration`).pluck().get(),
    );
    return typeof from === 'number' && typeof to === 'number' ? { from, to: to + 1 } : undefined;
  }

  /** Deletes at most `limit` of the oldest ones, those before a time and in any case the first `count`; says how many. */
  deleteOldest(before: number, count: number, limit: number): number {
    const oldest = this.#database
      .prepare<[number], Pick<Migration, 'number' | 'time' | 'command'>>(
        'SELECT number, time, command FROM migration ORDER BY time, number LIMIT ?',
      )
      .all(limit)
      .filter(({ time }, index) => time < before || index < count);
    const remove = this.#database.prepare('DELETE FROM migration WHERE number = ?');
    for (const row of oldest) {
      remove.run(row.number);
      this.#count(row, -1);
    }
    return oldest.length;
  }

  #count({ time, command }: Pick<Migration, 'time' | 'command'>, sign: 1 | -1): void {
    const day = Math.floor(time / 1000 / DAY_SECONDS);
    this.#account('migrations', day, sign * (MIGRATION_BYTES + 2 * command.length));
  }

  #conditions({ from, to, cause, text, before, after, limit }: HistoryInput<'migrations'>): {
    readonly clauses: readonly string[];
    readonly values: Values;
  } {
    const clauses: string[] = [];
    const values: Values = { limit };
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
    const [page, side] = after === undefined ? [before, '<'] : [after, '>'];
    if (page !== undefined) {
      const time = this.#database
        .prepare<[number], number>('SELECT time FROM migration WHERE number = ?')
        .pluck()
        .get(page);
      if (time === undefined) restrict(`number ${side} :page`, 'page', page);
      else {
        restrict(`time ${side}= :last AND (time ${side} :last OR number ${side} :page)`, 'page', page);
        values['last'] = time;
      }
    }
    return { clauses, values };
  }
}

/** The parts of a search, whose union holds what is looked for: such that as few rows as possible are looked at. */
function parts(
  { node, nodes: wanted }: HistoryInput<'migrations'>,
  values: Values,
  first: (more: readonly string[]) => string,
): readonly string[] {
  const nodes = node === undefined ? wanted : [node, ...(wanted ?? [])];
  if (nodes === undefined) return [first([])];
  if (nodes.length > NODES_LOOKED_UP) {
    values['nodes'] = JSON.stringify(nodes);
    // With a plus no index of a column is used, only that of the time.
    const some = NODE_COLUMNS.map((column) => `+${column} IN (SELECT value FROM json_each(:nodes))`);
    return [first([`(${some.join(' OR ')})`])];
  }
  return nodes.flatMap((id, index) => {
    values[`node${index}`] = id;
    return NODE_COLUMNS.map((column) => first([`${column} = :node${index}`]));
  });
}
