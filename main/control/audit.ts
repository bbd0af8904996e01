/**
 * The audit log: lines that are only ever added, each with a hash over itself and the line before. A file of its own,
 * which several programs may append to at once (the command line beside an open window).
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Problem, problem } from '../../common/contract/problem.ts';
import { auditEntrySchema, type AuditEntry } from '../../common/model/control.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { setAside } from '../history/file.ts';
import type { ActionQuery } from './types.ts';

/** Marks the file as ours in its header: "mosa". */
const APPLICATION_ID = 0x6d6f7361;
const SCHEMA_VERSION = 1;
const BUSY_MILLISECONDS = 10_000;

const SCHEMA = `
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    -- Milliseconds since 1970 (UTC).
    time INTEGER NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Number of the action's own line, which has its number here too.
    action INTEGER,
    text TEXT NOT NULL,
    body TEXT NOT NULL,
    -- SHA-256 in hex over the hash before and this line, see hashOf.
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_action ON audit (action);
  CREATE INDEX audit_begun ON audit (number) WHERE kind = 'begun';
  CREATE INDEX audit_until ON audit (number)
    WHERE kind = 'begun' AND json_extract(body, '$.order.until') IS NOT NULL;
  CREATE INDEX audit_undoes ON audit (json_extract(body, '$.undoes')) WHERE kind = 'begun';
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
`;

/** A line before it has its number and hash. */
export type NewEntry = Omit<AuditEntry, 'number' | 'hash'>;

/** The audit log's file in a data folder. */
export function auditFile(folder: string): string {
  return join(folder, 'audit.sqlite');
}

export class AuditLog {
  readonly #database: Database.Database;
  readonly #file: string;
  /** The newest line known; everything up to it was checked while the file's version is `#version`. */
  #last = { number: 0, hash: '' };
  #version: unknown;
  #broken = '';

  private constructor(database: Database.Database, file: string) {
    this.#database = database;
    this.#file = file;
  }

  /**
   * Opens the log, made where there is none. A damaged file is set aside under a new name, which `onProblem` is told
   * with history-damaged, and the first line of the new one. Problems: disk-full, file-unreadable, history-newer.
   */
  static open(folder: string, who: string, onProblem: (problem: Problem) => void): Result<AuditLog> {
    const file = auditFile(folder);
    const opened = attempt(file, () => openDatabase(file));
    if (opened.ok) return success(new AuditLog(opened.value, file));
    if (opened.problem.code !== 'history-damaged') return opened;
    const renewed = attempt(file, () => {
      const target = setAside(file, new Date());
      return { target, log: new AuditLog(openDatabase(file), file) };
    });
    if (!renewed.ok) return renewed;
    const { target, log } = renewed.value;
    const text = `${opened.problem.message} It was set aside as ${target}, and this one begun.`;
    onProblem(problem('history-damaged', text, opened.problem.detail));
    const entry = { time: Date.now(), who, kind: 'locked' as const, action: null, text, body: '{}' };
    const told = log.append(() => entry);
    return told.ok ? success(log) : told;
  }

