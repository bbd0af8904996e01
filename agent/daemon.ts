/** The agent of a node: builds every part once, takes up what was here before it was started again, and serves. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import { Balancer } from './balance/balancer.ts';
import { Gossip } from './balance/gossip.ts';
import { clusterView } from './cluster-view.ts';
import { FlatFiles } from './files/flat-files.ts';
import { Home, homeRecordSchema } from './home/home.ts';
import { jobIdParts } from './job-id.ts';
import { watchJobs } from './job-watch.ts';
import { ownCgroup } from './job/cgroup.ts';
import { Arrived, Records, runRecordSchema } from './job/records.ts';
import { Runs } from './job/runs.ts';
import { Keeper } from './keeper/client.ts';
import { nodeHandlers, type NodeParts } from './link/handlers.ts';
import { Links } from './link/links.ts';
import { readLimits } from './load/limits.ts';
import { measureSpeed } from './load/measure-speed.ts';
import type { LoadSource } from './load/runnable.ts';
import { makeClaims } from './local/caller.ts';
import { localHandlers, VERSION } from './local/handlers.ts';
import { LOST_STATUS, type NodeLine } from './local/protocol.ts';
import { serveLocal } from './local/server.ts';
import { Arrivals } from './move/arrival.ts';
import { prepareCriu } from './move/criu.ts';
import { Departures } from './move/departure.ts';
import { fileOrders } from './file-orders.ts';
import { Orders } from './orders.ts';
import { PATHS } from './paths.ts';
import { parseMountInfo } from './proc/mountinfo.ts';
import { Publisher } from './publisher.ts';
import { Recorder } from './recorder/recorder.ts';
import { SettingsFile } from './settings.ts';
import { loadIdentity, NewerMaps, watchIdentity, type Identity } from './trust/index.ts';

export interface DaemonOptions {
  /** criu's command. */
  readonly criu: string;
  /** Folder of cgroup v2 for the jobs' groups; `mosview` under its mount when not given. */
  readonly cgroups: string | undefined;
  /** Where runnable processes are counted: a node that is a part of a machine counts its own. */
  readonly loadSource: LoadSource;
  readonly log: (sentence: string) => void;
}

/**
 * Starts the agent; answers what stops it: its jobs run on, and nothing is left that would tell old figures for new ones.
 * Problems: the node is not enrolled, or lacks what an agent needs.
 */
