/** The part of a report about migrations: totals, the matrix of the busiest nodes, top movers, and every single one. */
import { countWords } from '../../common/model/count-words.ts';
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import type { Census } from './census.ts';
import { readLog } from './log.ts';
import {
  longTable,
  tableOf,
  type Block,
  type Cell,
  type Column,
  type Rows,
  type TableBlock,
} from './model.ts';
import type { ReportContext } from './build.ts';
import type { Selection } from './selection.ts';

/** Rows of the short tables, and nodes of the matrix. */
const TOP = 10;
const MATRIX_NODES = 8;
/** Pairs among which the busiest nodes are looked for. */
const MATRIX_PAIRS = 2000;

/** Every cause in words. */
const CAUSES: Readonly<Record<MigrationCause, string>> = {
  operator: 'ordered here',
  balancer: 'balancing',
  'brought-home': 'brought home',
  expelled: 'guests sent away',
  unknown: 'not known',
};

const NONE = 'No migration was recorded.';

/** Totals, matrix and movers. */
export function migrationBlocks(census: Census, selection: Selection): readonly Block[] {
  const { moves, entries, missing, unknown } = census;
  const about =
    moves === entries
      ? `${countWords(moves, 'move')} of processes from node to node.`
      : `${countWords(moves, 'move')} of processes from node to node in ${countWords(entries, 'entry', 'entries')} of the log.`;
  const blocks: Block[] = [
    { kind: 'section', title: 'Migrations', about: `${about} ${restriction(selection)}`.trim() },
  ];
  if (unknown > 0) {
    const words = `${countWords(unknown, 'migration is', 'migrations are')} left out: no recorded list of processes tells whether they were of the chosen groups.`;
    blocks.push({ kind: 'note', text: words, warning: true });
  }
  if (selection.namesakes.length > 0) {
    const others = selection.namesakes.map(({ id, name, key }) => `${name} (number ${id}, ${key})`);
    const who = others.length === 1 ? 'Another node' : 'Other nodes';
    const whose = others.length === 1 ? 'its' : 'their';
    const words = `Migrations are recorded by the numbers of nodes. ${who} had one of these numbers, too, and ${whose} migrations are among them: ${others.join(', ')}.`;
    blocks.push({ kind: 'note', text: words, warning: true });
  }
  if (moves === 0) return [...blocks, { kind: 'note', text: NONE, warning: false }];
  blocks.push(
    causeTable(census),
    matrix(census, selection),
    commandTable(census),
    moverTable(census, selection),
  );
  if (missing > 0) {
    const words = `So many different processes moved that the seldom ones were not all counted: counts of pairs, processes and commands may be up to ${countWords(missing, 'move')} too low.`;
    blocks.push({ kind: 'note', text: words, warning: true });
  }
  return blocks;
}

/** Which migrations there are in the report, where these are not all; empty where they are. */
function restriction({ groups, command, allNodes }: Selection): string {
  const parts = [
    ...(allNodes ? [] : ['from, to or at home on the chosen nodes']),
    ...(groups.length === 0
      ? []
      : [
          `of processes of ${groups.length === 1 ? 'the group' : 'the groups'} ${groups.map(({ name }) => name).join(', ')}`,
        ]),
    ...(command === '' ? [] : [`of processes with "${command}" in their name`]),
  ];
  return parts.length === 0 ? '' : `Only those ${parts.join(' and ')}.`;
}

function causeTable({ causes, moves }: Census): TableBlock {
  const rows = [...causes]
    .sort((one, other) => other[1].moves - one[1].moves)
    .map(([cause, { moves: count, unseen, timed, duration, longest }]): readonly Cell[] => [
      cause,
      count,
      (100 * count) / moves,
      unseen,
      timed === 0 ? null : duration / timed,
      timed === 0 ? null : longest,
    ]);
  return tableOf(
    {
      name: 'causes',
      title: 'By cause',
      empty: NONE,
      columns: [
        { name: 'cause', title: 'Cause', kind: 'text', width: 4, words: CAUSES },
        { name: 'moves', title: 'Moves', kind: 'count', width: 2 },
        { name: 'percent', title: 'Share', kind: 'percent', width: 2 },
        { name: 'unseen', title: 'Only counted', kind: 'count', width: 2 },
        { name: 'mean_duration_ms', title: 'Mean duration', kind: 'milliseconds', width: 2.4 },
        { name: 'longest_duration_ms', title: 'Longest', kind: 'milliseconds', width: 2.4 },
      ],
    },
    rows,
  );
}

