/** The agent of a node: builds every part once, takes up what was here before it was started again, and serves. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import { Home, homeRecordSchema } from './home/home.ts';
import { jobId, jobIdParts } from './job-id.ts';
import { cgroupMount } from './job/cgroup.ts';
import { startOf } from './job/process.ts';
import { Arrived, Records, runRecordSchema } from './job/records.ts';
import { Runs, type Run } from './job/runs.ts';
import { Keeper } from './keeper/client.ts';
import { Links } from './link/links.ts';
import type { NodeMethods } from './link/protocol.ts';
import { makeClaims } from './local/caller.ts';
import { serveLocal, type LocalHandlers } from './local/server.ts';
import { Arrivals } from './move/arrival.ts';
import { prepareCriu, type Criu } from './move/criu.ts';
import { Departures } from './move/departure.ts';
import { Orders } from './orders.ts';
import { PATHS } from './paths.ts';
import { SettingsFile } from './settings.ts';
import { loadIdentity, watchIdentity, type Identity } from './trust/index.ts';
import type { Handlers } from './wire/peer.ts';

export interface DaemonOptions {
  /** criu's command. */
  readonly criu: string;
  /** Folder of cgroup v2 for the jobs' groups; under its mount when not given. */
  readonly cgroups: string | undefined;
  readonly log: (sentence: string) => void;
}

