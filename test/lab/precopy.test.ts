/** A large job goes over while it runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lab } from '../harness/lab/lab.ts';
import { leftBehind, startCluster } from './cluster.ts';
import { Endless } from './jobs.ts';
import { HOLDER } from './programs.ts';

const MINUTES = 10 * 60_000;
let lab: Lab;
let before: ReadonlySet<string>;

beforeAll(async () => {
  lab = await startCluster({ nodes: [{}, {}] });
  before = new Set(lab.left());
}, MINUTES);

afterAll(async () => {
  await lab.dispose();
  expect(lab.left()).toEqual([]);
}, MINUTES);

test(
  'a large job has every byte of its memory after moves for which it was sent before it stopped',
  { timeout: MINUTES },
  async () => {
    const holder = await Endless.start(lab, 1, HOLDER);
    await holder.job.tour([2, 1, 2]);
    expect(await holder.finish()).toEqual([]);
    const sentBefore = lab.nodes.flatMap(
      ({ agent }) => agent?.stderr.match(/was sent to node . while it ran: .*/g) ?? [],
    );
    expect(sentBefore).toHaveLength(3);
    expect(await leftBehind(lab, before)).toEqual([]);
  },
);

test(
  'a job for which there is no room is told how much it needs, how much there is and what helps',
  async () => {
    const holder = await Endless.start(lab, 1, HOLDER);
    await lab.node(2).fillDisk();
    const { code, stderr } = await holder.job.migrate(2);
    await lab.node(2).freeDisk();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /need 1\d\d MB in \/run there, and 0 MB are free; mount -o remount,size=SIZE \/run/,
    );
    expect(await holder.finish()).toEqual([]);
  },
  MINUTES,
);
