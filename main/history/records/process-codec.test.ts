import { deflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ProcessInfo } from '../../../common/model/process.ts';
import { DamagedData } from '../codec.ts';
import { decodeProcessList, ProcessListEncoder } from './process-codec.ts';
import type { StoredProcessList } from './rows.ts';

const START = 1_800_000_000;
const NODE = { key: 'id:1', id: 1, name: 'n1' };
let encoder: ProcessListEncoder;
let rows: Map<number, StoredProcessList>;

beforeEach(() => {
  encoder = new ProcessListEncoder();
  rows = new Map();
});

/** A process as it is `seconds` after START; it was 1000 s old then. */
function process(pid: number, seconds: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
  return {
    pid,
    started: pid * 100,
    parent: 1,
    uid: 1000,
    user: 'anna',
    name: 'gauss',
    command: `gauss --size ${pid} é "x"`,
    place: { kind: 'home' },
    state: 'S',
    cpuSeconds: 12.3,
    cpuPercent: null,
    memory: 1_024_000,
    nice: 0,
    age: 1000 + seconds,
    migrations: 2,
    locked: false,
    reasons: [],
    ...more,
  };
}

/** Others that do nothing; without them every list would be too small to be worth a difference. */
function crowd(seconds: number): readonly ProcessInfo[] {
  return Array.from({ length: 100 }, (_, at) => process(50_000 + at, seconds));
}

/** Stores a list of `seconds` after START, with the crowd. */
function put(seconds: number, processes: readonly ProcessInfo[]): StoredProcessList {
  const row = encoder.encode(NODE, START + seconds, [...processes, ...crowd(seconds)]);
  rows.set(row.second, row);
  return row;
}

function read(seconds: number): readonly ProcessInfo[] | undefined {
  const row = rows.get(START + seconds);
  if (row === undefined) throw new Error('no list');
  const base = row.base === row.second ? undefined : rows.get(row.base)?.bytes;
  return decodeProcessList(row.bytes, base, row.second)?.filter(({ pid }) => pid < 50_000);
}

describe('a list of processes', () => {
  test('is read as it was, in a full list and in one that differs from it', () => {
    const every: readonly ProcessInfo[] = [
      process(1, 0, { place: { kind: 'unknown' }, migrations: null, locked: null, uid: null, user: '' }),
      process(2, 0, { name: 'kworker', command: 'kworker', memory: 0, nice: -20, state: 'I' }),
      process(3, 0, { place: { kind: 'away', id: 7 }, locked: true }),
      process(4, 0, { place: { kind: 'guest', id: 9, pid: 4711 }, reasons: ['stay', 'monkey'] }),
      process(5, 0),
      process(8, 0, { place: { kind: 'elsewhere', address: 'fe80::1', guest: true } }),
      process(9, 0, { place: { kind: 'elsewhere', address: '10.0.0.9', guest: false } }),
      process(10, 0, { place: { kind: 'moving' } }),
    ];
    expect(put(0, every).base).toBe(START);
    expect(read(0)).toEqual(every);
    const later = every
      .filter(({ pid }) => pid !== 2)
      .map((one) => ({ ...one, age: one.age + 60 }))
      .map((one) => (one.pid === 3 ? { ...one, place: { kind: 'home' } as const, cpuSeconds: 99.9 } : one))
      .map((one) => (one.pid === 4 ? { ...one, nice: 5, state: 'R', reasons: [], memory: 2_048_000 } : one));
    const all = [...later, process(16, 60), process(17, 60, { command: 'new' })];
    expect(put(60, all).base).toBe(START);
    expect(read(60)).toEqual(all);
  });

  test('of an idle node costs next to nothing', () => {
    const idle = (seconds: number) =>
      Array.from({ length: 300 }, (_, at) => process(at + 1, seconds + (at % 2)));
    const full = put(0, idle(0));
    const next = put(60, idle(60));
    expect(next.base).toBe(START);
    expect(full.bytes.length).toBeGreaterThan(1000);
    expect(next.bytes.length).toBeLessThan(80);
  });

  test('with the number of a process that ended in it has the new one', () => {
    put(0, [process(1, 0), process(2, 0)]);
    const again = process(2, 60, { started: 999, name: 'sh', command: 'sh', cpuSeconds: 0 });
    put(60, [process(1, 60), again]);
    expect(read(60)?.[1]).toEqual(again);
  });

  test('keeps CPU time to tenths, memory to a percent, age to two seconds', () => {
    put(0, [process(1, 0)]);
    put(60, [process(1, 60, { cpuSeconds: 15.678, memory: 1_030_000, age: 1061.7 })]);
    expect(read(60)).toEqual([process(1, 60, { cpuSeconds: 15.7, memory: 1_024_000, age: 1060 })]);
  });

  test('is a full one again when much has changed, after hours, when one was lost, and when the clock went back', () => {
    const many = (seconds: number, from: number) =>
      Array.from({ length: 200 }, (_, at) => process(from + at, seconds));
    const isFull = (seconds: number, from: number): boolean => {
      const row = put(seconds, many(seconds, from));
      return row.base === row.second;
    };
    expect([isFull(0, 1), isFull(60, 1), isFull(120, 1000), isFull(180, 1000)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([isFull(7 * 3600, 1000), isFull(7 * 3600 + 60, 1000)]).toEqual([true, false]);
    encoder.forget();
    expect(isFull(7 * 3600 + 120, 1000)).toBe(true);
    expect(isFull(7 * 3600, 1000)).toBe(true);
  });

  test('is not read from another full list than its own', () => {
    const first = put(0, [process(1, 0)]);
    put(60, [process(1, 60)]);
    encoder.forget();
    rows.set(first.second, { ...put(0, [process(1, 0), process(2, 0)]) });
    expect(read(60)).toBeUndefined();
  });

  test.each([
    ['bytes that are no compressed text', Buffer.from('garbage')],
    ['no JSON', deflateRawSync('garbage')],
    ['no processes', deflateRawSync('[["a"],["b"]]')],
  ])('that holds %s is damaged', (_, bytes) => {
    expect(() => decodeProcessList(bytes, undefined, START)).toThrow(DamagedData);
  });
});
