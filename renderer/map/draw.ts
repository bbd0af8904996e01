/** The picture of the migration map on a canvas: lines, nodes with their load and state, dots. It keeps nothing. */
import type { NodeState } from '../../common/contract/block.ts';
import { assertNever } from '../../common/model/result.ts';
import type { Dot, Line, NodePlace, Places, Point, Seating } from './layout.ts';
import { pointOn } from './layout.ts';
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

/** Width of the line around a deputy's dot. */
const DEPUTY_PEN = 1.3;
/** Width of a line at the home. */
const THIN = 0.7;
const FULL_CIRCLE = 2 * Math.PI;
const TOP = -Math.PI / 2;

/** Draws the picture; the context's unit is the CSS pixel and the canvas is empty. */
export function drawPicture(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { places, seating, nodes } = picture;
  const single = picture.lines[0]?.single === true;
  if (!single) drawLines(context, picture, theme);
  drawDiscs(context, places.nodes, theme);
  drawRings(context, places.nodes, nodes, theme);
  if (single) drawLines(context, picture, theme);
  drawDots(context, seating, theme);
  drawMore(context, picture, theme);
  drawLabels(context, places.nodes, nodes, theme);
}

function drawLines(context: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { lines, chosen } = picture;
  const mine = lines.filter((line) => line.home === chosen || line.at === chosen);
  const others = lines.filter((line) => line.home !== chosen && line.at !== chosen);
  const crowd = Math.min(1, (50 / Math.max(1, lines.length)) ** 0.7);
  context.fillStyle = theme.accent;
  context.globalAlpha = (0.05 + 0.47 * crowd) * (chosen === undefined ? 1 : 0.4);
  for (const line of others) taper(context, line);
  context.globalAlpha = 0.8;
  for (const line of mine) taper(context, line);
  context.globalAlpha = 1;
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

function drawDiscs(context: CanvasRenderingContext2D, places: readonly NodePlace[], theme: Theme): void {
  context.beginPath();
  for (const place of places) circle(context, place, ringRadius(place) + ringWidth(place) / 2);
  context.fillStyle = theme.paper;
  context.fill();
  context.beginPath();
  for (const place of places) circle(context, place, place.radius);
  context.fillStyle = theme.raised;
  context.fill();
}

/** The load as an arc around the disc; a node that is not up has its state's colour there instead. */
function drawRings(
  context: CanvasRenderingContext2D,
  places: readonly NodePlace[],
  nodes: NodesById,
  theme: Theme,
): void {
  for (const place of places) {
    const node = nodes.get(place.id);
    if (node === undefined) continue;
    const radius = ringRadius(place);
    context.lineWidth = ringWidth(place);
    const up = node.state === 'up';
    context.strokeStyle = up ? theme.track : stateColour(node.state, theme);
    if (!up) context.setLineDash([3, 3]);
    context.beginPath();
    circle(context, place, radius);
    context.stroke();
    context.setLineDash([]);
    if (!up || node.share === 0) continue;
    context.strokeStyle = theme.load;
    context.beginPath();
    context.arc(place.x, place.y, radius, TOP, TOP + FULL_CIRCLE * node.share);
    context.stroke();
  }
}

function ringRadius(place: NodePlace): number {
  return place.radius + (place.radius < 12 ? 2 : 3);
}

function ringWidth(place: NodePlace): number {
  return place.radius < 12 ? 2 : 3.5;
}

function drawDots(context: CanvasRenderingContext2D, seating: Seating, theme: Theme): void {
  const all = [...seating.byNode.values()].flat();
  const trace = (kind: Dot['kind'], inset: number): void => {
    context.beginPath();
    for (const dot of all) if (dot.kind === kind) circle(context, dot, dot.radius - inset);
  };
  trace('guest', 0);
  context.fillStyle = theme.accent;
  context.fill();
  trace('home', 0);
  context.fillStyle = theme.edge;
  context.fill();
  trace('deputy', DEPUTY_PEN / 2);
  context.lineWidth = DEPUTY_PEN;
  context.strokeStyle = theme.accent;
  context.fillStyle = theme.paper;
  context.fill();
  context.stroke();
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
