/**
 * The back end as a host of windows sees it: attach a window, hand its calls in, take its pushes. Electron and the
 * headless server both work with this and nothing else.
 */
import type { Envelope } from '../common/contract/bridge.ts';
import type { CallInput, PushName, PushPayload } from '../common/contract/contract.ts';

/** What a window shows: the view, of a node where it has a key, and for the past the range of time it begins with. */
export type WindowPlace = CallInput<'openWindow'>;

/** What the back end needs of a window. */
export interface WindowPort {
  /** Sends a push to the window; must not throw when the window is gone. */
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
  /** Opens a window; a host that leaves it to the window itself does nothing. */
  openWindow(place: WindowPlace, title: string): void;
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