/** Moves from each of the busiest nodes to each of them. */
function matrix(census: Census, { nodeOf }: Selection): TableBlock {
  const pairs = census.topPairs(MATRIX_PAIRS);
  const moves = new Map<number, number>();
  for (const { from, to, count } of pairs) {
    for (const id of [from, to]) moves.set(id, (moves.get(id) ?? 0) + count);
  }
  const busiest = [...moves]
    .sort((one, other) => other[1] - one[1])
    .slice(0, MATRIX_NODES)
    .map(([id]) => id)
    .sort((one, other) => one - other);
  const counts = new Map(pairs.map(({ from, to, count }) => [`${from} ${to}`, count]));
  const title =
    moves.size > busiest.length
      ? `From and to, the ${busiest.length} busiest of ${moves.size} nodes`
      : 'From and to';
  return tableOf(
    {
      name: 'matrix',
      title,
      empty: 'Of no move both ends are known.',
      columns: [
        { name: 'from', title: 'From \\ to', kind: 'node', width: 3 },
        ...busiest.map((id): Column => ({
          name: `to_${id}`,
          title: nodeOf(id).name || `node ${id}`,
          kind: 'count',
          width: 2,
        })),
      ],
    },
    busiest.map((from) => [
      nodeOf(from),
      ...busiest.map((to) => counts.get(`${from} ${to}`) ?? (from === to ? null : 0)),
    ]),
  );
}

function commandTable({ commands, moves }: Census): TableBlock {
  return tableOf(
    {
      name: 'top_commands',
      title: 'Commands that moved most',
      empty: NONE,
      columns: [
        { name: 'command', title: 'Command', kind: 'text', width: 6 },
        { name: 'moves', title: 'Moves', kind: 'count', width: 2 },
        { name: 'percent', title: 'Share', kind: 'percent', width: 2 },
      ],
    },
    commands.top(TOP).map(([command, count]) => [command, count, (100 * count) / moves]),
  );
}

function moverTable(census: Census, { nodeOf }: Selection): TableBlock {
  return tableOf(
    {
      name: 'top_processes',
      title: 'Processes that moved most',
      empty: 'Of no process that moved the number is known.',
      columns: [
        { name: 'command', title: 'Process', kind: 'text', width: 4 },
        { name: 'pid', title: 'Number', kind: 'id', width: 2 },
        { name: 'home', title: 'Home', kind: 'node', width: 3 },
        { name: 'moves', title: 'Moves', kind: 'count', width: 2 },
      ],
    },
    census.topMovers(TOP).map(({ command, pid, home, count }) => [command, pid, nodeOf(home), count]),
  );
}

const COLUMNS: readonly Column[] = [
  { name: 'number', title: 'Number', kind: 'id', width: 0 },
  { name: 'time', title: 'Time', kind: 'time', width: 19 },
  { name: 'command', title: 'Process', kind: 'text', width: 16 },
  { name: 'pid', title: 'Number', kind: 'id', width: 9 },
  { name: 'home', title: 'Home', kind: 'node', width: 12 },
  { name: 'from', title: 'From', kind: 'node', width: 12 },
  { name: 'to', title: 'To', kind: 'node', width: 12 },
  { name: 'cause', title: 'Cause', kind: 'text', width: 17, words: CAUSES },
  { name: 'action', title: 'Action', kind: 'id', width: 8 },
  { name: 'duration_ms', title: 'Duration', kind: 'milliseconds', width: 10 },
  { name: 'result', title: 'Result', kind: 'text', width: 0 },
  { name: '', title: 'Result', kind: 'text', width: 13 },
  { name: 'moves', title: 'Moves', kind: 'count', width: 0 },
];

/** Every migration, or the first so many. `onRow` hears how many are written. */
export function migrationTable(context: ReportContext): TableBlock {
  return longTable({
    name: 'migrations',
    title: 'Every migration',
    empty: NONE,
    columns: COLUMNS,
    rows: migrationRows(context),
  });
}

async function* migrationRows(context: ReportContext): Rows {
  const { source, selection, signal, migrationRows: most } = context;
  let done = 0;
  for await (const { migrations, time } of readLog(source, selection, signal)) {
    const rows = migrations.slice(0, most - done).map((migration) => rowOf(migration, selection));
    done += rows.length;
    if (rows.length > 0) yield rows;
    context.onMigrations(done, time);
    if (done >= most) return;
  }
}

function rowOf(migration: Migration, { nodeOf }: Selection): readonly Cell[] {
  const { number, time, command, pid, home, from, to, cause, action, duration, result, count } = migration;
  const words = result === 'seen' ? 'moved' : countWords(count, 'unseen move');
  return [
    number,
    time,
    command,
    pid === 0 ? null : pid,
    nodeOf(home),
    nodeOf(from),
    nodeOf(to),
    cause,
    action,
    duration,
    result,
    words,
    count,
  ];
}
