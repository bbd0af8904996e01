/** The MattX demo answers operations on a simulated node as the real operator does on the same node's files. */
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operatorInput, type Operation } from '../../common/wire/operations.ts';
import { MattxOperator } from '../../main/demo/mattx/operator.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { OPERATOR_TEXT } from '../harness/operator-bench.ts';

const HOME = 785;
const AWAY = 786;

let kernel: MattxKernel;

beforeEach(() => {
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: [HOME, AWAY, 900], balancers: false });
});

afterEach(() => kernel.close());

/** What the real operator and the demo's answer; without what is of the real machine: its users, and who asks. */
function answers(id: number, operations: readonly Operation[]): readonly [real: unknown, demo: unknown] {
  const root = kernel.node(id).proc;
  const input = operatorInput('f00d', root, OPERATOR_TEXT, operations);
  const { stdout } = spawnSync('dash', ['-s'], { input, encoding: 'latin1' });
  const lines = /operations='\n(.*)\n'\noperate/s.exec(input)?.[1]?.split('\n') ?? [];
  const simulated = new MattxOperator(kernel.cluster, id, 'obeys').answer({ nonce: 'f00d', root }, lines);
  return [compared(stdout), compared(simulated)];
}

/** The lines of an output; those of a list in no order. */
function compared(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => !/^\d+ file (?:passwd|own):/.test(line));
  return [...lines.filter((line) => !isListed(line)), ...lines.filter(isListed).sort()];
}

function isListed(line: string): boolean {
  return / file /.test(line);
}

describe('the demo and the real operator say the same', () => {
  test('of the settings, the places and the list of processes', () => {
    kernel.write(HOME, 'exclude cat,sshd');
    const { pid, started } = kernel.start(HOME, { command: 'fft', uid: 1000 });
    kernel.start(HOME, { command: 'pool', threads: 2, innerPid: 7 });
    kernel.write(HOME, `migrate ${pid} ${AWAY}`);
    kernel.advance(300);
    const looks: readonly Operation[] = [
      { kind: 'settings' },
      { kind: 'count', what: 'away' },
      { kind: 'count', what: 'guests' },
      { kind: 'place', pid, started },
      { kind: 'place', pid, started: started + 1 },
      { kind: 'place', pid: pid + 50, started },
      { kind: 'list' },
    ];
    for (const id of [HOME, AWAY]) {
      const [real, demo] = answers(id, looks);
      expect(demo).toEqual(real);
    }
  });

  test('of what is refused', () => {
    const { pid, started } = kernel.start(HOME, { command: 'fft' });
    const pool = kernel.start(HOME, { command: 'pool', threads: 2 });
    const zombie = kernel.start(HOME, { command: 'defunct', kind: 'zombie' });
    kernel.write(HOME, `migrate ${pid} ${AWAY}`);
    kernel.advance(300);
    const [real, demo] = answers(HOME, [
      { kind: 'send', pid, started, to: 900 },
      { kind: 'send', pid: pool.pid, started: pool.started, to: AWAY },
      { kind: 'send', pid: zombie.pid, started: zombie.started, to: AWAY },
      { kind: 'send', pid: 15, started: 0, to: AWAY },
      { kind: 'send', pid: pool.pid, started: pool.started, to: 0 },
      { kind: 'pins', list: 'exclude', before: '=other', after: '=a' },
    ]);
    expect(demo).toEqual(real);
    expect(kernel.harm).toEqual([]);
  });
});
