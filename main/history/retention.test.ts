import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { HistoryPart, Keeping, Retention } from '../../common/model/retention.ts';
import { METRICS } from '../../common/model/metric.ts';
import { everySecond, nodes, temporaryFolder, tick, valueAt } from './fixture.ts';
import { TrustedClock } from './retention.ts';
import { spansOf } from './spans.ts';
import { HistoryWriter } from './writer.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROWS = 3;
const HOUR = 3600;
const DAY = 24 * HOUR;
/** At the beginning of an hour. */
const BEGIN = 500_000 * HOUR;
const FOR_EVER: Keeping = { days: null, megabytes: null };

let folder: ReturnType<typeof temporaryFolder>;
let writer: HistoryWriter;
let second: number;
let problems: string[];

beforeEach(() => {
  folder = temporaryFolder();
  second = BEGIN;
  problems = [];
  writer = open();
});

afterEach(() => {
  writer.close();
  folder.dispose();
});

function open(): HistoryWriter {
  const opened = HistoryWriter.open(folder.path, ({ message }) => problems.push(message));
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.setNodes(nodes(ROWS));
  return opened.value;
}

/** Records up to a second; every n-th second only, which a long time takes. */
function record(to: number, step = 1): void {
  for (; second < to; second += step) writer.append(second * 1000, tick(second, ROWS), ROWS);
}

function keep(parts: Partial<Record<HistoryPart, Keeping>>): Retention {
  return {
    '1s': FOR_EVER,
    '10s': FOR_EVER,
    '1m': FOR_EVER,
    '1h': FOR_EVER,
    processes: FOR_EVER,
    migrations: FOR_EVER,
    ...parts,
  };
}

function use(part: HistoryPart) {
  const used = writer.use();
  const found = used.ok ? used.value.find((one) => one.part === part) : undefined;
  if (found === undefined) throw new Error(`no use of ${part}`);
  return found;
}

function history(from: number, to: number, pixels: number): HistoryAnswer<'history'> {
  const steps = writer.ask('history', { ...everySecond('id:2', from, to), pixels });
  for (;;) {
    const step = steps.next();
    if (!step.done) continue;
    if (!step.value.ok) throw new Error(step.value.problem.message);
    return step.value.value as HistoryAnswer<'history'>;
  }
}

