import { describe, expect, it } from 'vitest';
import { dotAt, nodeAt, stepNode } from './hit.ts';
import { drawLines, pointOn } from './lines.ts';
import { MOST_IN_CIRCLE, placeNodes, type Places } from './layout.ts';
import { seatDots, seatsIn } from './dots.ts';
import { fromPlacements, type MapProcess } from './processes.ts';

const WINDOW = { width: 960, height: 740 };

function ids(count: number): number[] {
  return Array.from({ length: count }, (_unused, index) => index + 1);
}

function places(count: number, size = WINDOW): Places {
  return placeNodes(ids(count), size);
}

function away(home: number, at: number, count = 1, first = 100): readonly MapProcess[] {
  return fromPlacements(
    Array.from({ length: count }, (_unused, index) => ({
      home,
      at,
      pid: first + index,
      started: 1,
      guestPid: 0,
      guestStarted: 0,
      command: 'cc1',
    })),
  );
}

function nearest(map: Places): number {
  let best = Infinity;
  map.nodes.forEach((a, index) => {
    for (const b of map.nodes.slice(index + 1)) best = Math.min(best, Math.hypot(a.x - b.x, a.y - b.y));
  });
  return best;
}

describe('placing nodes', () => {
  it('puts one node into the middle', () => {
    expect(places(1).nodes[0]).toMatchObject({ x: 480, y: 370 });
  });

  it('puts up to 40 nodes into a circle from the top clockwise, more into a grid', () => {
    const circle = places(MOST_IN_CIRCLE);
    expect(circle.shape).toBe('circle');
    expect(circle.nodes[0]?.x).toBeCloseTo(480);
    expect(circle.nodes[0]?.y).toBeLessThan(370);
    expect(circle.nodes[1]?.x).toBeGreaterThan(480);
    expect(places(MOST_IN_CIRCLE + 1).shape).toBe('grid');
  });

  it.each([2, 5, 12, 24, 40, 41, 100, 500, 2000])('lets none of %d nodes touch another', (count) => {
    const map = places(count);
    expect(nearest(map)).toBeGreaterThan(2 * (map.nodes[0]?.radius ?? 0) + 2);
  });

  it.each([
    [5, 360, 300],
    [24, 960, 740],
    [100, 1600, 900],
    [2000, 960, 740],
  ])('keeps the discs of %d nodes inside %d x %d', (count, width, height) => {
    for (const node of places(count, { width, height }).nodes) {
      expect(node.x - node.radius).toBeGreaterThan(0);
      expect(node.x + node.radius).toBeLessThan(width);
      expect(node.y - node.radius).toBeGreaterThan(0);
      expect(node.y + node.radius).toBeLessThan(height);
    }
  });

  it('leaves the words out where cells are too small for them', () => {
    expect(places(100).nodes[0]?.label).toBeDefined();
    expect(places(2000).nodes[0]?.label).toBeUndefined();
  });

  it('survives a window without room', () => {
    for (const node of places(24, { width: 0, height: 0 }).nodes) expect(Number.isFinite(node.x)).toBe(true);
  });
});

describe('seating dots', () => {
  it('seats a process twice: its deputy at home, itself where it runs', () => {
    const { byNode } = seatDots(places(5), away(1, 2));
    expect(byNode.get(1)?.map((dot) => dot.kind)).toEqual(['deputy']);
    expect(byNode.get(2)?.map((dot) => dot.kind)).toEqual(['guest']);
  });

  it('puts a lonely dot into the middle of its node', () => {
    const map = places(5);
    const dot = seatDots(map, away(1, 2)).byNode.get(2)?.[0];
    expect(dot?.x).toBeCloseTo(map.byId.get(2)?.x ?? 0);
    expect(dot?.y).toBeCloseTo(map.byId.get(2)?.y ?? 0);
  });

  it('keeps every dot inside its disc and off the others', () => {
    const map = places(24);
    const dots = seatDots(map, away(1, 2, 30)).byNode.get(2) ?? [];
    const disc = map.byId.get(2);
    expect(dots).toHaveLength(30);
    dots.forEach((dot, index) => {
      const distance = Math.hypot(dot.x - (disc?.x ?? 0), dot.y - (disc?.y ?? 0));
      expect(distance + dot.radius).toBeLessThan((disc?.radius ?? 0) + 2);
      for (const other of dots.slice(index + 1)) {
        expect(Math.hypot(dot.x - other.x, dot.y - other.y)).toBeGreaterThan(2 * dot.radius);
      }
    });
  });

  it('says how many had no room', () => {
    const { byNode, without } = seatDots(places(100), away(1, 2, 500));
    expect((byNode.get(2)?.length ?? 0) + (without.get(2) ?? 0)).toBe(500);
    expect(without.get(2)).toBeGreaterThan(0);
  });

  it('moves no dot when processes at home join', () => {
    const map = places(5);
    const before = seatDots(map, away(1, 2, 7)).byNode.get(2);
    const after = seatDots(map, [...away(1, 2, 7), ...away(2, 2, 60, 900)]).byNode.get(2);
    expect(after?.slice(0, 7)).toEqual(before);
  });

  it('leaves out what belongs to nodes that are not there', () => {
    const { byNode } = seatDots(places(3), away(9, 2));
    expect([...byNode.keys()]).toEqual([2]);
  });

  it('has room for at least one dot in the smallest disc', () => {
    expect(seatsIn(1, 2)).toBe(1);
  });
});

