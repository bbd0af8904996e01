/** `mosview migrations`: the migration log that a running program keeps, read beside it. */
import { knownNodes, nodeCalled } from '../../common/model/known-node.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import { success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { openHistoryReader, type HistoryReader } from '../history/index.ts';
import type { PastCommand } from './history-arguments.ts';
import { moment } from './duration.ts';
import { table } from './table.ts';

type Question = Extract<PastCommand, { name: 'migrations' }>;

/** Reads what was asked for, oldest first. Problems: not-found, history-damaged, history-newer, file-unreadable. */
export async function readMigrations(
  dataFolder: string,
  question: Question,
): Promise<Result<readonly Migration[]>> {
  const opened = await openHistoryReader(dataFolder);
  if (!opened.ok) return opened;
  const reader = opened.value;
  try {
    const node = question.node === undefined ? success(undefined) : await idOf(question.node, reader);
    if (!node.ok) return node;
    const answered = await reader.ask('migrations', {
      from: Math.max(0, Date.now() - question.since),
      limit: question.limit,
      ...(node.value === undefined ? {} : { node: node.value }),
    });
    return answered.ok ? success(answered.value.migrations.toReversed()) : answered;
  } finally {
    await reader.close();
  }
}

async function idOf(name: string, reader: HistoryReader): Promise<Result<number>> {
  const id = wholeNumber(name);
  if (id >= 1 && id <= MAX_NODE_ID) return success(id);
  const recorded = await reader.ask('recorded', {});
  if (!recorded.ok) return recorded;
  const node = nodeCalled(knownNodes(recorded.value.nodes), name);
  return node.ok ? success(node.value.id) : node;
}

const CAUSE_WORDS: Readonly<Record<MigrationCause, string>> = {
  operator: 'operator',
  balancer: 'balancer',
  'brought-home': 'brought home',
  expelled: 'expelled',
  unknown: '-',
};

/** The migrations as a table for a terminal. */
export function migrationTable(migrations: readonly Migration[]): string {
  return table(
    [
      ['TIME', 'left'],
      ['HOME', 'right'],
      ['PID', 'right'],
      ['FROM', 'right'],
      ['TO', 'right'],
      ['CAUSE', 'left'],
      ['ACTION', 'right'],
      ['TOOK', 'right'],
      ['COMMAND', 'left'],
    ],
    migrations.map((migration) => {
      const { time, home, pid, from, to, cause, action, duration, result, count, command } = migration;
      const unseen = result === 'unseen' ? `${count} unseen` : undefined;
      return [
        moment(time),
        String(home),
        pid === 0 ? '-' : String(pid),
        from === 0 ? '-' : String(from),
        unseen ?? (to === 0 ? '-' : String(to)),
        CAUSE_WORDS[cause],
        action === null ? '-' : String(action),
        duration === null ? '-' : `${(duration / 1000).toFixed(1)} s`,
        command,
      ];
    }),
  );
}
