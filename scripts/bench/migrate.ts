/**
 * What a move costs: how long a job stands still, beside the same process moved with criu by hand over the same link, in
 * turns; and what agent and keeper take while nothing moves. Two hosts of the lab on this machine.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from '../../test/harness/lab/lab.ts';
import { startCluster } from '../../test/lab/cluster.ts';
import { AgentMoved, type ByAgent } from './migrate/by-agent.ts';
import { HandMoved, type ByHand } from './migrate/by-hand.ts';

const MEGABYTE = 1e6;
const IDLE_SECONDS = 15;
/** A link that moves 1 GB in 10 s. */
const SLOW_BITS = 800e6;
/** Kernel ticks in /proc/PID/stat are hundredths of a second on every Linux. */
const TICKS_PER_SECOND = 100;

/** Moves of one size, each by agents and by hand. */
interface Moves {
  readonly agent: readonly ByAgent[];
  readonly hand: readonly ByHand[];
}

/** The figures of this bench. */
export async function run(): Promise<{ figures: Record<string, number>; lines: readonly string[] }> {
  const lab = await startCluster({ nodes: [{}, {}], runSize: '4g' });
  try {
    const idle = await idleCost(lab);
    const small = await compare(lab, 10, 10);
    const middle = await compare(lab, 100, 4);
    const large = await compare(lab, 1000, 2);
    await lab.node(2).limitRate(SLOW_BITS);
    const slow = await compare(lab, 1000, 2);
    const after = memoryOf(await serversOf(lab));
    const figures = {
      freeze10MB: medianOf(small.agent, 'freeze'),
      ratioToCriu10MB: medianOf(small.agent, 'freeze') / medianOf(small.hand, 'whole'),
      seenRatio10MB: medianOf(small.agent, 'seen') / medianOf(small.hand, 'seen'),
      total10MB: medianOf(small.agent, 'whole'),
      freeze100MB: medianOf(middle.agent, 'freeze'),
      ratioToCriu100MB: medianOf(middle.agent, 'freeze') / medianOf(middle.hand, 'whole'),
      freeze1GB: medianOf(slow.agent, 'freeze'),
      ratioToCriu1GB: medianOf(slow.agent, 'freeze') / medianOf(slow.hand, 'whole'),
      freeze1GBFastLink: medianOf(large.agent, 'freeze'),
      ratioToCriu1GBFastLink: medianOf(large.agent, 'freeze') / medianOf(large.hand, 'whole'),
      agentIdleCpuPercent: idle.agent.cpuPercent,
      agentRssMB: idle.agent.megabytes,
      keeperIdleCpuPercent: idle.keeper.cpuPercent,
      keeperRssMB: idle.keeper.megabytes,
      agentRssAfterMB: after.agent,
    };
    const lines = [
      `Load of this machine: ${loadavg()[0]?.toFixed(1)}. In milliseconds: median (least-most).`,
      ...linesOf('10 MB', small),
      ...linesOf('100 MB', middle),
      ...linesOf('1 GB', large),
      ...linesOf(`1 GB, link of ${SLOW_BITS / MEGABYTE} Mbit/s`, slow),
      'Agents send what a job of 4 MB or more has before it stops; its memory is then twice at its node and in /run at the target.',
    ];
    return { figures, lines };
  } finally {
    await lab.dispose();
  }
}

/** Moves a job and a process of the same size to and fro, in turns, so that what else the machine does meets both alike. */
async function compare(lab: Lab, megabytes: number, moves: number): Promise<Moves> {
  const bytes = megabytes * MEGABYTE;
  const name = `${megabytes}-${performance.now().toFixed(0)}`;
  const job = await AgentMoved.start(lab, bytes, `agent-${name}`);
  const process = await HandMoved.start(lab, bytes, `hand-${name}`);
  const agent: ByAgent[] = [];
  const hand: ByHand[] = [];
  for (let move = 0; move < moves; move += 1) {
    const to = move % 2 === 0 ? 2 : 1;
    agent.push(await job.move(to));
    hand.push(await process.move(to));
  }
  await job.end();
  await process.end();
  return { agent, hand };
}

interface Server {
  readonly agent: number;
  readonly keeper: number;
}

/** The processes of node 1's agent and keeper. */
async function serversOf(lab: Lab): Promise<Server> {
  const { agent, keeper } = lab.node(1);
  return { agent: (await agent?.pid()) ?? 0, keeper: (await keeper?.pid()) ?? 0 };
}

async function idleCost(lab: Lab) {
  const servers = await serversOf(lab);
  // What a start costs is no part of it.
  await wait(3000);
  const before = ticksOf(servers);
  await wait(IDLE_SECONDS * 1000);
  const used = ticksOf(servers);
  const memory = memoryOf(servers);
  const cost = (name: keyof Server) => ({
    cpuPercent: ((used[name] - before[name]) / TICKS_PER_SECOND / IDLE_SECONDS) * 100,
    megabytes: memory[name],
  });
  return { agent: cost('agent'), keeper: cost('keeper') };
}

function ticksOf(servers: Server): Server {
  return each(servers, (pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // User and system time are fields 14 and 15; the third is the first behind the name.
    return Number(fields[11]) + Number(fields[12]);
  });
}

/** Resident memory in MB. */
function memoryOf(servers: Server): Server {
  return each(servers, (pid) => {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return (Number(kilobytes) * 1024) / MEGABYTE;
  });
}

function each({ agent, keeper }: Server, look: (pid: number) => number): Server {
  return { agent: look(agent), keeper: look(keeper) };
}

function linesOf(what: string, { agent, hand }: Moves): readonly string[] {
  return [
    `${what}: agents: standing still ${spread(agent, 'freeze')}, as the job saw it ${spread(agent, 'seen')}, order to answer ${spread(agent, 'whole')}`,
    `${what}: by hand: dump, transfer and restore ${spread(hand, 'whole')}, as the process saw it ${spread(hand, 'seen')}`,
  ];
}

function valuesOf<Key extends string>(
  moves: readonly Readonly<Record<Key, number>>[],
  key: Key,
): readonly number[] {
  return moves.map((move) => move[key]).sort((one, other) => one - other);
}

function medianOf<Key extends string>(moves: readonly Readonly<Record<Key, number>>[], key: Key): number {
  const values = valuesOf(moves, key);
  const middle = (values.length - 1) / 2;
  return ((values[Math.floor(middle)] ?? NaN) + (values[Math.ceil(middle)] ?? NaN)) / 2;
}

function spread<Key extends string>(moves: readonly Readonly<Record<Key, number>>[], key: Key): string {
  const values = valuesOf(moves, key);
  return `${medianOf(moves, key).toFixed(0)} (${values[0]?.toFixed(0)}-${values.at(-1)?.toFixed(0)})`;
}
