import { afterEach, describe, expect, test } from 'vitest';
import { cellWords, isoTime, plainCell, spanWords, zoneWords } from './words.ts';

const zone = process.env['TZ'];

afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe('a moment', () => {
  test('has the zone of this clock at that time', () => {
    process.env['TZ'] = 'Europe/Berlin';
    expect(isoTime(Date.UTC(2026, 10, 24, 5, 0, 0, 250))).toBe('2026-11-24T06:00:00.250+01:00');
    expect(isoTime(Date.UTC(2026, 6, 1, 4))).toBe('2026-07-01T06:00:00.000+02:00');
    process.env['TZ'] = 'America/St_Johns';
    expect(isoTime(Date.UTC(2026, 10, 24, 5))).toBe('2026-11-24T01:30:00.000-03:30');
  });

  test('says when the clock changed within a range', () => {
    process.env['TZ'] = 'Europe/Berlin';
    expect(zoneWords(Date.UTC(2026, 9, 24), Date.UTC(2026, 9, 26))).toBe(
      'Europe/Berlin, UTC+02:00, from 2026-10-25 02:00 on UTC+01:00',
    );
    expect(zoneWords(Date.UTC(2026, 10, 24), Date.UTC(2026, 10, 26))).toBe('Europe/Berlin, UTC+01:00');
  });
});

test('a span has two units at most', () => {
  const seconds = [0, 1.44, 42, 59.9, 61, 3599.7, 3600, 7500, 86_399, 90_000, 604_800];
  expect(seconds.map(spanWords)).toEqual([
    '0 s',
    '1.4 s',
    '42 s',
    '1 min',
    '1 min 1 s',
    '1 h',
    '1 h',
    '2 h 5 min',
    '24 h',
    '1 d 1 h',
    '7 d',
  ]);
});

describe('a cell', () => {
  test('is a dash where nothing is known', () => {
    expect(cellWords(null, { kind: 'count' })).toBe('–');
    expect(cellWords(NaN, { kind: 'percent' })).toBe('–');
    expect(cellWords('', { kind: 'text' })).toBe('–');
    expect(cellWords({ id: 0, name: '' }, { kind: 'node' })).toBe('–');
    expect(plainCell(NaN, 'percent')).toBeNull();
  });

  test('is in words for people and plain for machines', () => {
    expect(cellWords(350, { kind: 'milliseconds' })).toBe('350 ms');
    expect(cellWords(1_234_567, { kind: 'count' })).toBe('1,234,567');
    expect(cellWords(1042, { kind: 'id' })).toBe('1042');
    expect(cellWords(-3.25, { kind: 'points' })).toBe('−3.3');
    expect(cellWords(0.01, { kind: 'points' })).toBe('0.0');
    expect(cellWords('balancer', { kind: 'text', words: { balancer: 'balancing' } })).toBe('balancing');
    expect(plainCell('balancer', 'text')).toBe('balancer');
    expect(plainCell(0.1 + 0.2, 'value')).toBe(0.3);
  });

  test('shows what reorders or hides text as a mark', () => {
    expect(cellWords('\u202Ecod.exe\u0007', { kind: 'text' })).toBe('\uFFFDcod.exe\uFFFD');
  });
});
