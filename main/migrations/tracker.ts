/**
 * Derives every migration once from samples of the nodes. A home is believed about its own processes; while it cannot
 * be sampled, the hosts of its guests are. Pure: time comes with the samples.
 */
import type { Migration, Placement } from '../../common/model/migration.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import type { MoveRequest } from '../control/types.ts';
import { NODE_REQUEST_MILLISECONDS, causeOf } from './cause.ts';
import {
  type KnownGuest,
  type KnownNode,
  type KnownProcess,
  isAnother,
  isForgotten,
  isGone,
  isHostAhead,
  isSameGuest,
  isUnchanged,
  isUnchangedGuest,
  newGuest,
  newNode,
  newProcess,
  startOf,
  whereOf,
} from './known.ts';
import { pairsOf } from './pair.ts';
import type { AwayProcess, GuestProcess, MigrationTracker, Places } from './types.ts';

/** Processes that are gone and still kept, in case they were only missing; beyond it the oldest are forgotten. */
const MAX_GONE = 20_000;
const MAX_PID = 4_194_304;
const LONGEST_COMMAND = 64;

/** A migration whose cause is not looked for yet, with the statuses at its time. */
interface Found {
  readonly migration: Migration;
  readonly fromStatus: number;
  readonly homeStatus: number;
  readonly guestsStay: boolean;
  readonly ordersOnly: boolean;
}

/** Makes the tracker of a program's run; what it sees first of each node is a state and no migration. */
export function createTracker(): MigrationTracker {
  return new Tracker();
}

class Tracker implements MigrationTracker {
  readonly #nodes = new Map<number, KnownNode>();
  readonly #gone = new Set<KnownProcess>();
  readonly #requests = new Set<MoveRequest>();
  #found: Found[] = [];
  #samples = 0;
  /** Time of the latest sample. */
  #now = 0;

  take(id: number, places: Places, status: number, time: number): void {
    const node = this.#node(id);
    node.status = status;
    node.guestsStay = places.guestsStay ?? false;
    node.ordersOnly = places.ordersOnly ?? false;
    this.#now = time;
    this.#samples += 1;
    this.#takeGuests(node, places.guests);
    this.#takeAway(node, places.away);
    node.sampled = true;
    node.everSampled = true;
    node.time = time;
  }

  lost(id: number): void {
    const home = this.#nodes.get(id);
    if (home === undefined) return;
    home.sampled = false;
    home.status = NaN;
    // What hosts saw since the home's last sample, which would have told of it.
    for (const guest of home.sightings.values()) if (guest.since > home.time) this.#believe(home, guest);
  }

  request(request: MoveRequest): void {
    this.#requests.add(request);
  }

