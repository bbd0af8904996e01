/**
 * Reads a whole history and says exactly what of it is damaged and how much can be read: every page, every row, and every
 * roll-up against the values it was made of. Changes nothing.
 */
import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { NODE_STATES } from '../../common/contract/block.ts';
import { problem } from '../../common/contract/problem.ts';
import { checkpointSchema } from '../../common/model/history.ts';
import { migrationSchema } from '../../common/model/migration.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { DamagedData } from './codec.ts';
import { attempt, folderInPlace, troubleOf } from './file.ts';
import { NODE_SPAN } from './format.ts';
import { decodePlacements } from './records/placement-codec.ts';
import { decodeProcessList } from './records/process-codec.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';
import { decodeTick } from './tick-codec.ts';
import { ValueCheck } from './verify-values.ts';
import { ValueTables } from './values.ts';

/** What is found is told one by one up to so many; of the rest only the number. */
const MOST_FINDINGS = 200;

/** What came of one table: rows that could be read and are right, and all that are there as far as that is known. */
export interface TableVerdict {
  readonly table: string;
  readonly readable: number;
  readonly damaged: number;
}

export interface Verdict {
  readonly file: string;
  readonly bytes: number;
  readonly tables: readonly TableVerdict[];
  /** What is wrong, each in words with its place; the first ones. */
  readonly findings: readonly string[];
  /** How many things are wrong. */
  readonly damaged: number;
}

/** Collects what is found. */
export class Findings {
  readonly first: string[] = [];
  count = 0;

  add(words: string): void {
    this.count += 1;
    if (this.first.length < MOST_FINDINGS) this.first.push(words);
  }
}

/** A table, its key, and what is wrong with a row of it, in words; empty where nothing is. */
interface Check {
  readonly table: string;
  readonly key: string;
  readonly wrong: (row: Row) => string;
}
type Row = Readonly<Record<string, unknown>>;

/**
 * Checks a history file, also beside its writer, and one that was set aside. What is damaged is in the verdict; problems
 * are only: not-found, file-unreadable, history-newer, history-damaged (it is no history at all).
 */
export function verifyHistory(file: string): Result<Verdict> {
  if (!existsSync(file)) return failure(problem('not-found', `There is no history file ${file}.`));
  const folder = folderInPlace(file);
  if (folder !== undefined) return failure(folder);
  const done = attempt(file, () => {
    const database = new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
    try {
      if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
        throw new DamagedData('it is a database, but not a history of mosview');
      }
      const version = database.pragma('user_version', { simple: true }) as number;
      if (version > SCHEMA_VERSION) {
        const words = `${file} has the layout ${version} of a newer mosview.`;
        return failure(problem('history-newer', words));
      }
      // One moment of the file, though it goes on being written.
      database.exec('BEGIN');
      return success(verdictOf(file, database, version));
    } finally {
      database.close();
    }
  });
  return done.ok ? done.value : done;
}

function verdictOf(file: string, database: Database.Database, version: number): Verdict {
  const findings = new Findings();
  for (const line of pages(database, file)) findings.add(line);
  const tables: TableVerdict[] = [];
  if (version < SCHEMA_VERSION) {
    findings.add(
      `it has the layout ${version} of an earlier mosview; only its pages were checked. Start this one on it once.`,
    );
  } else {
    const nodes = new Set(numbersOfNodes(database, findings));
    for (const check of plainChecks(database, nodes)) tables.push(scanned(database, file, check, findings));
    const values = new ValueCheck(new ValueTables(database), nodes, findings, (error) =>
      wordsOf(error, file),
    );
    for (const check of values.checks()) tables.push(scanned(database, file, check, findings));
    values.compareAll();
  }
  return { file, bytes: statSync(file).size, tables, findings: findings.first, damaged: findings.count };
}

/** What SQLite finds of damaged pages and indexes. */
function pages(database: Database.Database, file: string): readonly string[] {
  const checked = attempt(file, () => {
    const rows = database.pragma(`integrity_check(${MOST_FINDINGS})`) as readonly {
      readonly integrity_check: string;
    }[];
    return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
  });
  const lines = checked.ok ? checked.value : [checked.problem.message];
  return lines.map((line) => `pages: ${line.replaceAll(/\s+/g, ' ')}`);
}

