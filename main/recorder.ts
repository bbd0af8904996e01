/** Feeds the history: one second of the cluster as what was really measured in it, without the old values a window still shows. */
import { BlockView } from '../common/contract/block.ts';
import { METRICS } from '../common/model/metric.ts';
import type { NodeInfo } from '../common/model/node.ts';
import type { Second } from './cluster/cluster.ts';
import type { History, StoredNode } from './history/index.ts';

export class Recorder {
  readonly #history: History;
  readonly #nodes: StoredNode[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  /** Records a second. */
  record(second: Second): void {
    if (this.#learnNames(second.changed)) this.#history.setNodes(this.#nodes);
    if (second.slots === 0) return;
    const values = second.columns.slice(0, METRICS.length * second.slots);
    const block = new BlockView(second.columns);
    for (let slot = 0; slot < second.slots; slot += 1) {
      if (block.state(slot) === 'up') continue;
      for (let metric = 0; metric < METRICS.length; metric += 1) values[metric * second.slots + slot] = NaN;
    }
    this.#history.append(second.time, values, second.slots);
  }

  #learnNames(changed: readonly NodeInfo[]): boolean {
    let news = false;
    for (const { slot, key, id, name } of changed) {
      const known = this.#nodes[slot];
      if (known !== undefined && known.id === id && known.name === name) continue;
      this.#nodes[slot] = { key, id, name };
      news = true;
    }
    return news;
  }
}
