/** The second by which nodes are ordered on the screen: it keeps still after a hand was there. */
import { createComputed, createSignal, type Accessor } from 'solid-js';
import type { Cluster, Second } from './cluster.ts';

/** After a hand was on the nodes, their order keeps still for this long, so that nobody opens the wrong one. */
const HOLD_MS = 2000;

export interface HeldSecond {
  readonly second: Accessor<Second>;
  /** A hand is on the nodes. */
  readonly touched: () => void;
  /** The newest second at once: the operator chose another order. */
  readonly renew: () => void;
}

/** The newest second, but for a hand on the nodes; ends with the owner. */
export function holdSecond(cluster: Cluster): HeldSecond {
  let touchedAt = -Infinity;
  const [second, setSecond] = createSignal(cluster.second());
  createComputed(() => {
    const newest = cluster.second();
    if (performance.now() - touchedAt > HOLD_MS) setSecond(newest);
  });
  return {
    second,
    touched() {
      touchedAt = performance.now();
    },
    renew: () => setSecond(cluster.second()),
  };
}