function numbersOfNodes(database: Database.Database, findings: Findings): readonly number[] {
  try {
    return database.prepare<[], number>('SELECT number FROM node').pluck().all();
  } catch (error) {
    findings.add(`node: ${error instanceof Error ? error.message : ''}`);
    return [];
  }
}

/** The checks of the tables besides those of the values. */
export function plainChecks(database: Database.Database, nodes: ReadonlySet<number>): readonly Check[] {
  const full = database
    .prepare<[number], Buffer>('SELECT v FROM process_list WHERE k = ? AND age = 0')
    .pluck();
  const kept =
    database.prepare<[], number>("SELECT since FROM kept WHERE part = 'processes'").pluck().get() ?? 0;
  const known = (node: unknown): string =>
    nodes.has(Number(node)) ? '' : `it belongs to node ${Number(node)}, which is not there`;
  return [
    {
      table: 'tick',
      key: 'time',
      wrong: ({ v, rows }) => {
        decodeTick(v as Buffer, Number(rows));
        return '';
      },
    },
    {
      table: 'migration',
      key: 'number',
      wrong: ({ from_node: from, to_node: to, ...row }) => {
        const { error } = migrationSchema.safeParse({ ...row, from, to });
        return error === undefined ? '' : `${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`;
      },
    },
    {
      table: 'node_state',
      key: 'number',
      wrong: ({ node, state }) =>
        state === null || (NODE_STATES as readonly unknown[]).includes(state)
          ? known(node)
          : `the state ${JSON.stringify(state)}`,
    },
    {
      table: 'recording',
      key: 'begun',
      wrong: ({ begun, ended }) =>
        ended === null || Number(ended) >= Number(begun) ? '' : 'it ends before it begins',
    },
    {
      table: 'checkpoint',
      key: 'number',
      wrong: (row) => (checkpointSchema.safeParse(row).success ? '' : 'a value out of range'),
    },
    {
      table: 'placement',
      key: 'number',
      wrong: ({ v }) => {
        decodePlacements(v as Buffer);
        return '';
      },
    },
    {
      table: 'process_list',
      key: 'k',
      wrong: ({ k, node, age, v }) => {
        if (Number(k) % NODE_SPAN !== node) return `it is kept under node ${Number(k) % NODE_SPAN}`;
        const base = age === 0 ? undefined : full.get(Number(k) - Number(age) * NODE_SPAN);
        if (age !== 0 && base === undefined) {
          // At the far end the full lists go first; those that differ from them follow.
          const second = Math.floor(Number(k) / NODE_SPAN) - Number(age);
          return second < kept ? '' : 'the full list it differs from is missing';
        }
        const read = decodeProcessList(v as Buffer, base, Math.floor(Number(k) / NODE_SPAN));
        return read === undefined ? 'it differs from another full list' : known(node);
      },
    },
  ];
}

/**
 * Reads a table from its beginning, and from its end where a damaged page stops that: what lies between cannot be read.
 */
function scanned(
  database: Database.Database,
  file: string,
  { table, key, wrong }: Check,
  findings: Findings,
): TableVerdict {
  let [readable, damaged] = [0, 0];
  const scan = (order: 'ASC' | 'DESC', beyond: number): number | undefined => {
    let last = beyond;
    try {
      const rows = database
        .prepare<[number], Row>(`SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} ${order}`)
        .iterate(beyond);
      for (const row of rows) {
        last = Number(row[key]);
        const words = wrongWith(row, wrong, file);
        if (words === '') readable += 1;
        else {
          damaged += 1;
          findings.add(`${table} ${last}: ${words}`);
        }
      }
      return undefined;
    } catch (error) {
      findings.add(
        `${table}: ${order === 'ASC' ? 'after' : 'before'} ${last} it cannot be read: ${wordsOf(error, file)}`,
      );
      damaged += 1;
      return last;
    }
  };
  const stopped = scan('ASC', -1);
  if (stopped !== undefined) scan('DESC', stopped);
  return { table, readable, damaged };
}

function wrongWith(row: Row, wrong: (row: Row) => string, file: string): string {
  try {
    return wrong(row);
  } catch (error) {
    return wordsOf(error, file);
  }
}

/** What an exception says of the file; a fault of the program stays one. */
function wordsOf(error: unknown, file: string): string {
  if (error instanceof DamagedData) return error.message;
  if (troubleOf(error, file) === undefined) throw error;
  return error instanceof Error ? error.message : String(error);
}
