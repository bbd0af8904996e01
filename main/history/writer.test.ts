import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { METRICS } from '../../common/model/metric.ts';
import type { Result } from '../../common/model/result.ts';
import {
  START,
  everySecond,
  expectedLoad,
  nodes,
  pairs,
  smallDisk,
  temporaryFolder,
  tick,
  valueAt,
} from './fixture.ts';
import { HistoryWriter } from './writer.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const ROWS = 3;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let problems: Problem[];
let writers: HistoryWriter[];

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'history.sqlite');
  problems = [];
  writers = [];
});

afterEach(() => {
  for (const writer of writers) writer.close();
  folder.dispose();
});

function open(path = folder.path, sealSeconds?: number): HistoryWriter {
  const opened = HistoryWriter.open(path, (problem) => problems.push(problem), sealSeconds);
  if (!opened.ok) throw new Error(opened.problem.message);
  writers.push(opened.value);
  opened.value.setNodes(nodes(ROWS));
  return opened.value;
}

function close(writer: HistoryWriter): void {
  writers = writers.filter((other) => other !== writer);
  writer.close();
}

/** Appends the seconds [from, to). */
function append(writer: HistoryWriter, from: number, to: number): void {
  for (let second = from; second < to; second += 1) writer.append(second * 1000, tick(second, ROWS), ROWS);
}

/** A tick with one load value; every other cell is empty. */
function only(row: number, load: number): Float64Array {
  const values = new Float64Array(METRICS.length * ROWS).fill(NaN);
  values[row] = load;
  return values;
}

function ask<Name extends HistoryQueryName>(
  writer: HistoryWriter,
  name: Name,
  input: HistoryQuestion<Name>,
): Result<HistoryAnswer<Name>> {
  const steps = writer.ask(name, input);
  for (;;) {
    const step = steps.next();
    // The answer to the question of that name.
    if (step.done) return step.value as Result<HistoryAnswer<Name>>;
  }
}

function load(writer: HistoryWriter, row: number, from: number, to: number) {
  return pairs(ask(writer, 'history', everySecond(`id:${row + 1}`, from, to)));
}

function codes(): readonly string[] {
  return problems.map(({ code }) => code);
}

/** Runs SQL from outside, as another program would; the writer's cache does not survive it. */
function outside(sql: string): unknown {
  const database = new Database(file);
  try {
    const statement = database.prepare(sql);
    return statement.reader ? statement.pluck().get() : statement.run();
  } finally {
    database.close();
  }
}

