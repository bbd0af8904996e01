/** A process in words. */
import { describe, expect, it } from 'vitest';
import { fakeProcess } from '../../test/harness/fake-processes.ts';
import { summaryWords } from './list-words.ts';
import { commandRest, cpuTime, placeWords, stateWord, whyInShort, whySentences } from './process-words.ts';

const nameOf = (id: number): string => ({ 5: 'alpha', 6: 'node6' })[id] ?? '';

describe('where it runs', () => {
  it.each([
    [{ kind: 'home' }, 'home'],
    [{ kind: 'away', id: 5 }, 'on node 5 (alpha)'],
    [{ kind: 'away', id: 6 }, 'on node 6'],
    [{ kind: 'away', id: 9 }, 'on node 9'],
    [{ kind: 'guest', id: 2, pid: 812 }, 'guest from node 2 (pid 812)'],
    [{ kind: 'guest', id: 2, pid: 0 }, 'guest from node 2'],
    [{ kind: 'elsewhere', address: '10.0.0.9', guest: false }, 'at 10.0.0.9'],
    [{ kind: 'elsewhere', address: 'fe80::1', guest: true }, 'guest from fe80::1'],
    [{ kind: 'moving' }, 'on its way'],
    [{ kind: 'unknown' }, '–'],
  ] as const)('%o is %s', (place, words) => {
    expect(placeWords(place, nameOf)).toBe(words);
  });
});

describe('why it stays', () => {
  const process = fakeProcess({ pid: 1, reasons: ['monkey', 'a\u202Eb'], locked: true });

  it('is cut to the reasons themselves in a cell', () => {
    expect(whyInShort(process)).toBe(
      'it shares a file in memory with others, and writes to it; a\uFFFDb; it is locked',
    );
  });

  it('is told in full sentences, words of the node as they are', () => {
    expect(whySentences(process)).toEqual([
      'It shares a file in memory with others, and writes to it.',
      'A\uFFFDb.',
      'It is locked: it does not leave by itself, but can be sent.',
    ]);
  });
});

describe("why it stays, in the agent's own sentences", () => {
  const process = fakeProcess({
    pid: 1,
    reasons: [
      'device_open: Process 12 (qemu) has /dev/kvm open as 3.',
      'too_young: The job is 0.4 s old here; it stays until it is 5 s old.',
    ],
    age: 0.4,
  });

  it('is told with the word, and once', () => {
    expect(whySentences(process)).toEqual([
      'Process 12 (qemu) has /dev/kvm open as 3 (device_open).',
      'The job is 0.4 s old here; it stays until it is 5 s old (too_young).',
    ]);
  });

  it('is the whole sentence alone in a cell', () => {
    expect(whyInShort(process)).toBe(
      'Process 12 (qemu) has /dev/kvm open as 3; The job is 0.4 s old here; it stays until it is 5 s old',
    );
  });
});

describe('why a process stays that its node does not move', () => {
  it('is what the node says of it, not that it is young', () => {
    const process = fakeProcess({ pid: 1, place: { kind: 'unknown' }, reasons: ['no_job'], age: 0.2 });
    expect(whySentences(process)).toEqual([
      'It is no job that mos run started; a process of such a job moves with it.',
    ]);
  });
});

describe('a command line beside its name', () => {
  it.each([
    ['sshd', '/usr/sbin/sshd -D', '-D'],
    ['kswapd', 'kswapd', ''],
    ['bash', '-bash', '-bash'],
    ['postmaster', 'postgres: writer\u0007', 'postgres: writer\uFFFD'],
  ])('of %s, %s, is "%s"', (name, command, rest) => {
    expect(commandRest(fakeProcess({ pid: 1, name, command }))).toBe(rest);
  });
});

describe('CPU time', () => {
  it.each([
    [7.9, '0:07'],
    [754, '12:34'],
    [18_754, '5:12:34'],
    [277_954, '3d 5:12:34'],
    [NaN, '–'],
  ])('%d s is %s', (seconds, words) => {
    expect(cpuTime(seconds)).toBe(words);
  });
});

describe('a list', () => {
  it('is summed up without what there is none of', () => {
    expect(summaryWords([fakeProcess({ pid: 1, state: 'R' })])).toBe('1 process, 1 running');
    expect(summaryWords([1, 2].map((pid) => fakeProcess({ pid, place: { kind: 'away', id: 2 } })))).toBe(
      '2 processes, 2 away',
    );
  });

  it('shows a state that nobody knows as it is', () => {
    expect([stateWord('D'), stateWord('W\u0007')]).toEqual(['disk wait', 'W\uFFFD']);
  });
});
