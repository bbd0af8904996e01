/**
 * One node's session: connects, says in which state it is and why, and connects again by itself after a loss, but never
 * after a refusal that only the operator can change.
 */
import type { Duplex } from 'node:stream';
import type { ConnectionEvent, NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { ConnectionState } from '../../common/model/node.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import type { Attempt } from './attempt.ts';
import type { RememberedSecret } from './authentication.ts';
import type { ConnectSlots, Release } from './connect-slots.ts';
import type { Connected, Connector, ConnectOutcome } from './connector.ts';
import { failed, plainText, type Failure } from './failure.ts';
import { hostKeyName, type HostKeyBook } from './host-keys.ts';
import type { HostResolver } from './host-resolver.ts';
import {
  attachChannel,
  collectOutput,
  EXEC_PREFIX,
  type ChannelHandlers,
  type ExecOptions,
  type ExecOutput,
  type SshChannel,
} from './remote-command.ts';
import { HELD_MILLISECONDS, retryDelay } from './retry-delay.ts';

/** What a session needs of its service. */
export interface SessionTools {
  readonly connector: Connector;
  readonly resolver: HostResolver;
  readonly hostKeys: HostKeyBook;
  /** The operator tries again: refused questions may be asked, and files that may have changed are looked at. */
  readonly startOver: () => void;
  readonly slots: ConnectSlots;
}

const EVENTS_KEPT = 200;

/** The session of one node. */
export class Session {
  readonly #entry: NodeEntry;
  readonly #tools: SessionTools;
  readonly #secret: RememberedSecret = { password: undefined };
  readonly #life = new AbortController();
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #events: ConnectionEvent[] = [];
  #state: ConnectionState = { kind: 'queued' };
  #connected: Connected | undefined;
  #running: Promise<void> = Promise.resolve();
  #retryTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #wasConnected = false;
  #refusedKeyOf: string | undefined;

  readonly #onClosed: () => void;

  /** Begins to connect at once; `onClosed` is called when it has been closed. */
  constructor(entry: NodeEntry, tools: SessionTools, onClosed: () => void) {
    this.#entry = entry;
    this.#tools = tools;
    this.#onClosed = onClosed;
    this.#connect(false);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection log, oldest first. */
  get events(): readonly ConnectionEvent[] {
    return this.#events;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async openChannel(command: string, handlers: ChannelHandlers): Promise<Result<SshChannel>> {
    if (this.#connected === undefined) return failure(this.#notConnected());
    const channel = await this.#connected.connection.run(command, this.#life.signal);
    return channel.ok ? success(attachChannel(channel.value, handlers)) : channel;
  }

  async exec(command: string, options: ExecOptions): Promise<Result<ExecOutput>> {
    if (this.#connected === undefined) return failure(this.#notConnected());
    const channel = await this.#connected.connection.run(EXEC_PREFIX + command, this.#life.signal);
    return channel.ok ? collectOutput(channel.value, this.#entry.name, options) : channel;
  }

  async openSocket(path: string): Promise<Result<Duplex>> {
    if (this.#connected === undefined) return failure(this.#notConnected());
    return this.#connected.connection.forwardToSocket(path, this.#life.signal);
  }

  reconnect(): void {
    const { kind } = this.#state;
    if (kind !== 'waiting' && kind !== 'failed') return;
    this.#tools.startOver();
    this.#failures = 0;
    this.#connect(false);
  }

  async forgetHostKey(): Promise<Result<void>> {
    const route = await this.#tools.resolver.route(this.#entry, this.#life.signal);
    if (!route.ok) return route;
    const { hops, target } = route.value;
    const host = hops.find((hop) => hostKeyName(hop) === this.#refusedKeyOf) ?? target;
    const forgotten = await this.#tools.hostKeys.forget(host);
    if (forgotten.ok) this.#report(`the key of ${host.name} was forgotten`);
    return forgotten;
  }

  async close(): Promise<void> {
    this.#life.abort();
    clearTimeout(this.#retryTimer);
    this.#connected?.end();
    this.#connected = undefined;
    this.#secret.password = undefined;
    await this.#running;
    if (this.#state.kind !== 'none') this.#become({ kind: 'none' });
    this.#listeners.clear();
    this.#onClosed();
  }

  #connect(background: boolean): void {
    clearTimeout(this.#retryTimer);
    this.#become({ kind: 'queued' });
    this.#running = this.#attempt(background).then((outcome) => this.#took(outcome));
  }

  async #attempt(background: boolean): Promise<ConnectOutcome> {
    const { signal } = this.#life;
    let release: Release | undefined = await this.#tools.slots.take(signal);
    let step = '';
    const attempt: Attempt = {
      signal,
      background,
      report: (text) => this.#report(text),
      step: (words) => {
        step = words;
        if (signal.aborted) return;
        this.#report(words);
        this.#become({ kind: 'connecting', step });
      },
      asking: async (words, ask) => {
        if (!signal.aborted) {
          this.#report(words);
          this.#become({ kind: 'asking', step: words });
        }
        release?.();
        try {
          return await ask();
        } finally {
          release = await this.#tools.slots.take(signal, true);
          if (!signal.aborted) this.#become({ kind: 'connecting', step });
        }
      },
    };
    try {
      if (signal.aborted)
        return { kind: 'failed', failure: failed('cancelled', `${this.#entry.name} was closed.`) };
      return await this.#tools.connector.connect(this.#entry, attempt, this.#secret);
    } catch (error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const message = `Connecting to ${this.#entry.name} met a fault in mosview.`;
      return { kind: 'failed', failure: failed('internal-error', message, stack) };
    } finally {
      release?.();
    }
  }

  #took(outcome: ConnectOutcome): void {
    if (this.#life.signal.aborted) {
      if (outcome.kind === 'connected') outcome.end();
      return;
    }
    if (outcome.kind === 'failed') {
      this.#fail(outcome.failure);
      return;
    }
    const since = Date.now();
    this.#connected = outcome;
    this.#wasConnected = true;
    this.#refusedKeyOf = undefined;
    outcome.onEnd((reason) => {
      this.#connected = undefined;
      if (this.#life.signal.aborted) return;
      if (Date.now() - since >= HELD_MILLISECONDS) this.#failures = 0;
      this.#fail(reason);
    });
    this.#become({ kind: 'connected', since });
  }

  #fail({ problem: theProblem, retry, refusedKeyOf }: Failure): void {
    this.#refusedKeyOf = refusedKeyOf;
    const detail = theProblem.detail === '' ? '' : ` (${plainText(theProblem.detail, 500)})`;
    this.#report(`${theProblem.message}${detail}`);
    if (!retry) {
      this.#become({ kind: 'failed', problem: theProblem });
      return;
    }
    this.#failures += 1;
    const delay = retryDelay(this.#failures, Math.random());
    this.#report(`trying again in ${(delay / 1000).toFixed(1)} s`);
    this.#retryTimer = setTimeout(() => this.#connect(this.#wasConnected), delay);
    this.#become({ kind: 'waiting', problem: theProblem, retryAt: Date.now() + delay });
  }

  #notConnected(): Problem {
    const { name } = this.#entry;
    const state = this.#state;
    switch (state.kind) {
      case 'waiting':
      case 'failed':
        return state.problem;
      case 'none':
        return problem('cancelled', `The connection to ${name} was closed.`);
      case 'queued':
      case 'connected':
        return problem('connection-lost', `${name} is not connected.`);
      case 'connecting':
      case 'asking':
        return problem('connection-lost', `${name} is not connected yet: ${state.step}.`);
      default:
        return assertNever(state);
    }
  }

  #report(text: string): void {
    this.#events.push({ time: Date.now(), text: plainText(text, 1000) });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