  drain(time: number): readonly Migration[] {
    for (const request of this.#requests) {
      if (time - request.time > NODE_REQUEST_MILLISECONDS) this.#requests.delete(request);
    }
    const found = this.#found;
    this.#found = [];
    found.sort((one, other) => one.migration.time - other.migration.time);
    return found.map((each) => this.#explained(each));
  }

  placements(): readonly Placement[] {
    const placements: Placement[] = [];
    const pairs = pairsOf(this.#nodes.values());
    for (const node of this.#nodes.values()) {
      for (const process of node.processes.values()) {
        const { pid, started, at, command } = process;
        if (at === node.id || at === 0 || isGone(process)) continue;
        const sighting = node.sightings.get(pid);
        const guest = sighting?.host.id === at ? sighting : pairs.get(process);
        placements.push({
          home: node.id,
          pid,
          started,
          at,
          guestPid: guest?.pid ?? 0,
          guestStarted: guest?.started ?? 0,
          command: command.slice(0, LONGEST_COMMAND),
        });
      }
      for (const guest of node.guestRows) {
        if (guest.homePid !== 0 || this.#node(guest.home).everSampled) continue;
        placements.push({
          home: guest.home,
          pid: 0,
          started: 0,
          at: node.id,
          guestPid: guest.pid,
          guestStarted: guest.started,
          command: guest.command.slice(0, LONGEST_COMMAND),
        });
      }
    }
    return placements;
  }

  #node(id: number): KnownNode {
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = newNode(id);
      this.#nodes.set(id, node);
    }
    return node;
  }

  /** Samples mostly repeat the one before, and their rows its order: both cost next to nothing. */
  #takeAway(home: KnownNode, away: readonly AwayProcess[]): void {
    const before = home.rows;
    if (home.sampled && isRepeated(before, away, isUnchanged)) return;
    const rows: KnownProcess[] = [];
    let next = 0;
    let kept = 0;
    for (const told of away) {
      let process = before[next];
      if (process?.pid !== told.pid) process = home.processes.get(told.pid);
      if (process?.sample === this.#samples) continue;
      if (process === undefined || !isUnchanged(process, told)) {
        if (!isValid(told)) continue;
        process = this.#changed(home, process, told);
      }
      if (process.row >= 0) {
        next = process.row + 1;
        kept += 1;
      }
      process.row = rows.length;
      process.sample = this.#samples;
      rows.push(process);
    }
    if (!home.sampled || kept < before.length) {
      for (const process of home.sampled ? before : home.processes.values()) {
        if (process.sample === this.#samples || isGone(process)) continue;
        if (isHostAhead(process, this.#now)) process.row = rows.push(process) - 1;
        else this.#lose(process);
      }
    }
    home.rows = rows;
  }

  /** Takes what a home says of a process that is new or that it says something new of. */
  #changed(home: KnownNode, known: KnownProcess | undefined, told: AwayProcess): KnownProcess {
    const at = whereOf(home, told);
    let process = known;
    if (process === undefined || isAnother(process, told)) {
      if (process !== undefined) this.#forget(process);
      // A process that never moved and is not here was born away.
      const isState = !home.everSampled || told.migrations === 0;
      process = newProcess(home, told.pid, isState ? at : home.id, home.everSampled ? 0 : NaN);
      home.processes.set(told.pid, process);
    }
    if (at !== process.at && isHostAhead(process, this.#now)) return process;
    if (Number.isNaN(process.logged) && isForgotten(process, this.#now)) process.at = at;
    this.#revive(process);
    process.toldByHost = -Infinity;
    process.started = startOf(told) || process.started;
    process.command = told.command || process.command;
    const moved = at !== process.at;
    if (moved) this.#move(process, process.at, at);
    this.#count(process, told.migrations, moved);
    return process;
  }

  /**
   * Compares the home's count with the log. `where` and `nmigs` are read one after the other, so what is too many must
   * stand for two samples before it is logged, and what is too few is made good by the next one.
   */
  #count(process: KnownProcess, migrations: number, moved: boolean): void {
    process.migrations = migrations;
    if (!(migrations >= 0)) return;
    if (Number.isNaN(process.logged)) process.logged = migrations;
    let excess = migrations - process.logged;
    if (excess < 0 && !moved) {
      process.logged = migrations;
      excess = 0;
    }
    const certain = Math.min(process.excess, excess);
    if (certain > 0) this.#countUnseen(process, certain);
    process.excess = excess - Math.max(0, certain);
  }

  #takeGuests(host: KnownNode, guests: readonly GuestProcess[]): void {
    const before = host.guestRows;
    if (isRepeated(before, guests, isUnchangedGuest)) return;
    const rows: KnownGuest[] = [];
    const arrived: KnownGuest[] = [];
    let next = 0;
    for (const told of guests) {
      let guest = before[next];
      if (guest?.pid !== told.pid) guest = host.guests.get(told.pid);
      if (guest?.sample === this.#samples) continue;
      if (guest === undefined || !isSameGuest(guest, told)) {
        if (!isValidGuest(told, host)) continue;
        guest = newGuest(host, told, this.#now);
        arrived.push(guest);
      } else {
        next = guest.row + 1;
        if (guest.started === 0) guest.started = startOf(told);
        if (guest.homePid === 0 && told.homePid !== 0) this.#identify(guest, told.homePid);
      }
      guest.row = rows.length;
      guest.sample = this.#samples;
      rows.push(guest);
    }
    // Departures first: a guest that came back under another number was away in between.
    if (rows.length - arrived.length < before.length) {
      for (const guest of before) if (guest.sample !== this.#samples) this.#depart(guest);
    }
    for (const guest of arrived) this.#arrive(guest);
    host.guestRows = rows;
  }

  #depart(guest: KnownGuest): void {
    const { host, pid, homePid } = guest;
    if (host.guests.get(pid) === guest) host.guests.delete(pid);
    const home = this.#node(guest.home);
    if (home.sightings.get(homePid) !== guest) return;
    home.sightings.delete(homePid);
    const process = home.processes.get(homePid);
    if (!home.sampled && process?.at === host.id && !isGone(process)) this.#lose(process);
  }

  #arrive(guest: KnownGuest): void {
    const { host, pid, homePid } = guest;
    host.guests.set(pid, guest);
    const home = this.#node(guest.home);
    if (homePid !== 0) {
      home.sightings.set(homePid, guest);
      if (!home.sampled) this.#believe(home, guest);
    } else if (host.everSampled && !home.everSampled) {
      const nameless = newProcess(home, 0, host.id, NaN);
      nameless.command = guest.command;
      this.#log(nameless, 0, host.id, 1);
    }
  }

  /** A guest whose number at home became known; its arrival is logged already. */
  #identify(guest: KnownGuest, homePid: number): void {
    guest.homePid = homePid;
    const home = this.#node(guest.home);
    home.sightings.set(homePid, guest);
    if (home.everSampled || home.processes.has(homePid)) return;
    const process = newProcess(home, homePid, guest.host.id, NaN);
    process.command = guest.command;
    home.processes.set(homePid, process);
  }

  /** Takes a host's word for where a process is, since its home cannot be asked. */
  #believe(home: KnownNode, guest: KnownGuest): void {
    const { host, homePid, since: time } = guest;
    let process = home.processes.get(homePid);
    let from = process === undefined || isForgotten(process, time) ? 0 : process.at;
    if (process === undefined) {
      // What the home did not list when it could be asked was there.
      from = home.everSampled ? home.id : 0;
      process = newProcess(home, homePid, host.id, home.everSampled ? 0 : NaN);
      home.processes.set(homePid, process);
    } else if (process.at === host.id) {
      if (!isGone(process)) return;
      // It was elsewhere in between, nobody knows where.
      from = 0;
    }
    this.#revive(process);
    process.command ||= guest.command;
    process.toldByHost = time;
    // The first sample of a host shows who is there, not who comes.
    if (from !== 0 || host.everSampled) this.#move(process, from, host.id);
    process.at = host.id;
  }

  /** A process is missing: it ended, or cannot be seen. */
  #lose(process: KnownProcess): void {
    this.#settle(process);
    process.gone = this.#now;
    process.row = -1;
    this.#gone.add(process);
    if (this.#gone.size <= MAX_GONE) return;
    const [oldest] = this.#gone;
    if (oldest === undefined) return;
    this.#gone.delete(oldest);
    oldest.home.processes.delete(oldest.pid);
  }

  #revive(process: KnownProcess): void {
    if (!isGone(process)) return;
    process.gone = NaN;
    this.#gone.delete(process);
  }

  /** The number is another process' now. */
  #forget(process: KnownProcess): void {
    this.#settle(process);
    this.#gone.delete(process);
    process.home.processes.delete(process.pid);
  }

  /** Logs what was counted and will not be compared again. */
  #settle(process: KnownProcess): void {
    if (process.excess > 0) this.#countUnseen(process, process.excess);
    process.excess = 0;
  }

  #move(process: KnownProcess, from: number, to: number): void {
    process.at = to;
    process.logged += 1;
    this.#log(process, from, to, 1);
  }

