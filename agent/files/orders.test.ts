import { describe, expect, test } from 'vitest';
import { ADMIN_RULES, JOB_RULES, takenNumber, writtenText, type WriteRule } from './orders.ts';

describe('what was written', () => {
  test.each([
    ['echo over the old text', '0\n', '1\n', '1'],
    ['printf without a newline', '0\n', '1', '1'],
    ['a shorter number without truncation', '10000\n', '500\n0\n', '500'],
    ['behind the old text, as msx_replace does', '0\n', '0\n1\n', '1'],
    ['the same again', '1\n', '1\n', '1'],
    ['two lines through one descriptor', '0\n', '3\n4\n', '4'],
    ['blanks around it', '0\n', ' 7 \n', '7'],
    ['nothing', '0\n', '', ''],
    ['a line feed', '0\n', '\n', ''],
    ['into a file that was empty', '', '5\n', '5'],
  ])('%s', (_how, held, now, written) => {
    expect(writtenText(held, now)).toBe(written);
  });
});

describe('what is taken', () => {
  const taken = (written: string, rule?: WriteRule) => {
    const number = takenNumber(written, rule);
    return number.ok ? number.value : number.problem.message;
  };

  test('a switch is on or off', () => {
    expect(taken('1', ADMIN_RULES.stay)).toBe(1);
    expect(taken('0', ADMIN_RULES.stay)).toBe(0);
    expect(taken('2', ADMIN_RULES.stay)).toBe('it takes 1 (on) or 0 (off)');
  });

  test('a speed is above 0 and at most a hundred standard CPUs', () => {
    expect([taken('1', ADMIN_RULES.speed), taken('1000000', ADMIN_RULES.speed)]).toEqual([1, 1_000_000]);
    for (const bad of ['0', '-5', '1000001', '1e3', '0x10', '', 'fast', '10 000', '9999999999']) {
      expect(taken(bad, ADMIN_RULES.speed)).toMatch(/^it takes a whole number from 1 to 1000000/);
    }
  });

  test('a place is a node, home or the best node', () => {
    expect(['-1', '0', '1', '65535'].map((place) => taken(place, JOB_RULES.goto))).toEqual([
      -1, 0, 1, 65_535,
    ]);
    expect(taken('-2', JOB_RULES.goto)).toMatch(/^it takes a node's id/);
    expect(taken('65536', JOB_RULES.migrate)).toMatch(/^it takes a node's id/);
    expect(taken('home', JOB_RULES.migrate)).toMatch(/^it takes a node's id/);
  });

  test('a request is only asked for, not taken back', () => {
    expect(taken('1', ADMIN_RULES.expel)).toBe(1);
    expect(taken('0', ADMIN_RULES.bring)).toBe('it takes 1');
  });

  test('a file without a rule takes nothing', () => {
    expect(taken('0')).toBe('the file is only read');
  });
});
