import { describe, expect, test } from 'vitest';
import { Machines } from './machines.ts';
import type { Workload } from './workloads.ts';

/** Machines of these speeds with processes that need so much work. */
function machines(speeds: readonly number[], work: readonly number[]): Machines {
  const none = new Float64Array(work.length);
  const workload: Workload = {
    speeds: Float64Array.from(speeds),
    memoryTotal: 0,
    births: { time: none, node: new Int32Array(work.length), work: Float64Array.from(work), memory: none },
    costs: { freezeSeconds: 0.5, secondsPerByte: 0, secondsPerComparedByte: 0 },
    from: 0,
    to: Infinity,
    end: Infinity,
  };
  return new Machines(workload);
}

/** Lets everything that is to come happen, up to that moment. */
function run(cluster: Machines, until = Infinity): void {
  while (cluster.next <= until && cluster.next < Infinity) cluster.step();
  if (until < Infinity) cluster.now = until;
}

describe('processes on a machine', () => {
  test('share it evenly', () => {
    const cluster = machines([1], [2, 3]);
    cluster.begin(0, 0);
    cluster.begin(1, 0);
    run(cluster);
    expect([...cluster.ended]).toEqual([4, 5]);
  });

  test('run as fast as it is', () => {
    const cluster = machines([2], [3]);
    cluster.begin(0, 0);
    run(cluster);
    expect(cluster.ended[0]).toBe(1.5);
  });

  test('know what they have used', () => {
    const cluster = machines([1], [4, 4]);
    cluster.begin(0, 0);
    run(cluster, 1);
    cluster.begin(1, 0);
    run(cluster, 3);
    expect([cluster.used(0), cluster.used(1)]).toEqual([2, 1]);
  });
});

describe('a move', () => {
  test('freezes the process, counts it at its target, and then it goes on there', () => {
    const cluster = machines([1, 2], [4, 4]);
    cluster.begin(0, 0);
    cluster.begin(1, 0);
    run(cluster, 2);
    cluster.move(1, 1, 0.5);
    expect([...cluster.counted]).toEqual([1, 1]);
    expect([cluster.running(1), cluster.coming(1)]).toEqual([[], [1]]);
    run(cluster);
    // The first has 3 s of work left and the node for itself; the second 3 s at double speed after its freeze.
    expect([...cluster.ended]).toEqual([5, 4]);
    expect(cluster.moves).toBe(1);
    expect([...cluster.counted]).toEqual([0, 0]);
  });
});
