/** What every part of a history takes on the disk. */
import type { PartUse } from '../../common/model/history.ts';
import { useOfRecords } from './records/keeping.ts';
import { costOfDay, useOfValues } from './retention.ts';
import type { Tables } from './tables.ts';

/** In bytes of its rows; see History.use. */
export function useOf({ values, records }: Pick<Tables, 'values' | 'records'>): readonly PartUse[] {
  const recorded = (from: number, to: number): number =>
    records.recordings
      .within({ from: from * 1000, to: to * 1000 })
      .reduce((sum, span) => sum + (span.to - span.from) / 1000, 0);
  return [
    ...useOfValues(values, recorded),
    ...useOfRecords(records, values, (part, from, to) => costOfDay(values, part, from, to, recorded)),
  ];
}
