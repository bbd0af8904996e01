/** Hands what nodes say of processes that migrate to the migration log, each sample once. */
import { METRIC_INDEX } from '../common/model/metric.ts';
import type { MigrationLog } from './migrations/log.ts';
import type { NodeLink } from './nodes/link.ts';

export class PlacesFeed {
  readonly #log: MigrationLog;
  /** When the sample came that was handed on last, by link. */
  readonly #taken = new WeakMap<NodeLink, number>();

  constructor(log: MigrationLog) {
    this.#log = log;
  }

  /** Looks at every node once a second. */
  look(links: Iterable<NodeLink>): void {
    for (const link of links) {
      const { selfId, reading } = link;
      if (selfId === undefined) continue;
      if (!link.sampling) this.#log.lost(selfId);
      else if (reading?.places !== undefined && this.#taken.get(link) !== reading.time) {
        this.#taken.set(link, reading.time);
        this.#log.take(selfId, reading.places, reading.own[METRIC_INDEX.status] ?? NaN, reading.time);
      }
    }
  }
}
