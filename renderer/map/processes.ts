/**
 * The processes of the map and what may be done with them: one identity for a process at home and where it runs, how an
 * order names it, and why a node cannot be its target. Pure functions.
 */
import type { NodeState } from '../../common/contract/block.ts';
import type { OrderInput } from '../../common/model/control.ts';
import type { Placement } from '../../common/model/migration.ts';
import { foreignTo } from '../../common/model/dialect.ts';
import type { Dialect, NodeInfo } from '../../common/model/node.ts';
import type { ProcessInfo, ProcessRef } from '../../common/model/process.ts';
import { isMovable } from '../../common/model/process-words.ts';
import { STATUS } from '../../common/model/status.ts';
import { count, percent, plainText } from '../words/format.ts';

/** A process on the map; at home where `at` is `home`. */
export interface MapProcess extends Omit<Placement, 'command'> {
  /** Its identity as long as it lives. */
  readonly key: string;
  /** Safe to show. */
  readonly command: string;
}

/** A node as the map shows it; equal texts and numbers mean an equal picture. */
export interface MapNode {
  readonly info: NodeInfo;
  readonly state: NodeState;
  /** 0..1 of one standard process in steps of a hundredth, 0 while unknown. */
  readonly share: number;
  /** Status bits, NaN where the node has none. */
  readonly status: number;
}

/** The processes that are away. */
export function fromPlacements(placements: readonly Placement[]): readonly MapProcess[] {
  return placements.map((placement) => ({
    ...placement,
    command: plainText(placement.command),
    key:
      placement.pid > 0
        ? homeKey(placement.home, placement.pid, placement.started)
        : `${placement.home} at ${placement.at} ${placement.guestPid} ${placement.guestStarted}`,
  }));
}

/** The processes of a node's list that are at home there and can be moved, busiest first. */
export function movableAtHome(home: number, processes: readonly ProcessInfo[]): readonly MapProcess[] {
  return processes
    .filter((process) => process.place.kind === 'home' && isMovable(process))
    .sort((a, b) => (b.cpuPercent ?? 0) - (a.cpuPercent ?? 0) || a.pid - b.pid)
    .map(({ pid, started, name }) => ({
      key: homeKey(home, pid, started),
      home,
      pid,
      started,
      at: home,
      guestPid: 0,
      guestStarted: 0,
      command: plainText(name),
    }));
}

function homeKey(home: number, pid: number, started: number): string {
  return `${home} ${pid} ${started}`;
}

/** Whether two lists make the same picture. */
export function sameProcesses(a: readonly MapProcess[], b: readonly MapProcess[]): boolean {
  return (
    a.length === b.length &&
    a.every((process, index) => {
      const other = b[index];
      return process.key === other?.key && process.at === other.at && process.guestPid === other.guestPid;
    })
  );
}

/** Whether two nodes make the same picture. */
export function sameNode(a: MapNode, b: MapNode | undefined): boolean {
  return a.info === b?.info && a.state === b.state && a.share === b.share && Object.is(a.status, b.status);
}

/** Nodes by their id. */
export type NodesById = ReadonlyMap<number, MapNode>;

/**
 * How an order names a process: at its home, or where its home is not connected at the node it visits. Undefined where
 * neither can be asked.
 */
export function refOf(process: MapProcess, nodes: NodesById): ProcessRef | undefined {
  const home = nodes.get(process.home)?.info;
  const host = nodes.get(process.at)?.info;
  if (process.pid > 0 && home?.connection.kind === 'connected') {
    return { node: home.key, pid: process.pid, started: process.started };
  }
  if (process.guestPid > 0 && host?.connection.kind === 'connected') {
    return { node: host.key, pid: process.guestPid, started: process.guestStarted };
  }
  return undefined;
}

/** The name of a node, also of one that is not on the map. */
export function nodeName(id: number, nodes: NodesById): string {
  return nodes.get(id)?.info.name ?? `node ${id}`;
}

/** What a node speaks; null where that is not known. */
export function dialectOf(id: number, nodes: NodesById): Dialect | null {
  return nodes.get(id)?.info.dialect ?? null;
}

/** Why a process cannot be moved to a node, as a sentence; empty where it can. */
export function refusal(process: MapProcess, to: number, nodes: NodesById): string {
  const node = nodes.get(to);
  const name = nodeName(to, nodes);
  if (process.at === to)
    return to === process.home ? `It is at home on ${name}.` : `It runs on ${name} already.`;
  if (node === undefined) return `${name} is not known here.`;
  if (node.state !== 'up') return `${name} takes no guests: it is ${node.state}.`;
  if (refOf(process, nodes) === undefined) {
    return `Neither ${nodeName(process.home, nodes)} nor ${nodeName(process.at, nodes)} is connected.`;
  }
  if (to === process.home) return '';
  const foreign = foreignTo(dialectOf(process.home, nodes), node.info.dialect);
  if (foreign !== '') return `${name} takes no guests: it is ${foreign}.`;
  return isBlocked(node) ? `${name} takes no guests: it is blocked.` : '';
}

/** Whether a node refuses guests by its switch. */
export function isBlocked(node: MapNode): boolean {
  return node.status >= 0 && (node.status & STATUS.block) !== 0;
}

/** The order that moves a process to a node; undefined where it cannot be named. */
export function moveOrder(process: MapProcess, to: number, nodes: NodesById): OrderInput | undefined {
  const ref = refOf(process, nodes);
  if (ref === undefined) return undefined;
  return {
    kind: 'processes',
    processes: [ref],
    change: { kind: 'move', to: to === process.home ? 'home' : to },
  };
}

/** A process in a few words: `cc1 (pid 812)`. */
export function processWords(process: MapProcess): string {
  const pid = process.pid > 0 ? process.pid : process.guestPid;
  return `${process.command || 'a process without a name'}${pid > 0 ? ` (pid ${pid})` : ''}`;
}

/** Where a process is: `home node3, runs on node7`. */
export function placeWords(process: MapProcess, nodes: NodesById): string {
  const home = nodeName(process.home, nodes);
  return process.home === process.at
    ? `at home on ${home}`
    : `home ${home}, runs on ${nodeName(process.at, nodes)}`;
}

/** A node's state, load and switch in words: `up, load 45 %, blocked`. */
export function nodeWords(node: MapNode): string {
  const words: string[] = [node.state];
  if (node.state === 'up') words.push(`load ${percent(node.share * 100)}`);
  if (isBlocked(node)) words.push('takes no guests');
  return words.join(', ');
}

/** How many processes of a node are away, and how many guests it has. */
export function tally(
  id: number,
  processes: readonly MapProcess[],
): { readonly away: readonly MapProcess[]; readonly guests: readonly MapProcess[] } {
  return {
    away: processes.filter((process) => process.home === id && process.at !== id),
    guests: processes.filter((process) => process.at === id && process.home !== id),
  };
}

/** The tally in words: `3 away, 5 guests`. */
export function tallyWords(id: number, processes: readonly MapProcess[]): string {
  const { away, guests } = tally(id, processes);
  return `${count(away.length)} away, ${count(guests.length)} ${guests.length === 1 ? 'guest' : 'guests'}`;
}
