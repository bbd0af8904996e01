/** The columns of a list of processes: titles, widths, and which of them a narrow window leaves out. */
import type { ProcessColumn } from './process-list.ts';

interface Column {
  readonly title: string;
  readonly about: string;
  /** Least width in CSS pixels, and the share of what is left over. */
  readonly width: number;
  readonly share: number;
  readonly number?: boolean;
}

export const COLUMN_FACTS: Readonly<Record<ProcessColumn, Column>> = {
  pid: { title: 'PID', about: 'Number of the process on this node', width: 56, share: 0, number: true },
  node: { title: 'Node', about: 'The node in whose list it is', width: 88, share: 0.5 },
  user: { title: 'User', about: 'The user it runs as', width: 62, share: 0.2 },
  command: { title: 'Command', about: 'Its short name, and its command line', width: 150, share: 3 },
  where: {
    title: 'Runs',
    about: 'At home, away on another node, or here as a guest of its home node',
    width: 148,
    share: 1.5,
  },
  state: { title: 'State', about: 'As the kernel says', width: 62, share: 0 },
  cpu: { title: 'CPU', about: 'Percent of one CPU since the list before', width: 44, share: 0, number: true },
  memory: { title: 'Memory', about: 'Memory it occupies', width: 70, share: 0, number: true },
  time: { title: 'CPU time', about: 'CPU time since its start', width: 62, share: 0, number: true },
  nice: {
    title: 'Nice',
    about: 'Priority: -20 is served first, 19 last',
    width: 36,
    share: 0,
    number: true,
  },
  moves: { title: 'Moves', about: 'Migrations so far', width: 46, share: 0, number: true },
  locked: { title: 'Lock', about: 'A locked process does not leave by itself', width: 48, share: 0 },
  why: { title: 'Why it stays', about: 'What keeps it from leaving by itself', width: 104, share: 2 },
};

/** Blank between columns and at both edges, in CSS pixels; style/processes.css has the same. */
const GAP = 10;
const EDGE = 16;

/** Columns that a narrow window leaves out, in this order; the panel beside the list has them all. */
const DISPENSABLE: readonly ProcessColumn[] = ['nice', 'time', 'moves', 'locked', 'memory', 'user'];

/** The columns that fit into a width, without the least needed ones where they do not all fit. */
export function columnsThatFit(wanted: readonly ProcessColumn[], width: number): readonly ProcessColumn[] {
  let columns = wanted;
  for (const column of DISPENSABLE) {
    if (width === 0 || needed(columns) <= width) return columns;
    columns = columns.filter((each) => each !== column);
  }
  return columns;
}

function needed(columns: readonly ProcessColumn[]): number {
  const widths = columns.reduce((sum, column) => sum + COLUMN_FACTS[column].width, 0);
  return widths + GAP * (columns.length - 1) + 2 * EDGE;
}

/** The columns as `grid-template-columns`. */
export function columnTemplate(columns: readonly ProcessColumn[]): string {
  return columns
    .map((column) => {
      const { width, share } = COLUMN_FACTS[column];
      return share === 0 ? `${width}px` : `minmax(${width}px, ${share}fr)`;
    })
    .join(' ');
}
