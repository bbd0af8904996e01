/** What is under a point of the map, and where the arrow keys lead. Pure. */
import type { Dot, Seating } from './dots.ts';
import { RING_ROOM, type NodePlace, type Places, type Point } from './layout.ts';

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
