/** What a node is, as far as a job that comes or goes has to know. */
import { machine } from 'node:os';
import type { Needs } from './needs.ts';
import type { Proc } from '../proc/proc.ts';
import { parseCpuFlags } from './processor.ts';

export type NodeFacts = Pick<Needs, 'architecture' | 'bootId' | 'cpuFlags'>;

/** By the root of /proc; none of it changes while the node is up, and reading it takes long with many processors. */
const known = new Map<string, NodeFacts>();

export function nodeFacts(proc: Proc): NodeFacts {
  const facts = known.get(proc.root) ?? {
    architecture: machine(),
    bootId: (proc.text('sys/kernel/random/boot_id') ?? '').trim(),
    cpuFlags: [...parseCpuFlags(proc.text('cpuinfo') ?? '')],
  };
  known.set(proc.root, facts);
  return facts;
}
