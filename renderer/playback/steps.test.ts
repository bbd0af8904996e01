import { describe, expect, it } from 'vitest';
import { beside, noStepWords, secondBeside } from './steps.ts';

const STRETCH = { from: 10_000, to: 20_000 };

describe('a step by a second', () => {
  it('goes to the begin of the second beside it', () => {
    expect(secondBeside(12_345, true, STRETCH)?.time).toBe(13_000);
    expect(secondBeside(12_345, false, STRETCH)?.time).toBe(11_000);
  });

  it('ends with the range', () => {
    expect(secondBeside(20_000, true, STRETCH)).toBeUndefined();
    expect(secondBeside(10_400, false, STRETCH)).toBeUndefined();
    expect(secondBeside(19_999, true, STRETCH)?.time).toBe(20_000);
  });
});

describe('where the next migration or checkpoint is looked for', () => {
  it('is after the second that is shown, whose own are shown already', () => {
    expect(beside(12_345, true, STRETCH)).toEqual({ from: 13_000, to: 20_000 });
  });

  it('is before it on the way back', () => {
    expect(beside(12_345, false, STRETCH)).toEqual({ from: 10_000, to: 12_000 });
  });

  it('is nowhere beyond the ends', () => {
    const ahead = beside(20_000, true, STRETCH);
    expect(ahead.from).toBeGreaterThan(ahead.to);
    expect(beside(10_000, false, STRETCH)).toEqual({ from: 10_000, to: 10_000 });
  });
});

it('says that there is nothing further, and why it is not known', () => {
  expect(noStepWords('checkpoint', true, undefined)).toBe('There is no later checkpoint in this range.');
  expect(noStepWords('migration', false, { code: 'timeout', message: 'No answer.', detail: '' })).toBe(
    'No answer.',
  );
});
