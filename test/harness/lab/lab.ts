/**
 * Real hosts on one machine: each has its own network, processes, names, mounts and share of the processors, its own
 * sshd and its own agent. Nothing of this machine is changed, and everything goes with `dispose`, or with this process.
 *
 *     const lab = await startLab({ nodes: [{}, { cpuPercent: 50 }, {}] });
 *     await lab.node(1).run('ping', ['-c', '1', 'node2']);
 *     await lab.dispose();
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { AGENT_NODE_OPTIONS } from '../../../main/enrol/package.ts';
import { ensureBuilt } from '../build.ts';
import { PATIENCE } from '../patience.ts';
import { clientLines, makeKey, SERVER_LINES } from '../sshd.ts';
import { groupMounts } from './groups.ts';
import { LabNode, type NodeOptions } from './lab-node.ts';
import { inNetwork, type Finished } from './lab-process.ts';
import { linkOf, processesIn, thingsOfMachine } from './left.ts';

export type { LabNode, NodeOptions, RunOptions } from './lab-node.ts';
export type { Finished, LabProcess } from './lab-process.ts';

/** How the lab is made. */
export interface LabOptions {
  /** One for each node, 1..250; node 1 is the first. */
  readonly nodes: readonly NodeOptions[];
  /** Whether this machine itself can reach the nodes at 10.99.0.N; one lab at a time can. Otherwise only the hub can. */
  readonly reachable?: boolean;
  /** How large a node's /run may grow, as mount's option size; it is in memory. `2g` by default. */
  readonly runSize?: string;
  /** What is started for the agent of a node; by default the built agent. */
  readonly keeperCommand?: readonly string[];
  readonly agentCommand?: readonly string[];
}

/** Running hosts. */
export interface Lab {
  readonly nodes: readonly LabNode[];
  /** A folder of this machine with the lab's keys and logs; every node sees it at /run/lab. */
  readonly folder: string;
  /** A folder of this machine that every node sees at /srv, as if it came from a file server. */
  readonly shared: string;
  /** An ssh_config with every node by its name; works where the nodes can be reached. */
  readonly sshConfigFile: string;
  readonly knownHostsFile: string;
  /** The node with this number; throws when there is none. */
  node(id: number): LabNode;
  /** Runs a command of this machine in the hub's network, where every node can be reached. */
  inHub(command: string, args: readonly string[]): Promise<Finished>;
  /**
   * What is left behind, one line each. While the lab runs: on the nodes, beyond what was there at the start or when a
   * node's agent first answered. After `dispose`: on this machine.
   */
  left(): readonly string[];
  dispose(): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'lab.sh');
const PROJECT = resolve(import.meta.dirname, '../../..');
const PERIOD_MICROSECONDS = 10_000;
const DEADLINE_MILLISECONDS = 20_000 * PATIENCE;
const OUTER_DEVICE = 'mosview-lab';

