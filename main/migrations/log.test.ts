import { beforeEach, describe, expect, test } from 'vitest';
import { type Problem, problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { type Result, failure, success } from '../../common/model/result.ts';
import { MigrationLog } from './log.ts';
import type { Places } from './types.ts';

const HOME = 1;
const UP = 3;
let told: Migration[];
let problems: Problem[];
/** What the history answers; by itself it stores everything. */
let answer: (migrations: readonly Migration[]) => Result<readonly Migration[]>;
let log: MigrationLog;

beforeEach(() => {
  told = [];
  problems = [];
  let last = 0;
  answer = (migrations) => success(migrations.map((migration) => ({ ...migration, number: (last += 1) })));
  log = new MigrationLog({
    record: (migrations) => Promise.resolve(answer(migrations)),
    onMigrations: (migrations) => told.push(...migrations),
    onProblem: (trouble) => problems.push(trouble),
  });
});

function at(where: number, migrations: number): Places {
  return { away: [{ pid: 4711, started: 5000, where, migrations, command: 'gauss' }], guests: [] };
}

/** A second in which the home says so; resolves when what came of it is stored or lost. */
async function second(time: number, places: Places): Promise<void> {
  log.take(HOME, places, UP, time);
  log.step(time);
  await log.settled();
}

describe('the log', () => {
  test('tells each migration once it is stored, with its number', async () => {
    await second(1000, at(0, 0));
    await second(2000, at(5, 1));
    await second(3000, at(6, 2));
    expect(told.map(({ number, time, from, to }) => [number, time, from, to])).toEqual([
      [1, 2000, 1, 5],
      [2, 3000, 5, 6],
    ]);
  });

  test('takes a reading that is offered again only once', async () => {
    await second(1000, at(5, 1));
    log.take(HOME, at(5, 3), UP, 2000);
    await second(2000, at(5, 3));
    expect(told).toEqual([]);
    await second(3000, at(5, 3));
    expect(told.map(({ result, count }) => [result, count])).toEqual([['unseen', 2]]);
  });

  test('does not take the old reading of a node that is back before there is a new one', async () => {
    const guests = [{ pid: 300, started: 9000, home: HOME, homePid: 4711, command: 'gauss' }];
    log.take(5, { away: [], guests: [] }, UP, 900);
    await second(1000, at(0, 2));
    log.lost(HOME);
    log.take(5, { away: [], guests }, UP, 5000);
    await second(1000, at(0, 2));
    expect(told.map(({ from, to }) => [from, to])).toEqual([[HOME, 5]]);
    await second(9000, at(5, 3));
    expect(told).toHaveLength(1);
  });

  test('asks the history for nothing when nothing moved', async () => {
    answer = () => expect.unreachable();
    await second(1000, at(5, 1));
    await second(2000, at(5, 1));
  });

  test('gives an order its migration', async () => {
    await second(1000, at(0, 2));
    log.request({ kind: 'process', home: HOME, pid: 4711, from: HOME, to: 5, action: 9, time: 1500 });
    await second(3000, at(5, 3));
    expect(told.map(({ cause, action, duration }) => [cause, action, duration])).toEqual([
      ['operator', 9, 1500],
    ]);
  });

  test('keeps the places of a node that is lost, told once or often', async () => {
    await second(1000, at(5, 1));
    log.lost(HOME);
    log.lost(HOME);
    log.lost(77);
    expect(log.placements().map(({ pid, at: node }) => [pid, node])).toEqual([[4711, 5]]);
    await second(9000, at(6, 2));
    expect(told.map(({ from, to }) => [from, to])).toEqual([[5, 6]]);
  });

  test('takes nodes whose ids nobody has any more for lost', async () => {
    const guests = [{ pid: 300, started: 9000, home: HOME, homePid: 4711, command: 'gauss' }];
    log.take(5, { away: [], guests: [] }, UP, 900);
    await second(1000, at(0, 2));
    log.lostAllBut(new Set([5]));
    log.take(5, { away: [], guests }, UP, 2000);
    log.step(2000);
    await log.settled();
    expect(told.map(({ from, to }) => [from, to])).toEqual([[HOME, 5]]);
  });

  test('says once that migrations are lost, and how many when it goes on', async () => {
    const full = problem('disk-full', 'There is no room.');
    const store = answer;
    await second(1000, at(0, 2));
    answer = () => failure(full);
    await second(2000, at(5, 3));
    await second(3000, at(6, 4));
    expect(problems).toEqual([full]);
    answer = store;
    await second(4000, at(7, 5));
    expect(problems.map(({ message }) => message)).toEqual([
      'There is no room.',
      'Migrations are stored again; 2 of them are missing in the log.',
    ]);
    expect(told.map(({ to }) => to)).toEqual([7]);
  });
});
