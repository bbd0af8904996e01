/**
 * What is done to a history without recording into it: a checkpoint, also beside the program that records, and making the
 * file as small as it can be.
 */
import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { problem } from '../../common/contract/problem.ts';
import type { Checkpoint } from '../../common/model/history.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { attempt, historyFile, lockForWriting, openForWriting } from './file.ts';
import { Records } from './records/index.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';

/** Milliseconds to wait for the program that records; it never holds the file for longer than one transaction. */
const WAIT_MILLISECONDS = 10_000;

/**
 * Stores a checkpoint, and gives it with its number. SQLite lets one short transaction follow the other, whoever makes
 * it; so this needs nothing of the program that records, which sees the new row by itself. Problems: disk-full,
 * history-damaged, history-newer, file-unreadable, not-available (the program that records is of another version).
 */
export function addCheckpointBeside(folder: string, checkpoint: Checkpoint): Result<Checkpoint> {
  const file = historyFile(folder);
  const lock = lockForWriting(folder);
  if (lock.ok) {
    try {
      const tables = openForWriting(file);
      if (!tables.ok) return tables;
      try {
        return attempt(file, () => tables.value.transaction(() => added(tables.value.records, checkpoint)));
      } finally {
        tables.value.close();
      }
    } finally {
      lock.value.release();
    }
  }
  if (lock.problem.code !== 'data-folder-in-use') return lock;
  const done = attempt(file, () => {
    const database = new Database(file, { fileMustExist: true, timeout: WAIT_MILLISECONDS });
    try {
      const isOurs =
        database.pragma('application_id', { simple: true }) === APPLICATION_ID &&
        database.pragma('user_version', { simple: true }) === SCHEMA_VERSION;
      if (!isOurs) {
        const words = `The mosview that records into ${file} is of another version; set the checkpoint in its window.`;
        return failure(problem('not-available', words));
      }
      database.pragma('synchronous = NORMAL');
      const records = new Records(database);
      return success(database.transaction(() => added(records, checkpoint)).immediate());
    } finally {
      database.close();
    }
  });
  return done.ok ? done.value : done;
}

function added(records: Records, checkpoint: Checkpoint): Checkpoint {
  return records.checkpoints.add([checkpoint])[0] ?? checkpoint;
}

/** Bytes of a history file before and after. */
export interface Compacted {
  readonly file: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Writes the file anew without its gaps; nobody else may write meanwhile. SQLite does it in one transaction: when it is
 * cut off, the file is as it was. That takes as much room again beside it. Problems: data-folder-in-use, not-found,
 * disk-full, history-damaged, history-newer, file-unreadable.
 */
export function compactHistory(folder: string): Result<Compacted> {
  const file = historyFile(folder);
  if (!existsSync(file)) return failure(problem('not-found', `There is no history in ${folder} yet.`));
  const lock = lockForWriting(folder);
  if (!lock.ok) return lock;
  const temporary = process.env['SQLITE_TMPDIR'];
  // What is written beside must have the room that the history has, which /tmp often has not.
  process.env['SQLITE_TMPDIR'] = folder;
  try {
    const before = bytesOf(file);
    const tables = openForWriting(file);
    if (!tables.ok) return tables;
    try {
      const done = attempt(file, () => {
        tables.value.compact();
        tables.value.checkpoint(true);
      });
      if (!done.ok) return done;
    } finally {
      tables.value.close();
    }
    return success({ file, before, after: bytesOf(file) });
  } finally {
    if (temporary === undefined) delete process.env['SQLITE_TMPDIR'];
    else process.env['SQLITE_TMPDIR'] = temporary;
    lock.value.release();
  }
}

/** Of the file with its log. */
function bytesOf(file: string): number {
  return [file, `${file}-wal`].reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
