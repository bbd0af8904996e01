import { describe, expect, test } from 'vitest';
import { STATUS } from '../model/status.ts';
import {
  decide,
  placement,
  together,
  whyRefused,
  withAdmitted,
  type BalanceNode,
  type BalanceProcess,
  type Job,
} from './index.ts';

const UP = STATUS.configured | STATUS.up;
const COSTS = { freezeSeconds: 0.5, secondsPerByte: 0, secondsPerComparedByte: 0 };

function node(id: number, load: number, figures: Partial<BalanceNode> = {}): BalanceNode {
  return { id, load, speed: 10_000, cpus: 1, status: UP, ...figures };
}

/** A job of node 1 that has run long enough. */
function job(id: number, figures: Partial<Job> = {}): Job {
  return { id, at: 1, home: 1, age: 60, cpuSeconds: 20, ...figures };
}

describe('a node decides to send', () => {
  test('the job that gains most to the lightest node, with gain and reason', () => {
    expect(
      decide(
        node(1, 300),
        [job(11), job(12, { cpuSeconds: 30 }), job(13)],
        [node(2, 100), node(3, 0)],
        COSTS,
      ),
    ).toEqual({
      job: 12,
      target: 3,
      gain: 30 * (3 - 1) - 0.5,
      why: 'node 3 would have load 100 instead of 300 here',
    });
  });

  test('the only job of a slow node to a fast one that is free', () => {
    expect(decide(node(1, 200, { speed: 5000 }), [job(11)], [node(2, 0)], COSTS)).toMatchObject({
      job: 11,
      target: 2,
    });
  });

  test('one of a guest and a home job where local ones must stay: the guest', () => {
    const lstay = node(1, 300, { status: UP | STATUS.lstay });
    const guest = job(12, { home: 7, cpuSeconds: 10 });
    expect(decide(lstay, [job(11), guest], [node(2, 0)], COSTS)).toMatchObject({ job: 12 });
  });

  test('a guest home where that is best, even if it blocks', () => {
    const home = node(7, 0, { status: UP | STATUS.block });
    expect(decide(node(1, 300), [job(11, { home: 7 })], [node(2, 100), home], COSTS)).toMatchObject({
      target: 7,
    });
  });
});

describe('a node sends nothing', () => {
  /** Why nothing is sent. */
  function whyNot(
    own: BalanceNode,
    jobs: readonly Job[],
    known: readonly BalanceNode[] = [node(2, 0)],
    costs = COSTS,
  ): string {
    const decision = decide(own, jobs, known, costs);
    expect(decision.job).toBeUndefined();
    return decision.why;
  }

  test.each([
    ['stays', STATUS.stay, 'node 1 keeps its processes (stay)'],
    ['is quiet', STATUS.quiet, 'node 1 takes no part in balancing (quiet)'],
  ])('when it %s', (_case, status, why) => {
    expect(whyNot(node(1, 900, { status: UP | status }), [job(11)])).toBe(why);
  });

  test.each([
    ['young', { age: 4 }, 'is younger than 5 s'],
    ['just here', { residence: 1 }, 'came less than 2 s ago'],
    ['locked', { locked: true }, 'is locked'],
    ['held by something it uses', { whyStays: 'has a device open' }, 'has a device open'],
  ])('that is %s', (_case, figures, why) => {
    expect(whyNot(node(1, 900), [job(11, figures)])).toBe(`job 11 stays: it ${why}`);
  });

  test('that would be frozen for longer than the limit', () => {
    const large = job(11, { memory: 2 ** 30, cpuSeconds: 1000 });
    expect(
      whyNot(node(1, 900), [large], [node(2, 0)], { ...COSTS, freezeSeconds: 0.1, secondsPerByte: 8e-9 }),
    ).toBe('job 11 stays: it would be frozen for 8.7 s, and 2 s is the limit');
  });

  test.each([
    ['blocks', { status: UP | STATUS.block }],
    ['is quiet', { status: UP | STATUS.quiet }],
    ['is down', { status: STATUS.configured }],
    ['is short of memory', { memoryAvailable: 10, memoryTotal: 1000 }],
    ['has no room for it', { memoryAvailable: 100 }],
  ])('to a node that %s', (_case, figures) => {
    expect(whyNot(node(1, 900), [job(11, { memory: 200 })], [node(2, 0, figures)])).toBe(
      'job 11 stays: no other node takes it',
    );
  });

  test('within the hysteresis', () => {
    expect(decide(node(1, 231), [job(11)], [node(2, 100)], COSTS).job).toBe(11);
    expect(whyNot(node(1, 229), [job(11)], [node(2, 100)])).toBe(
      'job 11 stays: no node gains: node 2 would have load 200, here it is 229',
    );
  });

  test('whose gain is less than its freeze', () => {
    expect(whyNot(node(1, 200), [job(11, { cpuSeconds: 0.4 })])).toBe(
      'job 11 stays: its move would gain less than the 0.5 s it is frozen for',
    );
  });

  test('from a node with CPUs to spare: the job would run no faster elsewhere', () => {
    const jobs = [job(11, { cpuSeconds: 1000 }), job(12, { cpuSeconds: 1000 })];
    expect(whyNot(node(1, 50, { cpus: 4 }), jobs, [node(2, 0, { cpus: 4 })])).toContain('gain less');
  });

  test('when nothing lighter is known, nothing at all is, or there is nothing to send', () => {
    expect(whyNot(node(1, 100), [job(11)], [node(2, 100)])).toBe(
      'no known node has less load than the 100 here',
    );
    expect(whyNot(node(1, 900), [job(11)], [])).toBe('nothing recent is known of any other node');
    expect(whyNot(node(1, 900), [])).toBe('no job runs here');
  });
});

