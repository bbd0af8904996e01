/** Keeps the flat files in step with what the agent knows, once a second. */
import type { FlatFiles, GuestValues } from './files/flat-files.ts';
import type { Home, HomeJob } from './home/home.ts';
import { jobIdParts } from './job-id.ts';
import { startOf, statOf, statmOf } from './proc/process.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Orders } from './orders.ts';
import type { NodeLine } from './local/protocol.ts';

export interface PublisherParts {
  readonly files: FlatFiles;
  readonly home: Home;
  readonly runs: Runs;
  readonly orders: Orders;
  readonly self: number;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #jobs = new Set<number>();
  #guests = new Set<number>();
  #nodes = new Set<number>();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  publish(nodes: readonly NodeLine[]): void {
    const { files, home, orders } = this.#parts;
    for (const node of nodes) files.setNode(node.id, node);
    this.#nodes = removeOthers(this.#nodes, new Set(nodes.map(({ id }) => id)), (id) => files.removeNode(id));
    const jobs = new Set<number>();
    for (const job of home.all) {
      const { pid } = jobIdParts(job.record.facts.job);
      jobs.add(pid);
      this.#job(pid, job);
    }
    this.#jobs = removeOthers(this.#jobs, jobs, (pid) => files.removeJob(pid));
    const guests = new Set<number>();
    for (const run of orders.guests) {
      const pid = this.#guest(run, nodes);
      if (pid !== undefined) guests.add(pid);
    }
    this.#guests = removeOthers(this.#guests, guests, (pid) => files.removeGuest(pid));
  }

  #job(pid: number, { record, why }: HomeJob): void {
    const { facts, place, epoch } = record;
    this.#parts.files.setJob(pid, {
      where: place === this.#parts.self ? 0 : place,
      nmigs: epoch,
      lock: facts.locked,
      cantmove: why === '' ? [] : why.split('\n'),
      group: facts.group,
    });
  }

  /** Answers the guest's number here; undefined when it has just ended. */
  #guest(run: Run, nodes: readonly NodeLine[]): number | undefined {
    const { files, runs } = this.#parts;
    const { facts } = run.record;
    const { home, pid: homePid } = jobIdParts(facts.job);
    const first = runs.firstProcess(run);
    // The first process only waits; the one that works is its child.
    const pid = run.cgroup.pids().find((one) => one !== first && startOf(one) !== undefined) ?? first;
    const life = pid === undefined ? undefined : lifeOf(pid);
    if (pid === undefined || life === undefined) return undefined;
    files.setGuest(pid, {
      home,
      address: nodes.find(({ id }) => id === home)?.address ?? '',
      homePid,
      command: facts.command.join(' '),
      ...life,
    });
    return pid;
  }
}

type Life = Omit<GuestValues, 'home' | 'address' | 'homePid' | 'command'>;

function lifeOf(pid: number): Life | undefined {
  const stat = statOf(pid);
  if (stat === undefined) return undefined;
  const { state, utime, cutime, nice, vsize, rss } = stat;
  return { state, utime, cutime, nice, vsize, rss, statm: statmOf(pid) };
}

function removeOthers(
  before: ReadonlySet<number>,
  now: Set<number>,
  remove: (id: number) => void,
): Set<number> {
  for (const id of before) if (!now.has(id)) remove(id);
  return now;
}
