import { expect, test } from 'vitest';
import { EFFECT_MILLISECONDS, effectSpans, meanOf } from './effect.ts';

test('an action is compared by the five minutes before its begin and after its end', () => {
  expect(effectSpans(1_000_000, 1_040_000)).toEqual({
    before: [1_000_000 - EFFECT_MILLISECONDS, 1_000_000],
    after: [1_040_000, 1_040_000 + EFFECT_MILLISECONDS],
  });
});

test('an action without an end has nothing after it', () => {
  expect(effectSpans(1_000_000, null).after).toBeNull();
});

test('a mean leaves gaps out, and is none where there are only gaps', () => {
  expect(meanOf([50, NaN, 100])).toBe(75);
  expect(meanOf([NaN])).toBeNaN();
  expect(meanOf([])).toBeNaN();
});
