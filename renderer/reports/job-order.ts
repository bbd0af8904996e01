/** The order in which reports are listed: what happened last stands first, whenever it began. */
import type { CallOutput } from '../../common/contract/contract.ts';

export type Job = CallOutput<'makeReport'>;

/** Those that go on first, then by their end, newest first. */
export function inOrder(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((one, other) =>
    one.ended === other.ended ? other.id - one.id : (other.ended ?? Infinity) - (one.ended ?? Infinity),
  );
}
