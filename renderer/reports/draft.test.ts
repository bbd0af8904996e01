import { expect, test } from 'vitest';
import { EMPTY_DRAFT, OWN_RANGE, requestOf } from './draft.ts';

const NOW = new Date(2026, 10, 24, 12).getTime();
const own = { ...EMPTY_DRAFT, span: OWN_RANGE };

test('a span ends now', () => {
  expect(requestOf(EMPTY_DRAFT, NOW)).toEqual({
    ok: true,
    value: { from: NOW - 86_400_000, to: NOW, nodes: [], groups: [], command: '' },
  });
});

test('an own range is on this clock, and ends now at the latest', () => {
  const draft = { ...own, from: '2026-11-24T06:00', to: '2026-11-25T06:00', command: ' prime ' };
  expect(requestOf(draft, NOW)).toMatchObject({
    value: { from: new Date(2026, 10, 24, 6).getTime(), to: NOW, command: 'prime' },
  });
});

test.each([
  [{ from: '', to: '2026-11-24T06:00' }, 'begin and the end'],
  [{ from: '2026-11-24T06:00', to: '2026-11-24T06:00' }, 'after its begin'],
  [{ from: '2026-12-24T06:00', to: '2026-12-25T06:00' }, 'future'],
])('a range that is none is said: %j', (range, words) => {
  const request = requestOf({ ...own, ...range }, NOW);
  expect(request.ok ? '' : request.problem.message).toContain(words);
});
