/**
 * The cluster's present state: takes the links' readings once a second, decides what is true of every node and puts it
 * into columns. The one place that knows all nodes.
 */
import {
  AGE_COLUMN,
  BlockView,
  COLUMN_COUNT,
  NODE_STATES,
  STATE_COLUMN,
} from '../../common/contract/block.ts';
import type { NodeDetail, NodeEntry } from '../../common/contract/contract.ts';
import { clusterTotals, type ClusterTotals, type NodeFigures } from '../../common/model/cluster.ts';
import { METRIC_INDEX, METRICS } from '../../common/model/metric.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import type { Values } from '../nodes/decoder.ts';
import { whoseAddress } from '../nodes/addresses.ts';
import { dialectNamed } from '../nodes/dialects.ts';
import type { NodeLink, TimedReading } from '../nodes/link.ts';
import { disagreement, isFresh, judge, latest, type View } from './judge.ts';
import { chooseObservers } from './observers.ts';
import { clusterKey, Roster, type Seat } from './roster.ts';

/** One second of the cluster. */
export interface Second {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly totals: ClusterTotals;
  /** COLUMN_COUNT columns of `slots` values; see common/contract/block.ts. */
  readonly columns: Float64Array<ArrayBuffer>;
  readonly slots: number;
  /** Rows of identity that are new or changed since the second before. */
  readonly changed: readonly NodeInfo[];
  /** Slots that became empty since the second before. */
  readonly removed: readonly number[];
}

/** How the cluster is watched. */
export interface ClusterOptions {
  /** How many nodes feed the overview. */
  readonly observers: number;
  /** Called once when something about the cluster itself is wrong, in words. */
  readonly onWarning: (text: string) => void;
}

/** A large disagreement must last this long before it is shown, because gossip is seconds old. */
const DISAGREEMENT_MILLISECONDS = 10_000;

/** One object for all, so that an unchanged row is seen as unchanged. */
const NO_CONNECTION: ConnectionState = { kind: 'none' };

