/**
 * Where everything is on the migration map: nodes in a circle or a grid, processes as dots in a node, lines from home to
 * place, and what is under a point. Pure functions; all lengths are CSS pixels, angles radians.
 */
import type { MapProcess } from './processes.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface NodePlace extends Point {
  readonly id: number;
  /** Radius of the disc that holds the dots; the ring of the load lies around it. */
  readonly radius: number;
  /** The direction from the disc to its words, of length 1; undefined where there is no room for any. */
  readonly label: Point | undefined;
  /** From the disc to its words. */
  readonly labelGap: number;
  /** How wide its words may be, and whether there is room for a second line of them. */
  readonly labelWidth: number;
  readonly twoLines: boolean;
}

/** All nodes. `columns` is how many places up or down of a grid are apart in the list; 1 in a circle. */
export interface Places {
  readonly shape: 'circle' | 'grid';
  readonly columns: number;
  readonly centre: Point;
  readonly nodes: readonly NodePlace[];
  readonly byId: ReadonlyMap<number, NodePlace>;
}

/** More nodes than this go into a grid. */
export const MOST_IN_CIRCLE = 40;

/** Room around the circle for the words beside and above the nodes. */
const SIDE_MARGIN = 116;
const TOP_MARGIN = 50;
const LARGEST_RADIUS = 54;
/** How much wider than high the circle may become in a wide window. */
const WIDEST = 1.4;
/** What the ring of the load and the gap to the next node take beside the disc. */
const RING_ROOM = 7;
/** Between the rings of neighbours in a circle. */
const NEIGHBOUR_GAP = 3;
const GRID_MARGIN = 10;
const LINE_HEIGHT = 15;
const BELOW: Point = { x: 0, y: 1 };
/** Words whose direction is steeper than this stand beside those of their neighbours. */
const UPRIGHT = 0.78;
/** Steeper than this the words of neighbours are on one level. */
const FLAT = 0.96;
/** Nearer neighbours in a circle have one line of words, and above and below it every second one stands further out. */
const CROWDED = 66;
const LABEL_GAP = 10;

/** Places the nodes in the order of the ids given: clockwise from the top, or row by row. */
export function placeNodes(ids: readonly number[], size: Size): Places {
  const centre = { x: size.width / 2, y: size.height / 2 };
  const inCircle = ids.length <= MOST_IN_CIRCLE;
  const cells = inCircle ? undefined : bestCells(ids.length, size);
  const nodes = cells === undefined ? placeInCircle(ids, size, centre) : placeInGrid(ids, cells);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return { shape: inCircle ? 'circle' : 'grid', columns: cells?.columns ?? 1, centre, nodes, byId };
}

function placeInCircle(ids: readonly number[], size: Size, centre: Point): readonly NodePlace[] {
  const margin = Math.min(SIDE_MARGIN, size.width * 0.2);
  const largest = Math.min(LARGEST_RADIUS, Math.min(size.width, size.height) * 0.09);
  const ry = Math.max(10, size.height / 2 - TOP_MARGIN - largest);
  const rx = Math.max(10, Math.min(size.width / 2 - margin - largest, WIDEST * ry));
  const { angles, spacing } = evenAngles(ids.length, rx, ry);
  const radius = Math.max(4, Math.min(largest, spacing / 2 - RING_ROOM - NEIGHBOUR_GAP));
  const crowded = spacing < CROWDED;
  return ids.map((id, index) => {
    const alone = ids.length === 1;
    const angle = angles[index] ?? 0;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const length = Math.hypot(cos / rx, sin / ry);
    const label = alone ? BELOW : { x: cos / rx / length, y: sin / ry / length };
    const steep = Math.abs(label.y) > UPRIGHT;
    const higher = crowded && Math.abs(label.y) > FLAT && index % 2 === 1;
    return {
      id,
      x: centre.x + (alone ? 0 : rx * cos),
      y: centre.y + (alone ? 0 : ry * sin),
      radius,
      label,
      labelGap: LABEL_GAP + (higher ? LINE_HEIGHT : 0),
      labelWidth: steep && !alone ? (crowded ? 2 : 1.15) * spacing - 6 : margin - RING_ROOM,
      twoLines: !crowded,
    };
  });
}

/**
 * Angles, from the top clockwise, at which neighbours on an ellipse are equally far apart along it, and how far that is.
 */
