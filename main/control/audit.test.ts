/** The audit log: only added to, chained, checked, shared by several programs, and set aside when it is damaged. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import type { Result } from '../../common/model/result.ts';
import { auditFile, AuditLog, type NewEntry } from './audit.ts';

// Other programs are started, and every line waits for the disk.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let opened: AuditLog[];
let problems: Problem[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-audit-'));
  opened = [];
  problems = [];
});

afterEach(() => {
  for (const log of opened) log.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): AuditLog {
  const log = value(AuditLog.open(folder, 'anna@desk', (problem) => void problems.push(problem)));
  opened.push(log);
  return log;
}

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

function add(log: AuditLog, text: string): void {
  const entry: NewEntry = { time: 1, who: 'anna@desk', kind: 'unlocked', action: null, text, body: '{}' };
  value(log.append(() => entry));
}

/** Does to the file what no part of mosview does. */
function tamper(sql: string): void {
  const database = new Database(auditFile(folder));
  database.exec(sql);
  database.close();
}

const WITHOUT_TRIGGERS = 'DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted;';

test('lines are numbered from 1, newest first, and the chain holds', () => {
  const log = open();
  for (const text of ['one', 'two', 'three']) add(log, text);
  expect(value(log.entries(undefined, 2)).map(({ number, text }) => [number, text])).toEqual([
    [3, 'three'],
    [2, 'two'],
  ]);
  expect(value(log.check())).toBe('');
  expect(value(open().check())).toBe('');
});

test('only its owner may read the file', () => {
  open();
  expect(statSync(auditFile(folder)).mode & 0o777).toBe(0o600);
});

test('the file itself refuses changes and deletions', () => {
  add(open(), 'one');
  expect(() => tamper("UPDATE audit SET who = 'eve'")).toThrow('the audit log is only ever added to');
  expect(() => tamper('DELETE FROM audit')).toThrow('the audit log is only ever added to');
});

test.each([
  [
    "UPDATE audit SET who = 'eve' WHERE number = 2",
    'Line 2 of the audit log, or the hash before it, was changed',
  ],
  [
    "UPDATE audit SET body = '[]' WHERE number = 3",
    'Line 3 of the audit log, or the hash before it, was changed',
  ],
  ['DELETE FROM audit WHERE number = 2', 'Line 2 of the audit log is missing.'],
  ['DELETE FROM audit WHERE number < 3', 'Lines 1 to 2 of the audit log are missing.'],
])('after %s it is said where the chain is broken', (sql, words) => {
  const log = open();
  for (const text of ['one', 'two', 'three', 'four']) add(log, text);
  expect(value(log.check())).toBe('');
  tamper(`${WITHOUT_TRIGGERS} ${sql}`);
  expect(value(log.check())).toContain(words);
  expect(value(open().check())).toContain(words);
});

test('the newest lines cannot go unnoticed while the program runs', () => {
  const log = open();
  for (const text of ['one', 'two']) add(log, text);
  expect(value(log.check())).toBe('');
  add(log, 'three');
  tamper(`${WITHOUT_TRIGGERS} DELETE FROM audit WHERE number > 1`);
  expect(value(log.check())).toBe('Lines 2 to 3 of the audit log are missing.');
});

test('a broken chain stays broken, and the log is still added to', () => {
  const log = open();
  for (const text of ['one', 'two']) add(log, text);
  tamper(`${WITHOUT_TRIGGERS} UPDATE audit SET text = 'another' WHERE number = 1`);
  add(log, 'three');
  expect(value(log.check())).toContain('Line 1 of the audit log');
  expect(value(log.entries(undefined, 10))).toHaveLength(3);
});

test('two programs add to one chain and see each other’s lines', () => {
  const [window, commandLine] = [open(), open()];
  for (let turn = 0; turn < 5; turn += 1) {
    add(window, `window ${turn}`);
    add(commandLine, `command ${turn}`);
  }
  expect(value(window.entries(undefined, 1))[0]?.text).toBe('command 4');
  expect([value(window.check()), value(commandLine.check())]).toEqual(['', '']);
});

test('programs that open and add at the same moment wait for each other', async () => {
  const program = `
    import { AuditLog } from ${JSON.stringify(join(import.meta.dirname, 'audit.ts'))};
    const log = AuditLog.open(process.argv[1], 'x', console.error);
    if (!log.ok) throw new Error(log.problem.message);
    for (let turn = 0; turn < 20; turn += 1) {
      const entry = { time: 1, who: 'x', kind: 'run', action: null, text: 't', body: '{}' };
      const added = log.value.append(() => entry);
      if (!added.ok) throw new Error(added.problem.message);
    }`;
  const run = `for i in 1 2 3; do "$0" --input-type=module-typescript -e "$1" "$2" & done; wait`;
  execFileSync('sh', ['-ec', run, process.execPath, program, folder]);
  const log = open();
  expect(value(log.entries(undefined, 100))).toHaveLength(60);
  expect(value(log.check())).toBe('');
});

test('a damaged file is set aside, said, and told in the first line of the new one', () => {
  writeFileSync(
    auditFile(folder),
    'this is no database, and long enough to be taken for a broken one'.repeat(50),
  );
  const log = open();
  expect(problems).toMatchObject([{ code: 'history-damaged' }]);
  const [aside] = readdirSync(folder).filter((name) => name.startsWith('audit.damaged-'));
  const [first] = value(log.entries(undefined, 1));
  expect(first?.number).toBe(1);
  expect(first?.text).toContain(String(aside));
});

test('a log of a newer mosview is left as it is', () => {
  open();
  tamper('PRAGMA user_version = 99');
  expect(AuditLog.open(folder, 'x', () => undefined)).toMatchObject({
    ok: false,
    problem: { code: 'history-newer' },
  });
});

test('text with anything in it keeps its hash', () => {
  const log = open();
  add(log, 'zero \u0000, half a pair \ud800, "quotes"\n');
  expect(value(open().check())).toBe('');
});
