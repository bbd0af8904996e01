/** Expected failures are values: a `Result` holds what was asked for, or the problem in its place. */
import type { Problem } from '../contract/problem.ts';

/** What was asked for, or why it could not be had. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

/** A result that holds its value. */
export function success<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

/** A result that holds the problem. */
export function failure(problem: Problem): Result<never> {
  return { ok: false, problem };
}

/** Marks a branch that the types say cannot be reached; a new member of a union fails the type check here. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case ${JSON.stringify(value)}`);
}
