/** The way to main: calls that end in a Result. */
import type { CallInput, CallName, CallOutput } from '../common/contract/contract.ts';
import { failure, success, type Result } from '../common/model/result.ts';

/** Calls main; an expected failure is a problem in the result. */
export async function call<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
): Promise<Result<CallOutput<Name>>> {
  const envelope = await window.mosview.call(name, input);
  return 'problem' in envelope ? failure(envelope.problem) : success(envelope.value);
}
