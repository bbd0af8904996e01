/**
 * The back end as a host of windows sees it: attach a window, hand its calls in, take its pushes. Electron and the
 * headless server both work with this and nothing else.
 */
import type { Envelope } from '../common/contract/bridge.ts';
import type { PushName, PushPayload, View } from '../common/contract/contract.ts';

/** What the back end needs of a window. */
export interface WindowPort {
  /** Sends a push to the window; must not throw when the window is gone. */
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
  /** Opens the window of a view, of a node where it has a key; a host that leaves it to the window itself does nothing. */
  openWindow(view: View, key: string | undefined, title: string): void;
}

/** A window that is attached. */
export interface AttachedWindow {
  /** Handles one call. Name and input are untrusted; every failure is an envelope, the promise never rejects. */
  call(name: string, input: unknown): Promise<Envelope<unknown>>;
  /** Ends the window's watches and open questions of its own. */
  detach(): void;
}

/** Where windows are attached. */
export interface Desk {
  attach(port: WindowPort): AttachedWindow;
}
