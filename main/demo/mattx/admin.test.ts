import { describe, expect, test } from 'vitest';
import { listHas, parseAdmin } from './admin.ts';

describe('a write to the admin file', () => {
  test.each([
    ['balancer 0\n', { kind: 'switch', name: 'balancer', on: false }],
    ['debug 1', { kind: 'switch', name: 'debug', on: true }],
    ['mattxfs 1\n', { kind: 'switch', name: 'mattxfs', on: true }],
    ['affinity 2500\n', { kind: 'affinity', value: 2500 }],
    ['affinity 0\n', { kind: 'affinity', value: 0 }],
    ['exclude a,b\n', { kind: 'list', name: 'exclude', text: 'a,b' }],
    ['include \n', { kind: 'list', name: 'include', text: '' }],
    ['migrate 400 786\n', { kind: 'migrate', pid: 400, target: 786 }],
    ['migrate 400 home\n', { kind: 'migrate', pid: 400, target: 'home' }],
  ])('%j is a command', (written, command) => {
    expect(parseAdmin(written)).toEqual(command);
  });

  test.each(['', '\n', 'nonsense', 'include', 'migrate 400', 'migrate x 786', 'balancer', 'affinity many'])(
    '%j is none',
    (written) => {
      expect(parseAdmin(written)).toBeUndefined();
    },
  );

  test('cuts a list at 247 bytes', () => {
    expect(parseAdmin(`exclude ${'x'.repeat(300)}\n`)).toMatchObject({ text: 'x'.repeat(247) });
  });

  test('lets an affinity begin anew above 2^32', () => {
    expect(parseAdmin(`affinity ${2 ** 32 + 7}\n`)).toMatchObject({ value: 7 });
  });

  test('keeps control characters in a list', () => {
    expect(parseAdmin('exclude a\u001b[2J,\u0007b\n')).toMatchObject({ text: 'a\u001b[2J,\u0007b' });
  });

  test('takes nothing behind a line feed', () => {
    expect(parseAdmin('exclude a\nbalancer 0\n')).toMatchObject({ kind: 'list', text: 'a' });
  });
});

test('a list has a name that stands in it as a whole', () => {
  expect(listHas('cat, sshd-session,top', 'sshd-session')).toBe(true);
  expect(listHas('cat,sshd-session', 'sshd')).toBe(false);
});
