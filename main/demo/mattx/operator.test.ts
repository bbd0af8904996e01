import { beforeEach, describe, expect, test } from 'vitest';
import type { Obedience } from '../world.ts';
import { MattxCluster } from './cluster.ts';
import { plainNodes } from './node.ts';
import { MattxOperator } from './operator.ts';

const HOME = 785;
const AWAY = 786;

let cluster: MattxCluster;

beforeEach(() => {
  cluster = new MattxCluster({ nodes: plainNodes([HOME, AWAY]) });
  for (const { id } of cluster.nodes) cluster.write(id, 'balancer 0');
});

/** The answers to one operation on a node, without its number. */
function ask(id: number, operation: string, obedience: Obedience = 'obeys'): readonly string[] {
  const [kind, ...words] = operation.split(' ');
  const operator = new MattxOperator(cluster, id, obedience);
  const output = operator.answer({ nonce: 'f00d', root: '/proc' }, [[kind, '1', ...words].join(' ')]);
  const [greeting, root, ...answers] = output.split('\n').slice(0, -1);
  expect([greeting, root]).toEqual(['mosview-operator 1 f00d', 'root /proc/mattx']);
  return answers.map((answer) => answer.replace(/^1 /, ''));
}

/** Starts a process and its words in an operation. */
function started(options = {}): string {
  const { pid, started: start } = cluster.start(HOME, { command: 'fft', ...options });
  return `${pid} ${start}`;
}

describe('the operator of a simulated MattX node', () => {
  test('says what the node says of itself', () => {
    cluster.write(HOME, 'exclude a,b');
    expect(ask(HOME, 'settings')).toEqual([
      'text 785',
      'text 1000',
      'text NO',
      'text NO',
      'text ON',
      'text 0',
      'text 3 a,b',
      'text 0 ',
    ]);
  });

  test('gives one command in one write', () => {
    expect(ask(HOME, 'admin balancer 1')).toEqual(['done']);
    expect(ask(HOME, 'admin affinity 70')).toEqual(['done']);
    expect(cluster.node(HOME)).toMatchObject({ affinity: 70, switches: { balancer: true } });
  });

  test('writes a list where it is still what it was', () => {
    ask(HOME, 'pins include = =fft');
    expect(cluster.node(HOME).includes).toBe('fft');
    expect(ask(HOME, 'pins include = =other')[0]).toMatch(/^refused somebody else/);
    expect(cluster.node(HOME).includes).toBe('fft');
  });

  test('sends a process and calls it home', () => {
    const process = started();
    const [pid] = process.split(' ');
    expect(ask(HOME, `send ${process} ${AWAY}`)).toEqual(['done']);
    cluster.advance(300);
    expect(ask(HOME, `place ${process}`)[0]).toBe(`text ${AWAY}`);
    expect([ask(HOME, 'count away'), ask(AWAY, 'count guests')]).toEqual([['done 1'], ['done 1']]);
    expect(ask(HOME, `send ${process} ${AWAY}`)).toEqual(['refused it is away; it has to come home first']);
    expect(ask(HOME, 'list')).toContain(`file ${pid}/where:${AWAY}`);
    expect(ask(AWAY, 'list').some((line) => /^file remote\/\d+\/from:785$/.test(line))).toBe(true);
    expect(ask(HOME, `send ${process} 0`)).toEqual(['done']);
    cluster.advance(300);
    expect(ask(HOME, `place ${process}`)[0]).toMatch(/^text 0/);
  });

  test.each([
    ['a thread of the kernel', { kind: 'kernel-thread' }],
    ['a zombie', { kind: 'zombie' }],
    ['several threads', { threads: 2 }],
    ['another namespace', { innerPid: 7 }],
  ])('does not send %s', (_, options) => {
    expect(ask(HOME, `send ${started(options)} ${AWAY}`)[0]).toMatch(/^refused it /);
    expect(cluster.harm).toEqual([]);
  });

  test('acts only on the process that is meant', () => {
    const process = started();
    const [pid, start] = process.split(' ');
    expect(ask(HOME, 'signal 99999 1 KILL')).toEqual(['gone']);
    expect(ask(HOME, `signal ${pid} 1 KILL`)).toEqual([`other ${start}`]);
    expect(ask(HOME, `signal ${process} STOP`)).toEqual(['done']);
    expect(cluster.node(HOME).process(Number(pid))?.stopped).toBe(true);
    expect(ask(HOME, `renice ${process} 7`)).toEqual(['done']);
    expect(cluster.node(HOME).process(Number(pid))?.nice).toBe(7);
  });

  test('knows nothing of the files of openMosix', () => {
    expect(ask(HOME, 'read admin/stay')).toEqual(['missing']);
    expect(ask(HOME, 'write admin/stay 1')).toEqual(['missing']);
  });

  test('may refuse, or say yes and do nothing', () => {
    expect(ask(HOME, 'admin affinity 70', 'refuses')[0]).toMatch(/^refused cannot create/);
    expect(ask(HOME, 'admin affinity 70', 'ignores')).toEqual(['done']);
    expect(cluster.node(HOME).affinity).toBe(0);
  });
});
