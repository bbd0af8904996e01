/** A process in a list that may hold processes of several nodes, and the name by which no other can be meant. */
import type { ProcessInfo, ProcessRef } from '../../common/model/process.ts';

/** A process with the node in whose list it is. */
export interface ProcessEntry {
  readonly ref: ProcessRef;
  /** Name of that node as the operator knows it. */
  readonly nodeName: string;
  readonly info: ProcessInfo;
}

/** The identity of a process: a number that is used again belongs to another one. */
export function entryId(ref: ProcessRef): string {
  return `${ref.pid} ${ref.started} ${ref.node}`;
}

/** The processes of one node's list as entries. */
export function entriesOf(
  node: string,
  nodeName: string,
  processes: readonly ProcessInfo[],
): readonly ProcessEntry[] {
  return processes.map((info) => ({
    ref: { node, pid: info.pid, started: info.started },
    nodeName,
    info,
  }));
}
