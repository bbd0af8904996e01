/** Which nodes a report is about, where numbers and names are those of several. */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyFile } from '../history/file.ts';
import { temporaryFolder } from '../history/fixture.ts';
import { FROM, orderOf, recordHour, sourceOf, value } from './fixture.ts';
import type { FolderSource } from './folder-source.ts';
import { previewReport } from './index.ts';
import { selectionOf } from './selection.ts';

const folder = temporaryFolder();
let source: FolderSource;

beforeAll(async () => {
  recordHour(folder.path);
  // A machine of no cluster had the number 3 as well; node2 was known by its name before its first answer, as number 9.
  const database = new Database(historyFile(folder.path));
  database.exec(`
    INSERT INTO node (number, key, id, name) VALUES (10, 'host:gate', 3, 'gate'), (11, 'host:node2', 9, 'node2');
    INSERT INTO node_state (node, time, state, reason, id, name) VALUES
      (10, ${FROM + 1000}, 'failed', 'no route', 3, 'gate'), (10, ${FROM + 5000}, NULL, '', 3, 'gate'),
      (11, ${FROM + 1000}, 'failed', 'refused', 9, 'node2'), (11, ${FROM + 5000}, NULL, '', 9, 'node2')`);
  database.close();
  source = await sourceOf(folder.path);
});

afterAll(async () => {
  await source.close();
  folder.dispose();
});

const keysOf = async (...nodes: readonly string[]) =>
  (await selectionOf(source, orderOf(source, { nodes: [...nodes] }).request)).keys;
const pageOf = async (...nodes: readonly string[]) =>
  value(await previewReport(orderOf(source, { nodes: [...nodes] }), 100));

test('a node is all that was recorded of it, also before its first answer', async () => {
  expect(await keysOf('2')).toEqual(['id:2', 'host:node2']);
  const page = await pageOf('node2');
  expect(page).toContain('1 node: node2');
  expect(page).toContain('refused');
});

test('a number of two nodes is not mixed: both are named, and their keys choose', async () => {
  const refused = await previewReport(orderOf(source, { nodes: ['3'] }), 100);
  expect(refused).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
  expect(!refused.ok && refused.problem.message).toMatch(
    /gate \(number 3, host:gate\) and node3 \(number 3, id:3\)/,
  );
  expect(await keysOf('id:3')).toEqual(['id:3']);
  expect(await pageOf('id:3')).not.toContain('no route');
  expect(await pageOf('gate')).toContain('no route');
});

test('migrations, which have numbers only, are said to be of both', async () => {
  expect(await pageOf('gate')).toContain(
    'Another node had one of these numbers, too, and its migrations are among them: node3',
  );
  expect(await pageOf('gate', 'id:3')).not.toContain('Another node had one of these numbers');
  expect(await pageOf('2')).not.toContain('Another node had one of these numbers');
});