describe('a node short of memory sends', () => {
  const short = node(1, 100, { memoryAvailable: 10, memoryTotal: 1000 });

  test('its largest job that fits elsewhere, whatever the load', () => {
    const jobs = [job(11, { memory: 100 }), job(12, { memory: 800 }), job(13, { memory: 300 })];
    expect(decide(short, jobs, [node(2, 500, { memoryAvailable: 400 })], COSTS)).toEqual({
      job: 13,
      target: 2,
      gain: 0,
      why: 'node 1 is short of memory, and node 2 has room',
    });
  });

  test('nothing that fits nowhere', () => {
    expect(
      decide(short, [job(11, { memory: 500 })], [node(2, 0, { memoryAvailable: 400 })], COSTS).job,
    ).toBeUndefined();
  });
});

describe('a target is asked, and', () => {
  const request = { job: { at: 2, home: 2 }, load: 300, forMemory: false };

  test('takes what still gains', () => {
    expect(whyRefused(node(1, 0), request, [])).toBe('');
  });

  test('refuses with the reason what no longer does', () => {
    expect(whyRefused(node(1, 200), request, [])).toBe(
      'has load 200 itself by now, what is on its way there counted',
    );
  });

  test('takes few of 50 nodes that have seen it idle', () => {
    const admitted: BalanceProcess[] = [];
    for (let sender = 2; sender <= 51; sender += 1) {
      const asked = { job: { at: sender, home: sender }, load: 300, forMemory: false };
      if (whyRefused(node(1, 0), asked, admitted) === '') admitted.push(asked.job);
    }
    expect(admitted).toHaveLength(2);
  });

  test('counts the memory of what is on its way', () => {
    const own = node(1, 0, { memoryAvailable: 1000, memoryTotal: 2000 });
    const large = { at: 2, home: 2, memory: 600 };
    expect(whyRefused(own, { ...request, job: large }, [])).toBe('');
    expect(whyRefused(own, { ...request, job: large }, [large])).toBe('has too little memory left');
  });

  test('takes from a node short of memory whatever its load is', () => {
    expect(whyRefused(node(1, 900), { ...request, load: 100, forMemory: true }, [])).toBe('');
  });

  test.each([
    ['blocks', STATUS.block, 'refuses guests (block)'],
    ['is quiet', STATUS.quiet, 'takes no part in balancing (quiet)'],
  ])('refuses when it %s', (_case, status, why) => {
    expect(whyRefused(node(1, 0, { status: UP | status }), request, [])).toBe(why);
  });

  test('tells others its figures with what it has admitted', () => {
    const own = node(1, 100, { memoryAvailable: 900 });
    expect(withAdmitted(own, [{ at: 2, home: 2, weight: 0.5, memory: 300 }])).toMatchObject({
      load: 150,
      memoryAvailable: 600,
    });
  });
});

describe('a new job begins', () => {
  test('at the lightest node known, where that gains', () => {
    expect(placement(node(1, 200), [node(2, 100), node(3, 0)])).toEqual({
      to: 3,
      why: 'node 3 would have load 100 instead of 300 here',
    });
  });

  test('at home where no other is lighter', () => {
    expect(placement(node(1, 0), [node(2, 0), node(3, 0)]).to).toBeNull();
  });

  test('at a faster node that is as idle', () => {
    expect(placement(node(1, 0), [node(2, 0, { speed: 20_000 })]).to).toBe(2);
  });

  test('where its memory fits', () => {
    const roomy = node(3, 50, { memoryAvailable: 1000 });
    expect(placement(node(1, 200), [node(2, 0, { memoryAvailable: 10 }), roomy], { memory: 500 }).to).toBe(3);
  });

  test.each([
    ['stays', STATUS.stay, 'node 1 keeps its processes (stay)'],
    ['keeps its own', STATUS.lstay, 'node 1 keeps its own jobs (lstay)'],
  ])('at home when that %s', (_case, status, why) => {
    expect(placement(node(1, 900, { status: UP | status }), [node(2, 0)])).toEqual({ to: null, why });
  });
});

describe('jobs that move together', () => {
  test('go as one that weighs what they weigh', () => {
    const pair = together(7, job(11), [job(12)]);
    expect(decide(node(1, 400), [pair], [node(2, 0)], COSTS)).toMatchObject({
      job: 7,
      why: 'node 2 would have load 200 instead of 400 here',
    });
    expect(decide(node(1, 200), [pair], [node(2, 0)], COSTS)).not.toHaveProperty('job');
  });

  test('stay when one of them may not move', () => {
    for (const figures of [{ locked: true }, { age: 1 }, { residence: 1 }, { whyStays: 'is busy' }])
      expect(
        decide(node(1, 400), [together(7, job(11), [job(12, figures)])], [node(2, 0)], COSTS),
      ).not.toHaveProperty('job');
  });

  test('stand still one after the other, each as long as its own memory takes', () => {
    const pair = together(7, job(11, { memory: 1e9 }), [job(12, { memory: 3e9, frozenBytes: 1e6 })]);
    expect([pair.memory, pair.frozenBytes]).toEqual([4e9, 1e9]);
  });
});
