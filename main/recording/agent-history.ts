/**
 * What an agent kept of its node, as `mos history` prints it: read into values for the history and into migrations for the
 * log. Pure. Format: common/model/recorded.ts.
 */
import type { RecordedNode } from '../../common/model/history.ts';
import { jsonOf } from '../../common/model/json.ts';
import { METRIC_INDEX, METRICS } from '../../common/model/metric.ts';
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import { recordedSchema, type NodeValues, type Recorded } from '../../common/model/recorded.ts';
import { shownText } from '../nodes/node-text.ts';

/** A line longer than this is none of the agent's. */
const LINE_LENGTH = 20_000;
const NAME_LENGTH = 64;
/** The clocks of two observers may differ by so much when they speak of one move. */
const SAME_MILLISECONDS = 60_000;

/** The lines that are understood; a newer agent may say more. */
export function readRecorded(lines: readonly string[]): readonly Recorded[] {
  return lines.flatMap((line) => {
    if (line.length > LINE_LENGTH || !line.startsWith('{')) return [];
    const parsed = recordedSchema.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Values for History.fill. */
export function pastValues(recorded: readonly Recorded[]): {
  readonly times: readonly number[];
  readonly values: Float64Array;
} {
  const loads = recorded.filter((each) => each.kind === 'load');
  const values = new Float64Array(METRICS.length * loads.length).fill(NaN);
  for (const [place, load] of loads.entries()) {
    for (const [metric, value] of Object.entries(load.values)) {
      values[METRIC_INDEX[metric as keyof NodeValues] * loads.length + place] = value;
    }
  }
  return { times: loads.map(({ t }) => t), values };
}

const CAUSES: Readonly<Record<string, MigrationCause>> = {
  operator: 'operator',
  start: 'operator',
  balancer: 'balancer',
  memory: 'balancer',
  expel: 'expelled',
  bring: 'brought-home',
};

/** The moves of a node's own jobs that came to an end; of every other job its own home tells. */
export function pastMigrations({ id }: RecordedNode, recorded: readonly Recorded[]): readonly Migration[] {
  const commands = new Map(
    recorded.flatMap((each) => ('command' in each ? [[each.job, each.command ?? ''] as const] : [])),
  );
  return recorded.flatMap((each): Migration[] => {
    if (each.kind !== 'migration' || !each.ok) return [];
    const [home = NaN, , started = NaN] = each.job.split('.').map(Number);
    if (home !== id || Number.isNaN(started)) return [];
    const command = shownText(Buffer.from(commands.get(each.job) ?? '').toString('latin1'), NAME_LENGTH);
    return [
      {
        number: 0,
        time: each.t,
        home,
        pid: each.pid,
        started,
        command,
        from: each.from,
        to: each.to,
        cause: Object.hasOwn(CAUSES, each.cause) ? (CAUSES[each.cause] ?? 'unknown') : 'unknown',
        action: null,
        duration: null,
        result: 'seen',
        count: 1,
      },
    ];
  });
}

/**
 * Those moves that the log does not have. A process whose moves were counted without being seen is left out: they stand in the
 * log already, as a number.
 */
export function newMigrations(
  told: readonly Migration[],
  logged: readonly Migration[],
): readonly Migration[] {
  const isOf = (one: Migration, other: Migration): boolean =>
    one.pid === other.pid && (one.started === other.started || one.started === 0 || other.started === 0);
  const left = [...logged];
  return told.filter((move) => {
    if (logged.some((entry) => entry.result === 'unseen' && isOf(entry, move))) return false;
    const at = left.findIndex(
      (entry) =>
        isOf(entry, move) &&
        entry.from === move.from &&
        entry.to === move.to &&
        Math.abs(entry.time - move.time) <= SAME_MILLISECONDS,
    );
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
