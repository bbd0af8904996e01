/** How this agent answers the others: what is asked of a home, of where a job runs, and of where one is to go. */
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Deputy, Home } from '../home/home.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import type { Runs } from '../job/runs.ts';
import type { Keeper } from '../keeper/client.ts';
import type { Arrivals } from '../move/arrival.ts';
import type { Departures, MoveFigures } from '../move/departure.ts';
import type { Handlers } from '../wire/peer.ts';
import type { Cause, NodeMethods } from './protocol.ts';

const nothing = success({});

type Answering<Params, Answer> = (params: Params, body: Buffer) => Result<Answer> | Promise<Result<Answer>>;

interface OfJob {
  readonly job: JobId;
}

export interface NodeParts {
  /** This node's id. */
  readonly self: number;
  readonly home: Home;
  readonly runs: Runs;
  readonly keeper: Keeper;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  /** The signed map that this node goes by. */
  readonly mapText: () => Promise<string>;
  /** Moves a job of this home with its group. */
  readonly moveGroup: (job: JobId, to: number, cause: Cause) => Promise<Result<MoveFigures>>;
}

/** The answers for one node. A job is ordered by its home only, and only where it runs may speak for it. */
export function nodeHandlers(from: number, parts: NodeParts): Handlers<NodeMethods> {
  const { home, runs, keeper, arrivals, departures, moveGroup, mapText } = parts;

  /** What the job's home, or this node itself, asks of where it runs. */
  function fromHome<Params extends OfJob, Answer>(
    work: Answering<Params, Answer>,
  ): Answering<Params, Answer> {
    return (params, body) =>
      jobIdParts(params.job).home === from || from === parts.self
        ? work(params, body)
        : failure(problem('permission-denied', `Job ${params.job} is ordered by its home only.`));
  }

  /** What the node where the job runs tells its deputy. */
  function toDeputy<Params extends OfJob>(
    tell: (deputy: Deputy, params: Params, body: Buffer) => void,
  ): Answering<Params, Record<string, never>> {
    return (params, body) => {
      const job = home.find(params.job);
      if (job?.record.place === from && job.deputy !== undefined) tell(job.deputy, params, body);
      return nothing;
    };
  }

  const discard = async ({ job }: OfJob): Promise<Result<Record<string, never>>> => {
    const run = runs.find(job);
    if (run !== undefined) await runs.discard(run);
    return nothing;
  };

  return {
    move: fromHome(({ job, to, cause, follows }) => departures.depart(job, to, cause, follows)),
    moveGroup: ({ job, to, cause }) =>
      home.find(job)?.record.place === from
        ? moveGroup(job, to, cause)
        : failure(problem('permission-denied', `Job ${job} is not known at node ${from}.`)),
    signal: fromHome(({ job, signal }) => runs.signal(job, signal)),
    kill: fromHome(discard),
    forget: fromHome(discard),
    resume: fromHome((params) => keeper.call('resume', params)),
    confirm: fromHome((params) => keeper.call('confirm', params)),
    input: fromHome((params, body) => keeper.call('input', params, body)),
    closeOutput: fromHome((params) => keeper.call('closeOutput', params)),
    resize: fromHome((params) => keeper.call('resize', params)),
    mark: fromHome(({ job, locked, group }) => {
      const run = runs.find(job);
      if (run !== undefined) runs.save({ ...run.record, facts: { ...run.record.facts, locked, group } });
      return nothing;
    }),
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
    map: async () => success({ text: await mapText() }),
    beat: () => nothing,
    present: (params) => home.present(from, params),
    output: toDeputy((deputy, { stream, place }, body) => deputy.notify('output', { stream, place }, body)),
    inputTaken: toDeputy((deputy, { place }) => deputy.notify('inputTaken', { place })),
    inputClosed: toDeputy((deputy) => deputy.notify('inputClosed', {})),
    finished: (params) => home.finished(from, params),
    lost: (params) => home.lost(from, params),
  };
}
