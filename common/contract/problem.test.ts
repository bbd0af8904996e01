import { expect, test } from 'vitest';
import { problemSchema } from './problem-schema.ts';
import { problem, ProblemError, PROBLEMS, type ProblemCode } from './problem.ts';

test('every code says in a sentence what the operator can do', () => {
  for (const advice of Object.values(PROBLEMS)) expect(advice).toMatch(/^[A-Z].*\.$/);
});

test('a problem made of any text passes the schema of the bridge', () => {
  const long = problem('protocol-error', 'x'.repeat(10_000), 'y'.repeat(10_000));
  expect(problemSchema.safeParse(long).success).toBe(true);
});

test('a problem thrown on the far side of the bridge keeps code, message and detail', () => {
  const error = new ProblemError(problem('timeout', 'node5 did not answer', 'for 10 s'));
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe('node5 did not answer');
  expect(error.code satisfies ProblemCode).toBe('timeout');
  expect(error.problem.detail).toBe('for 10 s');
});
