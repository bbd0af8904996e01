/**
 * Takes over what can still be read of a damaged history into a new one: every row of every table that is right by
 * itself, around the pages that cannot be read. The damaged file stays as it is.
 */
import Database from 'better-sqlite3';
import { RESOLUTIONS } from '../../common/model/retention.ts';
import { ROW_BYTES, DAY_SECONDS } from './chunks.ts';
import { troubleOf } from './file.ts';
import { rebuildRollUps } from './rebuild.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';
import { ValueTables } from './values.ts';
import { ValueCheck } from './verify-values.ts';
import { plainChecks } from './verify.ts';

/** Rows of one transaction. */
const ROWS_AT_A_TIME = 1000;

/** Places that cannot be read after which a table is given up. */
const MOST_PLACES = 10_000;

/** What came of it. */
export interface Salvaged {
  /** Rows that were taken over. */
  readonly rows: number;
  /** Rows that are wrong, and stretches of rows that cannot be read. */
  readonly lost: number;
  /** Windows of time and hours whose roll-ups were made anew. */
  readonly rolled: number;
}

type Row = Readonly<Record<string, unknown>>;

/** A table, its key, and what is wrong with a row of it, in words; empty where nothing is. */
interface Source {
  readonly table: string;
  readonly key: string;
  readonly wrong: (row: Row) => string;
}

/**
 * Takes over from a damaged file into one of the present layout that has nothing yet; undefined where nothing can be read
 * because the damaged file is no history, or one of another layout. Throws what writing the new file throws.
 */
export function salvage(damaged: string, fresh: string): Salvaged | undefined {
  const from = openDamaged(damaged);
  if (from === undefined) return undefined;
  const to = new Database(fresh);
  try {
    return new Salvage(damaged, from, to).run();
  } catch (error) {
    throw error instanceof WritingFailed ? error.cause : error;
  } finally {
    from.close();
    to.close();
  }
}

function openDamaged(file: string): Database.Database | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true });
    const isOurs = database.pragma('application_id', { simple: true }) === APPLICATION_ID;
    if (isOurs && database.pragma('user_version', { simple: true }) === SCHEMA_VERSION) return database;
  } catch (error) {
    if (troubleOf(error, file) === undefined) throw error;
  }
  database?.close();
  return undefined;
}

class Salvage {
  readonly #file: string;
  readonly #from: Database.Database;
  readonly #to: Database.Database;
  #rows = 0;
  #lost = 0;
  #inTransaction = 0;

  constructor(file: string, from: Database.Database, to: Database.Database) {
    this.#file = file;
    this.#from = from;
    this.#to = to;
  }

  run(): Salvaged {
    this.#to.exec('BEGIN');
    const right = (): string => '';
    this.#take({ table: 'node', key: 'number', wrong: right });
    this.#take({ table: 'slot', key: 'slot', wrong: right });
    this.#takeSmall('volume');
    this.#takeSmall('kept');
    const nodes = new Set(this.#to.prepare<[], number>('SELECT number FROM node').pluck().all());
    for (const source of this.#sources(nodes)) this.#take(source);
    // A whole look at a large file takes time, so it is taken only where something is missing.
    const rolled = this.#lost === 0 ? 0 : rebuildRollUps(this.#to, () => this.#to.exec('COMMIT; BEGIN'));
    this.#countValues();
    this.#to.exec('COMMIT');
    return { rows: this.#rows, lost: this.#lost, rolled };
  }

  #sources(nodes: ReadonlySet<number>): readonly Source[] {
    try {
      const ignore = { add: () => undefined };
      const values = new ValueCheck(new ValueTables(this.#from), nodes, ignore, () => '');
      return [...plainChecks(this.#from, nodes), ...values.checks()];
    } catch (error) {
      this.#lose(error);
      return [];
    }
  }

  /** Takes the rows of a table in the order of their keys. */
  #take({ table, key, wrong }: Source): void {
    let places = 0;
    for (let next: number | undefined = Number.MIN_SAFE_INTEGER; next !== undefined;) {
      let last: number = next - 1;
      try {
        const rows = this.#from.prepare<[number], Row>(
          `SELECT * FROM ${table} WHERE ${key} >= ? ORDER BY ${key}`,
        );
        for (const row of rows.iterate(next)) {
          last = Number(row[key]);
          if (this.#isRight(row, wrong)) this.#put(table, row);
          else this.#lost += 1;
        }
        return;
      } catch (error) {
        this.#lose(error);
        places += 1;
      }
      next = places < MOST_PLACES ? this.#readableAfter(table, key, last) : undefined;
    }
  }

  /** A key after the given one from which a row can be read: the first behind what cannot, found in ever larger steps. */
  #readableAfter(table: string, key: string, last: number): number | undefined {
    const one = this.#from.prepare<[number], Row>(
      `SELECT * FROM ${table} WHERE ${key} >= ? ORDER BY ${key} LIMIT 1`,
    );
    const isReadable = (at: number): boolean => {
      try {
        one.get(at);
        return true;
      } catch (error) {
        if (troubleOf(error, this.#file) === undefined) throw error;
        return false;
      }
    };
    let step = 1;
    while (!isReadable(last + 1 + step)) {
      step *= 2;
      if (last + step > Number.MAX_SAFE_INTEGER) return undefined;
    }
    let [bad, good] = [last + 1 + Math.floor(step / 2), last + 1 + step];
    while (good - bad > 1) {
      const middle = bad + Math.floor((good - bad) / 2);
      if (isReadable(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** Takes a table of a few rows as a whole, or not. */
  #takeSmall(table: string): void {
    try {
      for (const row of this.#from.prepare<[], Row>(`SELECT * FROM ${table}`).all()) this.#put(table, row);
    } catch (error) {
      this.#lose(error);
    }
  }

  #isRight(row: Row, wrong: Source['wrong']): boolean {
    try {
      return wrong(row) === '';
    } catch (error) {
      if (troubleOf(error, this.#file) === undefined) throw error;
      return false;
    }
  }

  /** Something cannot be read; a fault of the program stays one. */
  #lose(error: unknown): void {
    if (error instanceof WritingFailed || troubleOf(error, this.#file) === undefined) throw error;
    this.#lost += 1;
  }

  #put(table: string, row: Row): void {
    const columns = Object.keys(row);
    try {
      this.#to
        .prepare(
          `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        )
        .run(...Object.values(row));
      this.#inTransaction += 1;
      if (this.#inTransaction % ROWS_AT_A_TIME === 0) this.#to.exec('COMMIT; BEGIN');
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')) {
        this.#lost += 1;
        return;
      }
      throw new WritingFailed('the new history could not be written', { cause: error });
    }
    this.#rows += 1;
  }

  /** Counts the bytes of the values anew. */
  #countValues(): void {
    const tables = new ValueTables(this.#to);
    const all = [...RESOLUTIONS.map((resolution) => tables[resolution]), tables.minutes];
    for (const { shape } of all) this.#to.prepare('DELETE FROM volume WHERE part = ?').run(shape.part);
    for (const { shape } of all) {
      this.#to
        .prepare(
          `INSERT INTO volume (part, day, bytes)
           SELECT '${shape.part}', k / ${shape.span} * ${shape.seconds} / ${DAY_SECONDS}, sum(length(v) + ${ROW_BYTES})
           FROM ${shape.table} WHERE true GROUP BY 2
           ON CONFLICT (part, day) DO UPDATE SET bytes = bytes + excluded.bytes`,
        )
        .run();
    }
  }
}

/** Not the damaged file is at fault, but the new one. */
class WritingFailed extends Error {
  override readonly name = 'WritingFailed';
}
