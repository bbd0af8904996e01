import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { success } from '../../common/model/result.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { everySecond, pairs, temporaryFolder, tick } from '../history/fixture.ts';
import { openHistory, type History } from '../history/index.ts';
import { GapFiller, type GapNode } from './gaps.ts';

/** When the program began, in milliseconds; it was away for ten minutes. */
const BEGUN = 1_800_001_000_000;
const AWAY = 600_000;
const VALUES = {
  load: 40,
  speed: 10_000,
  cpus: 2,
  util: 100,
  memoryTotal: 4096,
  memoryFree: 4096,
  memoryAvailable: 4096,
  status: 3,
};

let folder: ReturnType<typeof temporaryFolder>;
let history: History;
let filler: GapFiller;
let asked: number[];
let kept: readonly object[];
let exitCode: number;
let problems: Problem[];
let told: Migration[];

beforeEach(async () => {
  folder = temporaryFolder();
  asked = [];
  kept = [];
  exitCode = 0;
  problems = [];
  told = [];
  history = valueOf(
    await openHistory({ folder: folder.path, onProblem: (trouble) => problems.push(trouble) }),
  );
  history.setNodes([{ key: 'id:1', id: 1, name: 'n1' }]);
  filler = new GapFiller({
    history,
    onMigrations: (migrations) => told.push(...migrations),
    onProblem: (trouble) => problems.push(trouble),
  });
});
afterEach(async () => {
  await history.close();
  folder.dispose();
});

/** Lets a second pass in which node 1 answers or not. */
function second(time: number, sampling = true): void {
  const exec: GapNode['session']['exec'] = async (_command, options) => {
    const input = typeof options.input === 'string' ? options.input : '';
    asked.push(Number(/--since (\d+)/.exec(input)?.[1]));
    const stdout = kept.map((line) => JSON.stringify(line)).join('\n');
    return success({ exitCode, stdout: Buffer.from(`${stdout}\n`), stderr: Buffer.from('no such order') });
  };
  filler.step(time, [{ key: 'id:1', id: 1, name: 'n1', dialect: 'agent', sampling, session: { exec } }]);
}

/** Lets seconds pass until a node that is back is asked, and waits for what comes of it. */
async function settle(from: number): Promise<void> {
  for (let time = from; time <= from + 6000; time += 1000) second(time);
  await filler.settled();
}

const move = (t: number, job: string, more: object = {}) => ({
  t,
  kind: 'migration',
  job,
  pid: Number(job.split('.')[1]),
  from: 1,
  to: 2,
  cause: 'balancer',
  ok: true,
  why: '',
  ...more,
});

test('what the agent kept between the last recorded second and the connection is filled in', async () => {
  const values = tick(0, 1).fill(NaN);
  values.set([5], 0);
  history.append(BEGUN - AWAY, values, 1);
  kept = [
    { t: BEGUN - AWAY + 10_000, kind: 'load', values: VALUES },
    { t: BEGUN - 10_000, kind: 'load', values: VALUES },
    { t: BEGUN + 10_000, kind: 'load', values: VALUES },
    move(BEGUN - 60_000, '1.77.500'),
    move(BEGUN - 50_000, '1.78.600', { ok: false, why: 'refused' }),
    move(BEGUN - 40_000, '2.79.700'),
    { t: BEGUN - 30_000, kind: 'end', job: '1.77.500', pid: 77, status: 0, command: 'dig' },
    { t: BEGUN - 20_000, kind: 'of a newer agent' },
  ];
  await settle(BEGUN);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeGreaterThan(BEGUN - AWAY - 3_700_000);
  expect(asked[0]).toBeLessThanOrEqual(BEGUN - AWAY);
  const from = (BEGUN - AWAY) / 1000;
  const loads = pairs(await history.ask('history', everySecond('id:1', from, from + 700)));
  expect(loads.filter(([, load]) => load === VALUES.load).map(([at]) => at - from)).toEqual([10, 590]);
  expect(told).toMatchObject([
    { home: 1, pid: 77, started: 500, command: 'dig', from: 1, to: 2, cause: 'balancer', result: 'seen' },
  ]);
  expect(problems).toEqual([]);

  // Once more changes nothing.
  second(BEGUN + 20_000, false);
  await settle(BEGUN + 30_000);
  expect(asked).toHaveLength(2);
  expect(told).toHaveLength(1);
});

test('a gap that could not be filled is said, and asked for again with the next connection', async () => {
  await settle(BEGUN);
  second(BEGUN + 20_000, false);
  exitCode = 2;
  await settle(BEGUN + 80_000);
  second(BEGUN + 100_000, false);
  exitCode = 0;
  await settle(BEGUN + 110_000);
  expect(asked.slice(1)).toEqual([BEGUN + 6000, BEGUN + 6000]);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('the gap stays')]);
});

test('a machine that slept asks for the time in which it did', async () => {
  await settle(BEGUN);
  await settle(BEGUN + 3_600_000);
  expect(asked.slice(1)).toEqual([BEGUN + 6000]);
});
