/** Results in tests: what must not fail there. */
import type { Result } from '../../common/model/result.ts';

/** What a result holds; its problem is thrown. */
export function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok)
    throw new Error(`${result.problem.code}: ${result.problem.message} ${result.problem.detail}`);
  return result.value;
}
