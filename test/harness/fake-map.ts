/** Processes and migrations for tests of the map and the migration log; data only, pushed into a page's fake back end. */
import type { ProcessInfo } from '../../common/model/process.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { Plan } from '../../common/model/control.ts';

const COMMANDS = [
  'cc1',
  'ld',
  'povray',
  'mencoder',
  'blastall',
  'gzip',
  'octave',
  'ffmpeg',
  'sort',
  'python2.3',
];

/** The same sequence every time, 0 to below 1. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** So many processes away from home, spread over the nodes 1 to `nodes` with a few homes that give most. */
export function makePlacements(nodes: number, count: number, seed = 7): Placement[] {
  const next = sequence(seed);
  return Array.from({ length: count }, (_unused, index) => {
    const home = 1 + Math.floor(next() ** 1.8 * nodes);
    const at = 1 + ((home + Math.floor(next() * (nodes - 1))) % nodes);
    return placement({ home, at, pid: 1000 + index, command: COMMANDS[index % COMMANDS.length] ?? '' });
  });
}

/** One process away from home. */
export function placement(given: Partial<Placement> & Pick<Placement, 'home' | 'at'>): Placement {
  return { pid: 1000, started: 5000, guestPid: 20_000, guestStarted: 9000, command: 'cc1', ...given };
}

/** One migration. */
export function migration(given: Partial<Migration> & Pick<Migration, 'number'>): Migration {
  return {
    time: Date.UTC(2024, 4, 3, 12) + given.number * 1000,
    home: 1,
    pid: 1000,
    started: 5000,
    command: 'cc1',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
    ...given,
  };
}

/** The newest `count` migrations of a log with `last` as its highest number, newest first. */
export function makeMigrations(last: number, count: number, nodes: number): Migration[] {
  const next = sequence(last);
  const causes = ['balancer', 'balancer', 'operator', 'brought-home', 'expelled', 'unknown'] as const;
  return Array.from({ length: count }, (_unused, index) => {
    const number = last - index;
    const home = 1 + Math.floor(next() * nodes);
    const there = 1 + (home % nodes);
    const cause = causes[number % causes.length] ?? 'unknown';
    const unseen = number % 17 === 0;
    return migration({
      number,
      home,
      pid: 1000 + (number % 900),
      command: COMMANDS[number % COMMANDS.length] ?? '',
      from: unseen ? 0 : cause === 'brought-home' ? there : home,
      to: unseen ? 0 : cause === 'brought-home' ? home : there,
      cause: unseen ? 'unknown' : cause,
      action: cause === 'operator' && !unseen ? 40 + (number % 9) : null,
      duration: cause === 'operator' ? 180 + (number % 50) * 37 : null,
      result: unseen ? 'unseen' : 'seen',
      count: unseen ? 1 + (number % 4) : 1,
    });
  });
}

/** A process of a node's own list that is at home and can be moved. */
export function ownProcess(given: Partial<ProcessInfo> & Pick<ProcessInfo, 'pid'>): ProcessInfo {
  return {
    parent: 1,
    started: 4000,
    uid: 1000,
    user: 'alice',
    name: 'octave',
    command: 'octave run.m',
    place: { kind: 'home' },
    state: 'R',
    cpuSeconds: 40,
    cpuPercent: 90,
    memory: 40_000_000,
    nice: 0,
    age: 100,
    migrations: 0,
    locked: false,
    reasons: [],
    ...given,
  };
}

/** A plan that changes one thing and asks nothing. */
export function planFor(order: Plan['order'], title: string): Plan {
  return {
    id: 'plan-1',
    order,
    title,
    confirm: false,
    notes: [],
    steps: [
      {
        node: 'id:1',
        nodeName: 'node1',
        process: { pid: 1000, started: 5000, command: 'cc1' },
        what: 'send',
        file: '/proc/1000/goto',
        before: '2',
        after: '3',
        verdict: 'change',
        why: '',
        undo: '2',
      },
    ],
  };
}