describe('values', () => {
  test('are deleted by age, and what is older comes from the next resolution without a seam', () => {
    writer.setRetention(keep({ '1s': { days: 1 / 24, megabytes: null } }));
    record(BEGIN + 3 * HOUR);
    const gone = BEGIN + 2 * HOUR - 300;
    expect(use('1s').from).toBe(gone * 1000);
    expect(use('10s').from).toBe(BEGIN * 1000);
    const { nodes: found, resolution } = history(gone - 600, gone + 600, 1200);
    expect(resolution).toBe(1);
    const series = found[0]?.series[0];
    expect([...(series?.times ?? [])].map((time) => time / 1000)).toEqual([
      ...Array.from({ length: 60 }, (_, index) => gone - 600 + 10 * index),
      ...Array.from({ length: 600 }, (_, index) => gone + index),
    ]);
    expect(series?.mean.every((value) => !Number.isNaN(value))).toBe(true);
    expect(series?.mean[60]).toBe(valueAt(gone, 1, 0));
  });

  test('are deleted by size, the oldest first', () => {
    record(BEGIN + 3 * HOUR, 10);
    const before = use('10s');
    writer.setRetention(keep({ '10s': { days: null, megabytes: before.bytes / 2 / 1e6 } }));
    record(second + 1000);
    const after = use('10s');
    expect(after.bytes).toBeLessThanOrEqual(before.bytes / 2);
    expect(after.bytes).toBeGreaterThan(before.bytes / 2 - 2000);
    expect(after.from).toBeGreaterThan(BEGIN * 1000);
    expect(use('1s').from).toBe(BEGIN * 1000);
  });

  test('of hours stay when everything finer is deleted, and everything where nothing limits it', () => {
    record(BEGIN + 4 * HOUR, 10);
    const brief = { days: 1 / 24, megabytes: null };
    writer.setRetention(keep({ '1s': brief, '10s': brief, '1m': brief }));
    record(second + 1000, 5);
    const { nodes: found } = history(BEGIN, BEGIN + 4 * HOUR, 10_000);
    expect([...(found[0]?.series[0]?.times ?? [])].slice(0, 3)).toEqual([
      BEGIN * 1000,
      (BEGIN + HOUR) * 1000,
      (BEGIN + 2 * HOUR) * 1000,
    ]);
    expect(use('1h').from).toBe(BEGIN * 1000);
  });

  test('give their room back to the disk', () => {
    const random = (): Float64Array =>
      Float64Array.from(
        { length: METRICS.length * ROWS },
        (_, index) => Math.imul(second * 31 + index, 2_654_435_761) >>> 8,
      );
    for (; second < BEGIN + 3 * HOUR; second += 2) writer.append(second * 1000, random(), ROWS);
    writer.rest();
    const file = join(folder.path, 'history.sqlite');
    const before = statSync(file).size;
    writer.setRetention(keep({ '1s': { days: 1 / 24, megabytes: null } }));
    record(second + 100);
    writer.close();
    expect(statSync(file).size).toBeLessThan(before * 0.7);
    writer = open();
  });

  test('are not deleted because a clock jumps ahead for a while', () => {
    writer.setRetention(keep({ '1s': { days: 1, megabytes: null } }));
    record(BEGIN + HOUR, 5);
    second += 400 * DAY;
    record(second + 1800);
    second = BEGIN + HOUR + 1800;
    record(second + 600);
    expect(use('1s').from).toBe(BEGIN * 1000);
    expect(problems).toEqual([expect.stringContaining('clock of this machine went back')]);
  });

  test('have their bytes counted as the file grows', () => {
    const measured = (): readonly [number, number] => {
      writer.close();
      const { size } = statSync(join(folder.path, 'history.sqlite'));
      writer = open();
      const used = writer.use();
      return [used.ok ? used.value.reduce((sum, part) => sum + part.bytes, 0) : 0, size];
    };
    record(BEGIN + HOUR, 5);
    const [bytes, size] = measured();
    record(BEGIN + 4 * HOUR, 5);
    const [bytesLater, sizeLater] = measured();
    const share = (bytesLater - bytes) / (sizeLater - size);
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1.2);
    const day = use('1s');
    expect(day.bytesPerDay).toBeGreaterThan(day.bytes * 5.5);
    expect(day.bytesPerDay).toBeLessThan(day.bytes * 6.5);
  });
});

describe('a clock is trusted', () => {
  test('from the first second on, over an hour, and after an hour where it jumped over days', () => {
    const clock = new TrustedClock(undefined);
    expect([clock.take(BEGIN), clock.take(BEGIN + HOUR)]).toEqual([BEGIN, BEGIN + HOUR]);
    const jumped = BEGIN + 3 * DAY;
    const after = Array.from({ length: HOUR + 1 }, (_, index) => clock.take(jumped + index));
    expect(after.slice(0, HOUR).every((now) => now === undefined)).toBe(true);
    expect(after.at(-1)).toBe(jumped + HOUR);
  });
});

describe('the resolutions of a range', () => {
  test.each([
    ['the one wished where it reaches', { 1: 0, 10: 0, 60: 0, 3600: 0 }, 10, [[10, 0, 9000]]],
    [
      'the coarser ones before it, on borders of both',
      { 1: 7205, 10: 4000, 60: 0, 3600: 0 },
      1,
      [
        [60, 0, 4020],
        [10, 4020, 7210],
        [1, 7210, 9000],
      ],
    ],
    [
      'finer ones where no coarser one reaches',
      { 1: 0, 10: 9000, 60: 5000, 3600: 7200 },
      60,
      [
        [1, 0, 5040],
        [60, 5040, 9000],
      ],
    ],
    ['nothing where nothing is left', { 1: 9900, 10: 9900, 60: 9900, 3600: 9900 }, 1, []],
  ] as const)('are %s', (_, kept, wished, expected) => {
    expect(spansOf(kept, wished, 0, 9000).map(({ resolution, from, to }) => [resolution, from, to])).toEqual(
      expected,
    );
  });
});
