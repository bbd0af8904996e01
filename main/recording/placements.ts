/**
 * Finds what changed in where processes are that are not at home, for the history: a row per second with a change, and a
 * full list now and then.
 */
import type { Placement } from '../../common/model/migration.ts';
import {
  encodePlacements,
  FULL_PLACEMENTS_SECONDS,
  placementKey,
  type PlacementChange,
  type StoredPlacements,
} from '../history/index.ts';

/** Beyond it the history may take what follows for another recording, which begins with a full list. */
const LONGEST_PAUSE_MILLISECONDS = 5000;

export class PlacementRecorder {
  #before: readonly Placement[] = [];
  /** Times of the last second and of the last full list; NaN where the next is to be a full one. */
  #last = NaN;
  #full = NaN;
  #serial = 0;

  /** The row of a second, in milliseconds since 1970, in which these were all; undefined where nothing changed. */
  take(time: number, placements: readonly Placement[]): StoredPlacements | undefined {
    const passed = time - this.#last;
    const isGoingOn =
      passed >= 0 &&
      passed <= LONGEST_PAUSE_MILLISECONDS &&
      time - this.#full < FULL_PLACEMENTS_SECONDS * 1000;
    const before = this.#before;
    this.#last = time;
    if (!isGoingOn) {
      this.#full = time;
      this.#before = placements;
      return this.#row(time, true, { ended: [], placed: placements });
    }
    if (isSameList(before, placements)) return undefined;
    this.#before = placements;
    const known = new Map(before.map((placement) => [placementKey(placement), placement]));
    const placed: Placement[] = [];
    for (const placement of placements) {
      const key = placementKey(placement);
      const one = known.get(key);
      known.delete(key);
      if (one === undefined || !isSame(one, placement)) placed.push(placement);
    }
    const ended = [...known.keys()];
    return placed.length + ended.length === 0 ? undefined : this.#row(time, false, { ended, placed });
  }

  /** A row that was made is lost: the next one is a full list. */
  forget(): void {
    this.#full = NaN;
  }

  #row(time: number, full: boolean, change: PlacementChange): StoredPlacements {
    const serial = this.#serial;
    this.#serial += 1;
    return { serial, time, full, bytes: encodePlacements(change) };
  }
}

/** Most seconds bring the same in the same order. */
function isSameList(before: readonly Placement[], now: readonly Placement[]): boolean {
  return (
    before.length === now.length &&
    now.every((placement, row) => {
      const one = before[row];
      return one !== undefined && isSame(one, placement);
    })
  );
}

function isSame(one: Placement, other: Placement): boolean {
  return (
    one.home === other.home &&
    one.pid === other.pid &&
    one.started === other.started &&
    one.at === other.at &&
    one.guestPid === other.guestPid &&
    one.guestStarted === other.guestStarted &&
    one.command === other.command
  );
}
