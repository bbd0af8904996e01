/** The history file on disk: opening and checking it, setting a damaged one aside, the lock that keeps writers apart. */
import { closeSync, chmodSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Problem, problem } from '../../common/contract/problem.ts';
import { type Result, failure, success } from '../../common/model/result.ts';
import { DamagedData } from './codec.ts';
import { openDatabase } from './database.ts';
import { APPLICATION_ID, SCHEMA_VERSION, migrate } from './schema.ts';
import { Tables } from './tables.ts';

/** Files up to this size are checked as a whole when they are opened; of larger ones only the tables written each second. */
const FULL_CHECK_BYTES = 64 * 1024 * 1024;

/** Bytes of a page: of a kilobyte or two a row, a larger page wastes less behind the last one of it. */
const PAGE_SIZE = 8192;

/** Pages of the write-ahead log after which SQLite itself checkpoints (4 MB), and what is left of the log after it. */
const WAL_PAGES = 500;
const WAL_BYTES = 8 * 1024 * 1024;

/** The history's file in a data folder. */
export function historyFile(folder: string): string {
  return join(folder, 'history.sqlite');
}

/** What an exception of SQLite or of the file system means; `undefined` for a fault of the program. */
export function troubleOf(error: unknown, file: string): Problem | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof NewerHistory) return problem('history-newer', words);
  if (error instanceof OlderHistory) return problem('file-unreadable', words);
  const lacksTables = code === 'SQLITE_ERROR' && /^no such (table|column)/.test(words);
  if (error instanceof DamagedData || lacksTables || /^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    const what = code === 'SQLITE_NOTADB' ? 'is damaged, or is no history at all' : 'is damaged';
    return problem('history-damaged', `The history file ${file} ${what}: ${words}.`, code);
  }
  if (/^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHMSIZE|FSYNC|TRUNCATE)|ENOSPC|EDQUOT)/.test(code)) {
    return problem('disk-full', `There is no room to write the history file ${file}.`, `${code}: ${words}`);
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    const who = `Another program holds the history file ${file}; end it, or wait until it is done.`;
    return problem('file-unreadable', who, `${code}: ${words}`);
  }
  if (/^(SQLITE_(IOERR|CANTOPEN|READONLY|PERM|AUTH)|E[A-Z]+$)/.test(code)) {
    return problem('file-unreadable', `The history file ${file} cannot be used: ${words}.`, code);
  }
  return undefined;
}

/**
 * Opens the file for writing, made and migrated where needed. Problems: history-damaged and history-newer (nothing was
 * changed), disk-full, file-unreadable.
 *
 * Durability: a commit is in the write-ahead log, in the operating system's hands, before it returns, so a killed
 * program loses nothing that was committed. `synchronous=NORMAL` leaves the fsync to the checkpoints (one a minute,
 * and after 4 MB): when the power fails, up to the last minute may be missing, but the file is never torn.
 */
export function openForWriting(file: string): Result<Tables> {
  return opened(
    file,
    () => {
      if (!createPrivately(file) && sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0) {
        throw new DamagedData('it is empty, but its write-ahead log is not');
      }
      chmodSync(file, 0o600);
      return openDatabase(file, { timeout: 2000 });
    },
    (database) => {
      const empty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
      if (empty) {
        database.pragma(`page_size = ${PAGE_SIZE}`);
        database.pragma('auto_vacuum = INCREMENTAL');
      }
      if (!empty) checkOrigin(database, file);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
      database.pragma(`journal_size_limit = ${WAL_BYTES}`);
      if (!empty) checkPages(database, sizeOf(file) <= FULL_CHECK_BYTES);
      migrate(database);
      return new Tables(database);
    },
  );
}

/** A folder where a history file should be; undefined where there is none. */
export function folderInPlace(file: string): Problem | undefined {
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const words = `${file} is a folder, no history file; name the file in it.`;
  return isFolder ? problem('file-unreadable', words) : undefined;
}

