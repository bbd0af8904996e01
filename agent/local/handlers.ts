/** How this agent answers `mos`: root orders the node and every job, a user its own jobs. */
import description from '../../package.json' with { type: 'json' };
import { problem } from '../../common/contract/problem.ts';
import { recordedSchema } from '../../common/model/recorded.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Home, HomeJob } from '../home/home.ts';
import { jobId, jobIdParts, type JobId } from '../job-id.ts';
import { startOf } from '../proc/process.ts';
import type { Run, Runs } from '../job/runs.ts';
import type { Cluster } from '../link/cluster.ts';
import type { Orders } from '../orders.ts';
import type { SettingsFile } from '../settings.ts';
import type { Identified } from './caller.ts';
import type { JobLine, NodeLine } from './protocol.ts';
import type { LocalHandlers } from './server.ts';

export const VERSION = description.version;
const ROOT = 0;
const MOST_HISTORY_BYTES = 2_000_000;
const nothing = success({});

export interface LocalParts {
  readonly home: Home;
  readonly runs: Runs;
  readonly cluster: Cluster;
  readonly orders: Orders;
  readonly settings: SettingsFile;
  readonly clusterName: () => string;
  readonly nodes: () => readonly NodeLine[];
  /** Why no process can be moved here; empty where they can. */
  readonly criuTrouble: string;
  /** What was recorded between two times, in milliseconds since 1970, as lines (common/model/recorded.ts). */
  readonly recorded: (since: number, until: number) => AsyncIterable<string>;
}