/** Starts the agent. Problems: the node is not enrolled, or lacks what an agent needs. */
export async function startAgent({
  criu: command,
  cgroups: folder,
  log,
}: DaemonOptions): Promise<Result<void>> {
  const loaded = await loadIdentity(PATHS.identity);
  if (!loaded.ok) return loaded;
  let identity: Identity = loaded.value;
  const mount = cgroupMount(readFileSync('/proc/mounts', 'latin1'));
  const cgroups = folder ?? (mount === undefined ? undefined : join(mount, 'mosview'));
  if (cgroups === undefined)
    return failure(
      problem(
        'not-available',
        'cgroup version 2 is not mounted here, so no job could be stopped as a whole.',
      ),
    );
  mkdirSync(PATHS.run, { recursive: true, mode: 0o755 });
  mkdirSync(PATHS.records, { recursive: true, mode: 0o755 });
  const criu: Result<Criu> = prepareCriu(command, PATHS.records);
  if (!criu.ok) log(criu.problem.message);

  const settings = new SettingsFile(join(PATHS.records, 'node.json'), () => 10_000, log);
  const records = new Records(PATHS.jobs, runRecordSchema);
  const links = new Links({
    identity: () => identity,
    handlers: (from) => nodeHandlers(from),
    onImages: (from, job, epoch, stream) => arrivals.receive(from, job, epoch, stream),
    onLink: (node) => runs.present(node),
    log,
  });
  const keeper: Keeper = new Keeper(
    join(PATHS.run, 'keeper.sock'),
    () => runs.keeperHandlers(),
    () => {
      for (const { record } of runs.all) runs.present(jobIdParts(record.facts.job).home);
    },
  );
  const runs: Runs = new Runs({ records, cgroups, keeper, cluster: links, log });
  const home = new Home({
    records: new Records(join(PATHS.run, 'home'), homeRecordSchema),
    cluster: links,
    onMove: () => undefined,
    onEnd: () => undefined,
    log,
  });
  const loadOf = (_run: Run): number => 100;
  const departures = new Departures({
    runs,
    records,
    keeper,
    cluster: links,
    criu: () => criu,
    minimumAgeSeconds: () => settings.value.minimumAge,
    loadOf: () => 100,
    log,
  });
  const arrivals: Arrivals = new Arrivals({
    runs,
    records,
    arrived: new Arrived(PATHS.jobs),
    keeper,
    cluster: links,
    criu: () => criu,
    admit: () =>
      settings.value.block
        ? failure(problem('cannot-move', `Node ${links.self} takes no guests (block).`))
        : success(undefined),
    log,
  });
  const orders = new Orders({
    runs,
    home,
    cluster: links,
    settings,
    bestFor: () => failure(problem('not-available', 'no balance yet')),
    loadOf,
  });

  function nodeHandlers(from: number): Handlers<NodeMethods> {
    return {
      move: ({ job, to, cause }) => departures.depart(job, to, cause),
      signal: ({ job, signal }) => runs.signal(job, signal),
      kill: async ({ job }) => {
        const run = runs.find(job);
        if (run !== undefined && jobIdParts(job).home === from) await runs.discard(run);
        return success({});
      },
      resume: (params) => keeper.call('resume', params),
      confirm: (params) => keeper.call('confirm', params),
      input: (params, body) => keeper.call('input', params, body),
      closeOutput: (params) => keeper.call('closeOutput', params),
      lock: ({ job, on }) => {
        const run = runs.find(job);
        if (run !== undefined) runs.save({ ...run.record, facts: { ...run.record.facts, locked: on } });
        return success({});
      },
      forget: async ({ job }) => {
        const run = runs.find(job);
        if (run !== undefined) await runs.discard(run);
        return success({});
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
        return success({});
      },
      inputTaken: ({ job, place }) => {
        home.find(job)?.deputy?.notify('inputTaken', { place });
        return success({});
      },
      inputClosed: ({ job }) => {
        home.find(job)?.deputy?.notify('inputClosed', {});
        return success({});
      },
      finished: (params) => home.finished(from, params),
      running: () => success({ jobs: [] }),
    };
  }

  const local: LocalHandlers = {
    status: () =>
      success({
        id: links.self,
        cluster: identity.map.cluster,
        version: '0.1.0',
        criu: criu.ok ? '' : criu.problem.message,
        nodes: [],
      }),
    start: async (caller, params, _body, deputy) => {
      const { command: words, folder: where, umask, environment, merged, locked, wanted } = params;
      const started = startOf(caller.pid);
      if (started === undefined) return failure(problem('not-found', 'The deputy has ended.'));
      const job = jobId({ home: links.self, pid: caller.pid, started });
      const facts = { job, command: words, uid: caller.uid, born: Date.now(), locked, cpuBefore: 0 };
      const { uid, gid, groups, nice, limits } = caller;
      home.add({ facts, place: links.self, epoch: 0, group: 0, out: 0, err: 0 }, deputy);
      const run = await runs.begin(
        facts,
        { uid, gid, groups: [...groups], nice, limits, folder: where, umask, environment },
        merged,
      );
      if (!run.ok) {
        home.drop(job);
        return run;
      }
      let why = '';
      if (wanted !== undefined && wanted !== 0) {
        const moved = await orders.moveHere(run.value, wanted, 'start');
        if (!moved.ok) why = moved.problem.message;
      }
      return success({ job, place: home.find(job)?.record.place ?? links.self, why });
    },
    attach: (_caller, { job, out, err }, _body, deputy) => home.attach(job, deputy, out, err),
    input: (_caller, { job, place, end }, body) => {
      const at = home.find(job)?.record.place;
      if (at !== undefined) links.notify(at, 'input', { job, place, end }, body);
      return success({});
    },
    confirm: (_caller, { job, stream, place }) => {
      home.confirm(job, stream, place);
      return success({});
    },
    closeOutput: (_caller, { job, stream }) => {
      const at = home.find(job)?.record.place;
      if (at !== undefined) links.notify(at, 'closeOutput', { job, stream });
      return success({});
    },
    signal: async (_caller, { job, signal }) => {
      const at = home.find(job)?.record.place;
      return at === undefined ? success({}) : links.call(at, 'signal', { job, signal });
    },
    done: async (_caller, { job }) => {
      await home.done(job);
      return success({});
    },
    list: () => success({ jobs: [] }),
    migrate: (_caller, { pid, to, cause }) => orders.migrate(pid, to, cause),
    lock: (_caller, { pid, on }) => {
      const job = home.ofPid(pid);
      if (job === undefined)
        return failure(problem('not-found', `Process ${pid} is no job of mos run here.`));
      home.lock(job, on);
      return success({});
    },
    switch: (_caller, { name, on }) => {
      settings.set({ [name]: on });
      return success({});
    },
    speed: (_caller, { speed }) => {
      settings.set({ speed });
      return success({});
    },
    expel: async () => success({ left: await orders.expel() }),
    bring: async () => success({ away: await orders.bring() }),
  };

  const { records: known, unreadable } = records.load();
  for (const job of unreadable)
    log(`The record of job ${job} cannot be read; its processes are left as they are.`);
  for (const record of known) runs.adopt(record);
  home.recover();
  watchIdentity(PATHS.identity, (renewed) => {
    if (!renewed.ok) return log(`The new identity is not used: ${renewed.problem.message}`);
    identity = renewed.value;
    links.renew();
    return log(
      `The cluster ${identity.map.cluster} has ${identity.map.nodes.length} nodes (version ${identity.map.version}).`,
    );
  });
  keeper.connect();
  await links.listen();
  for (const run of runs.all) {
    void departures.recover(run);
    void arrivals.recover(run);
  }
  runs.recoverEnds();
  makeClaims(join(PATHS.run, 'claims'));
  await serveLocal(PATHS.socket, join(PATHS.run, 'claims'), local);
  log(`Agent of node ${links.self} in cluster ${identity.map.cluster}.`);
  return success(undefined);
}
