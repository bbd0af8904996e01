/**
 * What is true of a node, from its own connection and the observers' views: a pure decision with the reason in words.
 * A node is never called up on old figures, and never down on the word of its own failed connection alone.
 */
import type { NodeState } from '../../common/contract/block.ts';
import { METRIC_INDEX } from '../../common/model/metric.ts';
import type { ConnectionState, Dialect } from '../../common/model/node.ts';
import { assertNever } from '../../common/model/result.ts';
import { errnoName, NODE_DOWN, STATUS } from '../../common/model/status.ts';
import type { Values } from '../nodes/decoder.ts';

/** A figure older than this is not the present any more. Milliseconds. */
const FRESH_MILLISECONDS = 4000;

/** One source's values of a node and the moment they arrived. */
export interface View {
  /** Who says so: the observer's name, or the node's own. */
  readonly observer: string;
  readonly values: Values;
  readonly time: number;
  /** What the observer's own node speaks; absent for a node's own figures. */
  readonly dialect?: Dialect;
  /** True for a row that carries no time: it is no evidence, and `time` is when it changed. */
  readonly isHearsay?: boolean;
  /** Where the observer knows the node, empty or absent where it does not say. Untrusted. */
  readonly address?: string;
}

/** What is known of a node at a moment. */
export interface Evidence {
  readonly connection: ConnectionState;
  /** The node's own reading, fresh or not. */
  readonly own: View | undefined;
  /** The observers' views, fresh or not. */
  readonly views: readonly View[];
  readonly now: number;
}

/** The decision: the state, its reason, and the values that are shown (old ones where there are no others). */
export interface Judgement {
  readonly state: NodeState;
  readonly reason: string;
  readonly source: View | undefined;
}

/** Whether an observer's values say that the node can be reached. */
export function saysUp(values: Values): boolean {
  const status = values[METRIC_INDEX.status] ?? NaN;
  const load = values[METRIC_INDEX.load] ?? NaN;
  return load >= 0 && !(status < 0) && (Number.isNaN(status) || (status & STATUS.up) !== 0);
}

/** Whether a figure is the present; one from the future was taken before the clock was set back, so it is not. */
export function isFresh({ time }: { readonly time: number }, now: number): boolean {
  return Math.abs(now - time) <= FRESH_MILLISECONDS;
}

/** The view that arrived last. */
export function latest(views: readonly View[]): View | undefined {
  return views.reduce<View | undefined>(
    (best, view) => (best && best.time >= view.time ? best : view),
    undefined,
  );
}

function downReason(view: View): string {
  const load = view.values[METRIC_INDEX.load] ?? NaN;
  if (load === NODE_DOWN) return `${view.observer} cannot reach it (${NODE_DOWN}, ${errnoName(NODE_DOWN)})`;
  if (load < 0) return `${view.observer} reports ${load} (${errnoName(load)})`;
  if (Number.isNaN(load)) return `${view.observer} has no load for it`;
  return `${view.observer} reports it as not up`;
}

/** Decides a node's state. */
export function judge({ connection, own, views, now }: Evidence): Judgement {
  const fresh = views.filter((view) => view.isHearsay !== true && isFresh(view, now));
  const up = latest(fresh.filter((view) => saysUp(view.values)));
  const down = up === undefined ? latest(fresh) : undefined;
  if (own !== undefined && isFresh(own, now)) {
    const status = own.values[METRIC_INDEX.status] ?? NaN;
    if (status >= 0 && !(status & STATUS.up))
      return { state: 'down', reason: 'its own openMosix does not call it up', source: own };
    // It answers, so it runs; that the cluster has lost it is worth a word nevertheless.
    const reason = down === undefined ? '' : `it answers, but ${downReason(down)}`;
    return { state: 'up', reason, source: own };
  }
  if (up !== undefined) return { state: 'up', reason: connectionReason(connection), source: up };
  const old = latest([...(own === undefined ? [] : [own]), ...views.filter((view) => saysUp(view.values))]);
  if (down !== undefined) return { state: 'down', reason: downReason(down), source: old };
  switch (connection.kind) {
    case 'failed':
    case 'waiting':
      return { state: 'failed', reason: connectionReason(connection), source: old };
    case 'queued':
    case 'connecting':
    case 'asking':
      return { state: 'connecting', reason: connectionReason(connection), source: old };
    case 'connected':
      return old === undefined
        ? { state: 'connecting', reason: 'waiting for the first sample', source: undefined }
        : { state: 'stale', reason: 'it does not answer', source: old };
    case 'none':
      return { state: 'stale', reason: unseenReason(latest(views)), source: old };
    default:
      return assertNever(connection);
  }
}

/** Of a node without a connection of its own that no fresh view tells of. */
function unseenReason(view: View | undefined): string {
  if (view?.isHearsay !== true) return 'no observer sees it any more';
  const where = view.address === undefined || view.address === '' ? '' : ` (${view.address})`;
  return `known only from the table of ${view.observer}, which does not say whether it is up; the age is since its row changed; add it${where} to the settings to know`;
}

function connectionReason(connection: ConnectionState): string {
  switch (connection.kind) {
    case 'failed':
    case 'waiting':
      return connection.problem.message;
    case 'connecting':
    case 'asking':
      return connection.step;
    case 'queued':
      return 'waits for its turn to connect';
    case 'connected':
    case 'none':
      return '';
    default:
      return assertNever(connection);
  }
}

/** Loads that differ by more than this share and this much are a disagreement worth a word. */
const LOAD_SHARE = 0.5;
const LOAD_AMOUNT = 150;

/** How the observers differ about a node: whether it is up, or its load by far. Empty when they agree. */
export function disagreement(views: readonly View[], now: number): string {
  const fresh = views.filter((view) => isFresh(view, now));
  if (fresh.length < 2) return '';
  const up = fresh.filter((view) => saysUp(view.values));
  const down = fresh.filter((view) => !saysUp(view.values));
  if (up.length > 0 && down.length > 0) {
    return `${names(up)} ${up.length > 1 ? 'see' : 'sees'} it up, ${names(down)} ${down.length > 1 ? 'do' : 'does'} not`;
  }
  if (up.length < 2) return '';
  const loadOf = (view: View): number => view.values[METRIC_INDEX.load] ?? NaN;
  const sorted = up.toSorted((a, b) => loadOf(a) - loadOf(b));
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return '';
  const difference = loadOf(high) - loadOf(low);
  if (!(difference > LOAD_AMOUNT && difference > LOAD_SHARE * loadOf(high))) return '';
  return `${high.observer} sees a far higher load than ${low.observer}`;
}

function names(views: readonly View[]): string {
  return views.map((view) => view.observer).join(' and ');
}
