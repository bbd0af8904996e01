import { describe, expect, test } from 'vitest';
import { DamagedData } from './codec.ts';
import { MAX_STORED, MISSING } from './format.ts';
import { decodeTick, encodeTick } from './tick-codec.ts';

/** What one column of these values comes back as. */
function column(...values: readonly number[]): readonly number[] {
  return [...decodeTick(Buffer.from(encodeTick(Int32Array.from(values), values.length)), values.length)];
}

describe('a tick', () => {
  test.each([
    ['one value', [5]],
    ['the same value in all rows', [7, 7, 7]],
    ['no value at all', [MISSING, MISSING]],
    ['one value among none', [MISSING, -3, MISSING]],
    ['offsets of one byte', [10, 264, MISSING]],
    ['offsets of two bytes', [10, 265, 65_544]],
    ['offsets of three bytes', [-1, 65_534, 2 ** 24 - 3]],
    ['offsets of four bytes', [-1, 2 ** 24 - 2]],
    ['the extremes', [MAX_STORED, -MAX_STORED, 0, MISSING]],
  ])('gives back %s', (_, values) => {
    expect(column(...values)).toEqual(values);
  });

  test('gives back all columns of all rows, whatever is in them', () => {
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return (state >>> 0) / 2 ** 32;
    };
    for (let rows = 1; rows < 300; rows += 7) {
      const values = Int32Array.from({ length: 12 * rows }, () =>
        random() < 0.1 ? MISSING : Math.floor((random() - 0.5) * 2 ** (random() * 32)),
      );
      expect(decodeTick(Buffer.from(encodeTick(values, rows)), rows)).toEqual(values);
    }
  });

  test('takes five bytes for a column that is the same in all rows', () => {
    expect(encodeTick(new Int32Array(1000).fill(10_000), 1000)).toHaveLength(2 + 5);
  });

  test('with another number of rows, another layout, or cut off is damaged', () => {
    const bytes = Buffer.from(
      encodeTick(
        Int32Array.from({ length: 24 }, (_, index) => index ** 5),
        2,
      ),
    );
    expect(() => decodeTick(bytes, 3)).toThrow(DamagedData);
    expect(() => decodeTick(bytes, 0)).toThrow(DamagedData);
    expect(() => decodeTick(bytes.subarray(0, 20), 2)).toThrow(DamagedData);
    expect(() => decodeTick(Buffer.concat([Buffer.from([9]), bytes.subarray(1)]), 2)).toThrow(DamagedData);
    expect(() => decodeTick(Buffer.alloc(0), 2)).toThrow(DamagedData);
  });
});