interface Entry {
  info: NodeInfo;
  view: View | undefined;
  disagreementSince: number | undefined;
}

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #roster = new Roster();
  readonly #links = new Set<NodeLink>();
  readonly #unseated = new Set<NodeLink>();
  readonly #entries = new Map<Seat, Entry>();
  readonly #removedSeen = new Set<Seat>();
  readonly #warned = new Set<string>();
  /** When the values of rows without a time were heard first. */
  readonly #heard = new WeakMap<Values, number>();
  #observers: ReadonlySet<number> = new Set();
  #latest: Second | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get links(): ReadonlySet<NodeLink> {
    return this.#links;
  }

  /** Keeps ids for nodes of the settings of which only some may be added; see Roster. */
  reserve(nodes: Iterable<{ readonly name: string; readonly id: number | undefined }>): void {
    this.#roster.reserve(nodes);
  }

  /** The id that is kept for a node of the settings; undefined where none is. */
  reservedId(name: string): number | undefined {
    return this.#roster.reservedId(name);
  }

  /** Adds a node of the settings. `knownId` is the cluster id it had the last time, so that its row stays one row. */
  add(link: NodeLink, knownId: number | undefined): void {
    this.#links.add(link);
    this.#roster.seatLink(link, knownId);
  }

  /** Takes a node of the settings away; it stays visible where observers see it. */
  remove(link: NodeLink): void {
    this.#links.delete(link);
    this.#unseated.delete(link);
    this.#roster.unseat(link);
  }

  /** A link has said what it is; its row may have to move. */
  linkChanged(link: NodeLink): void {
    if (link.dialect !== undefined) this.#unseated.add(link);
  }

  /** The link behind a row. */
  linkOf(key: string): NodeLink | undefined {
    return this.#roster.find(key)?.link;
  }

  /** Every node of the settings with the id it is shown under. */
  *seated(): Iterable<{ readonly link: NodeLink; readonly id: number }> {
    for (const { link, id } of this.#roster.seats) if (link !== undefined) yield { link, id };
  }

  /** Says whose an address is at this moment, by the id it is shown under. */
  whoseAddress(): (address: string) => number | undefined {
    return whoseAddress(() => [...this.seated()].map(({ link, id }) => ({ id, addresses: link.addresses })));
  }

  /** The last second that was judged; undefined before the first. */
  get latest(): Second | undefined {
    return this.#latest;
  }

  /** Asks every node for a sample, the observers for the whole cluster. */
  tick(now: number): void {
    const candidates: number[] = [];
    for (const link of this.#links)
      if (link.sampling && link.selfId !== undefined) candidates.push(link.selfId);
    this.#observers = chooseObservers(candidates, this.#observers, this.#options.observers);
    for (const link of this.#links) link.tick(this.#isObserver(link) ? 'all' : 'own', now);
  }

  /** Decides the state of every node at `now`. */
  step(now: number): Second {
    for (const link of this.#unseated) {
      const trouble = this.#roster.seatLink(link, link.selfId);
      // Who finds its seat taken tries again, until the other one leaves.
      if (trouble === '') this.#unseated.delete(link);
      else this.#warn(trouble);
    }
    const views = this.#collectViews(now);
    const seats = this.#roster.seats;
    const slots = seats.length;
    const columns = new Float64Array(COLUMN_COUNT * slots).fill(NaN);
    const changed: NodeInfo[] = [];
    const removed: number[] = [];
    for (const seat of seats) {
      if (!seat.removed) this.#stepSeat(seat, views.get(seat.key) ?? [], columns, slots, now, changed);
      else if (!this.#removedSeen.has(seat)) {
        this.#removedSeen.add(seat);
        this.#entries.delete(seat);
        removed.push(seat.slot);
      }
    }
    const block = new BlockView(columns);
    const totals = clusterTotals(figuresOfUp(block));
    this.#latest = { time: now, totals, columns, slots, changed, removed };
    return this.#latest;
  }

  /** Every node's row of identity. */
  infos(): readonly NodeInfo[] {
    return [...this.#entries.values()].map((entry) => entry.info);
  }

  /** One node in full, undefined for an unknown key. */
  detail(key: string, now: number): NodeDetail | undefined {
    const seat = this.#roster.find(key);
    const entry = seat && this.#entries.get(seat);
    if (seat === undefined || entry === undefined) return undefined;
    const views = this.#collectViews(now).get(key) ?? [];
    return {
      info: entry.info,
      events: [...(seat.link?.events ?? [])],
      views: views
        .map((view) => ({
          observer: view.observer,
          load: view.values[METRIC_INDEX.load] ?? NaN,
          age: Math.max(0, (now - view.time) / 1000),
        }))
        .filter((view) => !Number.isNaN(view.load)),
      system: seat.link?.system ?? '',
      version: seat.link?.version ?? '',
    };
  }

  #isObserver(link: NodeLink): boolean {
    return link.selfId !== undefined && this.#observers.has(link.selfId);
  }

  /**
   * The fresh views by node key, also those of an observer that has just stopped being one; seats nodes that no one has
   * seen before.
   */
  #collectViews(now: number): ReadonlyMap<string, View[]> {
    const byKey = new Map<string, View[]>();
    for (const link of this.#links) {
      const { reading } = link;
      if (reading?.views === undefined || !isFresh(reading, now)) continue;
      for (const [id, values] of reading.views) {
        const view = this.#viewOf(link, reading, id, values);
        const key = clusterKey(id);
        const list = byKey.get(key);
        if (list !== undefined) list.push(view);
        else {
          this.#roster.seatId(id);
          byKey.set(key, [view]);
        }
      }
    }
    return byKey;
  }

  /** What a link tells of a node. A row without a time is as old as its values: an unchanged one is the same object. */
  #viewOf({ entry, dialect }: NodeLink, reading: TimedReading, id: number, values: Values): View {
    const isHearsay = dialectNamed(dialect)?.viewsAreHearsay === true;
    let { time } = reading;
    if (isHearsay) {
      time = this.#heard.get(values) ?? time;
      this.#heard.set(values, time);
    }
    const address = reading.addressOf?.(id) ?? '';
    return { observer: entry.name, values, time, isHearsay, address, ...(dialect && { dialect }) };
  }

  #stepSeat(
    seat: Seat,
    views: readonly View[],
    columns: Float64Array,
    slots: number,
    now: number,
    changed: NodeInfo[],
  ): void {
    const { link } = seat;
    const before = this.#entries.get(seat);
    const reading = link?.reading;
    const own = reading && { observer: seat.name, values: reading.own, time: reading.time };
    const connection = link?.connection ?? NO_CONNECTION;
    const judged = judge({ connection, own, views, now });
    const known = [judged.source, before?.view].filter((view) => view !== undefined);
    const view = judged.state === 'up' ? judged.source : latest(known);
    if (view !== undefined) {
      for (let metric = 0; metric < METRICS.length; metric += 1) {
        const value = view.values[metric] ?? NaN;
        // Minus errno is a reason, not a figure.
        if (value >= 0) columns[metric * slots + seat.slot] = value;
      }
      columns[AGE_COLUMN * slots + seat.slot] = Math.max(0, (now - view.time) / 1000);
    }
    columns[STATE_COLUMN * slots + seat.slot] = NODE_STATES.indexOf(judged.state);

    const differs = disagreement(views, now);
    const disagreementSince = differs === '' ? undefined : (before?.disagreementSince ?? now);
    const shown = disagreementSince !== undefined && now - disagreementSince >= DISAGREEMENT_MILLISECONDS;
    const info: NodeInfo = {
      slot: seat.slot,
      key: seat.key,
      id: seat.id,
      name: seat.name,
      target: link === undefined ? '' : targetText(link.entry),
      dialect: link?.dialect ?? views[0]?.dialect ?? before?.info.dialect ?? null,
      connection,
      reason: [judged.reason, judged.state === 'up' ? (reading?.trouble ?? '') : '']
        .filter(Boolean)
        .join('; '),
      observer: link !== undefined && this.#isObserver(link),
      disagreement: shown ? differs : '',
    };
    const same = before !== undefined && sameInfo(before.info, info);
    if (!same) changed.push(info);
    this.#entries.set(seat, { info: same ? before.info : info, view, disagreementSince });
  }

  #warn(text: string): void {
    if (text === '' || this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#options.onWarning(text);
  }
}

/** Where an entry leads, as it would be written for ssh. */
export function targetText(entry: NodeEntry): string {
  const host = entry.host.includes(':') ? `[${entry.host}]` : entry.host;
  return `${entry.user === undefined ? '' : `${entry.user}@`}${host}${entry.port === undefined ? '' : `:${entry.port}`}`;
}

function sameInfo(a: NodeInfo, b: NodeInfo): boolean {
  return (Object.keys(b) as (keyof NodeInfo)[]).every((field) => a[field] === b[field]);
}

function* figuresOfUp(block: BlockView): Iterable<NodeFigures> {
  const figure = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
  for (let slot = 0; slot < block.slots; slot += 1) {
    if (block.state(slot) !== 'up' || Number.isNaN(block.age(slot))) continue;
    yield {
      load: figure(block.value('load', slot)),
      cpus: figure(block.value('cpus', slot)),
      memoryTotal: figure(block.value('memoryTotal', slot)),
      memoryFree: figure(block.value('memoryFree', slot)),
      status: figure(block.value('status', slot)),
    };
  }
}
