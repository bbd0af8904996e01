/** The way to main: calls that end in a Result, and the opening of a node's own window on either host. */
import type { CallInput, CallName, CallOutput, Program } from '../common/contract/contract.ts';
import { failure, success, type Result } from '../common/model/result.ts';

/** Calls main; an expected failure is a problem in the result. */
export async function call<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
): Promise<Result<CallOutput<Name>>> {
  const envelope = await window.mosview.call(name, input);
  return 'problem' in envelope ? failure(envelope.problem) : success(envelope.value);
}

/**
 * Opens a node's own window. The desktop program's main opens it; in a browser the page does, at its own address with
 * another view, so that what the address carries (a token) is kept. A second opening finds the first one's window.
 */
export async function openNodeWindow(host: Program['host'], key: string): Promise<Result<unknown>> {
  if (host === 'electron') return call('openNodeWindow', { key });
  const address = new URL(location.href);
  address.searchParams.set('view', 'node');
  address.searchParams.set('key', key);
  window.open(address, `mosview-node-${key}`, 'popup,width=1080,height=780');
  return success(undefined);
}