function evenAngles(
  count: number,
  rx: number,
  ry: number,
): { readonly angles: readonly number[]; readonly spacing: number } {
  const steps = 1440;
  const lengths = new Float64Array(steps + 1);
  const angleOf = (step: number): number => (step / steps) * 2 * Math.PI - Math.PI / 2;
  for (let step = 1; step <= steps; step += 1) {
    const [before, now] = [angleOf(step - 1), angleOf(step)];
    const piece = Math.hypot(
      rx * (Math.cos(now) - Math.cos(before)),
      ry * (Math.sin(now) - Math.sin(before)),
    );
    lengths[step] = (lengths[step - 1] ?? 0) + piece;
  }
  const spacing = (lengths[steps] ?? 0) / Math.max(1, count);
  let step = 0;
  const angles = Array.from({ length: count }, (_unused, index) => {
    while (step < steps && (lengths[step] ?? 0) < spacing * index) step += 1;
    return angleOf(step);
  });
  return { angles, spacing };
}

/** How a grid of so many columns uses its room. */
interface Cells {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Lines of words that fit below a node. */
  readonly lines: 0 | 1 | 2;
  readonly radius: number;
  /** Places that stay empty in the last row. */
  readonly empty: number;
}

function cellsOf(count: number, size: Size, columns: number): Cells {
  const rows = Math.ceil(count / columns);
  const width = (size.width - 2 * GRID_MARGIN) / columns;
  const height = (size.height - 2 * GRID_MARGIN) / rows;
  const lines = width < 46 || height < 44 ? 0 : height < 104 || width < 76 ? 1 : 2;
  const half = Math.min(width, height - lines * LINE_HEIGHT) / 2;
  const radius = Math.max(1, Math.min(LARGEST_RADIUS, Math.max(half - RING_ROOM - 1, half * 0.55)));
  return { columns, width, height, lines, radius, empty: rows * columns - count };
}

/** The grid with words where they fit, with the largest discs, and of equal ones that with the fullest last row. */
function bestCells(count: number, size: Size): Cells {
  const ideal = Math.sqrt((count * size.width) / Math.max(1, size.height));
  const first = Math.max(1, Math.floor(ideal * 0.7));
  const choices = Array.from({ length: Math.ceil(ideal * 0.7) + 2 }, (_unused, index) =>
    cellsOf(count, size, Math.min(count, first + index)),
  );
  const better = (a: Cells, b: Cells): number =>
    Number(b.lines > 0) - Number(a.lines > 0) ||
    Math.round(2 * b.radius) - Math.round(2 * a.radius) ||
    a.empty - b.empty;
  return choices.sort(better)[0] ?? cellsOf(count, size, 1);
}

function placeInGrid(ids: readonly number[], cells: Cells): readonly NodePlace[] {
  const { columns, width, height, lines, radius } = cells;
  return ids.map((id, index) => ({
    id,
    x: GRID_MARGIN + ((index % columns) + 0.5) * width,
    y: GRID_MARGIN + (Math.floor(index / columns) + 0.5) * height - (lines * LINE_HEIGHT) / 2,
    radius,
    label: lines === 0 ? undefined : BELOW,
    labelGap: LABEL_GAP,
    labelWidth: width - 2,
    twoLines: lines === 2,
  }));
}

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

/** A line from a home to a place; it grows wider on its way, so that it shows its direction. */
export interface Line {
  readonly home: number;
  readonly at: number;
  readonly from: Point;
  readonly to: Point;
  /** The point that bends it. */
  readonly control: Point;
  /** Width at the place. */
  readonly width: number;
  /** How many processes it stands for. */
  readonly count: number;
  /** Whether it goes from dot to dot, over the discs. */
  readonly single: boolean;
}

/** Up to so many processes each has a line of its own, from dot to dot. */
const MOST_SINGLE_LINES = 80;
const WIDEST_LINE = 10;

/** The lines of all processes that are away: single ones while they are few and in a circle, else one per pair of nodes. */
export function drawLines(
  places: Places,
  seating: Seating,
  processes: readonly MapProcess[],
): readonly Line[] {
  const away = processes.filter((process) => process.home !== process.at);
  return places.shape === 'circle' && away.length <= MOST_SINGLE_LINES
    ? singleLines(places, seating)
    : bundledLines(places, away);
}

