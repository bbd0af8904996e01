/**
 * Feeds the history: one second of the cluster as what was really measured in it, without the old values that a window
 * still shows.
 */
import { BlockView } from '../../common/contract/block.ts';
import { METRICS } from '../../common/model/metric.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import type { History } from '../history/index.ts';

export class ValueRecorder {
  readonly #history: Pick<History, 'setNodes' | 'append'>;
  /** One row per key that ever had an identity; a node that moves to another slot keeps its row. */
  readonly #rows: RecordedNode[] = [];
  readonly #rowOfKey = new Map<string, number>();
  readonly #slotOfRow: number[] = [];

  constructor(history: Pick<History, 'setNodes' | 'append'>) {
    this.#history = history;
  }

  /** Records a second. */
  record(second: Second): void {
    if (this.#learnNames(second.changed)) this.#history.setNodes([...this.#rows]);
    const rows = this.#rows.length;
    if (rows === 0) return;
    const values = new Float64Array(METRICS.length * rows).fill(NaN);
    const block = new BlockView(second.columns);
    for (const [row, slot] of this.#slotOfRow.entries()) {
      if (block.state(slot) !== 'up') continue;
      for (let metric = 0; metric < METRICS.length; metric += 1) {
        values[metric * rows + row] = second.columns[metric * second.slots + slot] ?? NaN;
      }
    }
    this.#history.append(second.time, values, rows);
  }

  #learnNames(changed: readonly NodeInfo[]): boolean {
    let news = false;
    for (const { slot, key, id, name } of changed) {
      const row = this.#rowOfKey.get(key) ?? this.#rows.length;
      this.#rowOfKey.set(key, row);
      this.#slotOfRow[row] = slot;
      const known = this.#rows[row];
      if (known !== undefined && known.id === id && known.name === name) continue;
      this.#rows[row] = { key, id, name };
      news = true;
    }
    return news;
  }
}
