/** What runs on a simulated MattX cluster: the demo's machines and the programs people start on them. */
import { randomFrom, type Random } from '../../../common/model/random.ts';
import { someDemand, someHardware, startedPrograms, type Program } from '../workload.ts';
import type { MattxCluster, MattxOptions } from './cluster.ts';
import { plainNodes } from './node.ts';
import type { ProgramOptions } from './process.ts';

/** Ids as the discovery daemon of the project's test machines gave them. */
const FIRST_ID = 785;
const PAGES_PER_MEGABYTE = 256;
/** Machines of today have more memory than those that the demo's hardware is modelled on. */
const MEMORY_FACTOR = 8;
const FIRST_USER = 1000;
const USERS = 5;
/** Threads of a program that computes in them while its main thread sleeps. */
const POOL_THREADS = 3;

/** A cluster of so many nodes with its users; the same seed gives the same. */
export function demoOptions(nodes: number, seed: number): MattxOptions {
  const random = randomFrom(seed);
  const ids = Array.from({ length: nodes }, (_, index) => FIRST_ID + index);
  const hardware = ids.map(() => someHardware(random));
  const demands = hardware.map((each) => someDemand(random, each));
  return {
    nodes: plainNodes(ids).map((node, index) => {
      const { cpus = 1, pages = 0 } = hardware[index] ?? {};
      return { ...node, cpus, megabytes: (pages / PAGES_PER_MEGABYTE) * MEMORY_FACTOR };
    }),
    workload: (cluster: MattxCluster, seconds: number): void => {
      for (const [index, node] of cluster.nodes.entries()) {
        const demand = demands[index];
        if (!node.up || demand === undefined) continue;
        for (const program of startedPrograms(random, demand, cluster.now / 1000, seconds)) {
          node.start(optionsOf(program, random));
        }
      }
    },
  };
}

function optionsOf(program: Program, random: Random): ProgramOptions {
  const isPool = program.cantMove === 'clone_vm';
  return {
    command: program.command,
    cmdline: program.cmdline,
    uid: FIRST_USER + Math.floor(random() * USERS),
    duty: isPool ? 0 : program.duty,
    threads: isPool ? POOL_THREADS : 0,
    megabytes: Math.max(1, Math.round(program.pages / PAGES_PER_MEGABYTE)),
    seconds: program.work,
  };
}
