/** When nodes were not up, out of a log of states that is longer than any answer. */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyFile } from '../history/file.ts';
import { temporaryFolder } from '../history/fixture.ts';
import { reportTable } from './build.ts';
import { FROM, orderOf, recordHour, sourceOf, TO } from './fixture.ts';
import type { FolderSource } from './folder-source.ts';
import type { Cell } from './model.ts';

/** Times that node3 went down, every 5 ms of the ten minutes that are recorded. */
const TIMES = 60_000;
const folder = temporaryFolder();
let source: FolderSource;

beforeAll(async () => {
  recordHour(folder.path, []);
  const database = new Database(historyFile(folder.path));
  const number = database.prepare("SELECT number FROM node WHERE key = 'id:3'").pluck().get() as number;
  database.exec(`
    DELETE FROM node_state WHERE node = ${number};
    WITH RECURSIVE counter(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n + 1 < ${2 * TIMES})
    INSERT INTO node_state (node, time, state, reason, id, name)
    SELECT ${number}, ${FROM} + n * 5, CASE n % 2 WHEN 0 THEN 'down' ELSE 'up' END, 'turn ' || n, 3, 'node3'
    FROM counter`);
  database.close();
  source = await sourceOf(folder.path);
});

afterAll(async () => {
  await source.close();
  folder.dispose();
});

async function rowsOf(): Promise<{ readonly rows: (readonly Cell[])[]; readonly largest: number }> {
  const order = { ...orderOf(source, { from: FROM, to: TO }), migrationRows: 0 };
  const rows: (readonly Cell[])[] = [];
  let largest = 0;
  for await (const page of (await reportTable(order, 'states')).rows) {
    rows.push(...page);
    largest = Math.max(largest, page.length);
  }
  return { rows, largest };
}

test('all of a cluster that flaps are listed, each once and whole, and never many at a time', async () => {
  const { rows, largest } = await rowsOf();
  expect(rows).toHaveLength(TIMES);
  expect(new Set(rows.map(([, , , , , reason]) => reason)).size).toBe(TIMES);
  expect(rows.map(([, , from, to]) => [from, to])).toEqual(
    Array.from({ length: TIMES }, (_, turn) => [FROM + turn * 10, FROM + turn * 10 + 5]),
  );
  expect(largest).toBeLessThan(10_000);
});
