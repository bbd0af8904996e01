import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';

test('a statement is prepared once, and anew where its rows are still being read', () => {
  const database = openDatabase(':memory:', {});
  database.exec('CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1), (2), (3)');
  const select = () => database.prepare<[], { readonly n: number }>('SELECT n FROM one ORDER BY n');
  expect(select()).toBe(select());

  const pairs: string[] = [];
  for (const { n } of select().iterate()) {
    for (const other of select().iterate()) pairs.push(`${n}${other.n}`);
  }
  expect(pairs).toEqual(['11', '12', '13', '21', '22', '23', '31', '32', '33']);
  database.close();
});
