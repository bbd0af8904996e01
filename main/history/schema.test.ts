/** Files of every earlier layout, made by the statements of their time, become files of the present one. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import { METRICS, type MetricName } from '../../common/model/metric.ts';
import { encodeSeries, seriesRoom } from './codec.ts';
import { START, everySecond, expectedLoad, nodes, pairs, temporaryFolder, tick, valueAt } from './fixture.ts';
import { WINDOW_SECONDS, storedValues } from './format.ts';
import { type History, type HistoryReader, openHistory, openHistoryReader } from './index.ts';
import { SCHEMA_VERSION, migrate } from './schema.ts';
import { encodeTick } from './tick-codec.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROWS = 3;
/** Sealed seconds, over the border of an hour, and those that a crash left behind them. */
const SEALED = 4500;
const LEFT = 50;

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let problems: Problem[];
let opened: HistoryReader[];

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'history.sqlite');
  problems = [];
  opened = [];
});

afterEach(async () => {
  for (const history of opened) await history.close();
  folder.dispose();
});

async function open(): Promise<History> {
  const result = await openHistory({ folder: folder.path, onProblem: (problem) => problems.push(problem) });
  if (!result.ok) throw new Error(result.problem.message);
  opened.push(result.value);
  return result.value;
}

/** Writes a file as the program of layouts 1 to 3 did: a chunk per window, node and metric, and a journal. */
function writeOld(layout: number): void {
  const database = new Database(file);
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  migrate(database, layout);
  const node = database.prepare('INSERT INTO node (number, key, id, name) VALUES (?, ?, ?, ?)');
  const slot = database.prepare('INSERT INTO slot (slot, node) VALUES (?, ?)');
  for (const [row, { key, id, name }] of nodes(ROWS).entries()) {
    node.run(row, key, id, name);
    slot.run(row, row);
  }
  const chunk = database.prepare('INSERT INTO chunk (k, v) VALUES (?, ?)');
  const journal = database.prepare('INSERT INTO tick (time, rows, v) VALUES (?, ?, ?)');
  database.transaction(() => {
    for (let window = Math.floor(START / 300); window * 300 < START + SEALED; window += 1) {
      for (const [line, series] of seriesOf(window).entries()) {
        const bytes = new Uint8Array(1 + seriesRoom(WINDOW_SECONDS));
        bytes[0] = 1;
        const end = encodeSeries(series, 0, WINDOW_SECONDS, bytes, 1);
        const [metric, row] = [Math.floor(line / ROWS), line % ROWS];
        chunk.run((window * 2 ** 18 + row) * 2 ** 8 + metric, bytes.subarray(0, end));
      }
    }
    for (let second = START + SEALED; second < START + SEALED + LEFT; second += 1) {
      journal.run(second, ROWS, encodeTick(stored(second), ROWS));
    }
  })();
  database.close();
}

function stored(second: number): Int32Array {
  return storedValues(tick(second, ROWS), ROWS, () => undefined);
}

/** The series of a window, metric after metric, each of all rows. */
function seriesOf(window: number): readonly Int32Array[] {
  const lines = Array.from({ length: METRICS.length * ROWS }, () =>
    new Int32Array(WINDOW_SECONDS).fill(-(2 ** 31)),
  );
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    const second = window * WINDOW_SECONDS + place;
    if (second < START || second >= START + SEALED) continue;
    for (const [line, value] of stored(second).entries()) (lines[line] as Int32Array)[place] = value;
  }
  return lines;
}

const OLD_LAYOUTS = Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1);

describe.each(OLD_LAYOUTS)('a file of layout %d', (layout) => {
  test('becomes one of the present layout with all its values', async () => {
    writeOld(layout);
    const history = await open();
    for (const { name, quantum } of METRICS) {
      const column = METRICS.findIndex((metric) => metric.name === name);
      for (const row of [0, ROWS - 1]) {
        const request = everySecond(`id:${row + 1}`, START, START + SEALED + LEFT, name);
        const expected = expectedLoad(row, START, START + SEALED + LEFT).map(([second]) => [
          second,
          valueAt(second, row, column) * Math.max(1, quantum),
        ]);
        expect([name, pairs(await history.ask('history', request))]).toEqual([name, expected]);
      }
    }
    expect(await history.ask('recorded', {})).toMatchObject({
      ok: true,
      value: { nodes: nodes(ROWS), from: START * 1000, to: (START + SEALED + LEFT) * 1000 },
    });
    expect(problems).toEqual([]);
  });

  test('has its values rolled up', async () => {
    writeOld(layout);
    const history = await open();
    const metrics: MetricName[] = ['load', 'memoryFree'];
    for (const resolution of [10, 60, 3600] as const) {
      const from = Math.ceil(START / 3600) * 3600;
      const to = resolution === 3600 ? from + 3600 : from + 1200;
      const asked = {
        keys: ['id:2'],
        metrics,
        from: from * 1000,
        to: to * 1000,
        pixels: (to - from) / resolution,
      };
      const answer = await history.ask('history', asked);
      if (!answer.ok) throw new Error(answer.problem.message);
      expect(answer.value.resolution).toBe(resolution);
      const [series] = answer.value.nodes[0]?.series ?? [];
      const values = Array.from({ length: resolution }, (_, index) => valueAt(from + index, 1, 0));
      expect([series?.times[0], series?.min[0], series?.max[0]]).toEqual([
        from * 1000,
        Math.min(...values),
        Math.max(...values),
      ]);
      expect(series?.mean[0]).toBeCloseTo(values.reduce((sum, value) => sum + value) / resolution, 1);
    }
  });

  test('is said to be of an older mosview to who only reads', async () => {
    writeOld(layout);
    const reader = await openHistoryReader(folder.path);
    expect(!reader.ok && reader.problem.message).toContain(`layout ${layout} of an older mosview`);
  });
});

test('a file of a layout to come is refused as newer', async () => {
  writeOld(1);
  const database = new Database(file);
  database.pragma('user_version = 99');
  database.close();
  const result = await openHistory({ folder: folder.path, onProblem: () => expect.unreachable() });
  expect(!result.ok && result.problem.code).toBe('history-newer');
});
