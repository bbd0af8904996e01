/**
 * What lies over the map's picture and changes with the hand: the process pointed at, the focus, a drag, and migrations
 * on their way. It is small, so that a frame of it is cheap while the picture below stays as it is.
 */
import { circle, strokePart } from './draw.ts';
import { lineBetween, pointOn } from './lines.ts';
import type { Dot, Seating } from './dots.ts';
import type { NodePlace, Places, Point } from './layout.ts';
import type { Theme } from './theme.ts';

/** A process being dragged. */
export interface Drag {
  readonly dot: Dot;
  readonly at: Point;
  /** The node under it, and whether it would take it. */
  readonly target: number | undefined;
  readonly taken: boolean;
}

/** A migration on its way over the map; `start` is a time of performance.now(). */
export interface Flight {
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

export interface Overlay {
  readonly places: Places;
  readonly seating: Seating;
  /** Key of the process pointed at or chosen, whose both dots and line are shown. */
  readonly marked: string | undefined;
  /** Id of the node chosen, and whether the keyboard is on the map. */
  readonly chosen: number | undefined;
  readonly focused: boolean;
  /** Key of the process the keyboard is on. */
  readonly focusedProcess: string | undefined;
  readonly drag: Drag | undefined;
  readonly refusing: ReadonlySet<number>;
  readonly flights: readonly Flight[];
}

/** Milliseconds a migration is on its way, and more that its arrival is seen. */
const FLIGHT_MS = 750;
const ARRIVAL_MS = 450;

/** Whether a flight is over at a time. */
export function isOver(flight: Flight, now: number): boolean {
  return now - flight.start > FLIGHT_MS + ARRIVAL_MS;
}

/** Draws everything that lies over the picture. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  overlay: Overlay,
  theme: Theme,
  now: number,
): void {
  const { places, chosen, drag, marked } = overlay;
  context.lineCap = 'round';
  if (drag !== undefined) dimRefusing(context, overlay, theme);
  const node = chosen === undefined ? undefined : places.byId.get(chosen);
  if (node !== undefined) {
    const onNode = overlay.focused && overlay.focusedProcess === undefined;
    ring(context, node, node.radius + 8, onNode ? 2.5 : 1.5, onNode ? theme.accent : theme.edge);
  }
  if (marked !== undefined) drawMarked(context, overlay, marked, theme);
  if (drag !== undefined) drawDrag(context, overlay, drag, theme);
  for (const flight of overlay.flights) drawFlight(context, places, flight, theme, now);
}

function ring(
  context: CanvasRenderingContext2D,
  at: Point,
  radius: number,
  width: number,
  colour: string,
): void {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.beginPath();
  circle(context, at, radius);
  context.stroke();
}

function dimRefusing(context: CanvasRenderingContext2D, overlay: Overlay, theme: Theme): void {
  context.globalAlpha = 0.6;
  context.fillStyle = theme.paper;
  context.beginPath();
  for (const place of overlay.places.nodes) {
    if (overlay.refusing.has(place.id)) circle(context, place, place.radius + 6);
  }
  context.fill();
  context.globalAlpha = 1;
}

/** Both dots of a process and the way between them; where a dot had no room, the node stands for it. */
function drawMarked(context: CanvasRenderingContext2D, overlay: Overlay, key: string, theme: Theme): void {
  const dots = dotsOf(overlay.seating, key);
  const deputy = dots.find((dot) => dot.kind === 'deputy');
  const guest = dots.find((dot) => dot.kind === 'guest');
  const process = dots[0]?.process;
  const line = process === undefined ? undefined : lineBetween(overlay.places, process.home, process.at);
  if (line !== undefined) {
    context.lineWidth = 2;
    context.strokeStyle = theme.ink;
    strokePart(context, { ...line, from: deputy ?? line.from, to: guest ?? line.to }, 0, 1);
  }
  for (const dot of dots) {
    const { radius } = dot;
    context.beginPath();
    circle(context, dot, radius + 2.5);
    context.fillStyle = theme.paper;
    context.fill();
    context.beginPath();
    circle(context, dot, radius + (dot.kind === 'deputy' ? 0 : 0.5));
    context.fillStyle = dot.kind === 'deputy' ? theme.paper : theme.accent;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = theme.accent;
    context.stroke();
    ring(context, dot, radius + 3, 1.5, theme.ink);
  }
  if (overlay.focused && overlay.focusedProcess === key) {
    for (const dot of dots)
      if (dot.node === overlay.chosen) ring(context, dot, dot.radius + 5.5, 2.5, theme.accent);
  }
}

/** The dots of one process: at its home, where it runs, or both. */
export function dotsOf(seating: Seating, key: string): readonly Dot[] {
  const dots: Dot[] = [];
  for (const all of seating.byNode.values())
    for (const dot of all) if (dot.process.key === key) dots.push(dot);
  return dots;
}

function drawDrag(context: CanvasRenderingContext2D, overlay: Overlay, drag: Drag, theme: Theme): void {
  const target: NodePlace | undefined =
    drag.target === undefined ? undefined : overlay.places.byId.get(drag.target);
  const colour = target !== undefined && !drag.taken ? theme.down : theme.accent;
  if (target !== undefined) {
    context.globalAlpha = 0.16;
    context.fillStyle = colour;
    context.beginPath();
    circle(context, target, target.radius + 5);
    context.fill();
    context.globalAlpha = 1;
    ring(context, target, target.radius + 6, 3, colour);
  }
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.setLineDash([2, 5]);
  context.beginPath();
  context.moveTo(drag.dot.x, drag.dot.y);
  context.lineTo(drag.at.x, drag.at.y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colour;
  context.beginPath();
  circle(context, drag.at, Math.max(6, drag.dot.radius + 2));
  context.fill();
  ring(context, drag.at, Math.max(6, drag.dot.radius + 2) + 1, 2, theme.paper);
}

function drawFlight(
  context: CanvasRenderingContext2D,
  places: Places,
  flight: Flight,
  theme: Theme,
  now: number,
): void {
  const line = lineBetween(places, flight.from, flight.to);
  const target = places.byId.get(flight.to);
  if (line === undefined || target === undefined) return;
  const passed = Math.max(0, now - flight.start);
  const share = ease(Math.min(1, passed / FLIGHT_MS));
  if (passed < FLIGHT_MS) {
    context.strokeStyle = theme.accent;
    context.lineWidth = 2.5;
    const tail = Math.max(0, share - 0.34);
    for (let piece = 0; piece < 4; piece += 1) {
      context.globalAlpha = 0.2 + 0.2 * piece;
      const length = share - tail;
      strokePart(context, line, tail + (length * piece) / 4, tail + (length * (piece + 1)) / 4);
    }
    context.globalAlpha = 1;
    context.fillStyle = theme.accent;
    context.beginPath();
    circle(context, pointOn(line, share), 4.5);
    context.fill();
    return;
  }
  const faded = Math.min(1, (passed - FLIGHT_MS) / ARRIVAL_MS);
  context.globalAlpha = 1 - faded;
  ring(context, target, target.radius + 5 + 9 * faded, 2.5, theme.accent);
  context.globalAlpha = 1;
}

function ease(share: number): number {
  return share < 0.5 ? 2 * share * share : 1 - (2 - 2 * share) ** 2 / 2;
}