  #countUnseen(process: KnownProcess, count: number): void {
    process.logged += count;
    this.#log(process, 0, 0, count);
  }

  #log({ home, pid, started, command }: KnownProcess, from: number, to: number, count: number): void {
    this.#found.push({
      migration: {
        number: 0,
        time: this.#now,
        home: home.id,
        pid,
        started,
        command: command.slice(0, LONGEST_COMMAND),
        from,
        to,
        cause: 'unknown',
        action: null,
        duration: null,
        result: from === 0 && to === 0 ? 'unseen' : 'seen',
        count,
      },
      fromStatus: this.#nodes.get(from)?.status ?? NaN,
      homeStatus: home.status,
      guestsStay: home.guestsStay,
      ordersOnly: home.ordersOnly,
    });
  }

  /** A request for one process explains one move. */
  #explained({ migration, ...circumstances }: Found): Migration {
    if (migration.result === 'unseen') return migration;
    const { cause, request } = causeOf({ ...migration, ...circumstances }, this.#requests);
    if (request?.kind !== 'process') return { ...migration, cause, action: request?.action ?? null };
    this.#requests.delete(request);
    return { ...migration, cause, action: request.action, duration: migration.time - request.time };
  }
}

/** Whether a sample says the same as the one before, in the same order. */
function isRepeated<Known extends { readonly pid: number }, Told extends { readonly pid: number }>(
  before: readonly Known[],
  told: readonly Told[],
  isSame: (known: Known, told: Told) => boolean,
): boolean {
  if (before.length !== told.length) return false;
  let row = 0;
  for (const process of told) {
    const known = before[row];
    if (known?.pid !== process.pid || !isSame(known, process)) return false;
    row += 1;
  }
  return true;
}

/** Whether what a node says of a process can be; it is untrusted. */
function isValid({ pid, where }: AwayProcess): boolean {
  return isWithin(pid, 1, MAX_PID) && isWithin(where, -1, MAX_NODE_ID);
}

function isValidGuest({ pid, home, homePid }: GuestProcess, host: KnownNode): boolean {
  return (
    isWithin(pid, 1, MAX_PID) &&
    isWithin(home, 1, MAX_NODE_ID) &&
    home !== host.id &&
    isWithin(homePid, 0, MAX_PID)
  );
}

function isWithin(value: number, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}
