/** The agent's end of its connection to the keeper; made anew by itself, because the keeper is a process of its own. */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { failure, type Result } from '../../common/model/result.ts';
import { Peer, type Answer, type Handlers, type Params } from '../wire/peer.ts';
import { KEEPER_METHODS, KEEPER_NOTICES } from './protocol.ts';

const RETRY_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 3000;
const LOOK_MILLISECONDS = 20;

export class Keeper {
  readonly #path: string;
  readonly #handlers: () => Handlers<typeof KEEPER_NOTICES>;
  readonly #onConnected: () => void;
  #peer: Peer<typeof KEEPER_NOTICES, typeof KEEPER_METHODS> | undefined;

  /** `onConnected` is called whenever there is a connection, the first and each later one. */
  constructor(path: string, handlers: () => Handlers<typeof KEEPER_NOTICES>, onConnected: () => void) {
    this.#path = path;
    this.#handlers = handlers;
    this.#onConnected = onConnected;
  }

  connect(): void {
    const socket = connect(this.#path);
    socket.once('connect', () => {
      const peer = new Peer('the keeper of pipes', socket, KEEPER_NOTICES, this.#handlers(), KEEPER_METHODS);
      this.#peer = peer;
      void peer.end.then(() => this.#again());
      this.#onConnected();
    });
    socket.once('error', () => {
      if (this.#peer === undefined) this.#again();
    });
  }

  /** Waits a little for a connection that is not there yet. Problems: connection-lost, not-found. */
  async call<Name extends keyof typeof KEEPER_METHODS>(
    name: Name,
    params: Params<typeof KEEPER_METHODS, Name>,
    body?: Buffer,
  ): Promise<Result<Answer<typeof KEEPER_METHODS, Name>>> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    while (this.#peer === undefined && Date.now() < deadline) await wait(LOOK_MILLISECONDS);
    return (
      this.#peer?.call(name, params, body === undefined ? {} : { body }) ??
      failure(problem('connection-lost', 'The keeper of pipes does not run here.'))
    );
  }

  notify<Name extends keyof typeof KEEPER_METHODS>(
    name: Name,
    params: Params<typeof KEEPER_METHODS, Name>,
    body?: Buffer,
  ): void {
    this.#peer?.notify(name, params, body);
  }

  #again(): void {
    this.#peer = undefined;
    setTimeout(() => this.connect(), RETRY_MILLISECONDS);
  }
}
