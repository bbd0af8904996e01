/** The picture of the migration map on a canvas: lines, nodes with their load and state, dots. It keeps nothing. */
import type { NodeState } from '../../common/contract/block.ts';
import { assertNever } from '../../common/model/result.ts';
import type { Line } from './lines.ts';
import type { NodePlace, Places, Point } from './layout.ts';
import type { Seating } from './dots.ts';
import { pointOn } from './lines.ts';
import { isBlocked, type MapNode, type NodesById } from './processes.ts';
import type { Theme } from './theme.ts';

/** Everything that is drawn. */
export interface Picture {
  readonly places: Places;
  readonly seating: Seating;
  readonly lines: readonly Line[];
  readonly nodes: NodesById;
  /** Id of the chosen node: its lines are plain and all others step back. */
  readonly chosen: number | undefined;
}

/** Width of the rim of a deputy's dot. */
const DEPUTY_RIM = 1.3;
/** Discs below this radius have a plainer ring. */
const SMALL_DISC = 12;
/** In a picture of more lines only those of so many processes keep their shape. */
const MOST_TAPERED = 150;
const STRONG = 3;
/** Width of a line at the home. */
const THIN = 0.7;
const FULL_CIRCLE = 2 * Math.PI;
const TOP = -Math.PI / 2;

/**
 * Draws the nodes and the dots, and the lines where they go from dot to dot; the context's unit is the CSS pixel and the
 * canvas is empty.
 */
export function drawPicture(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { places, seating, nodes } = picture;
  drawNodes(context, places.nodes, nodes, theme);
  if (hasSingleLines(picture)) drawLines(context, picture, theme);
  drawDots(context, seating, theme);
  drawMore(context, picture, theme);
  drawLabels(context, places.nodes, nodes, theme);
}

/** Draws the lines that go from node to node, below everything else. */
export function drawBundles(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  if (!hasSingleLines(picture)) drawLines(context, picture, theme);
}

/** Whether two pictures have the same lines from node to node. */
export function sameBundles(a: Picture | undefined, b: Picture): boolean {
  return a?.lines === b.lines && a.chosen === b.chosen;
}

function hasSingleLines(picture: Picture): boolean {
  return picture.lines[0]?.single === true;
}

function drawLines(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { lines, chosen } = picture;
  const mine = lines.filter((line) => line.home === chosen || line.at === chosen);
  const others = lines.filter((line) => line.home !== chosen && line.at !== chosen);
  const crowd = Math.min(1, (50 / Math.max(1, lines.length)) ** 0.7);
  context.fillStyle = theme.accent;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  context.globalAlpha = (0.06 + 0.46 * crowd) * (chosen === undefined ? 1 : 0.4);
  const plain = lines.length > MOST_TAPERED;
  for (const line of others) {
    if (plain && line.count < STRONG) hairline(context, line);
    else taper(context, line);
  }
  context.globalAlpha = 0.8;
  for (const line of mine) taper(context, line);
  context.globalAlpha = 1;
}

/** In a crowd of lines nobody sees which end is the thicker one, and a line of one pixel is drawn many times faster. */
function hairline(context: CanvasRenderingContext2D, { from, control, to }: Line): void {
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.quadraticCurveTo(control.x, control.y, to.x, to.y);
  context.stroke();
}

/** A line that is thin at the home and grows to its width at the place. */
function taper(context: CanvasRenderingContext2D, line: Line): void {
  const { from, to, control } = line;
  const length = Math.hypot(to.x - control.x, to.y - control.y) || 1;
  const nx = (-(to.y - control.y) / length) * (line.width / 2);
  const ny = ((to.x - control.x) / length) * (line.width / 2);
  const thin = THIN / line.width;
  context.beginPath();
  context.moveTo(from.x + nx * thin, from.y + ny * thin);
  context.quadraticCurveTo(control.x + nx * 0.6, control.y + ny * 0.6, to.x + nx, to.y + ny);
  context.lineTo(to.x - nx, to.y - ny);
  context.quadraticCurveTo(
    control.x - nx * 0.6,
    control.y - ny * 0.6,
    from.x - nx * thin,
    from.y - ny * thin,
  );
  context.fill();
}