describe('what was appended', () => {
  test('is read back from the tail and from chunks as one series', () => {
    const writer = open();
    append(writer, START, START + 1000);
    for (const row of [0, 2])
      expect(load(writer, row, START, START + 1000)).toEqual(expectedLoad(row, START, START + 1000));
    expect(outside('SELECT count(*) FROM chunk')).toBeGreaterThan(0);
    expect(outside('SELECT count(*) FROM tick')).toBeGreaterThan(0);
  });

  test('is on disk as ticks at once and as chunks only after close', () => {
    const writer = open();
    append(writer, START, START + 10);
    expect(outside('SELECT count(*) FROM tick')).toBe(10);
    close(writer);
    expect(outside('SELECT count(*) FROM tick')).toBe(0);
    expect(outside('SELECT count(*) FROM chunk')).toBe(ROWS);
  });

  test('is there in every metric, in model units', () => {
    const writer = open();
    append(writer, START, START + 400);
    for (const [column, { name, quantum }] of METRICS.entries()) {
      const [[second, value] = []] = pairs(
        ask(writer, 'history', everySecond('id:2', START + 5, START + 6, name)),
      );
      expect([name, second, value]).toEqual([
        name,
        START + 5,
        valueAt(START + 5, 1, column) * Math.max(1, quantum),
      ]);
    }
  });

  test('goes on in the same window after a restart', () => {
    const first = open();
    append(first, START, START + 20);
    close(first);
    const second = open();
    append(second, START + 30, START + 50);
    close(second);
    expect(load(open(), 1, START, START + 50)).toEqual([
      ...expectedLoad(1, START, START + 20),
      [START + 20, NaN],
      ...expectedLoad(1, START + 30, START + 50),
    ]);
  });

  test('stays with its node when the rows have another order after a restart', () => {
    const first = open();
    append(first, START, START + 5);
    close(first);
    const second = open();
    close(second);
    const turned = HistoryWriter.open(folder.path, (problem) => problems.push(problem));
    if (!turned.ok) throw new Error(turned.problem.message);
    writers.push(turned.value);
    turned.value.setNodes(nodes(ROWS).toReversed());
    append(turned.value, START + 5, START + 10);
    turned.value.rest();
    expect(load(turned.value, 0, START, START + 10)).toEqual([
      ...expectedLoad(0, START, START + 5),
      ...expectedLoad(2, START + 5, START + 10),
    ]);
  });

  test('includes nodes that came later', () => {
    const writer = open();
    append(writer, START, START + 3);
    writer.setNodes(nodes(ROWS + 1));
    writer.append((START + 3) * 1000, tick(START + 3, ROWS + 1), ROWS + 1);
    close(writer);
    expect(load(open(), ROWS, START, START + 10)).toEqual(expectedLoad(ROWS, START + 3, START + 4));
  });

  test('names its nodes by their latest name', () => {
    const writer = open();
    writer.setNodes(nodes(ROWS).map((node) => ({ ...node, name: `${node.name}-new` })));
    const stored = ask(writer, 'recorded', {});
    expect(stored.ok && stored.value.nodes.map(({ key, name }) => `${key} ${name}`)).toEqual([
      'id:1 node1-new',
      'id:2 node2-new',
      'id:3 node3-new',
    ]);
  });

  test('is stored as integers, not as the doubles that the binding hands over', () => {
    append(open(), START, START + 1);
    expect(outside('SELECT group_concat(DISTINCT typeof(time)) FROM tick')).toBe('integer');
  });

  test('lies in files that only their owner may read', () => {
    append(open(), START, START + 1);
    for (const name of readdirSync(folder.path)) {
      expect([name, statSync(join(folder.path, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test('is told to be unknown for a node that never was', () => {
    const result = ask(open(), 'history', everySecond('id:99', START, START + 1));
    expect(!result.ok && result.problem.code).toBe('not-found');
  });

  test('is missing where a value is out of range, which is said once', () => {
    const writer = open();
    writer.append(START * 1000, only(0, 1e15), ROWS);
    writer.append((START + 1) * 1000, only(0, 1e15), ROWS);
    expect(load(writer, 0, START, START + 2)).toEqual([]);
    expect(codes()).toEqual(['bad-input']);
    expect(problems[0]?.message).toContain('load of node1');
  });
});

describe('a second that comes twice', () => {
  test('keeps what was recorded first and takes what was missing', () => {
    const writer = open();
    writer.append(START * 1000, only(0, 5), ROWS);
    writer.append(START * 1000 + 100, only(0, 6), ROWS);
    writer.append(START * 1000 + 200, only(1, 7), ROWS);
    close(writer);
    const again = open();
    expect([load(again, 0, START, START + 1), load(again, 1, START, START + 1)]).toEqual([
      [[START, 5]],
      [[START, 7]],
    ]);
  });
});

describe('a clock that goes back', () => {
  test('by an hour loses nothing that was stored, fills its gaps, and is said', () => {
    const writer = open();
    append(writer, START, START + 400);
    append(writer, START + 410, START + 3600);
    writer.append((START + 405) * 1000, only(0, 1234), ROWS);
    writer.append((START + 406) * 1000, only(0, 1235), ROWS);
    append(writer, START + 3600, START + 4200);
    close(writer);
    expect(load(open(), 0, START, START + 4200)).toEqual([
      ...expectedLoad(0, START, START + 400),
      [START + 400, NaN],
      [START + 405, 1234],
      [START + 406, 1235],
      [START + 407, NaN],
      ...expectedLoad(0, START + 410, START + 4200),
    ]);
    expect(codes()).toEqual(['bad-input']);
    expect(problems[0]?.message).toContain('went back by 3194 s');
  });

  test('into the segment that is just being sealed is stored with it', () => {
    const writer = open(folder.path, 100);
    append(writer, START, START + 90);
    append(writer, START + 100, START + 102);
    append(writer, START + 90, START + 100);
    append(writer, START + 102, START + 350);
    close(writer);
    expect(load(open(), 2, START, START + 350)).toEqual(expectedLoad(2, START, START + 350));
  });

  test('again and again does not stop the recording', () => {
    const writer = open();
    for (let jump = 0; jump < 50; jump += 1)
      append(writer, START + ((jump * 7919) % 50) * 1000, START + ((jump * 7919) % 50) * 1000 + 2);
    writer.rest();
    for (let jump = 0; jump < 50; jump += 1) {
      const second = START + jump * 1000;
      expect(load(writer, 0, second, second + 2)).toEqual(expectedLoad(0, second, second + 2));
    }
  });

  test('to an impossible time is said and does no harm', () => {
    const writer = open();
    writer.append(-5000, tick(START, ROWS), ROWS);
    writer.append(NaN, tick(START, ROWS), ROWS);
    append(writer, START, START + 2);
    expect(codes()).toEqual(['bad-input']);
    expect(load(writer, 0, START, START + 2)).toEqual(expectedLoad(0, START, START + 2));
  });
});

describe('a full disk', () => {
  test('is said once, keeps the seconds in memory, and goes on by itself when there is room', () => {
    const disk = smallDisk();
    try {
      const writer = open(disk.path);
      append(writer, START, START + 10);
      disk.fill();
      let end = START + 10;
      while (!writer.behind && end < START + 20_000) append(writer, end, (end += 1));
      append(writer, end, (end += 100));
      expect(codes()).toEqual(['disk-full']);
      expect(load(writer, 0, START, end)).toEqual(expectedLoad(0, START, end));
      disk.free();
      append(writer, end, (end += 1));
      expect(writer.behind).toBe(false);
      expect(codes()).toEqual(['disk-full', 'disk-full']);
      expect(problems[1]?.message).toContain('nothing was lost');
      close(writer);
      const again = open(disk.path);
      expect(load(again, 0, START, end)).toEqual(expectedLoad(0, START, end));
      close(again);
    } finally {
      disk.dispose();
    }
  });

  test('that lasts longer than ten minutes loses the oldest seconds, and says how many', () => {
    const disk = smallDisk();
    try {
      const writer = open(disk.path);
      disk.fill();
      let end = START;
      while (!writer.behind && end < START + 20_000) append(writer, end, (end += 1));
      append(writer, end, (end += 649));
      disk.free();
      append(writer, end, (end += 1));
      expect(problems.at(-1)?.message).toContain('oldest 50 s');
      expect(load(writer, 0, end - 601, end)).toEqual(expectedLoad(0, end - 601, end));
      close(writer);
    } finally {
      disk.dispose();
    }
  });
});

describe('a damaged file', () => {
  /** A file with sealed chunks and, as after a crash, ticks. */
  function recorded(): void {
    const writer = open();
    append(writer, START, START + 900);
    close(writer);
  }

  function damagedNames(): readonly string[] {
    return readdirSync(folder.path).filter((name) =>
      /^history\.damaged-\d{8}-\d{6}(-\d+)?\.sqlite$/.test(name),
    );
  }

  test.each<[string, () => void]>([
    ['is no database', () => writeFileSync(file, 'hello, this is a text file\n'.repeat(400))],
    ['is the database of another program', () => writeFileSync(file, otherDatabase())],
    ['is cut off in the middle', () => truncateSync(file, Math.floor(statSync(file).size / 16384) * 8192)],
    ['has pages overwritten with other bytes', () => overwrite('chunk')],
    [
      'is empty beside its log',
      () => {
        writeFileSync(file, '');
        writeFileSync(`${file}-wal`, 'not empty');
      },
    ],
  ])('that %s is set aside when it is opened, said, and a new one begun', (_, damage) => {
    recorded();
    damage();
    const before = readFileSync(file);
    const writer = open();
    expect(codes()).toEqual(['history-damaged']);
    const [name = 'none'] = damagedNames();
    expect(problems[0]?.message).toContain(name);
    expect(readFileSync(join(folder.path, name)).equals(before)).toBe(true);
    append(writer, START, START + 3);
    expect(load(writer, 0, START, START + 3)).toEqual(expectedLoad(0, START, START + 3));
  });

  test('found while reading is set aside, and what the memory holds goes into the new one', () => {
    const writer = open();
    append(writer, START, START + 900);
    writer.rest();
    overwrite('chunk');
    outside("UPDATE node SET name = 'x'");
    const result = ask(writer, 'history', everySecond('id:1', START, START + 900));
    expect(!result.ok && result.problem.code).toBe('history-damaged');
    append(writer, START + 900, START + 902);
    const tail = load(writer, 0, START + 500, START + 902);
    expect(tail).toEqual(expectedLoad(0, tail[0]?.[0] ?? 0, START + 902));
    expect(tail.length).toBeGreaterThan(100);
    expect(codes()).toEqual(['history-damaged']);
    expect(damagedNames().length).toBe(1);
    close(writer);
    expect(load(open(), 0, START + 500, START + 902)).toEqual(tail);
  });

  test('found while writing is set aside, and no second is lost', () => {
    const writer = open();
    append(writer, START, START + 50);
    writer.rest();
    outside('DROP TABLE tick');
    append(writer, START + 50, START + 60);
    expect(codes()).toEqual(['history-damaged']);
    expect(load(writer, 0, START, START + 60)).toEqual(expectedLoad(0, START, START + 60));
    close(writer);
    expect(load(open(), 0, START, START + 60)).toEqual(expectedLoad(0, START, START + 60));
  });

  /** Overwrites all leaf pages of a table. */
  function overwrite(table: string): void {
    const pages = String(
      outside(`SELECT group_concat(pageno) FROM dbstat WHERE name = '${table}' AND pagetype = 'leaf'`),
    );
    for (const page of pages.split(',')) {
      execFileSync('dd', [
        'if=/dev/urandom',
        `of=${file}`,
        'bs=8192',
        `seek=${Number(page) - 1}`,
        'count=1',
        'conv=notrunc',
        'status=none',
      ]);
    }
  }

  function otherDatabase(): Buffer {
    const database = new Database(':memory:');
    database.exec('CREATE TABLE t (a)');
    const bytes = database.serialize();
    database.close();
    return bytes;
  }
});

describe('opening', () => {
  test('is refused for a file of a newer mosview, which stays as it is', () => {
    close(open());
    outside('PRAGMA user_version = 99');
    const before = readFileSync(file);
    const opened = HistoryWriter.open(folder.path, () => expect.unreachable());
    expect(!opened.ok && opened.problem.code).toBe('history-newer');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('is refused while another writer has the folder, and possible after it', () => {
    const first = open();
    const second = HistoryWriter.open(folder.path, () => expect.unreachable());
    expect(!second.ok && second.problem.code).toBe('data-folder-in-use');
    close(first);
    open();
  });

  test('says that another program holds the file, which no lock of ours can tell', () => {
    close(open());
    const other = new Database(file);
    other.exec('BEGIN EXCLUSIVE; CREATE TABLE other (a)');
    const opened = HistoryWriter.open(folder.path, () => expect.unreachable());
    other.close();
    expect(!opened.ok && opened.problem.code).toBe('file-unreadable');
    expect(!opened.ok && opened.problem.message).toContain(`Another program holds the history file ${file}`);
  });

  test('says that a folder cannot be made', () => {
    writeFileSync(join(folder.path, 'file'), '');
    const opened = HistoryWriter.open(join(folder.path, 'file', 'data'), () => expect.unreachable());
    expect(!opened.ok && opened.problem.code).toBe('file-unreadable');
  });
});
