/**
 * Looks after the jobs that are away from home here: one that begins to do what is right only at home goes there, and one
 * that begins to do what cannot be moved is held here, with the reason.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { AwayWatch } from './checks/index.ts';
import { jobIdParts } from './job-id.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Cluster } from './link/cluster.ts';

const LOOK_MILLISECONDS = 1000;

export interface GuestsOptions {
  readonly runs: Runs;
  readonly cluster: Cluster;
  readonly guests: () => readonly Run[];
}

interface Guest {
  readonly watch: AwayWatch;
  /** What its home was told last. */
  told: string;
}

/** Looks every second, as long as the agent runs. */
export async function lookAfterGuests({ runs, cluster, guests }: GuestsOptions): Promise<never> {
  let known = new Map<Run, Guest>();
  for (;;) {
    await wait(LOOK_MILLISECONDS, undefined, { ref: false });
    const before = known;
    known = new Map();
    for (const run of guests()) {
      const { facts, epoch, init } = run.record;
      const { job } = facts;
      const { home } = jobIdParts(job);
      const guest = before.get(run) ?? { watch: new AwayWatch({ initPid: init }), told: '' };
      known.set(run, guest);
      const reasons = await guest.watch.look(run.cgroup.pids(), Date.now());
      if (runs.find(job) !== run) continue;
      const why = reasons.map(({ word, text }) => `${word}: ${text}`).join('\n');
      if (why !== '' && reasons.every(({ homeHelps }) => homeHelps))
        await cluster.call(cluster.self, 'move', { job, to: home, cause: 'need' });
      if (why !== guest.told) cluster.notify(home, 'stayed', { job, epoch, why });
      guest.told = why;
    }
  }
}
