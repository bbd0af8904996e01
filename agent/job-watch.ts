/**
 * Looks after the jobs here, so that what keeps one from moving is told before anybody tries: one that is away and begins to
 * do what is right only at home goes there, one that begins to do what cannot be moved is held, with the reason.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { AwayWatch } from './checks/index.ts';
import { jobIdParts } from './job-id.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Cluster } from './link/cluster.ts';

const LOOK_MILLISECONDS = 1000;
/** A job at home does no harm by what it does; its reasons are for those who look. In looks. */
const AT_HOME_EVERY = 10;

interface Watched {
  readonly watch: AwayWatch;
  /** What its home was told last. */
  told: string;
}

/** Looks every second at the jobs that are away from home, as long as the agent runs; `leave` moves one. */
export async function watchJobs(
  runs: Runs,
  cluster: Cluster,
  leave: (run: Run, to: number) => Promise<unknown>,
): Promise<never> {
  let known = new Map<Run, Watched>();
  for (let look = 0; ; look += 1) {
    await wait(LOOK_MILLISECONDS, undefined, { ref: false });
    const before = known;
    known = new Map();
    for (const [index, run] of runs.all.entries()) {
      const { facts, epoch, init, phase } = run.record;
      if (phase.kind !== 'running') continue;
      const { job } = facts;
      const { home } = jobIdParts(job);
      const isAway = home !== cluster.self;
      const watched = before.get(run) ?? { watch: new AwayWatch({ initPid: init }), told: '' };
      known.set(run, watched);
      if (!isAway && (look + index) % AT_HOME_EVERY !== 0) continue;
      const reasons = await watched.watch.look(run.cgroup.pids(), Date.now());
      if (runs.find(job) !== run) continue;
      const why = reasons.map(({ word, text }) => `${word}: ${text}`).join('\n');
      if (isAway && why !== '' && reasons.every(({ homeHelps }) => homeHelps)) await leave(run, home);
      if (why !== watched.told) cluster.notify(home, 'stayed', { job, epoch, why });
      watched.told = why;
    }
  }
}
