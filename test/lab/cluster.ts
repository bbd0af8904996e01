/** A lab whose nodes are a cluster of agents, as the tests of moves and the campaign use it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { numbersOf } from '../../agent/proc/process.ts';
import { PATHS } from '../../agent/paths.ts';
import { enrol } from '../harness/lab/enrol.ts';
import { startLab, type Lab, type LabNode, type LabOptions } from '../harness/lab/lab.ts';
import { PATIENCE } from '../harness/patience.ts';

const LOOK_MILLISECONDS = 5;
const UNTIL_MILLISECONDS = 40_000 * PATIENCE;
const LEAVE_MILLISECONDS = 10_000 * PATIENCE;

/** Starts nodes, makes them a cluster, and starts their agents. */
export async function startCluster(options: LabOptions): Promise<Lab> {
  const lab = await startLab(options);
  await enrol(lab.nodes);
  await startAgents(lab.nodes);
  return lab;
}

/** Starts agents and keepers; resolves when all of them listen, so that what comes later is a job's. */
export async function startAgents(nodes: readonly LabNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.startAgent()));
  for (const { name, root } of nodes)
    await until(`the keeper of ${name} listens`, () => existsSync(join(root, PATHS.run, 'keeper.sock')));
}

/** Waits until `look` gives something; throws `what` was waited for when it does not come. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false,
  milliseconds = UNTIL_MILLISECONDS,
): Promise<Value> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await wait(LOOK_MILLISECONDS);
  }
}

/** What is on the nodes beyond what was there `before`, once it has had so long to go; empty when nothing is. */
export async function leftBehind(
  lab: Lab,
  before: ReadonlySet<string>,
  milliseconds = LEAVE_MILLISECONDS,
): Promise<readonly string[]> {
  const left = (): readonly string[] => lab.left().filter((thing) => !before.has(thing));
  await until('nothing is left', () => left().length === 0, milliseconds).catch(() => undefined);
  return left();
}

/** The folder of a job's group on the node, as seen outside. */
export function groupOf(node: LabNode, job: string): string {
  return join(node.unifiedGroup, 'mosview', job);
}

/** Whether processes of the job may run on the node now. */
export function runsOn(node: LabNode, job: string): boolean {
  const group = groupOf(node, job);
  return (
    textOf(join(group, 'cgroup.procs')) !== '' && !textOf(join(group, 'cgroup.events')).includes('frozen 1')
  );
}

/** The number, as seen outside, of the process that has `pid` on the node; undefined when there is none. */
export function outerPid(node: LabNode, pid: number): number | undefined {
  const [own = ''] =
    textOf(`/proc/${node.pid}/cgroup`)
      .match(/0::(.*)/)
      ?.slice(1) ?? [];
  // So many process namespaces the node's is inside of.
  const depth = numbersOf(node.pid).length - 1;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((outer) => numbersOf(outer)[depth] === pid && textOf(`/proc/${outer}/cgroup`).includes(own));
}

/** The text of a file; empty when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
