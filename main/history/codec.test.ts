import { describe, expect, test } from 'vitest';
import { DamagedData, decodeSeries, encodeSeries, seriesRoom, seriesValueAt } from './codec.ts';
import { MAX_STORED, MISSING, WINDOW_SECONDS } from './format.ts';

/** Repeatable numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

function window(value: (place: number) => number): Int32Array {
  return Int32Array.from({ length: WINDOW_SECONDS }, (_, place) => value(place));
}

function encoded(series: Int32Array): Uint8Array {
  const bytes = new Uint8Array(seriesRoom(series.length));
  return bytes.subarray(0, encodeSeries(series, 0, series.length, bytes, 0));
}

function decode(bytes: Uint8Array, into: Int32Array): void {
  decodeSeries(bytes, 0, bytes.length, into, 0, into.length);
}

function roundTrip(series: Int32Array): Int32Array {
  const decoded = new Int32Array(WINDOW_SECONDS);
  decode(encoded(series), decoded);
  return decoded;
}

/** A window with repeats, gaps and jumps of a random size. */
function randomWalk(next: () => number): Int32Array {
  const bits = Math.floor(next() * 32);
  const repeats = next();
  const gaps = next() < 0.5 ? next() * 0.3 : 0;
  let value = 0;
  return window(() => {
    if (next() > repeats) value = (value + Math.round((next() - 0.5) * 2 ** bits)) | 0;
    if (value === MISSING) value = 0;
    return next() < gaps ? MISSING : value;
  });
}

describe('a series', () => {
  test.each<[string, (place: number) => number]>([
    ['a constant', () => 42],
    ['zero', () => 0],
    ['nothing at all', () => MISSING],
    ['the extremes in turn', (place) => (place % 2 === 0 ? MAX_STORED : -MAX_STORED)],
    ['a counter', (place) => place * 1000],
    ['one value in the middle', (place) => (place === 150 ? 7 : MISSING)],
    ['one gap in the middle', (place) => (place === 150 ? MISSING : 7)],
    ['gaps at both ends', (place) => (place < 100 || place > 200 ? MISSING : place)],
    ['every other second missing', (place) => (place % 2 === 0 ? place : MISSING)],
    ['a long run, then a change in the last second', (place) => (place === WINDOW_SECONDS - 1 ? 1 : 0)],
  ])('gives back %s', (_, value) => {
    expect(roundTrip(window(value))).toEqual(window(value));
  });

  test('gives back steps around the borders of every width', () => {
    for (const border of [4, 32, 512, 4096, 2 ** 18, 2 ** 24, MAX_STORED]) {
      for (const step of [border - 1, border, -border, -border + 1]) {
        const series = window((place) => (place % 3 === 0 ? step : 0));
        expect(roundTrip(series)).toEqual(series);
      }
    }
  });

  test('gives back random walks with repeats, gaps and jumps of every size', () => {
    const next = random(1);
    for (let round = 0; round < 2000; round += 1) {
      const series = randomWalk(next);
      expect(roundTrip(series)).toEqual(series);
    }
  });

  test('gives each place of such a walk alone as it gives them all', () => {
    const next = random(4);
    for (let round = 0; round < 300; round += 1) {
      const series = randomWalk(next);
      const bytes = encoded(series);
      expect(series.map((_, place) => seriesValueAt(bytes, 0, bytes.length, place))).toEqual(series);
    }
  });

  test('takes a few bytes for a constant and less than one per second for a load that mostly repeats', () => {
    const next = random(2);
    let load = 300;
    const walk = window(() => (load += next() < 0.3 ? Math.round((next() - 0.5) * 8) : 0));
    expect(encoded(window(() => 10_000)).length).toBeLessThan(8);
    expect(encoded(walk).length).toBeLessThan(150);
  });

  test('of other bytes is refused as damaged and never written beyond its end', () => {
    const next = random(3);
    const guarded = new Int32Array(WINDOW_SECONDS + 1).fill(7);
    for (let round = 0; round < 2000; round += 1) {
      const bytes = Uint8Array.from({ length: Math.floor(next() * 200) }, () => next() * 256);
      for (const read of [
        () => decode(bytes, guarded.subarray(0, WINDOW_SECONDS)),
        () => seriesValueAt(bytes, 0, bytes.length, 200),
      ]) {
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedData);
        }
      }
    }
    expect(guarded[WINDOW_SECONDS]).toBe(7);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['of an unknown token', Buffer.from([0xff])],
    ['cut off', Buffer.from([0xc0])],
  ])('that is %s is damaged', (_, bytes) => {
    expect(() => decode(bytes, new Int32Array(WINDOW_SECONDS))).toThrow(DamagedData);
    expect(() => seriesValueAt(bytes, 0, bytes.length, 0)).toThrow(DamagedData);
  });

  test('that is longer than its window is damaged', () => {
    expect(() => decode(Buffer.from([0xfd, 0xfd]), new Int32Array(WINDOW_SECONDS))).toThrow(DamagedData);
  });
});