/**
 * The discs in their rings: the load as an arc, or the state's colour where a node is not up. All is filled, not stroked:
 * that is several times faster where no graphics card helps.
 */
function drawNodes(
  context: CanvasRenderingContext2D,
  places: readonly NodePlace[],
  nodes: NodesById,
  theme: Theme,
): void {
  for (const place of places) {
    const node = nodes.get(place.id);
    if (node === undefined) continue;
    const small = place.radius < SMALL_DISC;
    const outside = place.radius + (small ? 3 : 5);
    if (node.state === 'up') {
      fillCircle(context, place, outside, node.share === 1 ? theme.load : theme.track);
      if (node.share > 0 && node.share < 1) fillArc(context, place, outside, node.share, theme.load);
    } else if (small) {
      fillCircle(context, place, outside, stateColour(node.state, theme));
    } else {
      fillCircle(context, place, outside, theme.paper);
      dashedRing(context, place, outside - 2, stateColour(node.state, theme));
    }
    if (!small) fillCircle(context, place, place.radius + 1.5, theme.paper);
    fillCircle(context, place, place.radius, theme.raised);
  }
}

function fillArc(
  context: CanvasRenderingContext2D,
  at: Point,
  radius: number,
  share: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(at.x, at.y);
  context.arc(at.x, at.y, radius, TOP, TOP + FULL_CIRCLE * share);
  context.fill();
}

function dashedRing(context: CanvasRenderingContext2D, at: Point, radius: number, colour: string): void {
  context.setLineDash([3, 3]);
  context.lineWidth = 3.5;
  context.strokeStyle = colour;
  context.beginPath();
  circle(context, at, radius);
  context.stroke();
  context.setLineDash([]);
}

function drawDots(context: CanvasRenderingContext2D, seating: Seating, theme: Theme): void {
  for (const dots of seating.byNode.values()) {
    for (const dot of dots) {
      fillCircle(context, dot, dot.radius, dot.kind === 'home' ? theme.edge : theme.accent);
      if (dot.kind === 'deputy') fillCircle(context, dot, dot.radius - DEPUTY_RIM, theme.paper);
    }
  }
}

/** One circle by itself: this is the shape that is drawn fastest. */
function fillCircle(context: CanvasRenderingContext2D, at: Point, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, FULL_CIRCLE);
  context.fill();
}

/** `+37` at the foot of a node that has more dots than room. */
function drawMore(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  context.font = theme.smallBold;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const [id, count] of picture.seating.without) {
    const place = picture.places.byId.get(id);
    if (place === undefined || place.radius < 11) continue;
    const words = `+${count}`;
    const half = context.measureText(words).width / 2 + 4;
    const y = place.y + place.radius - 5;
    context.fillStyle = theme.ink;
    context.beginPath();
    context.roundRect(place.x - half, y - 8, 2 * half, 16, 8);
    context.fill();
    context.fillStyle = theme.paper;
    context.fillText(words, place.x, y + 0.5);
  }
}

const LINE_HEIGHT = 15;
const LAMP = 4;
const LAMP_ROOM = 2 * LAMP + 5;

function drawLabels(
  context: CanvasRenderingContext2D,
  places: readonly NodePlace[],
  nodes: NodesById,
  theme: Theme,
): void {
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const place of places) {
    const node = nodes.get(place.id);
    if (node === undefined || place.label === undefined) continue;
    context.font = theme.small;
    const words = place.twoLines ? fitText(context, secondLine(node), place.labelWidth) : '';
    const wordsWidth = place.twoLines ? context.measureText(words).width : 0;
    context.font = place.twoLines ? theme.bold : theme.smallBold;
    const name = fitText(context, node.info.name, place.labelWidth - LAMP_ROOM);
    const nameWidth = context.measureText(name).width + LAMP_ROOM;
    const width = Math.max(nameWidth, wordsWidth);
    const box = labelBox(place, place.label, width);
    const left = box.left + ((width - nameWidth) * (1 - box.lean)) / 2;
    drawLamp(context, { x: left + LAMP, y: box.y }, node.state, theme);
    context.fillStyle = theme.ink;
    context.fillText(name, left + LAMP_ROOM, box.y);
    if (words === '') continue;
    context.font = theme.small;
    const plain = node.state === 'up' || node.state === 'connecting';
    context.fillStyle = plain ? theme.muted : stateColour(node.state, theme);
    context.fillText(words, box.left + ((width - wordsWidth) * (1 - box.lean)) / 2, box.y + LINE_HEIGHT);
  }
}

