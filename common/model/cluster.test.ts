import { describe, expect, test } from 'vitest';
import { clusterTotals, efficiency, loadPercent, takesPart, type NodeFigures } from './cluster.ts';
import { STATUS } from './status.ts';

const HEALTHY = STATUS.configured | STATUS.up;
const GIGABYTE = 1024 ** 3;

function node(figures: Partial<NodeFigures>): NodeFigures {
  return {
    load: undefined,
    cpus: undefined,
    memoryTotal: undefined,
    memoryFree: undefined,
    status: HEALTHY,
    ...figures,
  };
}

describe('load in percent', () => {
  test.each([
    [0, 0],
    [47, 47],
    [100, 100],
    [950, 100],
    [-101, 0],
  ])('of load %i is %i', (load, percent) => expect(loadPercent(load)).toBe(percent));
});

describe('efficiency', () => {
  test('is the mean of the loads as a share of the highest', () => {
    expect(efficiency([400, 200, 0])).toBe(50);
    expect(efficiency([300, 300])).toBe(100);
  });

  test('is 100 when no node has more than one standard process to give away', () => {
    expect(efficiency([100, 0, 0, 0])).toBe(100);
    expect(efficiency([101, 0])).toBe(50);
  });

  test('is 100 for a single node and for none', () => {
    expect(efficiency([900])).toBe(100);
    expect(efficiency([])).toBe(100);
  });
});

describe('a node takes part in balancing', () => {
  test.each([
    ['healthy', HEALTHY, true],
    ['plain Linux, without status bits', undefined, true],
    ['stay: others may still send it guests', HEALTHY | STATUS.stay, true],
    ['block: its own processes may still leave', HEALTHY | STATUS.block, true],
    ['lstay: guests may still come and go', HEALTHY | STATUS.lstay, true],
    ['stay and block: nothing leaves and nothing comes', HEALTHY | STATUS.stay | STATUS.block, false],
    ['quiet: nobody knows its load', HEALTHY | STATUS.quiet, false],
  ])('%s', (_case, status, expected) => expect(takesPart(status)).toBe(expected));
});

describe('totals', () => {
  test('of no node are zero, and nothing could be spread better', () => {
    expect(clusterTotals([])).toEqual({
      efficiency: 100,
      loadPercent: 0,
      memoryTotal: 0,
      memoryUsed: 0,
      cpus: 0,
      nodesUp: 0,
    });
  });

  test('sum memory and CPUs, and take the mean of the loads in percent', () => {
    const totals = clusterTotals([
      node({ load: 400, cpus: 2, memoryTotal: 4 * GIGABYTE, memoryFree: GIGABYTE }),
      node({ load: 50, cpus: 1, memoryTotal: 2 * GIGABYTE, memoryFree: 2 * GIGABYTE }),
    ]);
    expect(totals).toEqual({
      efficiency: 56.25,
      loadPercent: 75,
      memoryTotal: 6 * GIGABYTE,
      memoryUsed: 3 * GIGABYTE,
      cpus: 3,
      nodesUp: 2,
    });
  });

  test('count a node without a load as up and leave it out of the mean', () => {
    const totals = clusterTotals([node({ load: 80 }), node({ cpus: 4 })]);
    expect(totals).toMatchObject({ nodesUp: 2, loadPercent: 80, cpus: 4 });
  });

  test('leave the memory of a node out whose free memory is not known', () => {
    const totals = clusterTotals([node({ memoryTotal: GIGABYTE })]);
    expect(totals).toMatchObject({ memoryTotal: 0, memoryUsed: 0 });
  });

  test('have no negative used memory where a node reports more free than there is', () => {
    expect(clusterTotals([node({ memoryTotal: 10, memoryFree: 30 })]).memoryUsed).toBe(0);
  });

  test('show how evenly the load is spread over the nodes that take part only', () => {
    const quietAndBusy = node({ load: 900, status: HEALTHY | STATUS.quiet });
    const totals = clusterTotals([node({ load: 200 }), node({ load: 200 }), quietAndBusy]);
    expect(totals.efficiency).toBe(100);
    expect(totals.loadPercent).toBe(100);
  });
});
