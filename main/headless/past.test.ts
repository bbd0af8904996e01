import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Result } from '../../common/model/result.ts';
import { nodes, temporaryFolder, tick } from '../history/fixture.ts';
import { HistoryWriter } from '../history/writer.ts';
import { parseCommand } from './arguments.ts';
import type { PastCommand } from './history-arguments.ts';
import { doPast, type Said } from './past.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const SECONDS = 400;
const BEGIN = Math.floor(Date.now() / 1000) - 500;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

/** A history of two nodes, one with the name of a formula. */
function recordSome(): void {
  const writer = value(HistoryWriter.open(folder.path, ({ message }) => expect.unreachable(message)));
  writer.setNodes(nodes(2).map((node) => (node.id === 2 ? { ...node, name: '=cmd()' } : node)));
  for (let second = BEGIN; second < BEGIN + SECONDS; second += 1)
    writer.append(second * 1000, tick(second, 2), 2);
  writer.close();
}

/** Does a command line; what it wrote to the standard output beside what it says. */
async function run(
  line: string,
  signal = new AbortController().signal,
): Promise<{ readonly said: Result<Said>; readonly streamed: string }> {
  const command = value(parseCommand(line.split(' '), folder.path));
  const standard = new PassThrough();
  const chunks: Buffer[] = [];
  standard.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Only these commands are run here.
  const past = command as Exclude<PastCommand, { name: 'history' | 'migrations' }>;
  const said = await doPast(past, folder.path, standard, signal);
  return { said, streamed: Buffer.concat(chunks).toString() };
}

describe('history export', () => {
  test('streams a line per second and node, which no spreadsheet takes for a formula', async () => {
    recordSome();
    const { streamed } = await run('history export --since 1h --metric load --metric cpus');
    const lines = streamed.split('\r\n');
    expect(lines[0]).toBe('time,seconds,id,name,key,load,cpus');
    expect(lines).toHaveLength(1 + 2 * SECONDS + 1);
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z,1,1,node1,id:1,\d/);
    expect(lines[2]).toContain(",'=cmd(),id:2,");
    expect(new Set(lines.slice(1, -1).map((line) => line.split(',')[0])).size).toBe(SECONDS);
  });

  test('writes a file whole, as JSON, of one node and in roll-ups', async () => {
    recordSome();
    const { said } = await run('history export --since 1h --node 1 --metric load --every 10s -o values.json');
    const rows = JSON.parse(readFileSync(join(folder.path, 'values.json'), 'utf8')) as {
      readonly time: string;
    }[];
    expect(rows.length).toBeGreaterThanOrEqual(SECONDS / 10);
    expect(rows.length).toBeLessThanOrEqual(SECONDS / 10 + 1);
    expect(rows[0]).toMatchObject({ seconds: 10, id: 1, name: 'node1', key: 'id:1' });
    expect(value(said).text).toContain(`${rows.length} rows`);
    expect(readdirSync(folder.path).filter((name) => name.includes('values'))).toEqual(['values.json']);
  });

  test('says what is wrong: a node that is none, a place that is none, a file that is no history', async () => {
    recordSome();
    const node = await run('history export --node nobody');
    expect(!node.said.ok && node.said.problem.message).toBe(
      'The history has no node "nobody"; it has node1 and =cmd().',
    );
    const place = await run('history export -o missing/values.csv');
    expect(!place.said.ok && place.said.problem.message).toMatch(
      /missing\/values\.csv could not be written: .*open '.*missing\/values\.csv'$/,
    );
    writeFileSync(join(folder.path, 'other.sqlite'), 'no database at all '.repeat(100));
    const file = await run('history export --file other.sqlite');
    expect(!file.said.ok && file.said.problem.code).toBe('history-damaged');
  });
});

test('an export that is cancelled in the middle leaves nothing', async () => {
  recordSome();
  const cancelling = new AbortController();
  const exported = run('history export --since 1h -o values.csv', cancelling.signal);
  while (!readdirSync(folder.path).some((name) => name.startsWith('values.csv.'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  cancelling.abort();
  expect((await exported).said).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
  expect(readdirSync(folder.path).filter((name) => name.startsWith('values'))).toEqual([]);
});

test('an export to a reader that takes all at once can be cancelled, too', async () => {
  recordSome();
  const cancelling = new AbortController();
  const whole = await run('history export --since 1h');
  setImmediate(() => cancelling.abort());
  const { said, streamed } = await run('history export --since 1h', cancelling.signal);
  expect(streamed.length).toBeLessThan(whole.streamed.length);
  expect(said).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
});

test('a folder in the place of a history file is called so', async () => {
  for (const what of ['verify', 'export']) {
    const { said } = await run(`history ${what} --file .`);
    expect(!said.ok && said.problem.message).toMatch(/ is a folder, no history file; name the file in it\.$/);
  }
});

test('verify says that all is well, and with --json every table', async () => {
  recordSome();
  const { said } = await run('history verify --json');
  expect(value(said).problems).toEqual([]);
  expect(JSON.parse(value(said).text)).toMatchObject({ damaged: 0, findings: [] });
});

test('verify calls damage what it finds, and leaves the file as it is', async () => {
  recordSome();
  const file = join(folder.path, 'history.sqlite');
  const database = new Database(file);
  database.exec("UPDATE chunk SET v = x'63'");
  database.close();
  const bytes = readFileSync(file);
  const { said } = await run('history verify');
  expect(value(said).problems).toMatchObject([{ code: 'history-damaged' }]);
  expect(readFileSync(file)).toEqual(bytes);
});

test('a checkpoint takes all words as its text', async () => {
  const { said } = await run('checkpoint before the test --json');
  expect(JSON.parse(value(said).text)).toMatchObject({ number: 1, text: 'before the test' });
});

test.each([
  ['history verify --node 1', 'history verify takes no --node'],
  ['history compact now', '"now" is one word too many'],
  ['history burn', '"burn" is nothing to do with a history'],
  ['history export --every 5s', '--every takes 1s, 10s, 1m or 1h'],
  ['history export --metric speeed', '"speeed" is no metric'],
  ['history export --format xml', '--format takes csv or json'],
  ['history --node 1 --every 1m', 'history takes no --every'],
  ['checkpoint x --demo 3', 'checkpoint takes no --demo'],
])('%s is refused', (line, words) => {
  const parsed = parseCommand(line.split(' '), '/');
  expect(!parsed.ok && parsed.problem.message).toContain(words);
});
