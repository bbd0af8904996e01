/**
 * The keeper of pipes: a process of its own beside the agent, so that the agent may be restarted without a job losing its
 * output or ending at a closed pipe. It does nothing else.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { JobId } from '../job-id.ts';
import { Peer } from '../wire/peer.ts';
import { Pipes } from './pipes.ts';
import { KEEPER_METHODS, KEEPER_NOTICES } from './protocol.ts';
import { Terminal } from './terminal.ts';

/** Serves one agent at a time at a socket that only root may open; a new agent takes the place of the one before. */
export async function keep(socketPath: string): Promise<void> {
  const jobs = new Map<JobId, Pipes>();
  const terminals = new Map<JobId, Terminal>();
  let agent: Peer<typeof KEEPER_METHODS, typeof KEEPER_NOTICES> | undefined;

  const of = (job: JobId): Result<Pipes> => {
    const pipes = jobs.get(job);
    return pipes === undefined
      ? failure(problem('not-found', `The keeper has no pipes of job ${job}.`))
      : success(pipes);
  };
  const done = (result: Result<Pipes>, work: (pipes: Pipes) => void): Result<Record<string, never>> => {
    if (!result.ok) return result;
    work(result.value);
    return success({});
  };

  const server = createServer((stream) => {
    agent?.close();
    agent = new Peer(
      'the agent',
      stream,
      KEEPER_METHODS,
      {
        openTerminal: async ({ job, init, uid }) => {
          terminals.get(job)?.close();
          terminals.delete(job);
          try {
            terminals.set(job, await Terminal.open(init, uid));
            return success({});
          } catch (error) {
            const detail = error instanceof Error ? error.message : String(error);
            return failure(problem('not-available', `No terminal could be made: ${detail}.`));
          }
        },
        resize: async ({ job, size }) => {
          await terminals.get(job)?.resize(size);
          return success({});
        },
        attach: async ({ job, pid, streams }) => {
          jobs.get(job)?.close();
          jobs.delete(job);
          try {
            const pipes = new Pipes(
              pid,
              streams,
              {
                output: (name, place, bytes) => agent?.notify('output', { job, stream: name, place }, bytes),
                inputTaken: (place) => agent?.notify('inputTaken', { job, place }),
                inputClosed: () => agent?.notify('inputClosed', { job }),
                exited: (status) => agent?.notify('exited', { job, status }),
                finished: (status, out, err) => agent?.notify('finished', { job, status, out, err }),
              },
              terminals.get(job),
            );
            jobs.set(job, pipes);
            await pipes.type();
            return success({});
          } catch (error) {
            const detail = error instanceof Error ? error.message : String(error);
            return failure(problem('not-found', `The streams of job ${job} could not be opened: ${detail}.`));
          }
        },
        resume: ({ job, out, err }) => done(of(job), (pipes) => pipes.resume(out, err)),
        confirm: ({ job, stream: name, place }) => done(of(job), (pipes) => pipes.confirm(name, place)),
        closeOutput: ({ job, stream: name }) => done(of(job), (pipes) => pipes.closeOutput(name)),
        input: ({ job, place, end }, body) => done(of(job), (pipes) => pipes.input(place, body, end)),
        drain: async ({ job }) => {
          const pipes = of(job);
          return pipes.ok ? pipes.value.drain() : pipes;
        },
        undrain: async ({ job }) => {
          const pipes = of(job);
          if (pipes.ok) await pipes.value.undrain();
          return pipes.ok ? success({}) : pipes;
        },
        forget: ({ job }) => {
          jobs.get(job)?.close();
          jobs.delete(job);
          terminals.get(job)?.close();
          terminals.delete(job);
          return success({});
        },
        list: () =>
          success({
            jobs: [...jobs].map(([job, { exited }]) => ({
              job,
              exited: exited !== undefined,
              status: exited?.status ?? null,
            })),
          }),
      },
      KEEPER_NOTICES,
    );
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
}
