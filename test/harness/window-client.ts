/** A window without a page: the contract over the WebSocket of `mosview serve`, as preload/web.ts speaks it. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Envelope } from '../../common/contract/bridge.ts';
import type {
  CallInput,
  CallName,
  CallOutput,
  PushName,
  PushPayload,
} from '../../common/contract/contract.ts';
import { decodeFrame, encodeFrame } from '../../common/contract/frame.ts';

const DEADLINE_MILLISECONDS = 30_000;

/** A push as it came. */
interface Push {
  readonly push: PushName;
  readonly payload: unknown;
}

export class WindowClient {
  readonly pushes: Push[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (envelope: Envelope<unknown>) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data) => this.#receive(decodeFrame(data as ArrayBuffer)));
  }

  /** Opens a window at the address that `mosview serve` printed. */
  static async open(url: string): Promise<WindowClient> {
    const { host } = new URL(url);
    const redirect = await fetch(url, { redirect: 'manual' });
    const cookie = redirect.headers.get('set-cookie')?.split(';')[0] ?? '';
    const socket = new WebSocket(`ws://${host}/socket`, { headers: { cookie, origin: `http://${host}` } });
    await once(socket, 'open');
    return new WindowClient(socket);
  }

  /** Calls; fails with the problem where there is one. */
  async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
    this.#count += 1;
    const id = this.#count;
    const answer = await new Promise<Envelope<unknown>>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(encodeFrame({ id, call: name, input }));
    });
    if ('problem' in answer) throw new Error(`${name}: ${answer.problem.code}: ${answer.problem.message}`);
    return answer.value as CallOutput<Name>;
  }

  /** The next push of this name, of those that come from now on, that is as wanted. */
  async next<Name extends PushName>(
    name: Name,
    isWanted: (payload: PushPayload<Name>) => boolean = () => true,
  ): Promise<PushPayload<Name>> {
    const end = performance.now() + DEADLINE_MILLISECONDS;
    for (let at = this.pushes.length; ; await pause(20)) {
      for (; at < this.pushes.length; at += 1) {
        const { push, payload } = this.pushes[at] as Push;
        if (push === name && isWanted(payload as PushPayload<Name>)) return payload as PushPayload<Name>;
      }
      if (performance.now() > end) throw new Error(`No push "${name}" came that is as wanted.`);
    }
  }

  /** Everything of this name that came so far. */
  all<Name extends PushName>(name: Name): readonly PushPayload<Name>[] {
    return this.pushes.filter(({ push }) => push === name).map(({ payload }) => payload as PushPayload<Name>);
  }

  close(): void {
    this.#socket.terminate();
  }

  #receive(message: unknown): void {
    const { id, ...rest } = message as { readonly id?: number };
    if (id === undefined) this.pushes.push(rest as Push);
    else this.#waiting.get(id)?.(rest as Envelope<unknown>);
  }
}
