/**
 * Where the nodes are on the migration map: in a circle, or above a number in a grid. Pure; all lengths are CSS pixels,
 * angles radians.
 */

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
export const RING_ROOM = 7;
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
