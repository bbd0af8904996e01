/**
 * The bridge in a browser: the contract over one WebSocket to the host that served this page. Lost connections are
 * tried again by themselves; what was watched is watched again.
 */
import type { Bridge, Envelope } from '../common/contract/bridge.ts';
import type { CallInput, CallName, CallOutput, PushName, PushPayload } from '../common/contract/contract.ts';
import { decodeFrame, encodeFrame } from '../common/contract/frame.ts';
import { problem } from '../common/contract/problem.ts';

const RETRY_MILLISECONDS = 1000;

type Listener = (payload: never) => void;

class WebBridge implements Bridge {
  readonly #waiting = new Map<number, (envelope: Envelope<never>) => void>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #connectionListeners = new Set<(connected: boolean) => void>();
  #socket: WebSocket | undefined;
  /** Calls made before the socket is open. */
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #count = 0;
  /** Calls that turn a flow of pushes on, to be made again after a lost connection. */
  readonly #watches = new Map<string, () => void>();
  #lost = false;

  constructor() {
    this.#connect();
  }

  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
    if (name === 'openWindow') {
      const { view, key, range } = input as CallInput<'openWindow'>;
      const query = new URLSearchParams({
        view,
        ...(key === undefined ? {} : { key }),
        ...(range === undefined ? {} : { range }),
      });
      window.open(`/?${query.toString()}`, `mosview-${view}-${key ?? ''}`, 'popup,width=1080,height=780');
      return Promise.resolve({ value: {} as CallOutput<Name> });
    }
    if (name.startsWith('watch')) this.#remember(name, input);
    if (this.#lost) return Promise.resolve(lost());
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(encodeFrame({ id, call: name, input }));
    });
  }

  on<Name extends PushName>(name: Name, listener: (payload: PushPayload<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    this.#connectionListeners.add(listener);
    const endFurther = this.on('connection', ({ connected }) => listener(connected));
    return () => {
      this.#connectionListeners.delete(listener);
      endFurther();
    };
  }

  #remember<Name extends CallName>(name: Name, input: CallInput<Name>): void {
    const { on, ...what } = input as { readonly on: boolean };
    const flow = JSON.stringify([name, what]);
    if (on) this.#watches.set(flow, () => void this.call(name, input));
    else this.#watches.delete(flow);
  }

  #send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
    else this.#queue.push(frame);
  }

  #connect(): void {
    const socket = new WebSocket(`ws://${location.host}/socket`);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      if (this.#lost) {
        this.#lost = false;
        for (const listener of this.#connectionListeners) listener(true);
        for (const watch of this.#watches.values()) watch();
      }
      for (const frame of this.#queue) socket.send(frame);
      this.#queue = [];
    });
    socket.addEventListener('message', (event: MessageEvent<ArrayBuffer>) => this.#receive(event.data));
    socket.addEventListener('close', () => {
      for (const resolve of this.#waiting.values()) resolve(lost());
      this.#waiting.clear();
      this.#queue = [];
      if (!this.#lost) {
        this.#lost = true;
        for (const listener of this.#connectionListeners) listener(false);
      }
      setTimeout(() => this.#connect(), RETRY_MILLISECONDS);
    });
  }

  #receive(data: ArrayBuffer): void {
    const message = decodeFrame(data) as
      | { readonly push: string; readonly payload: never }
      | ({ readonly id: number } & Envelope<never>)
      | undefined;
    if (message === undefined) return;
    if ('push' in message) {
      for (const listener of this.#listeners.get(message.push) ?? []) listener(message.payload);
      return;
    }
    const { id, ...envelope } = message;
    this.#waiting.get(id)?.(envelope);
    this.#waiting.delete(id);
  }
}

function lost(): Envelope<never> {
  return {
    problem: problem(
      'connection-lost',
      'mosview itself does not answer; this window connects again by itself',
    ),
  };
}

const bridge: Bridge = new WebBridge();
Object.defineProperty(window, 'mosview', { value: Object.freeze(bridge) });
