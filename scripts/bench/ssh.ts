/**
 * What it costs to watch 1,000 nodes over SSH at one sample a second: time to connect, CPU, memory, beside the same lines
 * over plain TCP, beside a command per sample, and beside one observer that tells of all nodes; and what a sample costs
 * a node. Every way runs in a process of its own; ratios compare windows that follow each other.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FarSide } from './far-side.ts';
import type { Connection, Cost, Request, Way } from './near-side.ts';
import { samplerCost } from './sampler.ts';

const NODES = 1000;
const WARM_UP_SECONDS = 5;
const ROUNDS = 4;
const ROUND_SECONDS = 6;
const FAN_OUT_NODES = 20;

interface Near {
  readonly way: Way;
  readonly process: ChildProcess;
  readonly connection: Connection;
  readonly rounds: Cost[];
}

/** The figures of this bench; `nodeFlags` are those that the program itself is started with. */
export async function run(
  nodeFlags: readonly string[],
): Promise<{ figures: Record<string, number>; lines: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-bench-'));
  const processes: ChildProcess[] = [];
  try {
    const far = start('far-side.ts', nodeFlags, [join(folder, 'demo'), String(NODES)]);
    processes.push(far);
    const farSide = await reply<FarSide>(far);
    const connectTo = async (way: Way): Promise<Near> => {
      const near = start('near-side.ts', nodeFlags, []);
      processes.push(near);
      const request: Request = { kind: 'connect', way, farSide, folder: join(folder, way) };
      const connection = await ask<Connection>(near, request);
      return { way, process: near, connection, rounds: [] };
    };
    const stream = await connectTo('stream');
    const tcp = await connectTo('tcp');
    const observer = await connectTo('observer');
    await compare([stream, tcp, observer]);
    for (const near of [tcp, observer]) near.process.disconnect();
    const exec = await connectTo('exec');
    await sample(exec, WARM_UP_SECONDS);
    exec.rounds.push(await sample(exec, ROUND_SECONDS));
    const fanOut = fanOutCost(farSide);
    for (const near of [stream, exec]) near.process.disconnect();
    const sampler = await samplerCost();

    const streamUs = median(stream.rounds.map(usPerFrame));
    const execUs = median(exec.rounds.map(usPerFrame));
    const observerMs = median(observer.rounds.map(msPerSecond));
    const figures = {
      connectSeconds: stream.connection.readySeconds,
      corePercent: median(stream.rounds.map(msPerSecond)) / 10,
      bytesPerConnection: (lastMemory(stream) - stream.connection.memoryBefore) / NODES,
      ratioToPlainTcp: median(pairs(stream, tcp)),
      execToStream: execUs / streamUs,
      streamsToObserver: median(pairs(stream, observer)),
      samplerCpuMs: sampler.sampleMs,
    };
    return {
      figures,
      lines: [
        `${NODES} nodes, one sample a second, ${ROUNDS} rounds of ${ROUND_SECONDS} s; the stand-in cluster is another process`,
        `connecting: all up after ${stream.connection.connectedSeconds.toFixed(1)} s, all samplers ready after ${stream.connection.readySeconds.toFixed(1)} s, ${(stream.connection.cpuMs / NODES).toFixed(2)} ms of CPU each`,
        ...[stream, tcp].map(
          (near) =>
            `${near.way}: ${spread(near.rounds.map(usPerFrame))} us of CPU per sample of ${bytesPerFrame(near).toFixed(0)} bytes, ${(lastMemory(near) / 1e6).toFixed(0)} MB`,
        ),
        `a command per sample: ${execUs.toFixed(0)} us`,
        `one observer with ${NODES} rows in ${(bytesPerFrame(observer) / 1000).toFixed(0)} kB: ${observerMs.toFixed(1)} ms a second`,
        `a node's side: ${sampler.sampleMs.toFixed(3)} ms per sample; a turn of a loop with sleep costs ${sampler.sleepMs.toFixed(2)} ms more`,
        ...fanOut,
      ],
    };
  } finally {
    for (const child of processes) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rounds of each in turn, so that what else the machine does meets all alike. */
async function compare(all: readonly Near[]): Promise<void> {
  for (const near of all) await sample(near, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const near of all) near.rounds.push(await sample(near, ROUND_SECONDS));
  }
}

async function sample(near: Near, seconds: number): Promise<Cost> {
  const cost = await ask<Cost>(near.process, { kind: 'run', seconds });
  const expected = (near.way === 'observer' ? 1 : NODES) * seconds;
  if (cost.frames < expected * 0.99) {
    throw new Error(`Only ${cost.frames} of ${expected} samples came over ${near.way}`);
  }
  return cost;
}

/** What others need for one command on every node, for each that is installed: client CPU, OpenSSH's included. */
function fanOutCost({ sshConfigFile, sampleCommand }: FarSide): readonly string[] {
  const nodes = `node[1-${FAN_OUT_NODES}]`;
  const tools = {
    pdsh: `PDSH_SSH_ARGS_APPEND='-F ${sshConfigFile}' pdsh -R ssh -w '${nodes}' ${sampleCommand}`,
    clush: `clush -o '-F ${sshConfigFile}' -w '${nodes}' ${sampleCommand}`,
  };
  return Object.entries(tools).map(([tool, command]) => {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', `${command} >&2 && times`], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The second line of `times`: user and system time of the children, as 0m1.23s.
    const times = [...(stdout.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
    if (status !== 0 || times.length !== 2) return `${tool}: not installed here, or it failed`;
    const seconds = times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
    return `${tool}: ${((seconds * 1000) / FAN_OUT_NODES).toFixed(0)} ms of CPU per node and command (new connections)`;
  });
}

function start(file: string, nodeFlags: readonly string[], parameters: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, parameters, { execArgv: [...nodeFlags] });
}

function ask<Reply>(child: ChildProcess, request: Request): Promise<Reply> {
  const answer = reply<Reply>(child);
  child.send(request);
  return answer;
}

/** The next message; a process that ends instead fails the bench. */
async function reply<Reply>(child: ChildProcess): Promise<Reply> {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`A process of the bench ended: ${child.spawnargs.join(' ')}`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [Reply];
  return message;
}

function usPerFrame(cost: Cost): number {
  return (cost.cpuMs * 1000) / cost.frames;
}

function msPerSecond(cost: Cost): number {
  return cost.cpuMs / ROUND_SECONDS;
}

function bytesPerFrame({ rounds }: Near): number {
  return median(rounds.map((cost) => cost.bytes / cost.frames));
}

function lastMemory({ rounds }: Near): number {
  return rounds.at(-1)?.memory ?? NaN;
}

/** How much more the first costs than the second, round by round. */
function pairs(first: Near, second: Near): readonly number[] {
  return first.rounds.map((cost, index) => cost.cpuMs / (second.rounds[index]?.cpuMs ?? NaN));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`;
}
