/** The way to main: calls that end in a Result. */
import type { CallInput, CallName, CallOutput } from '../common/contract/contract.ts';
import { failure, success, type Result } from '../common/model/result.ts';

/** What main answers a call. */
export type Answer<Name extends CallName> = ReturnType<typeof window.mosview.call<Name>>;

/** Calls main; an expected failure is a problem in the result. `answer` is there where this was asked before. */
export async function call<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
  answer: Answer<Name> = window.mosview.call(name, input),
): Promise<Result<CallOutput<Name>>> {
  const envelope = await answer;
  return 'problem' in envelope ? failure(envelope.problem) : success(envelope.value);
}
