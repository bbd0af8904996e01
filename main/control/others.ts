/**
 * What other programs do in the same data folder, as the command line beside an open window: read from the audit log and
 * told on as if it were done here.
 */
import type { AuditLog } from './audit.ts';
import type { DeedAction } from './deed.ts';
import { moveRequestOf } from './move-request.ts';
import type { Records } from './records.ts';
import type { ControlNodes, MoveRequest } from './types.ts';

/** Lines read at once; more than that between two looks are not told. */
const MOST_LINES = 500;

export interface OthersOptions {
  readonly log: AuditLog;
  readonly records: Records;
  readonly nodes: ControlNodes;
  onAction(action: DeedAction): void;
  onMoveRequest(request: MoveRequest): void;
}

export class Others {
  readonly #options: OthersOptions;
  /** Number of the newest line that was looked at. */
  #seen: number;

  constructor(options: OthersOptions) {
    this.#options = options;
    this.#seen = this.#newest();
  }

  #newest(): number {
    const newest = this.#options.log.entries(undefined, 1);
    return newest.ok ? (newest.value[0]?.number ?? 0) : 0;
  }

  /** Tells what is new. */
  look(): void {
    const seen = this.#seen;
    this.#seen = this.#newest();
    if (this.#seen === seen) return;
    const { log, records } = this.#options;
    const lines = log.entries(undefined, MOST_LINES);
    const added = lines.ok ? lines.value.filter(({ number }) => number > seen).toReversed() : [];
    for (const { action: number, kind } of added) {
      const found = number === null ? undefined : records.find(number);
      if (found === undefined || !found.ok || found.value === undefined) continue;
      if (found.value.program === records.program) continue;
      if (kind === 'begun') this.#announce(found.value);
      this.#options.onAction(found.value);
    }
  }

  #announce({ number, time, steps }: DeedAction): void {
    const { nodes } = this.#options;
    for (const { deed, node, before } of steps) {
      const id = nodes.find(node)?.id;
      const request =
        deed === null || id === undefined
          ? undefined
          : moveRequestOf(deed, id, before, { action: number, time });
      if (request !== undefined) this.#options.onMoveRequest(request);
    }
  }
}
