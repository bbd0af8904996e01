/** Whatever goes wrong while a job moves, exactly one copy of it runs afterwards, and it has lost and doubled nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lab } from '../harness/lab/lab.ts';
import { Chance } from './chance.ts';
import { until } from './cluster.ts';
import { FAULTS, strike } from './faults.ts';
import { startRelayedCluster, type Flipper } from './flipper.ts';
import { Endless } from './jobs.ts';
import { TICKER } from './programs.ts';

const STRIKES = 30;
const chance = new Chance();
let lab: Lab;
let flipper: Flipper;
let ticker: Endless;
/** The relay, which is meant to run. */
let before: ReadonlySet<string>;

beforeAll(async () => {
  ({ lab, flipper } = await startRelayedCluster());
  before = new Set(lab.left());
  ticker = await Endless.start(lab, 1, TICKER);
});

afterAll(async () => {
  await lab.dispose();
  expect(lab.left()).toEqual([]);
});

const strikes = Array.from({ length: STRIKES }, (_, index) => FAULTS[index % FAULTS.length]).filter(
  (kind) => kind !== undefined,
);

test.for(strikes)('exactly one copy runs on: $name', async (kind) => {
  const { faults, why, ended } = await strike(lab, flipper, ticker, kind, chance);
  expect(faults, why).toEqual([]);
  if (ended) ticker = await Endless.start(lab, 1, TICKER);
});

test('the job has done what it does where nothing goes wrong, and left nothing', async () => {
  expect(await ticker.finish()).toEqual([]);
  const left = (): readonly string[] => lab.left().filter((thing) => !before.has(thing));
  await until('nothing is left', () => left().length === 0).catch(() => undefined);
  expect(left()).toEqual([]);
});