export function localHandlers(parts: LocalParts): LocalHandlers {
  const { home, runs, cluster, orders, settings, clusterName, nodes, criuTrouble } = parts;

  /** The job, when it is the caller's own. */
  const own = ({ uid }: Identified, id: JobId): Result<HomeJob> => {
    const job = home.find(id);
    if (job === undefined) return failure(problem('not-found', `Job ${id} is not known here any more.`));
    return mayOrder(uid, job.record.facts.uid) ? success(job) : denied(`Job ${id} is another user's.`);
  };
  /** The job or guest with this number here, when the caller may order it. */
  const ofPid = ({ uid }: Identified, pid: number): Result<HomeJob | Run> => {
    const found = home.ofPid(pid) ?? runs.ofPid(pid);
    if (found === undefined)
      return failure(problem('not-found', `Process ${pid} is no job of mos run on this node.`));
    return mayOrder(uid, found.record.facts.uid)
      ? success(found)
      : denied(`Process ${pid} is another user's.`);
  };
  const asRoot = <Value>(
    { uid }: Identified,
    work: () => Result<Value> | Promise<Result<Value>>,
  ): Result<Value> | Promise<Result<Value>> => (uid === ROOT ? work() : denied('Only root changes a node.'));

  return {
    status: () =>
      success({
        id: cluster.self,
        cluster: clusterName(),
        version: VERSION,
        criu: criuTrouble,
        nodes: [...nodes()],
      }),
    start: async (caller, params, _body, deputy) => {
      const { command, merged, terminal, locked, wanted } = params;
      const started = startOf(caller.pid);
      if (started === undefined) return failure(problem('not-found', 'The deputy has ended.'));
      const job = jobId({ home: cluster.self, pid: caller.pid, started });
      const facts = {
        job,
        command,
        uid: caller.uid,
        born: Date.now(),
        locked,
        group: 0,
        cpuBefore: 0,
        terminal: terminal !== undefined,
      };
      home.add({ facts, place: cluster.self, epoch: 0, out: 0, err: 0 }, deputy);
      const begun = await runs.begin(facts, caller, { merged, terminal });
      if (!begun.ok) {
        home.drop(job);
        return begun;
      }
      const { run } = begun.value;
      const place = wanted === 'best' ? orders.placeNew() : wanted;
      const moved =
        place === undefined || place === 0 ? undefined : await orders.moveHere(run, place, 'start');
      const stayed = moved === undefined || moved.ok ? '' : moved.problem.message;
      return success({
        job,
        place: home.find(job)?.record.place ?? cluster.self,
        why: [begun.value.why, stayed].filter(Boolean).join('\n'),
        terminal: run.record.facts.terminal,
      });
    },
    attach: (caller, { job, out, err }, _body, deputy) => {
      const known = own(caller, job);
      return known.ok ? home.attach(job, deputy, out, err) : known;
    },
    input: (caller, { job, place, end }, body) => {
      const known = own(caller, job);
      if (known.ok) cluster.notify(known.value.record.place, 'input', { job, place, end }, body);
      return known.ok ? nothing : known;
    },
    confirm: (caller, { job, stream, place }) => {
      const known = own(caller, job);
      if (known.ok) home.confirm(job, stream, place);
      return known.ok ? nothing : known;
    },
    closeOutput: (caller, { job, stream }) => {
      const known = own(caller, job);
      if (known.ok) cluster.notify(known.value.record.place, 'closeOutput', { job, stream });
      return known.ok ? nothing : known;
    },
    resize: (caller, { job, size }) => {
      const known = own(caller, job);
      if (known.ok) cluster.notify(known.value.record.place, 'resize', { job, size });
      return known.ok ? nothing : known;
    },
    signal: (caller, { job, signal }) => {
      const known = own(caller, job);
      if (known.ok) home.signal(job, signal);
      return known.ok ? nothing : known;
    },
    done: async (caller, { job }) => {
      const known = own(caller, job);
      if (known.ok) await home.done(job);
      return known.ok ? nothing : known;
    },
    list: () =>
      success({
        jobs: [
          ...home.all.map((job) => homeLine(job, parts)),
          ...orders.guests.map((run) => guestLine(run, parts)),
        ],
      }),
    migrate: async (caller, { pid, to, cause }) => {
      const found = ofPid(caller, pid);
      return found.ok ? orders.migrate(pid, to, cause) : found;
    },
    lock: (caller, { pid, on }) => {
      const found = ofPid(caller, pid);
      if (!found.ok) return found;
      const job = home.ofPid(pid);
      if (job === undefined)
        return failure(problem('not-available', `Process ${pid} is a guest; it is locked at its home.`));
      home.mark(job, { locked: on });
      return nothing;
    },
    switch: (caller, { name, on }) => asRoot(caller, () => answered(settings.set({ [name]: on }))),
    speed: (caller, { speed }) => asRoot(caller, () => answered(settings.set({ speed }))),
    expel: (caller) => asRoot(caller, async () => success({ left: await orders.expel() })),
    bring: (caller) => asRoot(caller, async () => success({ away: await orders.bring() })),
    history: async (_caller, { since, until }) => {
      const lines: string[] = [];
      let bytes = 0;
      let last = since;
      for await (const line of parts.recorded(since, until)) {
        const time = recordedSchema.safeParse(JSON.parse(line)).data?.t ?? last;
        // Lines of one time stay together, so that going on at the next time loses none.
        if (bytes > MOST_HISTORY_BYTES && time > last) return success({ lines, next: time });
        last = Math.max(last, time);
        lines.push(line);
        bytes += line.length;
      }
      return success({ lines, next: null });
    },
  };
}

function answered(done: Result<void>): Result<Record<string, never>> {
  return done.ok ? nothing : done;
}

function mayOrder(caller: number, owner: number): boolean {
  return caller === ROOT || caller === owner;
}

function denied(sentence: string): Result<never> {
  return failure(problem('permission-denied', sentence));
}

function homeLine({ record, why }: HomeJob, { orders }: LocalParts): JobLine {
  const { facts, place, epoch } = record;
  const { home, pid } = jobIdParts(facts.job);
  return {
    job: facts.job,
    pid,
    command: facts.command.join(' '),
    uid: facts.uid,
    home,
    place,
    moves: epoch,
    locked: facts.locked,
    group: facts.group,
    age: (Date.now() - facts.born) / 1000,
    freeze: orders.estimate(facts.job),
    why,
  };
}

function guestLine({ record, cgroup }: Run, { runs, cluster, orders }: LocalParts): JobLine {
  const { facts, epoch } = record;
  return {
    job: facts.job,
    pid: runs.firstProcess({ record, cgroup }) ?? 0,
    command: facts.command.join(' '),
    uid: facts.uid,
    home: jobIdParts(facts.job).home,
    place: cluster.self,
    moves: epoch,
    locked: facts.locked,
    group: facts.group,
    age: (Date.now() - facts.born) / 1000,
    freeze: orders.estimate(facts.job),
    why: '',
  };
}