/**
 * Where a node's words of a width stand: `left` of the box, `y` the middle of its first line, and `lean` from -1 (words
 * end at the disc) over 0 (centred) to 1 (words begin at it).
 */
function labelBox(
  place: NodePlace,
  towards: Point,
  width: number,
): { readonly left: number; readonly y: number; readonly lean: number } {
  const height = place.twoLines ? 2 * LINE_HEIGHT : LINE_HEIGHT;
  const out = place.radius + place.labelGap;
  const lean = Math.max(-1, Math.min(1, 1.5 * towards.x));
  const sink = Math.max(-1, Math.min(1, 1.5 * towards.y));
  const left = place.x + towards.x * out + ((lean - 1) * width) / 2;
  const top = place.y + towards.y * out + ((sink - 1) * height) / 2;
  return { left, y: top + LINE_HEIGHT / 2, lean };
}

function secondLine(node: MapNode): string {
  const state = node.state === 'up' ? `${Math.round(node.share * 100)} %` : node.state;
  return `${node.info.id} · ${state}${isBlocked(node) && node.state === 'up' ? ' · block' : ''}`;
}

/** The lamp of the table: a shape and a colour per state. */
function drawLamp(context: CanvasRenderingContext2D, at: Point, state: NodeState, theme: Theme): void {
  context.fillStyle = stateColour(state, theme);
  context.strokeStyle = context.fillStyle;
  context.beginPath();
  switch (state) {
    case 'up':
      circle(context, at, LAMP);
      break;
    case 'down':
      context.rect(at.x - LAMP, at.y - LAMP, 2 * LAMP, 2 * LAMP);
      break;
    case 'stale':
      context.moveTo(at.x, at.y - LAMP);
      context.lineTo(at.x + LAMP, at.y + LAMP);
      context.lineTo(at.x - LAMP, at.y + LAMP);
      break;
    case 'connecting':
      circle(context, at, LAMP - 1);
      context.lineWidth = 2;
      context.stroke();
      return;
    case 'failed':
      context.moveTo(at.x - LAMP + 1, at.y - LAMP + 1);
      context.lineTo(at.x + LAMP - 1, at.y + LAMP - 1);
      context.moveTo(at.x + LAMP - 1, at.y - LAMP + 1);
      context.lineTo(at.x - LAMP + 1, at.y + LAMP - 1);
      context.lineWidth = 2.5;
      context.stroke();
      return;
    default:
      assertNever(state);
  }
  context.fill();
}

function stateColour(state: NodeState, theme: Theme): string {
  switch (state) {
    case 'up':
      return theme.up;
    case 'down':
    case 'failed':
      return theme.down;
    case 'stale':
      return theme.warn;
    case 'connecting':
      return theme.muted;
    default:
      return assertNever(state);
  }
}

const fitted = new Map<string, string>();

/** The text, cut with an ellipsis where it is wider than allowed. Remembered: measuring is the slow part. */
function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${context.font} ${Math.round(width)} ${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let cut = text;
  if (context.measureText(text).width > width) {
    let length = text.length;
    while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
    cut = `${text.slice(0, length)}…`;
  }
  if (fitted.size > 5000) fitted.clear();
  fitted.set(key, cut);
  return cut;
}

/** Adds a full circle to the path. */
export function circle(context: CanvasRenderingContext2D, at: Point, radius: number): void {
  context.moveTo(at.x + radius, at.y);
  context.arc(at.x, at.y, radius, 0, FULL_CIRCLE);
}

/** Draws a bent line from its beginning to a share of its way. */
export function strokePart(
  context: CanvasRenderingContext2D,
  line: Pick<Line, 'from' | 'to' | 'control'>,
  begin: number,
  end: number,
): void {
  const steps = 16;
  context.beginPath();
  for (let step = 0; step <= steps; step += 1) {
    const at = pointOn(line, begin + ((end - begin) * step) / steps);
    if (step === 0) context.moveTo(at.x, at.y);
    else context.lineTo(at.x, at.y);
  }
  context.stroke();
}
