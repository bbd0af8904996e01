import { describe, expect, test } from 'vitest';
import { compare, figuresOf } from './compare.ts';
import { parseOptions } from './command.ts';
import { simulate } from './simulation.ts';
import { parseTrace } from './trace.ts';
import { makeWorkload, meanWork, sum, WORKLOADS, type WorkloadName } from './workloads.ts';

describe('on the open workload 50 nodes', () => {
  const comparison = compare('open', 50, [], 3);
  const figures = figuresOf(comparison);

  test('respond many times faster than without migration, and as fast as with an oracle', () => {
    expect(figures.responseRatioToNone).toBeLessThan(0.3);
    expect(figures.responseRatioToOracle).toBeLessThanOrEqual(1);
  });

  test('are nearly as even as whole processes can be, for less than 1.7 messages a second', () => {
    expect(figures.imbalance).toBeLessThan(1.7);
    expect(figures.messagesPerNodeSecond).toBeLessThanOrEqual(1.7);
  });

  test('do the same again with the same seed', () => {
    const workload = makeWorkload('open', 50, 1);
    expect(simulate(workload, 'gossip', 1)).toEqual(comparison.outcomes.gossip[0]);
  });
});

describe('50 nodes', () => {
  test('move nothing where nothing gains', () => {
    const { responseRatioToNone, movesPerProcess } = figuresOf(compare('gainless', 50, [], 1));
    expect(movesPerProcess).toBe(0);
    expect(responseRatioToNone).toBe(1);
  });

  test('spread what was started at random within ten seconds', () => {
    const { imbalances } = simulate(makeWorkload('static', 50, 1), 'gossip', 1);
    expect(imbalances[0]).toBeGreaterThan(5);
    expect(Math.max(...imbalances.slice(10))).toBeLessThan(2.5);
  });

  test('are done with a batch in much less time than without migration', () => {
    const workload = makeWorkload('batch', 50, 1);
    expect(simulate(workload, 'gossip', 1).makespan).toBeLessThan(
      0.6 * simulate(workload, 'none', 1).makespan,
    );
  });
});

describe('the open workload', () => {
  const { births, speeds } = makeWorkload('open', 500, 7);

  test('has the parameters of the experiment', () => {
    expect(meanWork()).toBeCloseTo(5.49, 1);
    expect(new Set(speeds)).toEqual(new Set([1, 1.5, 2]));
    const busy = births.node.filter((node) => node < 100).length;
    expect(busy / births.node.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...births.work)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...births.work)).toBeLessThanOrEqual(1000);
  });

  test('asks for about four fifths of all CPU time', () => {
    const asked = (births.node.length * meanWork()) / (240 * sum(speeds));
    expect(asked).toBeCloseTo(0.8, 1);
  });
});

describe('a trace', () => {
  test('is read line by line', () => {
    expect(parseTrace('# words\n0 0 1.5 1000\n\n2.25 3 0.01 20\n', 'a.trace')).toEqual([
      { time: 0, node: 0, cpuSeconds: 1.5, memory: 1_024_000 },
      { time: 2.25, node: 3, cpuSeconds: 0.01, memory: 20_480 },
    ]);
  });

  test.each(['1 2 3', '1 2 3 4 5', '-1 0 1 1', '0 0.5 1 1', '0 0 0 1', '0 0 x 1'])(
    'with the line "%s" is refused with the place',
    (line) => {
      expect(() => parseTrace(`0 0 1 1\n${line}`, 'a.trace')).toThrow(`a.trace, line 2: "${line}"`);
    },
  );
});

describe('the command line', () => {
  test('takes sizes, a workload and the form', () => {
    expect(parseOptions(['--nodes', '10,100', '--workload', 'hot', '--json'])).toEqual({
      json: true,
      sizes: [10, 100],
      workload: 'hot',
    });
    expect(parseOptions([])).toEqual({ json: false, sizes: [100, 1000, 10_000], workload: 'open' });
  });

  test.each([
    [['--nodes', '1'], '--nodes takes whole numbers from 2 to 10000'],
    [['--nodes', 'many'], 'not "many"'],
    [['--workload', 'odd'], 'There is no workload "odd". Take one of open, batch'],
    [['--fast'], 'Known are --json, --nodes and --workload.'],
  ])('says what is wrong with %j', (words, problem) => {
    expect(parseOptions(words)).toContain(problem);
  });

  test('knows every workload', () => {
    for (const name of Object.keys(WORKLOADS) as WorkloadName[])
      expect(
        makeWorkload(name, 20, 1, [{ time: 0, node: 0, cpuSeconds: 1, memory: 0 }]).births.time.length,
      ).toBeGreaterThan(0);
  });
});
