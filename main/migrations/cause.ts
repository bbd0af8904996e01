/** Why a process moved: the rule as a pure function of the move, the requests before it and the status of both nodes. */
import type { MigrationCause } from '../../common/model/migration.ts';
import { type NodeSetting, settingsOf } from '../../common/model/status.ts';
import { assertNever } from '../../common/model/result.ts';
import type { MoveRequest } from '../control/types.ts';

/** Milliseconds for which a request for one process, and one for all of a node, explains what moves after it. */
export const PROCESS_REQUEST_MILLISECONDS = 120_000;
export const NODE_REQUEST_MILLISECONDS = 300_000;

/** A move to explain. Ids are 0 where they are not known; the statuses are those at the time, NaN where unknown. */
export interface Move {
  readonly home: number;
  /** Number at home, 0 where unknown. */
  readonly pid: number;
  readonly from: number;
  readonly to: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly fromStatus: number;
  readonly homeStatus: number;
  /** See Places. */
  readonly guestsStay?: boolean;
  /** See Places. */
  readonly ordersOnly?: boolean;
}

/** A cause, with the request that is behind it. */
export interface Explanation {
  readonly cause: MigrationCause;
  readonly request: MoveRequest | undefined;
}

/** How strongly a request speaks: one for the process itself before one for the node it leaves, then for its home. */
const KINDS = ['process', 'expel', 'bring'] as const satisfies readonly MoveRequest['kind'][];
const CAUSES: Readonly<Record<MoveRequest['kind'], MigrationCause>> = {
  process: 'operator',
  expel: 'expelled',
  bring: 'brought-home',
};

/**
 * Explains a move. Without a request a process that goes home was expelled when the node it left is blocked, was brought
 * home when its home has lstay, and cannot be explained when the left node's status is unknown.
 */
export function causeOf(move: Move, requests: Iterable<MoveRequest>): Explanation {
  let request: MoveRequest | undefined;
  for (const candidate of requests) {
    if (explains(candidate, move) && (request === undefined || outranks(candidate, request))) {
      request = candidate;
    }
  }
  return request === undefined
    ? { cause: causeWithoutRequest(move), request }
    : { cause: CAUSES[request.kind], request };
}

function explains(request: MoveRequest, move: Move): boolean {
  const age = move.time - request.time;
  switch (request.kind) {
    case 'process':
      return (
        age >= 0 &&
        age <= PROCESS_REQUEST_MILLISECONDS &&
        request.home === move.home &&
        (request.to === 0 || request.to === move.to) &&
        isOfProcess(request, move)
      );
    case 'expel':
      return isOfNode(age) && request.id === move.from && move.from !== move.home;
    case 'bring':
      return isOfNode(age) && request.id === move.home && move.to === move.home;
    default:
      return assertNever(request);
  }
}

function isOfNode(age: number): boolean {
  return age >= 0 && age <= NODE_REQUEST_MILLISECONDS;
}

/** A guest whose number at home is not known, to the order or to the log, is told by its home and the node it leaves. */
function isOfProcess(request: MoveRequest & { readonly kind: 'process' }, move: Move): boolean {
  if (request.pid !== 0 && move.pid !== 0) return request.pid === move.pid;
  return request.from === 0 || move.from === 0 || request.from === move.from;
}

function outranks(one: MoveRequest, other: MoveRequest): boolean {
  const difference = KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
  return difference < 0 || (difference === 0 && one.time > other.time);
}

function causeWithoutRequest(move: Move): MigrationCause {
  const { home, from, to, fromStatus, homeStatus, guestsStay, ordersOnly } = move;
  if (from === 0 || to === 0 || ordersOnly === true) return 'unknown';
  // Nothing but an order sends a guest away there, nor anything else while the home's balancer is off.
  if (guestsStay === true) return from === home && !has(homeStatus, 'stay') ? 'balancer' : 'unknown';
  if (to !== home) return 'balancer';
  if (has(fromStatus, 'block')) return 'expelled';
  if (has(homeStatus, 'lstay')) return 'brought-home';
  return fromStatus >= 0 ? 'balancer' : 'unknown';
}

function has(status: number, setting: NodeSetting): boolean {
  return settingsOf(status).includes(setting);
}
