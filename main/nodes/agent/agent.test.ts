import { describe, expect, test } from 'vitest';
import { METRIC_INDEX } from '../../../common/model/metric.ts';
import { WireNode } from '../../../test/harness/wire-node.ts';
import { agent } from './agent.ts';
import { guestIdentity } from './guest.ts';

const DECLARED = [
  'meta dialect agent',
  'meta version 0.1.0',
  'meta self 2',
  'keyed nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits',
];

describe("the agent's tree", () => {
  test("is read as openMosix', memory in bytes and minus errno of a node that is down", () => {
    const wire = new WireNode(agent, DECLARED);
    wire.frame('nodes 2 47 15953 4 30 65280 38011 41200 3', 'nodes 3 -101 10000 2 -101 1000 -101 -101 1');
    const { views, trouble } = wire.decoder.read(true);
    expect(wire.decoder.selfId).toBe(2);
    expect(views?.get(2)?.[METRIC_INDEX.memoryAvailable]).toBe(41_200 * 4096);
    expect(views?.get(3)?.[METRIC_INDEX.load]).toBe(-101);
    expect(trouble).toBeUndefined();
  });

  test('says why a node only tells its load', () => {
    const limit = 'meta limit criu does not work here: its kernel has no\u001b[1m ptrace';
    const wire = new WireNode(agent, [...DECLARED, limit]);
    expect(wire.decoder.read(false).trouble).toBe(
      'it takes and sends no processes, and only tells its load: criu does not work here: its kernel has no [1m ptrace',
    );
  });
});

describe('the identity of a guest', () => {
  test.each([
    ['remote(4711) python3 work.py (a)', { pid: 4711, command: 'python3 work.py (a)' }],
    ['remote(4711)', { pid: 4711, command: '' }],
    ['remote(4711) first\nsecond', { pid: 4711, command: 'first' }],
    ['digger (pid 4711 at node 1)', undefined],
    ['remote(x) work', undefined],
  ])('%j', (identity, expected) => expect(guestIdentity(identity)).toEqual(expected));
});
