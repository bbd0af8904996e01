/** Makes roll-ups that a damaged file has lost anew, out of the seconds that are still there. */
import type Database from 'better-sqlite3';
import { METRICS } from '../../common/model/metric.ts';
import { METRIC_SPAN, MISSING, NODE_SPAN, WINDOW_SECONDS, nodeKey, nodeOfKey } from './format.ts';
import { HOUR_WINDOWS } from './hours.ts';
import { PartsReader } from './parts.ts';
import { decodeSeconds } from './rows.ts';
import { WindowMinutes, sealNode } from './seal.ts';
import { ValueTables } from './values.ts';

/**
 * Rolls the windows up again whose roll-ups of 10 s, or of whose hour minutes, are not complete; hours follow when the writer
 * next rolls. What is older than a roll-up is kept stays away. `afterEach` is called after each window. Returns how many
 * windows that were. Inside a transaction; throws DamagedData.
 */
export function rebuildRollUps(database: Database.Database, afterEach: () => void): number {
  const tables = new ValueTables(database);
  const kept = tables.keptSince();
  const series = new Int32Array(METRICS.length * WINDOW_SECONDS);
  const one = new Int32Array(WINDOW_SECONDS);
  const windows = windowsToRoll(database).filter(
    (window) => window * WINDOW_SECONDS >= Math.max(kept[10], kept[60], kept[3600]),
  );
  for (const window of windows) {
    const rows = tables[1].range(nodeKey(window, 0), nodeKey(window + 1, 0));
    const nodes = Math.max(...rows.map(([key]) => nodeOfKey(key))) + 1;
    const minutes = new WindowMinutes(window, nodes);
    for (const [key, bytes] of rows) {
      const row = new PartsReader(bytes);
      series.fill(MISSING);
      for (const metric of METRICS.keys()) {
        if (decodeSeconds(row, metric, one)) series.set(one, metric * WINDOW_SECONDS);
      }
      sealNode(tables, minutes, nodeOfKey(key), series, 0);
    }
    for (const metric of METRICS.keys()) minutes.put(tables, metric);
    afterEach();
  }
  return windows.length;
}

/** The windows that have seconds, and a roll-up less than they should. */
function windowsToRoll(database: Database.Database): readonly number[] {
  const numbers = (sql: string): readonly number[] => database.prepare<[], number>(sql).pluck().all();
  const withoutTens = numbers(
    `SELECT DISTINCT k / ${NODE_SPAN} FROM (SELECT k FROM chunk EXCEPT SELECT k FROM chunk10)`,
  );
  const complete = new Set(completeHours(database));
  const all = numbers(`SELECT DISTINCT k / ${NODE_SPAN} FROM chunk`);
  const ofHours = all.filter((window) => !complete.has(Math.floor(window / HOUR_WINDOWS)));
  return [...new Set([...withoutTens, ...ofHours])].sort((a, b) => a - b);
}

/** The hours that are rolled, in as many metrics as any hour is. */
function completeHours(database: Database.Database): readonly number[] {
  const metricsOf = (table: string): ReadonlyMap<number, number> =>
    new Map(
      database
        .prepare<[], [number, number]>(
          `SELECT k / ${METRIC_SPAN}, count(*) FROM ${table} GROUP BY k / ${METRIC_SPAN}`,
        )
        .raw()
        .all(),
    );
  const minutes = metricsOf('chunk60');
  const hours = metricsOf('chunk3600');
  const most = Math.max(...minutes.values(), ...hours.values());
  return [...minutes.keys()].filter((hour) => minutes.get(hour) === most && hours.get(hour) === most);
}
