/** The columns of a list of processes: titles, widths, and which of them a narrow window leaves out. */
import type { ProcessColumn } from './process-list.ts';

interface Column {
  readonly title: string;
  readonly about: string;
  /** Usual width in CSS pixels, and the share of what is left over. */
  readonly width: number;
  readonly share: number;
  /** Width where the list is too narrow even without the dispensable columns; the usual one where left out. */
  readonly least?: number;
  readonly number?: boolean;
}

export const COLUMN_FACTS: Readonly<Record<ProcessColumn, Column>> = {
  pid: { title: 'PID', about: 'Number of the process on this node', width: 60, share: 0, number: true },
  node: { title: 'Node', about: 'The node in whose list it is', width: 80, share: 0.5, least: 60 },
  user: { title: 'User', about: 'The user it runs as', width: 60, share: 0.2 },
  command: {
    title: 'Command',
    about: 'Its short name, and its command line',
    width: 136,
    share: 3,
    least: 104,
  },
  where: {
    title: 'Runs',
    about: 'At home, away on another node, or here as a guest of its home node',
    width: 190,
    share: 0.2,
    least: 104,
  },
  state: { title: 'State', about: 'As the kernel says', width: 58, share: 0 },
  cpu: { title: 'CPU', about: 'Percent of one CPU since the list before', width: 40, share: 0, number: true },
  memory: { title: 'Memory', about: 'Memory it occupies', width: 66, share: 0, number: true },
  time: { title: 'CPU time', about: 'CPU time since its start', width: 62, share: 0, number: true },
  nice: {
    title: 'Nice',
    about: 'Priority: -20 is served first, 19 last',
    width: 36,
    share: 0,
    number: true,
  },
  moves: { title: 'Moves', about: 'Migrations so far', width: 44, share: 0, number: true },
  locked: { title: 'Locked', about: 'A locked process does not leave by itself', width: 48, share: 0 },
  why: {
    title: 'Why it stays',
    about: 'What keeps it from leaving by itself',
    width: 94,
    share: 2,
    least: 80,
  },
};

/** Blank between columns and at both edges, in CSS pixels; style/processes.css has the same. */
const GAP = 8;
const EDGE = 16;

/** Columns that a narrow window leaves out, in this order; the panel beside the list has them all. */
const DISPENSABLE: readonly ProcessColumn[] = ['nice', 'time', 'moves', 'locked', 'memory', 'user'];

/** Columns and their widths as `grid-template-columns`. */
export interface Layout {
  readonly columns: readonly ProcessColumn[];
  readonly template: string;
}

/**
 * The columns that fit into a width, in CSS pixels, 0 while it is not known: without the least needed ones where they do
 * not all fit, and narrower where even that is not enough.
 */
export function layoutOf(wanted: readonly ProcessColumn[], width: number): Layout {
  let columns = wanted;
  for (const column of DISPENSABLE) {
    if (fits(columns, width)) break;
    columns = columns.filter((each) => each !== column);
  }
  const tight = !fits(columns, width);
  const template = columns.map((column) => {
    const { width: usual, least = usual, share } = COLUMN_FACTS[column];
    const minimum = tight ? least : usual;
    return share === 0 ? `${minimum}px` : `minmax(${minimum}px, ${share}fr)`;
  });
  return { columns, template: template.join(' ') };
}

function fits(columns: readonly ProcessColumn[], width: number): boolean {
  const widths = columns.reduce((sum, column) => sum + COLUMN_FACTS[column].width, 0);
  return width === 0 || widths + GAP * (columns.length - 1) + 2 * EDGE <= width;
}
