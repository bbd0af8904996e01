/**
 * Where processes were at a past moment that were not at home: from the last process lists of their homes and hosts, and
 * the migrations logged since. What no list tells of is left out rather than guessed.
 */
import type { Migration, Placement } from '../../../common/model/migration.ts';
import type { Records } from './index.ts';
import type { PlacedProcess } from './process-codec.ts';
import { spanAt } from './recordings.ts';

/** Migrations looked at between the oldest of the lists and the moment. */
const MOST_MIGRATIONS = 10_000;

/** Every process that was not at home at `time` (milliseconds since 1970). Throws what SQLite throws, and DamagedData. */
export function placementsAt(records: Records, time: number): readonly Placement[] {
  const recordings = records.recordings.within({ from: 0, to: time + 1000 });
  const recording = spanAt(recordings, time);
  if (recording === undefined) return [];
  const nodes = records.states.nodesAt(time, recordings).filter(({ state }) => state !== 'down');
  const places = records.processes.placesAt(
    nodes.map(({ key }) => key),
    Math.floor(time / 1000),
  );
  // Of a time before this recording nobody knows what came of it.
  const lists = nodes.flatMap(({ key, id }): readonly Told[] => {
    const { second, placed } = places.get(key) ?? {};
    return second === undefined || placed === undefined || second * 1000 < recording.from - 1000
      ? []
      : [{ kind: 'list', time: second * 1000, id, placed }];
  });
  if (lists.length === 0) return [];
  const from = Math.min(...lists.map((list) => list.time));
  const moves = records.migrations
    .read({ from, to: time + 1, after: 0, limit: MOST_MIGRATIONS })
    .map((move): Told => ({ kind: 'move', time: move.time, move }));
  const map = new Places();
  for (const told of [...lists, ...moves].sort((one, other) => one.time - other.time)) {
    if (told.kind === 'move') map.move(told.move);
    else map.list(told.id, told.placed);
  }
  return map.all();
}

/** Who told something, and when. */
type Told =
  | {
      readonly kind: 'list';
      readonly time: number;
      /** Id of the node whose list it is. */
      readonly id: number;
      readonly placed: readonly PlacedProcess[];
    }
  | { readonly kind: 'move'; readonly time: number; readonly move: Migration };

/** What is known so far; whoever tells something later knows better. */
class Places {
  /** Processes with a number at home, by home and number, and by host. */
  readonly #byHome = new Map<number, Map<number, Placement>>();
  readonly #byHost = new Map<number, Set<Placement>>();
  /** Guests whose hosts do not say which processes they are at home, by host. */
  readonly #nameless = new Map<number, readonly Placement[]>();

  /** A node's list: all that is away from it, and all its guests. */
  list(id: number, placed: readonly PlacedProcess[]): void {
    const away = new Set<number>();
    const guests = new Set<string>();
    const nameless: Placement[] = [];
    for (const { pid, started, name, place } of placed) {
      if (place.kind === 'away') {
        away.add(pid);
        this.#put({ home: id, pid, started, at: place.id, command: name });
        continue;
      }
      const home = { home: place.id, pid: place.pid, started: 0, at: id, command: name };
      const guest = { guestPid: pid, guestStarted: started };
      guests.add(keyOf(place.id, place.pid));
      if (place.pid > 0) this.#put(home, guest);
      else nameless.push({ ...home, ...guest });
    }
    this.#nameless.set(id, nameless);
    for (const process of this.#byHome.get(id)?.values() ?? [])
      if (!away.has(process.pid)) this.#remove(process);
    for (const process of this.#byHost.get(id) ?? []) {
      if (!guests.has(keyOf(process.home, process.pid)) && nameless.length === 0) this.#remove(process);
    }
  }

  /** A migration that was logged. */
  move({ home, pid, started, command, to, result }: Migration): void {
    if (result === 'unseen' || to === 0 || pid === 0) return;
    if (to !== home) this.#put({ home, pid, started, at: to, command });
    else this.#remove(this.#byHome.get(home)?.get(pid));
  }

  all(): readonly Placement[] {
    const named = [...this.#byHost.values()].flatMap((processes) => [...processes]);
    const pairs = new Set(named.map(({ home, at }) => keyOf(home, at)));
    // A guest without a number at home may be one that its home tells of.
    const others = [...this.#nameless.values()].flat().filter(({ home, at }) => !pairs.has(keyOf(home, at)));
    return [...named, ...others];
  }

  /** Puts a process where it is; what was known of it there stays. */
  #put(
    process: Omit<Placement, 'guestPid' | 'guestStarted'>,
    guest?: Pick<Placement, 'guestPid' | 'guestStarted'>,
  ): void {
    const { home, pid, at } = process;
    const known = this.#byHome.get(home)?.get(pid);
    this.#remove(known);
    const stays = known?.at === at ? known : undefined;
    const placement = {
      ...process,
      started: process.started || (known?.started ?? 0),
      command: process.command || (known?.command ?? ''),
      guestPid: guest?.guestPid ?? stays?.guestPid ?? 0,
      guestStarted: guest?.guestStarted ?? stays?.guestStarted ?? 0,
    };
    const own = this.#byHome.get(home) ?? new Map<number, Placement>();
    this.#byHome.set(home, own.set(pid, placement));
    const guests = this.#byHost.get(at) ?? new Set<Placement>();
    this.#byHost.set(at, guests.add(placement));
  }

  #remove(process: Placement | undefined): void {
    if (process === undefined) return;
    this.#byHome.get(process.home)?.delete(process.pid);
    this.#byHost.get(process.at)?.delete(process);
  }
}

function keyOf(home: number, number: number): string {
  return `${home}/${number}`;
}
