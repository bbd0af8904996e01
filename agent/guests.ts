/**
 * Looks after the jobs that are away from home here: one that begins to do what is right only at home goes there, and one
 * that begins to do what cannot be moved is held here, with the reason.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { examine } from './checks/index.ts';
import { jobIdParts, type JobId } from './job-id.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Cluster } from './link/cluster.ts';

const LOOK_MILLISECONDS = 5000;

export interface GuestsOptions {
  readonly runs: Runs;
  readonly cluster: Cluster;
  readonly guests: () => readonly Run[];
}

/** Looks every five seconds, as long as the agent runs. */
export async function lookAfterGuests({ runs, cluster, guests }: GuestsOptions): Promise<never> {
  const told = new Map<JobId, string>();
  for (;;) {
    await wait(LOOK_MILLISECONDS, undefined, { ref: false });
    for (const run of guests()) {
      const { facts, epoch, init } = run.record;
      const { job } = facts;
      const home = jobIdParts(job).home;
      const { reasons } = await examine(run.cgroup.pids(), { now: Date.now(), minimumAgeSeconds: 0, initPid: init });
      const why = reasons.map(({ word, text }) => `${word}: ${text}`).join('\n');
      if (runs.find(job) !== run) continue;
      if (why !== '' && reasons.every(({ homeHelps }) => homeHelps))
        await cluster.call(cluster.self, 'move', { job, to: home, cause: 'need' });
      else if (why !== (told.get(job) ?? '')) cluster.notify(home, 'stayed', { job, epoch, why });
      told.set(job, why);
    }
  }
}