function singleLines(places: Places, seating: Seating): readonly Line[] {
  const deputies = new Map<string, Dot>();
  for (const dots of seating.byNode.values()) {
    for (const dot of dots) if (dot.kind === 'deputy') deputies.set(dot.process.key, dot);
  }
  const lines: Line[] = [];
  for (const dots of seating.byNode.values()) {
    for (const dot of dots) {
      const deputy = dot.kind === 'guest' ? deputies.get(dot.process.key) : undefined;
      if (deputy === undefined) continue;
      const { home, at } = dot.process;
      const bend = control(places, deputy, dot);
      lines.push({ home, at, from: deputy, to: dot, control: bend, width: 2.2, count: 1, single: true });
    }
  }
  return lines;
}

function bundledLines(places: Places, away: readonly MapProcess[]): readonly Line[] {
  const counts = new Map<number, number>();
  for (const { home, at } of away) counts.set(home * 65_536 + at, (counts.get(home * 65_536 + at) ?? 0) + 1);
  const lines: Line[] = [];
  for (const [pair, count] of counts) {
    const [home, at] = [Math.floor(pair / 65_536), pair % 65_536];
    const line = lineBetween(places, home, at);
    if (line === undefined) continue;
    const width = Math.min(WIDEST_LINE, 2 + 1.3 * Math.log2(count));
    lines.push({ home, at, ...line, width, count, single: false });
  }
  return lines;
}

/** The way from node to node; undefined where one of them is not on the map. */
export function lineBetween(
  places: Places,
  from: number,
  to: number,
): { readonly from: Point; readonly to: Point; readonly control: Point } | undefined {
  const [start, end] = [places.byId.get(from), places.byId.get(to)];
  if (start === undefined || end === undefined || start === end) return undefined;
  const bend = control(places, start, end);
  return { from: rim(start, bend), to: rim(end, bend), control: bend };
}

/** The point of a node's rim that looks to a point outside. */
function rim(place: NodePlace, towards: Point): Point {
  const length = Math.hypot(towards.x - place.x, towards.y - place.y) || 1;
  const share = (place.radius + RING_ROOM - 2) / length;
  return { x: place.x + (towards.x - place.x) * share, y: place.y + (towards.y - place.y) * share };
}

/** Bends a line to the middle of the circle, and a little to its left, so that both directions are seen. */
function control(places: Places, from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const inwards = { x: places.centre.x - middle.x, y: places.centre.y - middle.y };
  const depth = Math.hypot(inwards.x, inwards.y) || 1;
  const pull = places.shape === 'circle' ? Math.min(0.6, (0.5 * length) / depth) : 0;
  const aside = Math.min(places.shape === 'circle' ? 14 : 46, length * 0.16);
  return {
    x: middle.x + inwards.x * pull + (dy / length) * aside,
    y: middle.y + inwards.y * pull - (dx / length) * aside,
  };
}

/** A point of a bent line, `share` 0..1 of its way. */
export function pointOn(line: Pick<Line, 'from' | 'to' | 'control'>, share: number): Point {
  const [a, b, c] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  return {
    x: a * line.from.x + b * line.control.x + c * line.to.x,
    y: a * line.from.y + b * line.control.y + c * line.to.y,
  };
}

/** How far beside a dot or a disc a pointer still means it. */
const REACH = 4;

/** The node at a point, if there is one. */
export function nodeAt(places: Places, point: Point): NodePlace | undefined {
  let nearest: NodePlace | undefined;
  let best = Infinity;
  for (const place of places.nodes) {
    const distance = Math.hypot(point.x - place.x, point.y - place.y) - place.radius;
    if (distance < best) [nearest, best] = [place, distance];
  }
  return best <= RING_ROOM + REACH ? nearest : undefined;
}

/** The dot at a point, if there is one. */
export function dotAt(places: Places, seating: Seating, point: Point): Dot | undefined {
  const place = nodeAt(places, point);
  let nearest: Dot | undefined;
  let best = Infinity;
  for (const dot of place === undefined ? [] : (seating.byNode.get(place.id) ?? [])) {
    const distance = Math.hypot(point.x - dot.x, point.y - dot.y) - dot.radius;
    if (distance < best && distance <= REACH) [nearest, best] = [dot, distance];
  }
  return nearest;
}

/** The place in the list an arrow key, Home or End moves to, or undefined for other keys. */
export function stepNode(places: Places, current: number | undefined, key: string): number | undefined {
  const last = places.nodes.length - 1;
  if (last < 0) return undefined;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: places.columns,
    ArrowUp: -places.columns,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const step = steps[key];
  if (step === undefined) return undefined;
  if (current === undefined) return step > 0 ? 0 : last;
  const next = current + step;
  if (places.shape === 'circle') return (next + last + 1) % (last + 1);
  return next < 0 || next > last ? current : next;
}
