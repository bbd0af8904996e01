/** Which rows are built, and where the keyboard goes. */
import { describe, expect, it } from 'vitest';
import { ROW_HEIGHT, rowAfterKey, rowsInView, scrollToRow } from './virtual.ts';

describe('rowsInView', () => {
  it('is empty without rows', () => {
    expect(rowsInView(0, 600, 0)).toEqual({ start: 0, end: 0 });
  });

  it('builds the rows of the view and a few more', () => {
    expect(rowsInView(100 * ROW_HEIGHT, 10 * ROW_HEIGHT, 2000)).toEqual({ start: 97, end: 113 });
  });

  it('builds only the rows of the view where none is wanted beyond it', () => {
    expect(rowsInView(100 * ROW_HEIGHT, 10 * ROW_HEIGHT, 2000, 0)).toEqual({ start: 100, end: 110 });
  });

  it('stops at the last row', () => {
    expect(rowsInView(1990 * ROW_HEIGHT, 20 * ROW_HEIGHT, 2000).end).toBe(2000);
  });

  it('is in range where the rows became fewer than the scroll position', () => {
    expect(rowsInView(1990 * ROW_HEIGHT, 600, 5)).toEqual({ start: 5, end: 5 });
  });
});

describe('scrollToRow', () => {
  const height = 10 * ROW_HEIGHT;

  it('stays where the row is in view', () => {
    expect(scrollToRow(5, 0, height)).toBe(0);
  });

  it('moves up to a row above', () => {
    expect(scrollToRow(3, 10 * ROW_HEIGHT, height)).toBe(3 * ROW_HEIGHT);
  });

  it('moves down just far enough for a row below', () => {
    expect(scrollToRow(10, 0, height)).toBe(ROW_HEIGHT);
  });
});

describe('rowAfterKey', () => {
  it.each([
    ['ArrowDown', undefined, 0],
    ['ArrowUp', undefined, 99],
    ['ArrowDown', 5, 6],
    ['ArrowDown', 99, 99],
    ['ArrowUp', 0, 0],
    ['PageDown', 5, 14],
    ['PageUp', 5, 0],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['a', 50, undefined],
  ])('%s from %s goes to %s', (key, from, to) => {
    expect(rowAfterKey(key, from, 100, 10)).toBe(to);
  });

  it('goes nowhere without rows', () => {
    expect(rowAfterKey('ArrowDown', undefined, 0, 10)).toBeUndefined();
  });
});
