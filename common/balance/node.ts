/**
 * What balancing knows of a node, and who may send and receive. Loads are normalised as openMosix tells them: 100 is one
 * runnable process on one CPU of standard speed 10000. Source: openMosix facts 1.2 (switches), 5.1 (load) and 5.3.
 */
import { STANDARD_LOAD, STANDARD_SPEED } from '../model/metric.ts';
import { isUp, STATUS } from '../model/status.ts';

/** A node's figures, each NaN where it is unknown. */
export interface BalanceNode {
  readonly id: number;
  readonly load: number;
  readonly speed: number;
  readonly cpus: number;
  /** Bits as in common/model/status.ts; NaN on plain Linux. */
  readonly status: number;
  /** Bytes that guests may still use. */
  readonly memoryAvailable?: number | undefined;
  /** Bytes. */
  readonly memoryTotal?: number | undefined;
}

/** A gain must exceed the load of the process that is moved by this much, so that nothing moves to and fro. */
export const HYSTERESIS = 1.3;

/** With less than this share of its memory left a node takes no guests and sends processes away, however light its load. */
const SHORT_OF_MEMORY = 1 / 16;

/** Load that one runnable process makes on the node. */
export function processLoad({ speed, cpus }: Pick<BalanceNode, 'speed' | 'cpus'>): number {
  return (STANDARD_LOAD * STANDARD_SPEED) / speed / (cpus > 0 ? cpus : 1);
}

/** Whether its figures tell enough to compare it with others; false for a node that is down. */
export function isKnown({ load, speed, status }: BalanceNode): boolean {
  return load >= 0 && speed > 0 && (Number.isNaN(status) || isUp(status));
}

/** Why it takes no guests, in words that follow its name; empty where it does. */
export function whyNoGuests(node: BalanceNode): string {
  if (!isKnown(node)) return 'is down, or its figures are not known';
  if (Number.isNaN(node.status)) return 'does not migrate processes';
  if (node.status & STATUS.block) return 'refuses guests (block)';
  if (node.status & STATUS.quiet) return 'takes no part in balancing (quiet)';
  return isShortOfMemory(node) ? 'is short of memory' : '';
}

/** Why nothing leaves it by itself, in words that follow its name; empty where processes may, guests at least. */
export function whyNoneLeaves(node: BalanceNode): string {
  if (!isKnown(node)) return 'is down, or its figures are not known';
  if (Number.isNaN(node.status)) return 'does not migrate processes';
  if (node.status & STATUS.stay) return 'keeps its processes (stay)';
  return node.status & STATUS.quiet ? 'takes no part in balancing (quiet)' : '';
}

/**
 * Whether its own processes may leave by themselves. `lstay` holds those that are at home there, and how many of the
 * runnable ones are guests the figures do not tell.
 */
export function maySend(node: BalanceNode): boolean {
  return whyNoneLeaves(node) === '' && !(node.status & STATUS.lstay);
}

/** Whether guests and ushering must wait: less than a sixteenth of the memory is left. */
export function isShortOfMemory({ memoryAvailable, memoryTotal }: BalanceNode): boolean {
  return (
    memoryAvailable !== undefined &&
    memoryTotal !== undefined &&
    memoryAvailable < memoryTotal * SHORT_OF_MEMORY
  );
}

/** The nodes with some speeds set by an operator: what runs there stays the same, so that the loads rescale at once. */
export function withSpeeds(
  nodes: readonly BalanceNode[],
  speeds: ReadonlyMap<number, number>,
): readonly BalanceNode[] {
  return nodes.map((node) => {
    const speed = speeds.get(node.id) ?? node.speed;
    return { ...node, speed, load: (node.load * node.speed) / speed };
  });
}