/** Starts all nodes; resolves when every sshd listens. Throws a sentence when this machine or user cannot have a lab. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { nodes: wanted, reachable = false, runSize = '2g' } = options;
  if (process.getuid?.() !== 0)
    throw new Error('The lab makes namespaces and mounts, so it must be started by root.');
  if (wanted.length < 1 || wanted.length > 250) throw new Error('A lab has 1 to 250 nodes.');
  if (`${PROJECT}/`.startsWith('/srv/'))
    throw new Error('The lab covers /srv, where this project is; move the project.');
  if (reachable && existsSync(`/sys/class/net/${OUTER_DEVICE}`))
    throw new Error('Another lab is reachable from this machine already; stop that one first.');
  const quotas = wanted.map(({ cpuPercent }) => quota(cpuPercent)).join(' ');
  const [criu] = await Promise.all([findCriu(), ensureBuilt()]);
  const mounts = groupMounts();
  const machine = thingsOfMachine();
  const folder = mkdtempSync(join(tmpdir(), 'mosview-lab-'));
  for (const name of ['own', 'shared']) mkdirSync(join(folder, name));
  writeSshFiles(folder, wanted.length);
  const groups = [...(mounts.cpu === undefined ? [] : [mounts.cpu.mount]), mounts.unified].map((mount) =>
    join(mount, basename(folder)),
  );
  const watch = spawn('/bin/sh', [SCRIPT, 'watch'], {
    // Its own session, so that Ctrl-C on a terminal reaches only this process, which then ends it in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LAB_FOLDER: folder,
      LAB_PROJECT: PROJECT,
      LAB_NODE: process.execPath,
      LAB_NODE_OPTIONS: AGENT_NODE_OPTIONS.join(' '),
      LAB_CRIU: criu,
      LAB_WITHOUT_CRIU: wanted
        .flatMap(({ criu: has }, index) => (has === false ? [index + 1] : []))
        .join(' '),
      LAB_KEPT: [PROJECT, dirname(process.execPath), dirname(criu)].join(' '),
      LAB_RUN_SIZE: runSize,
      LAB_OUTER: reachable ? OUTER_DEVICE : '',
      LAB_PERIOD: String(PERIOD_MICROSECONDS),
      LAB_QUOTAS: quotas,
      LAB_UNIFIED: groups.at(-1),
      LAB_UNIFIED_MOUNT: mounts.unified,
      LAB_CPU: mounts.cpu === undefined ? '' : groups[0],
      LAB_CPU_MOUNT: mounts.cpu?.mount ?? '',
      LAB_CPU_CONTROLLERS: mounts.cpu?.controllers ?? '',
    },
  });
  let words = '';
  watch.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  let ended = false;
  const gone = once(watch, 'exit').then(() => (ended = true));

  async function dispose(): Promise<void> {
    watch.stdin.end();
    await gone;
  }

  const pids = await numbersOf(watch.stdout, wanted.length);
  if (pids === undefined) {
    await dispose();
    throw new Error(`The lab did not start: ${words.trim()}`);
  }
  const hub = pids[0] ?? 0;
  // As the command of an installed agent starts it.
  const mos = [process.execPath, ...AGENT_NODE_OPTIONS, join(PROJECT, 'out/agent/mosview-agent.mjs')];
  const nodes = wanted.map(
    (one, index) =>
      new LabNode({
        id: index + 1,
        pid: pids[index + 1] ?? 0,
        hub,
        groups: groups.map((group) => join(group, `node${index + 1}`)),
        runSize,
        keeperCommand: options.keeperCommand ?? [...mos, 'keeper'],
        agentCommand: options.agentCommand ?? [...mos, 'agent', '--load', 'own'],
        options: one,
      }),
  );
  const networks = new Set(
    [hub, ...nodes.map(({ pid }) => pid)].map((pid) => linkOf(`/proc/${pid}/ns/net`) ?? ''),
  );
  return {
    nodes,
    folder,
    shared: join(folder, 'shared'),
    sshConfigFile: join(folder, 'ssh_config'),
    knownHostsFile: join(folder, 'known_hosts'),
    node(id) {
      const found = nodes[id - 1];
      if (found === undefined) throw new Error(`The lab has nodes 1 to ${nodes.length}, and no ${id}.`);
      return found;
    },
    inHub: (command, args) => inNetwork(hub, command, args),
    left() {
      if (!ended) return nodes.flatMap((node) => node.left());
      return [
        ...[...thingsOfMachine()].filter((thing) => !machine.has(thing)),
        ...[...groups, folder].filter((path) => existsSync(path)),
        ...processesIn(networks),
      ];
    },
    dispose,
  };
}

/** Process 1 of the hub, then those of the nodes in order; undefined when the lab ended before it was ready. */
async function numbersOf(output: Readable, count: number): Promise<readonly number[] | undefined> {
  const numbers: number[] = [];
  const deadline = setTimeout(() => output.destroy(), DEADLINE_MILLISECONDS);
  for await (const line of createInterface(output)) {
    const [, id, pid] = /^(?:hub|node (\d+)) (\d+)$/.exec(line) ?? [];
    if (pid !== undefined) numbers[Number(id ?? 0)] = Number(pid);
    if (Object.keys(numbers).length > count) break;
  }
  clearTimeout(deadline);
  return Object.keys(numbers).length > count ? numbers : undefined;
}

/** A group's share of time in each period, in microseconds. */
function quota(cpuPercent: number | undefined): string {
  if (cpuPercent === undefined) return 'max';
  // The kernel takes no less than a millisecond.
  if (!(cpuPercent >= 10))
    throw new Error(`A node of the lab gets at least 10 % of a processor, not ${cpuPercent}.`);
  return String(Math.round((cpuPercent / 100) * PERIOD_MICROSECONDS));
}

/** The criu that was found, or made, before the tests; a process of its own, as the scripts are plain JavaScript. */
async function findCriu(): Promise<string> {
  const module = JSON.stringify(join(PROJECT, 'scripts/criu.mjs'));
  const script = `import(${module}).then((it) => process.stdout.write(it.ensureCriu()))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script]);
  return stdout;
}

/** Keys, the nodes' sshd_config, and what `ssh -F` needs to reach them by name. */
function writeSshFiles(folder: string, count: number): void {
  const identity = makeKey(join(folder, 'identity'));
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const known = ids.map((id) => {
    const own = join(folder, `node${id}`);
    mkdirSync(join(own, 'home'), { recursive: true });
    makeKey(join(own, 'host_key'));
    const inNode = `/run/lab/node${id}`;
    writeFileSync(
      join(own, 'sshd_config'),
      [
        'Port 22',
        `ListenAddress 10.99.0.${id}`,
        `HostKey ${inNode}/host_key`,
        'PidFile /run/sshd/pid',
        'AuthorizedKeysFile /run/lab/identity.pub',
        `SetEnv HOME=${inNode}/home`,
        ...SERVER_LINES,
        'Subsystem sftp internal-sftp',
        '',
      ].join('\n'),
    );
    const [type = '', key = ''] = readFileSync(join(own, 'host_key.pub'), 'utf8').split(' ');
    return `10.99.0.${id} ${type} ${key}\n`;
  });
  writeFileSync(join(folder, 'known_hosts'), known.join(''));
  writeFileSync(
    join(folder, 'ssh_config'),
    [
      ...ids.flatMap((id) => [`Host node${id}`, `  HostName 10.99.0.${id}`]),
      'Host *',
      ...clientLines('root', identity, join(folder, 'known_hosts')),
      '',
    ].join('\n'),
  );
}
