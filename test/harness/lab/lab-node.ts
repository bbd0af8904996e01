/** One machine of the lab: commands in it, its agent, its cable and its disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATHS } from '../../../agent/paths.ts';
import { PATIENCE } from '../patience.ts';
import { inNetwork, LabProcess, type Finished } from './lab-process.ts';
import { leftOn, thingsOn, type Looked, type NodeBaseline } from './left.ts';

/** How a command is started. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  /** `/` by default. */
  readonly cwd?: string;
  /** Added to a plain environment with PATH, HOME and LANG; nothing of the test's own is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** A user's number, with the group of the same number; root by default. */
  readonly user?: number;
}

/** How a node is made; the lab's options hold one for each. */
export interface NodeOptions {
  /** How much of one processor all its processes together may use, 10..; no limit by default. */
  readonly cpuPercent?: number;
  /** What its agent is told by `mos ctl setspeed` once it answers; 10000 is a standard processor. */
  readonly speed?: number;
  /** False for a node on which no criu is installed. */
  readonly criu?: boolean;
}

/** What a node is told by the lab that it is part of. */
export interface NodePlace {
  readonly id: number;
  /** Process 1 of the node, as seen outside. */
  readonly pid: number;
  /** Process 1 of the hub, as seen outside. */
  readonly hub: number;
  /** Folders of the control groups its processes belong to. */
  readonly groups: readonly string[];
  readonly runSize: string;
  readonly keeperCommand: readonly string[];
  readonly agentCommand: readonly string[];
  readonly options: NodeOptions;
}

const DEADLINE_MILLISECONDS = 10_000 * PATIENCE;
const PLAIN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Joins the groups, then leaves its namespaces for others. `$1` is a list of groups. */
const ENTER = 'for group in $1; do echo 0 >"$group/cgroup.procs" || exit 125; done; shift; exec nsenter "$@"';

/** A machine. */
export class LabNode {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  /** Process 1 of the node, as seen outside. */
  readonly pid: number;
  /** The node's root folder as seen outside; absolute symbolic links in it lead astray. */
  readonly root: string;
  readonly #place: NodePlace;
  #before: NodeBaseline;
  #answered = false;
  #keeper: LabProcess | undefined;
  #agent: LabProcess | undefined;

  constructor(place: NodePlace) {
    this.#place = place;
    this.id = place.id;
    this.name = `node${place.id}`;
    this.address = `10.99.0.${place.id}`;
    this.pid = place.pid;
    this.root = `/proc/${place.pid}/root`;
    this.#before = thingsOn(this.#looked());
  }

  /** The agent and the keeper while they run. */
  get agent(): LabProcess | undefined {
    return this.#agent;
  }

  get keeper(): LabProcess | undefined {
    return this.#keeper;
  }

  /** The node's own control group in the tree of version 2, as seen outside. */
  get unifiedGroup(): string {
    return this.#place.groups.at(-1) ?? '';
  }

  /** Starts a command that runs on; its standard streams are the test's ends of Node's pipes. */
  spawn(command: string, args: readonly string[] = [], options: RunOptions = {}): LabProcess {
    const { user, cwd = '/', env } = options;
    const words = [
      ...'--mount --uts --ipc --net --cgroup --pid --target'.split(' '),
      String(this.pid),
      `--wdns=${cwd}`,
      '--',
      ...(user === undefined
        ? []
        : ['setpriv', '--reuid', `${user}`, '--regid', `${user}`, '--clear-groups']),
      command,
      ...args,
    ];
    const entry = spawn('/bin/sh', ['-c', ENTER, 'enter', this.#place.groups.join(' '), ...words], {
      stdio: 'pipe',
      env: { PATH: PLAIN_PATH, HOME: user === undefined ? '/root' : '/', LANG: 'C.UTF-8', ...env },
    });
    // A command that has ended reads no more.
    entry.stdin.on('error', () => {});
    return new LabProcess(entry);
  }

