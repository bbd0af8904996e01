/** The nodes of a cluster as bars of text, after openMosix' mosmon: pure, a screen is a list of lines. */
import { STANDARD_LOAD } from '../../common/model/metric.ts';
import type { NodeValues } from '../../common/model/recorded.ts';
import { isUp } from '../../common/model/status.ts';

/** A node as the bars need it. */
export type BarNode = Readonly<Omit<NodeValues, 'cpus'>> & { readonly id: number };

/** What the bars tell. */
export type View = 'load' | 'speed' | 'memory' | 'util';

/** What an operator has chosen to see. */
export interface Choice {
  readonly view: View;
  /** Nodes that are down have a place, too. */
  readonly showsDown: boolean;
  /** Place of the first node that is shown; there may be more nodes than room. */
  readonly first: number;
}

export const FIRST_CHOICE: Choice = { view: 'load', showsDown: false, first: 0 };

/** A terminal's size in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Scale {
  readonly title: string;
  readonly solid: (node: BarNode) => number;
  /** What is above the solid part, drawn with another sign. */
  readonly open?: (node: BarNode) => number;
  /** The axis reaches at least this far. */
  readonly least: number;
  readonly digits: number;
}

const MEGABYTE = 1_000_000;

const SCALES: Readonly<Record<View, Scale>> = {
  load: {
    title: 'load: 1 is one process on one standard CPU',
    solid: ({ load }) => load / STANDARD_LOAD,
    least: 1,
    digits: 2,
  },
  speed: { title: 'speed: 10000 is the standard CPU', solid: ({ speed }) => speed, least: 1, digits: 0 },
  memory: {
    title: 'memory in MB: # used, + free',
    solid: ({ memoryTotal, memoryFree }) => (memoryTotal - memoryFree) / MEGABYTE,
    open: ({ memoryFree }) => memoryFree / MEGABYTE,
    least: 1,
    digits: 0,
  },
  util: { title: 'utilisability of the CPUs in percent', solid: ({ util }) => util, least: 100, digits: 0 },
};

/** The keys, as mosmon has them; what is below the bars. */
const KEYS = 'l load  s speed  m memory  u util  d down nodes  < > scroll  q quit';

/** Columns left of the bars, for the axis and its numbers. */
const MARGIN = 9;

/** Lines that are no bars: title, axis, ids, keys. */
const OTHER_ROWS = 4;

/** The nodes that have a place, in the order of their ids. */
export function shownNodes(nodes: readonly BarNode[], { showsDown }: Choice): readonly BarNode[] {
  return nodes.filter((node) => showsDown || isUp(node.status)).sort((one, other) => one.id - other.id);
}

/** What is chosen after a key (a character, or a terminal's sequence for an arrow); undefined to leave. */
export function afterKey(choice: Choice, key: string, count: number): Choice | undefined {
  const scrolled = (by: number) => ({
    ...choice,
    first: Math.max(0, Math.min(count - 1, choice.first + by)),
  });
  switch (key) {
    case 'l':
      return { ...choice, view: 'load' };
    case 's':
      return { ...choice, view: 'speed' };
    case 'm':
      return { ...choice, view: 'memory' };
    case 'u':
      return { ...choice, view: 'util' };
    case 'd':
      return { ...choice, showsDown: !choice.showsDown };
    case '<':
    case '\u001b[D':
      return scrolled(-1);
    case '>':
    case '\u001b[C':
      return scrolled(1);
    case 'q':
    case '\u0003':
      return undefined;
    default:
      return choice;
  }
}

/** Exactly as many lines as the screen has rows, none longer than its columns. */
export function drawBars(
  nodes: readonly BarNode[],
  choice: Choice,
  { columns, rows }: Size,
): readonly string[] {
  const scale = SCALES[choice.view];
  const height = Math.max(1, rows - OTHER_ROWS);
  const all = shownNodes(nodes, choice);
  const width = Math.max(3, ...all.map(({ id }) => `${id}`.length + 1));
  const room = Math.max(1, Math.floor((columns - MARGIN - 1) / width));
  const shown = all.slice(choice.first, choice.first + room);
  const whole = (node: BarNode) => scale.solid(node) + (scale.open?.(node) ?? 0);
  const top = Math.max(scale.least, ...shown.filter(({ status }) => isUp(status)).map(whole));
  const bars = Array.from({ length: height }, (_, row) => {
    const level = height - row;
    const label = axisLabel(level, height, top, scale.digits);
    const cells = shown.map((node) => signAt(node, level, height, top, scale).padStart(width));
    return `${label}|${cells.join('')}`;
  });
  const count = all.length > shown.length ? `, ${shown.length} of ${all.length} nodes` : '';
  const lines = [
    `mos mon  ${scale.title}${count}`,
    ...bars,
    `${' '.repeat(MARGIN)}+${'-'.repeat(width * shown.length)}`,
    `${'Node #'.padStart(MARGIN)} ${shown.map(({ id }) => `${id}`.padStart(width)).join('')}`,
    KEYS,
  ];
  return lines.slice(0, rows).map((line) => line.slice(0, columns).trimEnd());
}

/** Numbers at the top, in the middle and at the bottom of the axis. */
function axisLabel(level: number, height: number, top: number, digits: number): string {
  const isNumbered = level === height || level === 1 || level === Math.ceil(height / 2);
  const number = level === 1 ? 0 : (top * level) / height;
  return (isNumbered ? number.toFixed(digits) : '').padStart(MARGIN);
}

/** One row of a node's bar, the lowest being 1. A node that is up shows at least a dot. */
function signAt(node: BarNode, level: number, height: number, top: number, scale: Scale): string {
  if (!isUp(node.status)) return 'down'[4 - level] ?? ' ';
  const rowsOf = (value: number) => Math.round((value / top) * height);
  const solid = rowsOf(scale.solid(node));
  if (level <= solid) return '#';
  if (level <= rowsOf(scale.solid(node) + (scale.open?.(node) ?? 0))) return '+';
  return level === 1 ? '.' : ' ';
}
