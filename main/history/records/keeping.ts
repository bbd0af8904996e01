/** How long the plain tables are kept: oldest first, in small portions, as retention.ts does it for values. */
import type { PartUse } from '../../../common/model/history.ts';
import type { Keeping, Retention } from '../../../common/model/retention.ts';
import { DAY_SECONDS } from '../chunks.ts';
import type { ValueTables } from '../values.ts';
import type { Records } from './index.ts';
import { MIGRATION_BYTES } from './migrations.ts';
import { FULL_PLACEMENTS_SECONDS } from './placement-codec.ts';
import { OLDEST_BASE_SECONDS } from './process-codec.ts';
import type { Span } from './recordings.ts';

/** Rows deleted at a time: a few milliseconds of work. */
const ROWS_AT_A_TIME = 300;

const MEGABYTE = 1e6;

/**
 * Deletes a portion of what a retention does not keep; false where there is nothing more. `now` is in seconds, undefined
 * while the clock cannot be trusted. States, recording times and checkpoints go with the coarsest values. To be run
 * inside a transaction.
 */
export function deletePortionOfRecords(
  records: Records,
  values: ValueTables,
  retention: Retention,
  now: number | undefined,
): boolean {
  const migrations = records.migrations.deleteOldest(
    oldest(retention.migrations, now) * 1000,
    Math.ceil(tooMuch(retention.migrations, values.bytes('migrations')) / MIGRATION_BYTES),
    ROWS_AT_A_TIME,
  );
  // A list is readable with the full one it differs from, which may be older; so are changes of places.
  const tooOld = oldest(retention.processes, now);
  const much = tooMuch(retention.processes, values.bytes('processes'));
  const areListsOlder =
    (records.processes.range()?.from ?? Infinity) * 1000 <= (records.placements.range()?.from ?? Infinity);
  const list = records.processes.deleteOldest(
    tooOld - OLDEST_BASE_SECONDS,
    areListsOlder ? much : 0,
    ROWS_AT_A_TIME,
  );
  const places = records.placements.deleteOldest(
    (tooOld - FULL_PLACEMENTS_SECONDS) * 1000,
    areListsOlder ? 0 : much,
    ROWS_AT_A_TIME,
  );
  if (list !== undefined) values.putKept('processes', list + 1);
  const since = values.keptSince()[3600];
  const states = since === 0 ? 0 : records.states.deleteBefore(since * 1000, ROWS_AT_A_TIME);
  if (since > 0) {
    records.recordings.deleteBefore(since);
    records.checkpoints.deleteBefore(since * 1000);
  }
  return migrations > 0 || list !== undefined || places > 0 || states > 0;
}

/** The second before which everything is too old. */
function oldest({ days }: Keeping, now: number | undefined): number {
  return days === null || now === undefined ? -Infinity : now - days * DAY_SECONDS;
}

/** Bytes beyond what may be there. */
function tooMuch({ megabytes }: Keeping, bytes: number): number {
  return megabytes === null ? 0 : Math.max(0, bytes - megabytes * MEGABYTE);
}

/**
 * What migrations, and process lists with places, take. `perDay` says what a part costs a day, from what there is of it in a range of
 * seconds.
 */
export function useOfRecords(
  records: Records,
  values: ValueTables,
  perDay: (part: PartUse['part'], from: number, to: number) => number,
): readonly PartUse[] {
  const use = (part: PartUse['part'], range: Span | undefined): PartUse => ({
    part,
    bytes: Math.max(0, values.bytes(part)),
    from: range?.from ?? null,
    to: range?.to ?? null,
    bytesPerDay: range === undefined ? NaN : perDay(part, range.from / 1000, range.to / 1000),
  });
  const lists = records.processes.range();
  const ranges = [
    lists && { from: lists.from * 1000, to: lists.to * 1000 },
    records.placements.range(),
  ].filter((range) => range !== undefined);
  return [
    use(
      'processes',
      ranges.length === 0
        ? undefined
        : {
            from: Math.min(...ranges.map(({ from }) => from)),
            to: Math.max(...ranges.map(({ to }) => to)),
          },
    ),
    use('migrations', records.migrations.range()),
  ];
}
