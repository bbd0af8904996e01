/**
 * One window over a way that carries frames, a WebSocket or a socket: `{id, call, input}` comes in, `{id, ...envelope}`
 * and `{push, payload}` go out.
 */
import { decodeFrame } from '../common/contract/frame.ts';
import type { AttachedWindow, Desk, WindowPort } from './desk.ts';

/** Largest message a window may send. */
export const LARGEST_CALL = 4_194_304;
/** A window that takes nothing for so many bytes is cut off; it connects again and gets everything anew. */
export const LARGEST_BACKLOG = 33_554_432;

/** A window at the other end of frames. */
export interface FramedWindow extends Pick<AttachedWindow, 'detach'> {
  /** Takes a frame; false where it is no call, which no window of ours sends. */
  receive(frame: ArrayBuffer): boolean;
}

/** Attaches a window. `send` gets what goes to it, and must not throw when it is gone. */
export function attachFramed(
  desk: Desk,
  send: (message: unknown) => void,
  openWindow: WindowPort['openWindow'],
): FramedWindow {
  const window = desk.attach({ push: (push, payload) => send({ push, payload }), openWindow });
  return {
    receive: (frame) => {
      const message = decodeFrame(frame);
      const { id, call, input } = (message ?? {}) as Readonly<Record<string, unknown>>;
      if (id === undefined || typeof call !== 'string') return false;
      void window.call(call, input).then((envelope) => send({ id, ...envelope }));
      return true;
    },
    detach: () => window.detach(),
  };
}
