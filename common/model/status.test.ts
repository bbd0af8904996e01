import { describe, expect, test } from 'vitest';
import { errnoName, NODE_DOWN, settingsOf } from './status.ts';

describe('the status bits', () => {
  test('3 is a healthy node: configured and up, every switch off', () => {
    expect(settingsOf(3)).toEqual([]);
  });

  test.each([
    [3 | 4, 'stay'],
    [3 | 8, 'lstay'],
    [3 | 16, 'block'],
    [3 | 32, 'quiet'],
    [3 | 64, 'nomfs'],
  ])('%i shows %s', (status, setting) => expect(settingsOf(status)).toEqual([setting]));

  test('several switches are told in a fixed order', () => {
    expect(settingsOf(127)).toEqual(['stay', 'lstay', 'block', 'quiet', 'nomfs']);
  });

  test("bits of other systems (MOSIX' TOKEN, NO_PROVIDER, VM) are no switches", () => {
    expect(settingsOf(3 | 128 | 1024 | 2048)).toEqual([]);
  });

  test('minus errno has no bits, though the bits of -101 would look set', () => {
    expect(settingsOf(NODE_DOWN)).toEqual([]);
    expect(settingsOf(NaN)).toEqual([]);
  });
});

describe('a negative node value', () => {
  test('is named by its errno', () => {
    expect(errnoName(-101)).toBe('ENETUNREACH');
    expect(errnoName(-22)).toBe('EINVAL');
  });

  test('without a common name keeps its number', () => {
    expect(errnoName(-4095)).toBe('errno 4095');
  });
});
