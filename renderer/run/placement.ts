/** What may be said of a program before it starts: where, what kind of job, how its past counts; each with its meaning. */
import type { PlacementRule } from '../../common/model/control.ts';
import { count } from '../words/format.ts';

/** One choice with its meaning in one line. */
interface Choice {
  readonly title: string;
  readonly about: string;
}

export const WHERE = {
  free: { title: 'Free', about: 'Starts on the home node; the cluster may move it where it runs best.' },
  nomig: { title: 'Stay here', about: 'Starts on the home node and never migrates.' },
  home: { title: 'Home', about: 'Locked to the home node: it does not leave by itself, but can be sent.' },
  node: { title: 'On a node', about: 'Is sent to that node as it starts, and locked there.' },
  each: {
    title: 'One on each of several nodes',
    about: 'Starts a copy per node; each is sent there and locked.',
  },
} as const satisfies Record<string, Choice>;
export type Where = keyof typeof WHERE;

export const JOBS: Readonly<Record<PlacementRule['job'], Choice>> = {
  unsaid: { title: 'Unsaid', about: 'The kernel judges it by what it does.' },
  cpu: {
    title: 'CPU job',
    about: 'It says that it mostly computes, so it is moved for the sake of CPU time.',
  },
  io: {
    title: 'I/O job',
    about: 'It says that it mostly reads and writes, so it is kept near its files.',
  },
};

export const DECAYS: Readonly<Record<PlacementRule['decay'], Choice>> = {
  usual: { title: 'Usual', about: 'What it did counts for as long as the node is set to.' },
  none: { title: 'None', about: 'All it ever did counts: for programs that always do the same.' },
  slow: { title: 'Slow', about: 'What it did is forgotten slowly: for programs with long phases.' },
  fast: { title: 'Fast', about: 'What it did is forgotten fast: for programs that often change.' },
};

/** Most nodes that one start may name. */
export const MOST_COPIES = 500;

/** The ids from `first` to `last`, or with `inverse` all others, of those there are. */
export function idsInRange(
  ids: readonly number[],
  first: number,
  last: number,
  inverse: boolean,
): readonly number[] {
  const low = Math.min(first, last);
  const high = Math.max(first, last);
  return ids.filter((id) => (id >= low && id <= high) !== inverse);
}

/** Ids with neighbours drawn together: `1, 3–5, 9`. */
export function idsWords(ids: readonly number[]): string {
  const parts: string[] = [];
  for (let start = 0; start < ids.length;) {
    let end = start;
    while (ids[end + 1] === (ids[end] ?? NaN) + 1) end += 1;
    const [from, to] = [ids[start], ids[end]];
    parts.push(from === to ? String(from) : `${from}–${to}`);
    start = end + 1;
  }
  return parts.join(', ');
}

/** A placement in words: `free, CPU job`, `on node 5`, `one on each of 12 nodes, fast decay`. */
export function placementWords({ where, job, decay }: PlacementRule): string {
  const place = (() => {
    if (typeof where === 'string') return WHERE[where].title.toLowerCase();
    if ('node' in where) return `on node ${where.node}`;
    return where.each.length === 1
      ? `on node ${where.each[0]}`
      : `one on each of ${count(where.each.length)} nodes (${idsWords(where.each).slice(0, 200)})`;
  })();
  const rest = [
    job === 'unsaid' ? [] : [JOBS[job].title],
    decay === 'usual' ? [] : [`${DECAYS[decay].title.toLowerCase()} decay`],
  ].flat();
  return [place, ...rest].join(', ');
}
