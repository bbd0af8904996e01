/**
 * The scale of the heat map: what a cell can show, and which of eight levels a value is. The levels' colours are one hue
 * whose lightness alone changes (style/heat-map.css), so that every kind of eye tells them apart. Pure functions.
 */
import type { BlockView } from '../../common/contract/block.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { memoryPercent } from '../cluster/arrange.ts';
import { count, percent } from '../words/format.ts';

/** Colours of the scale; a level is 0 to LEVELS - 1. */
export const LEVELS = 8;

/** What the cells show. */
export type Measure = 'load' | 'memory' | 'cpu';

interface Facts {
  readonly title: string;
  readonly about: string;
  /** Where the second and every further level begins, growing; one fewer than there are levels. */
  readonly edges: readonly number[];
  readonly value: (block: BlockView, slot: number) => number;
  readonly words: (value: number) => string;
}

const SHARES = [5, 20, 40, 60, 75, 90, 97] as const;

export const MEASURES: Readonly<Record<Measure, Facts>> = {
  load: {
    title: 'Load',
    about: 'load as the cluster weighs it: 100 is one runnable process on one CPU of standard speed',
    edges: [5, 25, 50, 75, 100, 200, 400],
    value: (block, slot) => block.value('load', slot),
    words: count,
  },
  memory: {
    title: 'Memory used',
    about: 'Share of the memory that is used; what Linux can reclaim counts as free',
    edges: SHARES,
    value: memoryPercent,
    words: percent,
  },
  cpu: {
    title: 'CPU busy',
    about: 'Busy share of all CPUs since the sample before',
    edges: SHARES,
    value: (block, slot) => block.value('cpuBusy', slot),
    words: percent,
  },
};

/** Reads a remembered measure; the load for a text that is none. */
export function parseMeasure(text: string | null): Measure {
  return text !== null && Object.hasOwn(MEASURES, text) ? (text as Measure) : 'load';
}

/** The level of a value; -1 for a missing one. */
export function levelOf(measure: Measure, value: number): number {
  if (Number.isNaN(value)) return -1;
  const { edges } = MEASURES[measure];
  let level = 0;
  while (level < edges.length && value >= (edges[level] ?? Infinity)) level += 1;
  return level;
}

/** A level in words: `below 5`, `5 to 25`, `400 and more`. */
export function levelWords(measure: Measure, level: number): string {
  const { edges, words } = MEASURES[measure];
  const from = edges[level - 1];
  const to = edges[level];
  if (from === undefined) return `below ${words(to ?? NaN)}`;
  return to === undefined ? `${words(from)} and more` : `${count(from)} to ${words(to)}`;
}

/** Nodes by what they show, the highest first; those that are not up or have no value come last, in their order. */
export function highestFirst(
  nodes: readonly NodeInfo[],
  block: BlockView,
  measure: Measure,
): readonly NodeInfo[] {
  const { value } = MEASURES[measure];
  return nodes
    .map((node) => {
      const shown = block.state(node.slot) === 'up' ? value(block, node.slot) : NaN;
      return { node, key: Number.isNaN(shown) ? -Infinity : shown };
    })
    .sort((a, b) => (a.key === b.key ? 0 : b.key - a.key))
    .map(({ node }) => node);
}

/** The nodes in each level, and those that show none. `cells` are the levels of all cells. */
export function countLevels(cells: readonly number[]): {
  readonly levels: readonly number[];
  readonly none: number;
} {
  const levels = Array.from({ length: LEVELS }, () => 0);
  let none = 0;
  for (const level of cells) {
    if (level < 0) none += 1;
    else levels[level] = (levels[level] ?? 0) + 1;
  }
  return { levels, none };
}

/** How well one colour is read on another, 1 to 21, by the formula of WCAG 2; parts are red, green, blue of 0 to 255. */
export function contrast(one: readonly number[], other: readonly number[]): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
