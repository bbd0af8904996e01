/** The words a node's state, connection and settings are shown in. */
import { describe, expect, it } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import {
  connectionExplanation,
  connectionWords,
  settingsExplanation,
  settingsWords,
  stateWords,
} from './node-words.ts';

const NOW = 1_000_000;

function node(connection: ConnectionState, more: Partial<NodeInfo> = {}): NodeInfo {
  return {
    slot: 0,
    key: 'id:1',
    id: 1,
    name: 'node1',
    target: 'root@node1:22',
    dialect: 'openmosix',
    connection,
    reason: '',
    observer: false,
    disagreement: '',
    ...more,
  };
}

describe('the state', () => {
  it('stands alone while the numbers are of this second', () => {
    expect(stateWords('up', 0.4)).toBe('up');
  });

  it('says how old the numbers are when there are no newer ones', () => {
    expect(stateWords('down', 42)).toBe('down, 42 s old');
  });

  it('says no age where there never was a number', () => {
    expect(stateWords('connecting', NaN)).toBe('connecting');
  });
});

describe('the connection', () => {
  it('names the step that is being done', () => {
    expect(connectionWords(node({ kind: 'connecting', step: 'passing gate' }), NOW)).toBe('passing gate');
  });

  it('counts down to the next try', () => {
    const waiting = {
      kind: 'waiting',
      problem: problem('host-unreachable', 'node1 refused'),
      retryAt: NOW + 12_000,
    } as const;
    expect(connectionWords(node(waiting), NOW)).toBe('host unreachable, again in 12 s');
  });

  it('names the reason of a failure', () => {
    const failed = { kind: 'failed', problem: problem('changed-host-key', 'another key') } as const;
    expect(connectionWords(node(failed), NOW)).toBe('failed: changed host key');
  });

  it('adds why a node is down that only others see', () => {
    expect(connectionWords(node({ kind: 'none' }, { reason: 'ENETUNREACH' }), NOW)).toBe(
      'seen by other nodes: ENETUNREACH',
    );
  });

  it('marks an observer', () => {
    expect(connectionWords(node({ kind: 'connected', since: NOW }, { observer: true }), NOW)).toBe(
      'connected, observer',
    );
  });

  it('explains a failure with its sentence and the advice', () => {
    const failed = {
      kind: 'failed',
      problem: problem('authentication-failed', 'root@node1 was refused'),
    } as const;
    expect(connectionExplanation(node(failed))).toBe(
      'root@node1 was refused. Check the user name and the key or password for this host, then connect again.',
    );
  });

  it('says how the observers disagree', () => {
    expect(
      connectionExplanation(node({ kind: 'none' }, { disagreement: 'gate sees 100, node2 sees 900' })),
    ).toContain('gate sees 100, node2 sees 900.');
  });
});

describe('the settings', () => {
  it('are the names of the switches that are on', () => {
    expect(settingsWords(3 + 4 + 16)).toBe('stay, block');
  });

  it('are empty on a node with no switch on', () => {
    expect(settingsWords(3)).toBe('');
  });

  it('are a dash on a node that reports none', () => {
    expect(settingsWords(NaN)).toBe('–');
  });

  it('are explained one by one', () => {
    expect(settingsExplanation(3 + 16 + 32)).toBe(
      'block: guests are refused; quiet: neither collects nor sends load information',
    );
  });
});