  /** Runs a command to its end. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Finished> {
    const child = this.spawn(command, args, options);
    child.entry.stdin?.end(options.stdin ?? '');
    return child.finished;
  }

  /** Starts the keeper, unless it runs, and the agent; resolves when the agent's socket is there. */
  async startAgent(): Promise<void> {
    if (this.#keeper === undefined || this.#keeper.ended)
      this.#keeper = this.#start(this.#place.keeperCommand);
    const agent = this.#start(this.#place.agentCommand);
    this.#agent = agent;
    const socket = join(this.root, PATHS.socket);
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    while (!existsSync(socket)) {
      if (agent.ended)
        throw new Error(`The agent of ${this.name} ended at once: ${(await agent.finished).stderr}`);
      if (Date.now() > deadline) throw new Error(`The agent of ${this.name} made no socket: ${agent.stderr}`);
      await sleep(10);
    }
    const { speed } = this.#place.options;
    if (speed !== undefined) await this.#done('mos', 'ctl', 'setspeed', String(speed));
    if (!this.#answered) this.#before = thingsOn(this.#looked());
    this.#answered = true;
  }

  /** Ends the agent alone by a signal, and its socket with it, so that the next one's is known by being there. */
  async killAgent(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await end(this.#agent, signal);
    this.#agent = undefined;
    await this.run('rm', ['-f', PATHS.socket]);
  }

  async killKeeper(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await end(this.#keeper, signal);
    this.#keeper = undefined;
  }

  /** Pulls its cable out of the hub; what is under way is lost. */
  cutLink(): Promise<void> {
    return this.#inHub('ip', 'link', 'set', this.name, 'down');
  }

  mendLink(): Promise<void> {
    return this.#inHub('ip', 'link', 'set', this.name, 'up');
  }

  /** Limits its cable to so many bits per second in each direction; without a number the limit is lifted. */
  async limitRate(bits?: number): Promise<void> {
    const limit =
      bits === undefined
        ? ['del', 'root']
        : [
            'replace',
            'root',
            'tbf',
            'rate',
            `${bits}bit`,
            'burst',
            `${Math.max(16_384, Math.ceil(bits / 800))}`,
          ];
    const [what = '', ...how] = limit;
    const rule = (device: string): string[] => ['qdisc', what, 'dev', device, ...how];
    const queue = bits === undefined ? [] : ['latency', '50ms'];
    await this.#inHub('tc', ...rule(this.name), ...queue);
    const own = await this.run('tc', [...rule('eth0'), ...queue]);
    if (own.code !== 0) throw new Error(`The rate of ${this.name} was not set: ${own.stderr}`);
  }

  /** Leaves not one free page on its /run, which is in memory. */
  fillDisk(): Promise<void> {
    // The file system is made as large as what is in it. That grows while images come, so the change is tried again.
    const fill =
      'for try in $(seq 200); do used=$(df --output=used -k /run | tail -n 1); ' +
      'mount -o "remount,size=$((used))k" /run && exit 0; done; exit 1';
    return this.#done('sh', '-c', fill);
  }

  freeDisk(): Promise<void> {
    return this.#done('mount', '-o', `remount,size=${this.#place.runSize}`, '/run');
  }

  /** What is on it beyond what was at the start, or when its agent first answered; one line each. */
  left(): readonly string[] {
    return leftOn(this.#looked(), this.#before);
  }

  #looked(): Looked {
    const { name, pid, root, unifiedGroup } = this;
    const meant = [this.#keeper, this.#agent].flatMap((process) => process?.pids ?? []);
    return { name, pid, root, unifiedGroup, meant };
  }

  #start([command = '', ...args]: readonly string[]): LabProcess {
    const child = this.spawn(command, args);
    child.entry.stdin?.end();
    return child;
  }

  async #done(command: string, ...args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.run(command, args);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed on ${this.name}: ${stderr}`);
  }

  async #inHub(...words: readonly string[]): Promise<void> {
    const [command = '', ...args] = words;
    const { code, stderr } = await inNetwork(this.#place.hub, command, args);
    if (code !== 0) throw new Error(`${words.join(' ')} failed in the hub: ${stderr}`);
  }
}

async function end(child: LabProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.ended) return;
  await child.kill(signal);
  await once(child.entry, 'exit');
}