describe('lines', () => {
  it('go from dot to dot while they are few', () => {
    const map = places(5);
    const processes = away(1, 2, 3);
    const seating = seatDots(map, processes);
    const lines = drawLines(map, seating, processes);
    expect(lines).toHaveLength(3);
    expect(lines[0]?.from).toBe(seating.byNode.get(1)?.[0]);
    expect(lines[0]?.to).toBe(seating.byNode.get(2)?.[0]);
  });

  it('are one per pair and direction where there are many, wider for more', () => {
    const map = places(5);
    const processes = [...away(1, 2, 90), ...away(2, 1, 1, 500)];
    const lines = drawLines(map, seatDots(map, processes), processes);
    expect(lines.map(({ home, at, count }) => ({ home, at, count }))).toEqual([
      { home: 1, at: 2, count: 90 },
      { home: 2, at: 1, count: 1 },
    ]);
    expect(lines[0]?.width).toBeGreaterThan(lines[1]?.width ?? Infinity);
  });

  it('of both directions do not lie on each other', () => {
    const map = places(100);
    const processes = [...away(1, 30), ...away(30, 1, 1, 500)];
    const [there, back] = drawLines(map, seatDots(map, processes), processes);
    if (there === undefined || back === undefined) throw new Error('There are two lines.');
    const [a, b] = [pointOn(there, 0.5), pointOn(back, 0.5)];
    expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(8);
  });
});

describe('what is under a point', () => {
  it('is the node whose disc or ring it is on', () => {
    const map = places(24);
    const node = map.byId.get(7);
    const at = { x: (node?.x ?? 0) + (node?.radius ?? 0) + 3, y: node?.y ?? 0 };
    expect(nodeAt(map, at)?.id).toBe(7);
    expect(nodeAt(map, map.centre)).toBeUndefined();
  });

  it('is the nearest dot within reach', () => {
    const map = places(5);
    const seating = seatDots(map, away(1, 2, 5));
    for (const dot of seating.byNode.get(2) ?? []) {
      expect(dotAt(map, seating, { x: dot.x + 1, y: dot.y })).toBe(dot);
    }
    expect(dotAt(map, seating, map.byId.get(3) ?? map.centre)).toBeUndefined();
  });
});

describe('the arrow keys', () => {
  it.each([
    ['ArrowRight', undefined, 0],
    ['ArrowLeft', undefined, 4],
    ['ArrowRight', 4, 0],
    ['ArrowUp', 0, 4],
    ['Home', 3, 0],
    ['End', 0, 4],
    ['x', 0, undefined],
  ])('go around the circle: %s from %s to %s', (key, from, to) => {
    expect(stepNode(places(5), from, key)).toBe(to);
  });

  it('go up and down the rows of a grid, and stop at its edges', () => {
    const map = places(100);
    expect(stepNode(map, 0, 'ArrowDown')).toBe(map.columns);
    expect(stepNode(map, map.columns, 'ArrowUp')).toBe(0);
    expect(stepNode(map, 0, 'ArrowUp')).toBe(0);
    expect(stepNode(map, 99, 'ArrowDown')).toBe(99);
  });

  it('move nothing where there are no nodes', () => {
    expect(stepNode(places(0), undefined, 'ArrowRight')).toBeUndefined();
  });
});
