/** Words that end or do not, behind each other. */
import { expect, test } from 'vitest';
import { sentences } from './sentences.ts';

test('each ends before the next begins', () => {
  expect(sentences('mosview-agent did not start', '', 'It was undone.', ' (Really.)')).toBe(
    'mosview-agent did not start. It was undone. (Really.)',
  );
});
