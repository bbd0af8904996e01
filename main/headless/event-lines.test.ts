import { beforeEach, describe, expect, test } from 'vitest';
import {
  AGE_COLUMN,
  COLUMN_COUNT,
  NODE_STATES,
  STATE_COLUMN,
  type NodeState,
} from '../../common/contract/block.ts';
import { problem } from '../../common/contract/problem.ts';
import type { Action } from '../../common/model/control.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { EventLines } from './event-lines.ts';
import { journalLine } from './journal.ts';

let written: string[] = [];
let lines: EventLines;

beforeEach(() => {
  written = [];
  lines = new EventLines((priority, text) => written.push(`${priority}: ${text}`), 'mosview app');
});

const n5: NodeInfo = {
  slot: 0,
  key: 'id:5',
  id: 5,
  name: 'n5',
  target: 'root@n5:22',
  dialect: 'openmosix',
  connection: { kind: 'none' },
  reason: '',
  observer: false,
  disagreement: '',
};

function node(connection: ConnectionState, reason = ''): void {
  lines.push('nodes', { all: false, changed: [{ ...n5, connection, reason }], removed: [] });
}

function second(state: NodeState): void {
  const columns = new Float64Array(COLUMN_COUNT);
  columns[STATE_COLUMN] = NODE_STATES.indexOf(state);
  columns[AGE_COLUMN] = 0;
  const totals = { efficiency: 100, loadPercent: 0, memoryTotal: 0, memoryUsed: 0, cpus: 0, nodesUp: 0 };
  lines.push('block', { time: 0, totals, columns });
}

const unreachable = problem('host-unreachable', 'n5:22 does not answer within 15 s.');

describe('the lines of a collector', () => {
  test('name a connection that was made, or that failed and why, once', () => {
    node({ kind: 'connecting', step: 'resolving' });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      node({ kind: 'waiting', problem: unreachable, retryAt: attempt });
      node({ kind: 'connecting', step: 'resolving' });
    }
    node({ kind: 'connected', since: 1 });
    expect(written).toEqual([
      'warning: n5: n5:22 does not answer within 15 s. (tried again by itself)',
      'info: n5: connected',
    ]);
  });

  test('name a node that is down with its reason, and when it is up again', () => {
    node({ kind: 'none' }, '3 of 3 observers say so');
    for (const state of ['connecting', 'up', 'up', 'down', 'down', 'up'] as const) second(state);
    expect(written).toEqual(['warning: n5 is down: 3 of 3 observers say so', 'info: n5 is up again']);
  });

  test('name a node that was taken out, but not one that was found to be another row', () => {
    const [host, id] = [
      { ...n5, key: 'host:n5' },
      { ...n5, slot: 1 },
    ];
    lines.push('nodes', { all: true, changed: [host, id], removed: [] });
    lines.push('nodes', { all: false, changed: [], removed: [0] });
    expect(written).toEqual([]);
    lines.push('nodes', { all: false, changed: [], removed: [1] });
    expect(written).toEqual(['info: n5 was taken out']);
  });

  test('say of a question who has to do what, once', () => {
    const prompt = {
      kind: 'host-key',
      id: '1',
      name: 'n5',
      address: 'n5:22',
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:abc',
      command: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    } as const;
    lines.push('prompts', { prompts: [prompt] });
    lines.push('prompts', { prompts: [prompt] });
    lines.push('prompts', { prompts: [] });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/n5:22 shows the ssh-ed25519 key SHA256:abc.*open a window \(mosview app\)/);
  });

  test('name a password that is wanted without asking for it', () => {
    const fields = [{ label: 'Password:', echo: false }];
    const prompt = {
      kind: 'secret',
      id: '2',
      name: 'root@n5:22',
      title: 'Password',
      instruction: '',
      fields,
    } as const;
    lines.push('prompts', { prompts: [{ ...prompt, fields: [...fields] }] });
    expect(written[0]).toMatch(/^warning: root@n5:22: Password\. .*open a window/);
  });

  test('name what windows order: allowing changes, an action and how it ended', () => {
    const action = { number: 7, title: 'block n5', who: 'ops@desk', state: 'running' } as Action;
    lines.push('control', { unlockedUntil: 60_000, running: [] });
    lines.push('action', { action });
    lines.push('action', { action });
    lines.push('action', { action: { ...action, state: 'partly' } });
    lines.push('control', { unlockedUntil: null, running: [] });
    expect(written).toEqual([
      'notice: changes are allowed until 1970-01-01T00:01:00.000Z',
      'notice: action 7 by ops@desk: block n5',
      'warning: action 7: partly',
      'notice: changes are locked',
    ]);
  });

  test('name notices and checkpoints', () => {
    lines.push('notice', { problem: problem('disk-full', 'There is no room', 'ENOSPC') });
    lines.push('checkpoint', { checkpoint: { number: 1, time: 0, who: 'ops@desk', text: 'new kernel' } });
    expect(written).toEqual([
      'warning: There is no room: ENOSPC',
      'notice: checkpoint by ops@desk: new kernel',
    ]);
  });
});

describe('a line', () => {
  const time = new Date(0);

  test('has its time on a terminal, and its priority for the journal', () => {
    expect(journalLine('warning', 'n5 is down', time, false)).toBe(
      '1970-01-01T00:00:00.000Z warning: n5 is down',
    );
    expect(journalLine('warning', 'n5 is down', time, true)).toBe('<4>n5 is down');
  });

  test('stays one line, whatever a node calls itself', () => {
    expect(journalLine('info', 'n5\n<0>evil \u001B[2J', time, true)).toBe('<6>n5 <0>evil \uFFFD[2J');
  });
});