  /**
   * Adds the line that `make` gives for its number, and is on the disk when it returns; undefined adds nothing. No
   * other program adds one meanwhile. Problems: disk-full, history-damaged, file-unreadable.
   */
  append(make: (number: number) => NewEntry | undefined): Result<AuditEntry | undefined> {
    return attempt(this.#file, () => {
      const wasChecked = this.#isChecked();
      const insert = this.#database.prepare(
        'INSERT INTO audit VALUES (@number, @time, @who, @kind, @action, @text, @body, @hash)',
      );
      const entry = this.#database
        .transaction(() => {
          const last = this.#database
            .prepare('SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1')
            .get() as { number: number; hash: string } | undefined;
          const number = (last?.number ?? 0) + 1;
          const made = make(number);
          if (made === undefined) return undefined;
          const [who, text] = [made.who.toWellFormed(), made.text.toWellFormed()];
          const whole = { ...made, who, text, time: Math.round(made.time), number };
          const hash = hashOf(last?.hash ?? '', whole);
          insert.run({ ...whole, hash });
          return { ...whole, hash };
        })
        .immediate();
      // Own lines go on from what was checked; those of other programs are checked at the next audit().
      if (entry !== undefined && wasChecked && entry.number === this.#last.number + 1) this.#last = entry;
      return entry;
    });
  }

  /** Newest first. */
  entries(before: number | undefined, limit: number): Result<readonly AuditEntry[]> {
    return this.#select('number < ? ORDER BY number DESC LIMIT ?', before ?? Number.MAX_SAFE_INTEGER, limit);
  }

  /** Every line of an action, oldest first. */
  ofAction(action: number): Result<readonly AuditEntry[]> {
    return this.#select('action = ? ORDER BY number', action);
  }

  /** Numbers of actions, newest first. */
  actions({ before, from, to, limit }: ActionQuery): Result<readonly number[]> {
    return this.#numbers(
      "kind = 'begun' AND number < ? AND time >= ? AND time < ? ORDER BY number DESC LIMIT ?",
      before ?? Number.MAX_SAFE_INTEGER,
      from ?? 0,
      to ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
  }

  /** Numbers of the actions that undo this one, newest first. */
  undoing(action: number): Result<readonly number[]> {
    return this.#numbers(
      "kind = 'begun' AND json_extract(body, '$.undoes') = ? ORDER BY number DESC",
      action,
    );
  }

  /** Numbers of the actions begun since `number` that are to end by themselves, oldest first. */
  ending(after: number): Result<readonly number[]> {
    return this.#numbers(
      "kind = 'begun' AND number > ? AND json_extract(body, '$.order.until') IS NOT NULL ORDER BY number",
      after,
    );
  }

  /** Where the chain of hashes does not hold, in words; empty where it holds from the first line to the last. */
  check(): Result<string> {
    return attempt(this.#file, () => {
      if (!this.#isChecked()) {
        this.#version = this.#dataVersion();
        this.#broken = this.#checkAll();
      }
      return this.#broken;
    });
  }

  close(): void {
    this.#database.close();
  }

  /** Whether nobody else has written since the last check. */
  #isChecked(): boolean {
    return this.#version !== undefined && this.#version === this.#dataVersion();
  }

  /** Changes whenever another connection has written. */
  #dataVersion(): unknown {
    return this.#database.pragma('data_version', { simple: true });
  }

  #checkAll(): string {
    const known = this.#last;
    let [number, hash] = [0, ''];
    let isKnownThere = known.number === 0;
    for (const row of this.#database.prepare('SELECT * FROM audit ORDER BY number').iterate()) {
      const entry = row as AuditEntry;
      if (entry.number !== number + 1) return missing(number + 1, entry.number - 1);
      if (entry.hash !== hashOf(hash, entry)) {
        return `Line ${entry.number} of the audit log, or the hash before it, was changed after it was written.`;
      }
      ({ number, hash } = entry);
      if (number === known.number) isKnownThere = hash === known.hash;
    }
    if (number < known.number) return missing(number + 1, known.number);
    if (!isKnownThere)
      return `The audit log was written anew: line ${known.number} is not the one it was before.`;
    this.#last = { number, hash };
    return '';
  }

  #select(where: string, ...values: readonly number[]): Result<readonly AuditEntry[]> {
    return attempt(this.#file, () => {
      const rows = this.#database.prepare(`SELECT * FROM audit WHERE ${where}`).all(...values);
      return rows.flatMap((row) => {
        const parsed = auditEntrySchema.safeParse(row);
        return parsed.success ? [parsed.data] : [];
      });
    });
  }

  #numbers(where: string, ...values: readonly number[]): Result<readonly number[]> {
    return attempt(this.#file, () => {
      const statement = this.#database.prepare(`SELECT number FROM audit WHERE ${where}`).pluck();
      return statement.all(...values) as number[];
    });
  }
}

/** SHA-256 in hex over the hash before and the line's fields as JSON, in the order of the table. */
export function hashOf(before: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { number, time, who, kind, action, text, body } = entry;
  return createHash('sha256')
    .update(JSON.stringify([before, number, time, who, kind, action, text, body]))
    .digest('hex');
}

function missing(first: number, last: number): string {
  return first === last
    ? `Line ${first} of the audit log is missing.`
    : `Lines ${first} to ${last} of the audit log are missing.`;
}

function openDatabase(file: string): Database.Database {
  if (!existsSync(file)) {
    // Only its owner may read it, before SQLite would make it readable for all. Another program may be quicker.
    closeSync(openSync(file, 'a', 0o600));
  }
  const database = new Database(file, { timeout: BUSY_MILLISECONDS });
  try {
    database.pragma('synchronous = FULL');
    database.transaction(() => prepare(database, file)).immediate();
    const verdict = database.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new DamagedLog(String(verdict).replaceAll(/\s+/g, ' '));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: Database.Database, file: string): void {
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (isEmpty) {
    database.exec(SCHEMA);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
    return;
  }
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new DamagedLog('it is a database, but not an audit log of mosview');
  }
  const version = database.pragma('user_version', { simple: true });
  if (Number(version) > SCHEMA_VERSION) throw new NewerLog(`${file} was written by a newer mosview`);
}

class DamagedLog extends Error {
  override readonly name = 'DamagedLog';
}

class NewerLog extends Error {
  override readonly name = 'NewerLog';
}

/** Runs what may fail for reasons outside the program; faults of the program stay exceptions. */
function attempt<Value>(file: string, work: () => Value): Result<Value> {
  try {
    return success(work());
  } catch (error) {
    const trouble = troubleOf(error, file);
    if (trouble === undefined) throw error;
    return failure(trouble);
  }
}

function troubleOf(error: unknown, file: string): Problem | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof NewerLog) return problem('history-newer', `${words}.`);
  if (
    error instanceof DamagedLog ||
    /^SQLITE_(CORRUPT|NOTADB)/.test(code) ||
    /^no such (table|column)/.test(words)
  ) {
    return problem('history-damaged', `The audit log ${file} is damaged: ${words}.`, code);
  }
  if (/^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHMSIZE|FSYNC|TRUNCATE)|ENOSPC|EDQUOT)/.test(code)) {
    return problem('disk-full', `There is no room to write the audit log ${file}.`, `${code}: ${words}`);
  }
  if (/^(SQLITE_(IOERR|CANTOPEN|READONLY|PERM|BUSY|LOCKED|AUTH)|E[A-Z]+$)/.test(code)) {
    return problem('file-unreadable', `The audit log ${file} cannot be used: ${words}.`, code);
  }
  return undefined;
}
