/**
 * The only place where messages of windows come in and go out. A call is taken from the main frame of a window this
 * program opened, while it shows our own page, and from nobody else; its name and input are checked behind the desk.
 */
import { ipcMain, type IpcMainInvokeEvent, type WebContents, type WebFrameMain } from 'electron';
import type { Envelope } from '../../common/contract/bridge.ts';
import { problem } from '../../common/contract/problem.ts';
import type { AttachedWindow, Desk, WindowPort } from '../desk.ts';
import { ORIGIN } from './scheme.ts';

const CALL_CHANNEL = 'mosview:call';
const PUSH_CHANNEL = 'mosview:push';

/** Connects admitted windows with the desk. */
export class WindowCalls {
  readonly #desk: Desk;
  readonly #openWindow: WindowPort['openWindow'];
  /** Admitted windows by their contents' id, each with its attachment once its page has made a call. */
  readonly #windows = new Map<number, AttachedWindow | undefined>();

  /** @param openWindow Opens or focuses the window of a view. */
  constructor(desk: Desk, openWindow: WindowPort['openWindow']) {
    this.#desk = desk;
    this.#openWindow = openWindow;
    ipcMain.handle(CALL_CHANNEL, (event, name: unknown, input: unknown) => this.#answer(event, name, input));
  }

  /** Takes calls from a new window from now on, until it is closed. */
  admit(contents: WebContents): void {
    const { id } = contents;
    this.#windows.set(id, undefined);
    const detach = (): void => {
      this.#windows.get(id)?.detach();
      this.#windows.set(id, undefined);
    };
    contents.on('did-navigate', detach);
    contents.on('render-process-gone', detach);
    contents.once('destroyed', () => {
      detach();
      this.#windows.delete(id);
    });
  }

  /** Takes no more calls and detaches every window. */
  dispose(): void {
    ipcMain.removeHandler(CALL_CHANNEL);
    for (const attached of this.#windows.values()) attached?.detach();
    this.#windows.clear();
  }

  async #answer(event: IpcMainInvokeEvent, name: unknown, input: unknown): Promise<Envelope<unknown>> {
    if (!this.#windows.has(event.sender.id) || !isOwnPage(event.senderFrame)) {
      throw new Error(`A call from ${event.senderFrame?.url ?? 'a page that is gone'} was refused.`);
    }
    if (typeof name !== 'string') return { problem: problem('bad-input', 'A call needs a name.') };
    return this.#attached(event.sender).call(name, input);
  }

  /** A page is attached at its first call, when it listens; what is pushed to it before would be lost. */
  #attached(contents: WebContents): AttachedWindow {
    const known = this.#windows.get(contents.id);
    if (known !== undefined) return known;
    const attached = this.#desk.attach({
      push: (name, payload) => {
        if (!contents.isDestroyed()) contents.send(PUSH_CHANNEL, name, payload);
      },
      openWindow: this.#openWindow,
    });
    this.#windows.set(contents.id, attached);
    return attached;
  }
}

/** True for the main frame of a window while it shows a page of ours. */
function isOwnPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${ORIGIN}/`);
}
