import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Result } from '../../common/model/result.ts';
import { addCheckpointBeside, compactHistory } from './beside.ts';
import {
  START,
  everySecond,
  expectedLoad,
  nodes,
  pairs,
  smallDisk,
  temporaryFolder,
  tick,
} from './fixture.ts';
import { openHistory, openHistoryReader, type History } from './index.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

let folder: ReturnType<typeof temporaryFolder>;
let opened: History[];
let told: string[];

beforeEach(() => {
  folder = temporaryFolder();
  opened = [];
  told = [];
});

afterEach(async () => {
  for (const history of opened) await history.close();
  folder.dispose();
});

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

async function open(path = folder.path): Promise<History> {
  const history = value(
    await openHistory({
      folder: path,
      onProblem: ({ message }) => expect.unreachable(message),
      onCheckpoints: (checkpoints) => told.push(...checkpoints.map(({ text }) => text)),
    }),
  );
  opened.push(history);
  history.setNodes(nodes(3));
  return history;
}

function append(history: History, from: number, to: number): void {
  for (let second = from; second < to; second += 1) history.append(second * 1000, tick(second, 3), 3);
}

const CHECKPOINT = { number: 0, time: START * 1000, who: 'anna@desk', text: 'now' };

describe('a checkpoint of the command line', () => {
  test('makes the history where there is none yet', async () => {
    expect(value(addCheckpointBeside(folder.path, CHECKPOINT))).toEqual({ ...CHECKPOINT, number: 1 });
    const reader = value(await openHistoryReader(folder.path));
    const marks = value(await reader.ask('marks', { from: 0, to: START * 2000, pixels: 1 }));
    expect(marks.checkpoints).toEqual([{ ...CHECKPOINT, number: 1 }]);
    await reader.close();
  });

  test('goes in beside a program that records, which tells it on within a second and loses nothing', async () => {
    const history = await open();
    append(history, START, START + 300);
    await history.flush();
    for (let count = 1; count <= 20; count += 1) {
      value(addCheckpointBeside(folder.path, { ...CHECKPOINT, text: `${count}` }));
      append(history, START + 299 + count, START + 300 + count);
    }
    await history.flush();
    expect(told).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}`));
    expect(pairs(await history.ask('history', everySecond('id:2', START, START + 320)))).toEqual(
      expectedLoad(1, START, START + 320),
    );
  });

  test('is refused by a file of another layout that a program works on', async () => {
    await open();
    const database = new Database(join(folder.path, 'history.sqlite'));
    database.pragma('user_version = 1');
    database.close();
    const stored = addCheckpointBeside(folder.path, CHECKPOINT);
    expect(!stored.ok && stored.problem.code).toBe('not-available');
  });
});

describe('compacting', () => {
  test('gives the room of what was deleted back and keeps everything else', async () => {
    const history = await open();
    append(history, START, START + 500);
    await history.record(
      'states',
      Array.from({ length: 5000 }, () => STATE),
    );
    await history.close();
    const file = join(folder.path, 'history.sqlite');
    new Database(file).exec('DELETE FROM node_state').close();
    const { before, after } = value(compactHistory(folder.path));
    expect(after).toBeLessThan(before);
    expect(after).toBe(statSync(file).size);
    expect(existsSync(`${file}-wal`)).toBe(false);
    const reader = value(await openHistoryReader(folder.path));
    expect(pairs(await reader.ask('history', everySecond('id:2', START, START + 500)))).toEqual(
      expectedLoad(1, START, START + 500),
    );
    await reader.close();
    expect(new Database(file).pragma('auto_vacuum', { simple: true })).toBe(2);
  });

  test('is refused while a program records, and where there is no history', async () => {
    const none = compactHistory(folder.path);
    expect(!none.ok && none.problem.code).toBe('not-found');
    await open();
    const used = compactHistory(folder.path);
    expect(!used.ok && used.problem.code).toBe('data-folder-in-use');
  });

  test('leaves the file as it was when there is no room', async () => {
    const disk = smallDisk();
    const history = await open(disk.path);
    append(history, START, START + 500);
    await history.record(
      'states',
      Array.from({ length: 3000 }, () => STATE),
    );
    await history.close();
    disk.fill();
    const full = compactHistory(disk.path);
    expect(!full.ok && full.problem.code).toBe('disk-full');
    disk.free();
    const reader = value(await openHistoryReader(disk.path));
    expect(pairs(await reader.ask('history', everySecond('id:2', START, START + 500)))).toEqual(
      expectedLoad(1, START, START + 500),
    );
    await reader.close();
    disk.dispose();
  });
});

const STATE = {
  time: START * 1000,
  node: { key: 'id:1', id: 1, name: 'node1' },
  state: 'up',
  reason: 'x'.repeat(300),
} as const;
