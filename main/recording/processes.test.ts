import { beforeEach, describe, expect, test } from 'vitest';
import type { ProcessInfo } from '../../common/model/process.ts';
import type { StoredProcessList } from '../history/index.ts';
import { ProcessRecorder } from './processes.ts';

const START = 1_800_000_000_000;
let period: number;
let nodes: number;
/** What was asked in each second, and the questions that wait for their answer. */
let asked: Map<number, string[]>;
let waiting: Map<string, (processes: readonly ProcessInfo[] | undefined) => void>;
let answers: boolean;
let stored: StoredProcessList[];
let isStored: boolean;
let second: number;
let recorder: ProcessRecorder;

beforeEach(() => {
  [period, nodes, second, answers, isStored] = [60, 3, 0, true, true];
  asked = new Map();
  waiting = new Map();
  stored = [];
  recorder = new ProcessRecorder({
    nodes: () => Array.from({ length: nodes }, (_, row) => ({ key: `id:${row}`, id: row, name: `n${row}` })),
    list: (key) => {
      asked.set(second, [...(asked.get(second) ?? []), key]);
      if (answers) return Promise.resolve([]);
      return new Promise((resolve) => waiting.set(key, resolve));
    },
    store: (list) => {
      stored.push(list);
      return Promise.resolve(isStored);
    },
    period: () => period,
  });
});

/** Lets so many seconds pass. */
async function pass(seconds: number): Promise<void> {
  for (const end = second + seconds; second < end; second += 1) {
    recorder.step(START + second * 1000);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

describe('the nodes', () => {
  test('are asked one after the other, each once a period', async () => {
    await pass(130);
    expect([...asked]).toEqual([
      [0, ['id:0']],
      [1, ['id:1']],
      [2, ['id:2']],
      [60, ['id:0']],
      [61, ['id:1']],
      [62, ['id:2']],
      [120, ['id:0']],
      [121, ['id:1']],
      [122, ['id:2']],
    ]);
  });

  test('are spread evenly over the period when they are many', async () => {
    nodes = 1000;
    await pass(180);
    expect(Math.max(...[...asked.values()].map((keys) => keys.length))).toBe(17);
    expect([...asked.values()].flat().length).toBeGreaterThanOrEqual(2900);
  });

  test('are not asked at all with a period of 0, and again when that changes', async () => {
    period = 0;
    await pass(100);
    expect(asked.size).toBe(0);
    period = 10;
    await pass(20);
    expect([...asked.values()].flat()).toHaveLength(6);
  });

  test('are never asked twice at a time, and one that does not answer is left out', async () => {
    answers = false;
    await pass(130);
    expect([...asked.values()].flat()).toEqual(['id:0', 'id:1', 'id:2']);
    expect(stored).toEqual([]);
    answers = true;
    waiting.get('id:1')?.(undefined);
    await pass(5);
    expect([...asked.values()].flat().slice(3)).toEqual(['id:1']);
    expect(stored.map(({ node }) => node.key)).toEqual(['id:1']);
  });
});

test('a list that was lost makes the next one a full one', async () => {
  nodes = 1;
  isStored = false;
  await pass(200);
  expect(stored.length).toBeGreaterThan(2);
  expect(stored.every(({ second: own, base }) => own === base)).toBe(true);
});