export async function startAgent(options: DaemonOptions): Promise<Result<() => void>> {
  const { log } = options;
  const loaded = await loadIdentity(PATHS.identity);
  if (!loaded.ok) return loaded;
  let identity: Identity = loaded.value;
  const self = identity.node;
  const mounts = parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  const mount = mounts.find(({ type }) => type === 'cgroup2')?.point;
  if (mount === undefined)
    return failure(
      problem(
        'not-available',
        'cgroup version 2 is not mounted here, so no job could be stopped as a whole.',
      ),
    );
  mkdirSync(PATHS.run, { recursive: true, mode: 0o755 });
  mkdirSync(PATHS.records, { recursive: true, mode: 0o755 });
  const criu = prepareCriu(options.criu, PATHS.records);
  const trouble = criu.ok ? '' : criu.problem.message;
  if (trouble !== '') log(`${trouble} This node only tells its load.`);

  const settings = new SettingsFile(
    join(PATHS.records, 'node.json'),
    () => measureSpeed(readLimits('/proc').share),
    log,
  );
  const recorder = new Recorder(join(PATHS.records, 'records'), { log });
  const records = new Records(PATHS.jobs, runRecordSchema);
  // The parts know each other: what comes over a link is answered by those that use links.
  const links: Links = new Links({
    identity: () => identity,
    handlers: (from) => nodeHandlers(from, parts),
    onImages: (from, job, epoch, stream) => parts.arrivals.receive(from, job, epoch, stream),
    onLink: (node) => {
      runs.present(node);
      void home.linked(node);
    },
    wanted: () => [...runs.homes, ...home.places],
    onUnlink: (node) => parts.arrivals.unlinked(node),
    log,
  });
  const keeper = new Keeper(
    join(PATHS.run, 'keeper.sock'),
    () => runs.keeperHandlers(),
    () => void runs.keeperConnected(),
  );
  const runs: Runs = new Runs({
    records,
    cgroups: options.cgroups ?? join(mount, 'mosview'),
    ownCgroup: ownCgroup(mount),
    keeper,
    cluster: links,
  });
  const home = new Home({
    records: new Records(join(PATHS.run, 'home'), homeRecordSchema),
    cluster: links,
    onMove: ({ job, from, to, cause, command }) =>
      recorder.migration(Date.now(), {
        job,
        pid: jobIdParts(job).pid,
        from,
        to,
        cause,
        ok: true,
        why: '',
        command: command.slice(0, MOST_COMMAND),
      }),
    onEnd: ({ facts, ended }) =>
      recorder.jobEnd(Date.now(), {
        job: facts.job,
        pid: jobIdParts(facts.job).pid,
        status: ended?.status ?? LOST_STATUS,
        command: facts.command.join(' ').slice(0, MOST_COMMAND),
      }),
    onChange: () => refresh(),
    log,
  });
  const gossip = new Gossip(identity, log);
  const newerMaps = new NewerMaps({
    folder: PATHS.identity,
    ask: (node) => links.call(node, 'map', {}),
    log,
  });
  let view: readonly NodeLine[] = [];
  const balancer: Balancer = new Balancer({
    self,
    runs,
    gossip,
    settings,
    source: options.loadSource,
    trouble,
    depart: (run, to, cause) => orders.leave(run, to, cause),
    leftBytes: (run, bytes) => parts.departures.leftBytes(run, bytes),
    onSecond: (own) => {
      recorder.load(Date.now(), own);
      refresh();
    },
  });
  const moving = { runs, records, keeper, cluster: links, criu, log };
  const parts: NodeParts = {
    self,
    home,
    runs,
    keeper,
    arrivals: new Arrivals({
      ...moving,
      arrived: new Arrived(PATHS.jobs),
      admit: (offer) => balancer.admit(offer),
    }),
    mapText: () => newerMaps.own(),
    moveGroup: (job, to, cause) => orders.moveGroup(job, to, cause),
    departures: new Departures({
      ...moving,
      minimumAgeSeconds: () => settings.value.minimumAge,
      loadOf: (job) => balancer.loadOf(job),
      ownLoad: () => balancer.own.load,
      freezeOf: (memory) => balancer.freezeOf(memory),
      freezeLimit: () => settings.value.longestFreeze,
      learn: (figures) => balancer.learn(figures),
    }),
  };
  const orders: Orders = new Orders({
    runs,
    home,
    cluster: links,
    settings,
    balancer,
    onWork: (work) => files.setAdmin(work),
  });
  const files: FlatFiles = new FlatFiles(PATHS.files, fileOrders({ orders, home, settings, log }));
  const publisher = new Publisher({ files, home, runs, orders, self });
  const refresh = (): void => {
    view = clusterView(identity.map, balancer.own, gossip.heard());
    publisher.publish(view);
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
    gossip.renew(identity);
    const { cluster, nodes, version } = identity.map;
    return log(
      `Cluster ${cluster} has ${nodes.length} node${nodes.length === 1 ? '' : 's'} (version ${version} of its map).`,
    );
  });
  const made = files.start();
  if (!made.ok) return made;
  files.setAdmin({
    ...adminOf(settings),
    expel: false,
    bring: false,
    mospe: self,
    version: versionText(trouble),
  });
  settings.onChange(() => {
    files.setAdmin(adminOf(settings));
    refresh();
  });
  refresh();
  keeper.connect();
  await links.listen();
  await gossip.listen({
    onFigures: () => balancer.reconsider(),
    onNewerMap: (node) => void newerMaps.take(node),
  });
  for (const run of runs.all) {
    void parts.departures.recover(run);
    void parts.arrivals.recover(run);
  }
  runs.recoverEnds();
  balancer.start();
  void watchJobs(runs, links, (run, to) => orders.leave(run, to, 'need'));
  makeClaims(join(PATHS.run, 'claims'));
  await serveLocal(
    PATHS.socket,
    join(PATHS.run, 'claims'),
    localHandlers({
      home,
      runs,
      cluster: links,
      orders,
      settings,
      clusterName: () => identity.map.cluster,
      nodes: () => view,
      criuTrouble: trouble,
      recorded: (since, until) => recorder.read(since, until),
    }),
  );
  log(`Agent of node ${self} in cluster ${identity.map.cluster}.`);
  return success(() => {
    balancer.stop();
    files.stop();
    recorder.close();
    rmSync(PATHS.socket, { force: true });
  });
}

/** As common/model/recorded.ts allows. */
const MOST_COMMAND = 4000;

function adminOf({ value: { stay, lstay, block, quiet, speed } }: SettingsFile) {
  return { stay, lstay, block, quiet, speed };
}

/** The second line tells a desktop why the node only tells its load. */
function versionText(trouble: string): string {
  return trouble === '' ? `mosview agent ${VERSION}` : `mosview agent ${VERSION}\n${trouble}`;
}
