/** Checkpoints as the program that records hears of them, also of those that another one sets meanwhile. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/harness/program.ts';
import { CheckpointTable } from './checkpoints.ts';

test('one that is set by another program during the look is told once', () => {
  const folder = temporaryFolder('checkpoints');
  const file = join(folder.path, 'history.sqlite');
  const other = new Database(file);
  other.pragma('journal_mode = WAL');
  other.exec('CREATE TABLE checkpoint (number INTEGER PRIMARY KEY, time INTEGER, who TEXT, text TEXT)');
  const set = (text: string): void => {
    other.prepare('INSERT INTO checkpoint (time, who, text) VALUES (1, ?, ?)').run('somebody', text);
  };
  const own = new Database(file);
  let during: string | undefined;
  const table = new CheckpointTable(own);
  // The other one's turn comes before the rows are read.
  const prepare = own.prepare.bind(own);
  vi.spyOn(own, 'prepare').mockImplementation((sql: string) => {
    if (sql.includes('number > ?') && during !== undefined) {
      set(during);
      during = undefined;
    }
    return prepare(sql);
  });
  table.news();
  set('1');
  during = '2';
  expect([...table.news(), ...table.news()].map(({ text }) => text)).toEqual(['1', '2']);
  own.close();
  other.close();
  folder.remove();
});
