/** Whatever goes wrong while a job moves, exactly one copy of it runs afterwards, and it has lost and doubled nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATHS } from '../../agent/paths.ts';
import type { Lab, LabNode } from '../harness/lab/lab.ts';
import { Chance } from './chance.ts';
import { leftBehind, until } from './cluster.ts';
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
  const ended = lab.nodes.flatMap(({ agent }) => (agent?.ended === true ? [agent.stderr] : []));
  await lab.dispose();
  expect(ended).toEqual([]);
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

test('a job whose deputy is killed while it cannot be reached ends when it can', async () => {
  const other = await Endless.start(lab, 1, TICKER);
  await other.job.move(2);
  await lab.node(2).cutLink();
  await other.job.deputy.kill('SIGKILL');
  await until('its home knows', () =>
    lab.node(1).agent?.stderr.includes(`The deputy of job ${other.job.id} has ended`),
  );
  expect(other.job.running).toEqual([2]);
  await lab.node(2).mendLink();
  await until('nothing of it runs', () => other.job.running.length === 0);
});

test('a job that was lost with its node ends for its caller, with the reason', async () => {
  if (ticker.job.place === 3) await ticker.job.move(1);
  const other = await Endless.start(lab, 2, TICKER);
  await other.job.move(3);
  await forgetAll(lab.node(3), other.job.id);
  const { code, stderr } = await other.job.deputy.finished;
  expect(code).toBe(137);
  expect(stderr).toContain('Node 3 was started again; the job was lost with it.');
});

/** As a restart of the whole node leaves it: neither processes nor anything in /run. */
async function forgetAll(node: LabNode, job: string): Promise<void> {
  await node.killAgent();
  await node.killKeeper();
  const end = `
    kill -KILL $(sed 's/.*"init":\\([0-9]*\\).*/\\1/' ${PATHS.jobs}/${job}/record.json)
    cd $(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/mosview/${job}
    until rmdir $PWD; do echo 1 >cgroup.kill; sleep 0.01; done
    rm -rf ${PATHS.run}`;
  await node.run('sh', ['-c', end]);
  await node.startAgent();
}

test('the job has done what it does where nothing goes wrong, and left nothing', async () => {
  expect(await ticker.finish()).toEqual([]);
  expect(await leftBehind(lab, before, 40_000)).toEqual([]);
});