/** Opens the file for reading beside its writer. Problems: history-damaged, history-newer, file-unreadable (also older). */
export function openForReading(file: string): Result<Tables> {
  if (!existsSync(file)) {
    return failure(problem('file-unreadable', `There is no history yet: ${file} does not exist.`));
  }
  const folder = folderInPlace(file);
  if (folder !== undefined) return failure(folder);
  return opened(
    file,
    () => openDatabase(file, { readonly: true, fileMustExist: true, timeout: 2000 }),
    (database) => {
      checkOrigin(database, file);
      const version = database.pragma('user_version', { simple: true }) as number;
      if (version < SCHEMA_VERSION) throw new OlderHistory(file, version);
      return new Tables(database);
    },
  );
}

/** Opens a database and makes it ready; closed again where that fails. */
function opened<Value>(
  file: string,
  open: () => Database.Database,
  prepare: (database: Database.Database) => Value,
): Result<Value> {
  return attempt(file, () => {
    const database = open();
    try {
      return prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs what may fail for reasons outside the program; faults of the program stay exceptions. */
export function attempt<Value>(file: string, work: () => Value): Result<Value> {
  try {
    return success(work());
  } catch (error) {
    const trouble = troubleOf(error, file);
    if (trouble === undefined) throw error;
    return failure(trouble);
  }
}

class NewerHistory extends Error {
  override readonly name = 'NewerHistory';
}

class OlderHistory extends Error {
  override readonly name = 'OlderHistory';

  constructor(file: string, version: number) {
    super(
      `${file} has the layout ${version} of an older mosview. It is brought up to date when mosview next records into it; start it once, then read again.`,
    );
  }
}

function checkOrigin(database: Database.Database, file: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new DamagedData('it is a database, but not a history of mosview');
  }
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION) {
    throw new NewerHistory(
      `${file} has the layout ${version} of a newer mosview; this one knows layouts up to ${SCHEMA_VERSION}.`,
    );
  }
}

/** Looks for damaged pages; in a large file only in the tables that every second needs, so that opening stays quick. */
function checkPages(database: Database.Database, all: boolean): void {
  for (const table of all ? ['1'] : ['tick', 'slot', 'node', 'metric']) {
    const verdict = database.pragma(`quick_check(${table})`, { simple: true });
    if (verdict !== 'ok') throw new DamagedData(String(verdict).replaceAll(/\s+/g, ' '));
  }
}

/**
 * Moves a damaged history, with its log, to a name of its own beside it; returns that name. Nothing of it is deleted.
 * Throws what the file system throws.
 */
export function setAside(file: string, now: Date): string {
  const digits = now.toISOString().replaceAll(/[-:]|\..*/g, '');
  const base = file.replace(/\.sqlite$/, `.damaged-${digits.replace('T', '-')}`);
  let target = `${base}.sqlite`;
  for (let count = 2; existsSync(target); count += 1) target = `${base}-${count}.sqlite`;
  for (const suffix of ['-shm', '-wal', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  }
  return target;
}

/** Holds the data folder for one writer. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the data folder, made where it is missing, for one writer. The lock is the operating system's, on a file of
 * its own, and ends with the process however that ends. Problems: data-folder-in-use, disk-full, file-unreadable.
 */
export function lockForWriting(folder: string): Result<WriterLock> {
  const file = join(folder, 'writer.lock');
  const taken = opened(
    file,
    () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      createPrivately(file);
      return new Database(file, { timeout: 0 });
    },
    (database) => {
      database.pragma('journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
      return database;
    },
  );
  if (taken.ok) return success({ release: () => void taken.value.close() });
  return taken.problem.detail.startsWith('SQLITE_BUSY')
    ? failure(problem('data-folder-in-use', `Another mosview is writing to the data folder ${folder}.`))
    : taken;
}

/** Makes an empty file that only its owner may open, before SQLite would make it readable for all; false if it is there. */
function createPrivately(file: string): boolean {
  if (existsSync(file)) return false;
  closeSync(openSync(file, 'wx', 0o600));
  return true;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
