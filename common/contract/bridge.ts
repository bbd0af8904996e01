/**
 * The bridge as a window sees it. Each host puts one object of this shape at `window.mosview` before the window's own
 * scripts run: preload/electron.ts in the desktop program, preload/web.ts in a browser.
 */
import type { CallInput, CallName, CallOutput, PushName, PushPayload } from './contract.ts';
import type { Problem } from './problem.ts';

/** Every call with its answer; what a call ends with is never thrown across the bridge but carried as an envelope. */
export type Envelope<Value> = { readonly value: Value } | { readonly problem: Problem };

export interface Bridge {
  /** Calls main. The promise always resolves; a failure is an envelope with its problem. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Listens to a push; the returned function ends it. */
  on<Name extends PushName>(name: Name, listener: (payload: PushPayload<Name>) => void): () => void;
  /** Tells when the way to main, or to the program that main is attached to, is lost or found again. */
  onConnection(listener: (connected: boolean) => void): () => void;
}
