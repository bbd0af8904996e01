/**
 * Fills a data folder with the last 24 hours of a synthetic cluster of 1,000 nodes, for looking at windows and measuring
 * them on a real history: `node scripts/bench/day-history.ts DIR [NODES] [HOURS]`. Takes some minutes.
 */
import type { NodeState } from '../../common/contract/block.ts';
import type { Migration } from '../../common/model/migration.ts';
import { openHistory } from '../../main/history/index.ts';
import { SyntheticCluster } from './synthetic-cluster.ts';

/** One node in so many goes down once. */
const FAILING = 40;

const [folder, nodes = '1000', hours = '24'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the data folder to fill.');
const rows = Number(nodes);
const seconds = Number(hours) * 3600;
const end = Math.floor(Date.now() / 1000);

const opened = await openHistory({ folder, onProblem: (problem) => console.error(problem.message) });
if (!opened.ok) throw new Error(opened.problem.message);
const history = opened.value;
const cluster = new SyntheticCluster(rows, 1);
history.setNodes(
  Array.from({ length: rows }, (_unused, row) => ({
    key: `id:${row + 1}`,
    id: row + 1,
    name: `node${row + 1}`,
  })),
);
// The program ran all the time.
await history.record('recordings', [{ begun: end - seconds, ended: end }]);
await history.record(
  'states',
  stateChanges().map(({ row, second, state, reason }) => ({
    time: second * 1000,
    node: { key: `id:${row + 1}`, id: row + 1, name: `node${row + 1}` },
    state,
    reason,
  })),
);
for (let second = end - seconds; second < end; second += 1) {
  history.append(second * 1000, cluster.step(), rows);
  if (second % 20 === 0) await history.record('migrations', [moveAt(second)]);
  if (second % 60 === 0) await history.flush();
  if (second % 3600 === 0) console.log(`${Math.round((end - second) / 3600)} h to go`);
}
await history.flush();
await history.close();

/** All nodes are up from the beginning; some go down for a while. */
function stateChanges(): readonly {
  readonly row: number;
  readonly second: number;
  readonly state: NodeState;
  readonly reason: string;
}[] {
  const begin = end - seconds;
  return Array.from({ length: rows }, (_unused, row) => {
    const up = { row, second: begin, state: 'up', reason: '' } as const;
    if (row % FAILING !== 0) return [up];
    const down = begin + Math.floor(((row * 37) % 97) * (seconds / 100));
    const reason = 'the cluster reports ENETUNREACH';
    return [
      up,
      { row, second: down, state: 'down', reason } as const,
      { row, second: down + seconds / 50, state: 'up', reason: '' } as const,
    ];
  }).flat();
}

function moveAt(second: number): Migration {
  const home = 1 + ((second * 7919) % rows);
  return {
    number: 0,
    time: second * 1000,
    home,
    pid: 1000 + (second % 5000),
    started: second - 60,
    command: 'simulate',
    from: home,
    to: 1 + ((second * 104_729) % rows),
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
  };
}
