/** Processes as dots in their nodes: who sits where, how large, and how many find no room. Pure. */
import type { Places, Point } from './layout.ts';
import type { MapProcess } from './processes.ts';

/** How a process stands in a node: `deputy` at its home while it runs elsewhere, `guest` where it runs, `home` in both. */
export type DotKind = 'guest' | 'deputy' | 'home';

export interface Dot extends Point {
  readonly process: MapProcess;
  readonly kind: DotKind;
  /** Id of the node it is drawn in. */
  readonly node: number;
  readonly radius: number;
}

export interface Seating {
  readonly byNode: ReadonlyMap<number, readonly Dot[]>;
  /** How many dots had no room, for the nodes where that is so. */
  readonly without: ReadonlyMap<number, number>;
}

/** Sizes a dot may have, largest first. */
const DOT_RADII = [8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.6] as const;
const SMALLEST_DOT = 2.2;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const KIND_ORDER: Readonly<Record<DotKind, number>> = { guest: 0, deputy: 1, home: 2 };

/** Distance of a spiral's seats in units of the root of their number. */
function seatStep(radius: number): number {
  return (2 * radius + 1.4) / 1.56;
}

/** How many dots of a radius a disc holds; at least one. */
export function seatsIn(disc: number, radius: number): number {
  return Math.max(1, Math.floor(((disc - radius - 0.5) / seatStep(radius)) ** 2));
}

/** The seat of a number from 0: a sunflower's spiral, as seen from `middle`. */
function seat(place: Point, index: number, radius: number, middle: Point): Point {
  const distance = seatStep(radius) * Math.sqrt(index + 0.5);
  const angle = index * GOLDEN_ANGLE;
  return {
    x: place.x + distance * Math.cos(angle) - middle.x,
    y: place.y + distance * Math.sin(angle) - middle.y,
  };
}

/** The middle of the first seats of a spiral: few dots would otherwise sit beside the middle of their disc. */
function middleOfSeats(count: number, radius: number): Point {
  const origin = { x: 0, y: 0 };
  const sum = { x: 0, y: 0 };
  for (let index = 0; index < count; index += 1) {
    const at = seat(origin, index, radius, origin);
    sum.x += at.x / count;
    sum.y += at.y / count;
  }
  return sum;
}

/** A process that wants a seat. */
interface Guest {
  readonly process: MapProcess;
  readonly kind: DotKind;
}

/** So many of the nodes with dots must fit into the common size; the fuller ones have smaller dots. */
const COMMON_SHARE = 0.8;

/**
 * Seats every process in its nodes: guests in the middle, deputies around them, processes at home outside. The dots are as
 * large as most nodes allow, and smaller in the fullest; where the smallest do not fit, the node says how many more it
 * has. Processes at home take only the room that is left: they come and go with the choice of a node, and no dot may
 * move by that.
 */
export function seatDots(places: Places, processes: readonly MapProcess[]): Seating {
  const wanted = guestsByNode(places, processes);
  const disc = places.nodes[0]?.radius ?? 0;
  const counts = [...wanted.values()].map(lasting).sort((a, b) => a - b);
  const common = sizeFor(disc, counts[Math.floor(counts.length * COMMON_SHARE)] ?? counts.at(-1) ?? 0);
  const byNode = new Map<number, readonly Dot[]>();
  const without = new Map<number, number>();
  for (const place of places.nodes) {
    const all = wanted.get(place.id);
    if (all === undefined) continue;
    const stay = lasting(all);
    const radius = Math.min(common, sizeFor(disc, stay));
    const room = Math.min(all.length, seatsIn(disc, radius));
    const middle = middleOfSeats(Math.min(room, stay || all.length), radius);
    const seated = all.sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind]).slice(0, room);
    byNode.set(
      place.id,
      seated.map((each, index) => ({
        ...each,
        node: place.id,
        radius,
        ...seat(place, index, radius, middle),
      })),
    );
    if (all.length > room) without.set(place.id, all.length - room);
  }
  return { byNode, without };
}

function guestsByNode(places: Places, processes: readonly MapProcess[]): ReadonlyMap<number, Guest[]> {
  const wanted = new Map<number, Guest[]>();
  function want(node: number, process: MapProcess, kind: DotKind): void {
    const all = wanted.get(node);
    if (all !== undefined) all.push({ process, kind });
    else if (places.byId.has(node)) wanted.set(node, [{ process, kind }]);
  }
  for (const process of processes) {
    if (process.home === process.at) want(process.home, process, 'home');
    else {
      want(process.home, process, 'deputy');
      want(process.at, process, 'guest');
    }
  }
  return wanted;
}

function lasting(guests: readonly Guest[]): number {
  return guests.filter((guest) => guest.kind !== 'home').length;
}

/** The largest dots of which a disc holds so many, else the smallest. */
function sizeFor(disc: number, count: number): number {
  const largest = Math.max(SMALLEST_DOT, disc / 6);
  return DOT_RADII.find((each) => each <= largest && seatsIn(disc, each) >= count) ?? SMALLEST_DOT;
}
