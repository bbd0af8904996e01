import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PartUse } from '../../../common/model/history.ts';
import type { Migration } from '../../../common/model/migration.ts';
import type { HistoryPart, Keeping, Retention } from '../../../common/model/retention.ts';
import { nodes, temporaryFolder, tick } from '../fixture.ts';
import { verifyHistory } from '../verify.ts';
import { HistoryWriter } from '../writer.ts';
import { ProcessListEncoder } from './process-codec.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOUR = 3600;
const DAY = 24 * HOUR;
/** At the beginning of a day. */
const BEGIN = 20_000 * DAY;
const FOR_EVER: Keeping = { days: null, megabytes: null };
const NODE = { key: 'id:1', id: 1, name: 'node1' };

let folder: ReturnType<typeof temporaryFolder>;
let writer: HistoryWriter;
let second: number;

beforeEach(() => {
  folder = temporaryFolder();
  second = BEGIN;
  const opened = HistoryWriter.open(folder.path, ({ message }) => expect.unreachable(message));
  if (!opened.ok) throw new Error(opened.problem.message);
  writer = opened.value;
  writer.setNodes(nodes(1));
});

afterEach(() => {
  writer.close();
  folder.dispose();
});

/** Records up to a second; every n-th second only, which a long time takes. */
function record(to: number, step = 1): void {
  for (; second < to; second += step) writer.append(second * 1000, tick(second, 1), 1);
}

function migration(at: number): Migration {
  return {
    number: 0,
    time: at * 1000,
    home: 1,
    pid: 7,
    started: 1,
    command: 'gauss',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
  };
}

function keep(parts: Partial<Record<HistoryPart, Keeping>>): Retention {
  const all = { '1s': FOR_EVER, '10s': FOR_EVER, '1m': FOR_EVER, '1h': FOR_EVER };
  return { ...all, processes: FOR_EVER, migrations: FOR_EVER, ...parts };
}

function use(part: HistoryPart): PartUse {
  const used = writer.use();
  const found = used.ok ? used.value.find((one) => one.part === part) : undefined;
  if (found === undefined) throw new Error(`nothing is said of ${part}`);
  return found;
}

/** A number that SQL gives, from outside. */
function outside(sql: string): number {
  const database = new Database(join(folder.path, 'history.sqlite'), { readonly: true });
  const value = database.prepare<[], number>(sql).pluck().get();
  database.close();
  return value ?? NaN;
}

describe('migrations', () => {
  test('are counted as they take room, and deleted when they are too old, oldest first', () => {
    const hours = Array.from({ length: 96 }, (_, hour) => migration(BEGIN + hour * HOUR));
    writer.record('migrations', hours, () => undefined);
    record(BEGIN + 3 * HOUR, 60);
    expect(use('migrations')).toMatchObject({ from: BEGIN * 1000, to: (BEGIN + 95 * HOUR) * 1000 + 1 });
    const before = use('migrations').bytes;
    expect(before).toBeGreaterThan(96 * 100);
    record(BEGIN + 96 * HOUR, 600);
    writer.setRetention(keep({ migrations: { days: 1, megabytes: null } }));
    record(second + 60);
    expect(use('migrations').from).toBeGreaterThanOrEqual((BEGIN + 72 * HOUR) * 1000);
    expect(outside('SELECT count(*) FROM migration')).toBe(23);
    expect(use('migrations').bytes).toBe((before / 96) * 23);
  });

  test('are deleted when they are too many', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => migration(BEGIN + index));
    for (let first = 0; first < many.length; first += 1000) {
      writer.record('migrations', many.slice(first, first + 1000), () => undefined);
    }
    expect(use('migrations').bytes).toBeGreaterThan(2e6);
    writer.setRetention(keep({ migrations: { days: null, megabytes: 1 } }));
    record(BEGIN + 60);
    expect(use('migrations').bytes).toBeLessThanOrEqual(1e6);
    expect(use('migrations').bytes).toBeGreaterThan(0.95e6);
    expect(outside('SELECT max(number) FROM migration')).toBe(20_000);
  });

  test('cost about as much as is counted', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => migration(BEGIN + index));
    for (let first = 0; first < many.length; first += 1000) {
      writer.record('migrations', many.slice(first, first + 1000), () => undefined);
    }
    writer.rest();
    const bytes = outside("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'migration%'");
    expect(use('migrations').bytes / bytes).toBeGreaterThan(0.8);
    expect(use('migrations').bytes / bytes).toBeLessThan(1.2);
  });
});

describe('process lists', () => {
  function lists(from: number, to: number): void {
    const encoder = new ProcessListEncoder();
    for (let at = from; at < to; at += 600) {
      const processes = Array.from({ length: 20 }, (_, index) => ({
        pid: index + 1,
        started: 1,
        uid: 0,
        user: 'root',
        name: `idle${index}`,
        command: `idle${index}`,
        place: { kind: 'home' } as const,
        state: 'S',
        cpuSeconds: 1,
        cpuPercent: null,
        memory: 1024,
        nice: 0,
        age: at - BEGIN + 1000,
        migrations: 0,
        locked: false,
        reasons: [],
      }));
      writer.record('processes', [encoder.encode(NODE, at, processes)], () => undefined);
    }
  }

  test('are deleted when they are too old; those that are young enough stay readable', () => {
    lists(BEGIN, BEGIN + 4 * DAY);
    record(BEGIN + 4 * DAY, 600);
    const before = use('processes').bytes;
    writer.setRetention(keep({ processes: { days: 1, megabytes: null } }));
    record(second + 60);
    const { from, bytes } = use('processes');
    expect(bytes).toBeLessThan(before / 2);
    // Six hours more than wanted, in which the full lists of the others may be.
    expect(from).toBeGreaterThan((BEGIN + 2.7 * DAY) * 1000);
    expect(from).toBeLessThan((BEGIN + 2.8 * DAY) * 1000);
    const steps = writer.ask('pastProcesses', { key: NODE.key, time: (BEGIN + 3 * DAY + 700) * 1000 });
    const step = steps.next();
    expect(step.done && step.value.ok && step.value.value).toMatchObject({
      time: (BEGIN + 3 * DAY + 600) * 1000,
    });
    writer.rest();
    const verdict = verifyHistory(join(folder.path, 'history.sqlite'));
    expect(verdict.ok && verdict.value.findings).toEqual([]);
  });
});

test('states, recording times and checkpoints go with the hours; what is in force stays', () => {
  const change = (at: number) => ({ time: at * 1000, node: NODE, state: 'up', reason: '' }) as const;
  writer.record('states', [BEGIN, BEGIN + HOUR, BEGIN + 2 * DAY].map(change), () => undefined);
  const checkpoints = [BEGIN, BEGIN + 3 * DAY].map((at) => ({
    number: 0,
    time: at * 1000,
    who: 'anna',
    text: '',
  }));
  writer.record('checkpoints', checkpoints, () => undefined);
  record(BEGIN + 5 * DAY, 600);
  writer.setRetention(keep({ '1h': { days: 4, megabytes: null } }));
  record(second + 60);
  expect(outside('SELECT count(*) FROM checkpoint')).toBe(1);
  expect(outside('SELECT count(*) FROM node_state')).toBe(2);
});
