/** How this agent answers the others: what is asked of a home, of where a job runs, and of where one is to go. */
import { problem } from '../../common/contract/problem.ts';
import { failure, success } from '../../common/model/result.ts';
import type { Home } from '../home/home.ts';
import { jobIdParts } from '../job-id.ts';
import type { Runs } from '../job/runs.ts';
import type { Keeper } from '../keeper/client.ts';
import type { Arrivals } from '../move/arrival.ts';
import type { Departures } from '../move/departure.ts';
import type { Handlers } from '../wire/peer.ts';
import type { NodeMethods } from './protocol.ts';

const nothing = success({});

export interface NodeParts {
  readonly home: Home;
  readonly runs: Runs;
  readonly keeper: Keeper;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
}

/** The answers for one node. What concerns a job is answered to its home only, or to where it runs. */
export function nodeHandlers(from: number, parts: NodeParts): Handlers<NodeMethods> {
  const { home, runs, keeper, arrivals, departures } = parts;
  return {
    move: ({ job, to, cause }) => departures.depart(job, to, cause),
    signal: ({ job, signal }) => runs.signal(job, signal),
    kill: async ({ job }) => {
      const run = runs.find(job);
      if (run === undefined || jobIdParts(job).home !== from) return nothing;
      // Which copy of it will live is known in a moment.
      if (departures.isBusy(job) || !['running', 'ended'].includes(run.record.phase.kind))
        return failure(problem('not-available', `Job ${job} is on its way.`));
      await runs.discard(run);
      return nothing;
    },
    resume: (params) => keeper.call('resume', params),
    confirm: (params) => keeper.call('confirm', params),
    input: (params, body) => keeper.call('input', params, body),
    closeOutput: (params) => keeper.call('closeOutput', params),
    lock: ({ job, on }) => {
      const run = runs.find(job);
      if (run !== undefined) runs.save({ ...run.record, facts: { ...run.record.facts, locked: on } });
      return nothing;
    },
    forget: async ({ job }) => {
      const run = runs.find(job);
      if (run !== undefined && jobIdParts(job).home === from) await runs.discard(run);
      return nothing;
    },
    wants: ({ needs }) => arrivals.wants(needs),
    offer: (offer) => arrivals.offer(from, offer),
    restore: (params) => arrivals.restore(from, params),
    go: ({ job, epoch }) => arrivals.go(from, job, epoch),
    abort: ({ job, epoch }) => arrivals.abort(from, job, epoch),
    fate: ({ job, epoch }) => success({ fate: arrivals.fate(job, epoch) }),
    mayMove: (params) => home.mayMove(from, params),
    hasMoved: (params) => home.hasMoved(params),
    placed: (params) => home.placed(from, params),
    stayed: (params) => home.stayed(params),
    present: (params) => home.present(from, params),
    output: ({ job, stream, place }, body) => {
      home.find(job)?.deputy?.notify('output', { stream, place }, body);
      return nothing;
    },
    inputTaken: ({ job, place }) => {
      home.find(job)?.deputy?.notify('inputTaken', { place });
      return nothing;
    },
    inputClosed: ({ job }) => {
      home.find(job)?.deputy?.notify('inputClosed', {});
      return nothing;
    },
    finished: (params) => home.finished(from, params),
  };
}
