/**
 * One SSH connection to one host over a stream that is given: handshake, host key, authentication, channels. Cannot be
 * constructed without a decision about the host's key.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type Algorithms, type ClientChannel } from 'ssh2';
import { problem, type ProblemCode } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { algorithmsToOffer } from './algorithms.ts';
import { PausableDeadline, type Attempt } from './attempt.ts';
import { Authentication, type AuthenticationTools, type RememberedSecret } from './authentication.ts';
import { classifyError, errorFacts, failed, plainText, type Failure, type Place } from './failure.ts';
import type { HostConfig } from './host-config.ts';
import { HostKeyDecision } from './host-keys.ts';
import { makeLean } from './lean-packets.ts';

const GREETING_BYTES = 300;
const CHANNEL_TIMEOUT_MILLISECONDS = 30_000;

interface Opening {
  readonly attempt: Attempt;
  readonly authentication: Authentication;
  readonly deadline: PausableDeadline;
  readonly signal: AbortSignal;
  settle(failure: Failure | undefined): void;
}

/** An SSH connection. */
export class SshConnection {
  readonly #host: HostConfig;
  readonly #decision: HostKeyDecision;
  readonly #client = new Client();
  readonly #endListeners = new Set<(reason: Failure) => void>();
  #stream: Duplex | undefined;
  /** What only the opening needs; gone once the connection is up or has failed. */
  #opening: Opening | undefined;
  #phase: Place['phase'] = 'handshake';
  #greeting = '';
  #lastError: Failure | undefined;
  #over = false;

  constructor(host: HostConfig, decision: HostKeyDecision) {
    if (!(decision instanceof HostKeyDecision)) {
      throw new TypeError('An SSH connection needs a decision about the host key.');
    }
    this.#host = host;
    this.#decision = decision;
  }

  /** Does handshake and authentication over the stream, once. Resolves with the failure, or undefined when it is up. */
  async open(
    stream: Duplex,
    attempt: Attempt,
    tools: AuthenticationTools,
    secret: RememberedSecret,
  ): Promise<Failure | undefined> {
    const { host } = this;
    this.#stream = stream;
    // What comes after the end is of no interest, but an error nobody listens to would end the program.
    stream.on('error', () => {});
    const algorithms = algorithmsToOffer(host.algorithms, this.#decision.known);
    if ('nothingLeft' in algorithms) {
      this.end();
      return failed(
        'not-available',
        `mosview knows none of the ${algorithms.nothingLeft} that the SSH configuration allows for ${host.name}.`,
      );
    }

    const { promise: outcome, resolve: settle } = Promise.withResolvers<Failure | undefined>();
    const ended = new AbortController();
    const deadline = new PausableDeadline(host.timeoutMilliseconds, () => settle(this.#tookTooLong()));
    const onAbort = (): void => settle(failed('cancelled', `Connecting to ${host.name} was cancelled.`));
    attempt.signal.addEventListener('abort', onAbort, { once: true });
    const signal = AbortSignal.any([attempt.signal, ended.signal]);
    const authentication = new Authentication(
      host,
      tools,
      {
        signal,
        background: attempt.background,
        report: (text) => attempt.report(text),
        step: (words) => attempt.step(words),
        asking: (words, ask) => deadline.pausedFor(() => attempt.asking(words, ask)),
      },
      secret,
      () => settle(this.#notAuthenticated(authentication)),
    );
    this.#opening = { attempt, authentication, deadline, signal, settle };
    try {
      this.#listen();
      this.#start(stream, algorithms.offer);
      const result = await outcome;
      if (result === undefined) {
        authentication.succeeded();
        this.#phase = 'connected';
      }
      return result;
    } catch (error) {
      return classifyError(errorFacts(error), this.#place);
    } finally {
      this.#opening = undefined;
      deadline.end();
      // A reason of its own spares the making of an exception.
      ended.abort('over');
      attempt.signal.removeEventListener('abort', onAbort);
      if (this.#phase !== 'connected') this.end();
    }
  }

  /** Calls the listener once when the connection that was up ends by itself. */
  onEnd(listener: (reason: Failure) => void): void {
    this.#endListeners.add(listener);
  }

  /** A stream to another host as seen from this one. */
  forward(host: string, port: number, signal: AbortSignal): Promise<Result<Duplex>> {
    const refusal = {
      code: 'host-unreachable',
      words: `${this.host.name} cannot reach ${host}:${port}`,
    } as const;
    return this.#channel(refusal, signal, (done) =>
      this.#client.forwardOut('127.0.0.1', 0, host, port, done),
    );
  }

  /** A stream to a socket in a folder there (OpenSSH's own extension). Servers do not tell why they refuse it. */
  forwardToSocket(path: string, signal: AbortSignal): Promise<Result<Duplex>> {
    const refusal = { code: 'not-available', words: `${this.host.name} did not connect to ${path}` } as const;
    return this.#channel(refusal, signal, (done) => this.#client.openssh_forwardOutStreamLocal(path, done));
  }

  /** Starts a command without a terminal. */
  run(command: string, signal: AbortSignal): Promise<Result<ClientChannel>> {
    const refusal = { code: 'no-shell', words: `${this.host.name} did not start a command` } as const;
    return this.#channel(refusal, signal, (done) => this.#client.exec(command, { pty: false }, done));
  }

  /** Ends the connection; no listener is called. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#endListeners.clear();
    this.#client.end();
    const stream = this.#stream;
    if (stream === undefined) return;
    if (stream instanceof Socket) stream.destroySoon();
    else stream.destroy();
  }

  get host(): HostConfig {
    return this.#host;
  }

  get #address(): string {
    return `${this.host.host}:${this.host.port}`;
  }

  get #place(): Place {
    return { name: this.host.name, address: this.#address, phase: this.#phase, greeting: this.#greeting };
  }

  /** Gives the stream to ssh2. What ssh2 keeps of it refers to nothing that only the opening needs. */
  #start(stream: Duplex, algorithms: Algorithms): void {
    const { host } = this;
    makeLean(this.#client, stream);
    this.#client.connect({
      sock: stream,
      username: host.user,
      readyTimeout: 0,
      keepaliveInterval: host.keepAlive.milliseconds,
      keepaliveCountMax: host.keepAlive.count,
      algorithms,
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) =>
        this.#guarded(async () => {
          const refusal = await this.#judge(key);
          this.#lastError ??= refusal;
          if (!this.#over) verify(refusal === undefined);
        }),
      authHandler: (left, _partial, next) =>
        this.#guarded(async () => {
          const method = await this.#opening?.authentication.next(left ?? undefined);
          // ssh2 takes false for "no method left"; its types do not know.
          if (method !== undefined && !this.#over) next(method as Exclude<typeof method, false>);
        }),
    });
    this.#watchGreeting(stream);
  }

  /** Why the key is refused. Called again when keys are exchanged anew; nobody is asked then. */
  #judge(key: Buffer): Promise<Failure | undefined> {
    const opening = this.#opening;
    return opening === undefined
      ? this.#decision.decide(key, AbortSignal.abort('over'))
      : opening.deadline.pausedFor(() => this.#decision.decide(key, opening.signal));
  }

  /** A fault in what ssh2 waits for must end the connection: it would wait for ever. */
  #guarded(work: () => Promise<void>): void {
    void work().catch((error: unknown) => {
      const message = `The connection to ${this.host.name} met a fault in mosview.`;
      this.#lastError ??= failed('internal-error', message, String(error));
      this.#opening?.settle(this.#lastError);
      this.#client.end();
    });
  }

  #listen(): void {
    const { host } = this;
    this.#client
      .on('error', (error: Error & { level?: string }) => {
        // The agent's refusal of one key is no end: the next is tried.
        if (error.level === 'agent') return;
        this.#lastError ??=
          error.level === 'client-authentication' && this.#opening !== undefined
            ? this.#notAuthenticated(this.#opening.authentication)
            : classifyError(errorFacts(error), this.#place);
        this.#opening?.settle(this.#lastError);
      })
      .on('close', () => {
        const during = this.#phase === 'connected' ? '' : ` during the ${this.#phase}`;
        const reason =
          this.#lastError ?? failed('connection-lost', `${host.name} closed the connection${during}.`);
        this.#opening?.settle(reason);
        if (this.#phase !== 'connected' || this.#over) return;
        this.#over = true;
        for (const listener of this.#endListeners) listener(reason);
        this.#endListeners.clear();
      })
      .on('banner', (text: string) =>
        this.#opening?.attempt.report(`${host.name} says: ${plainText(text, 500)}`),
      )
      .on('change password', () => {
        const message = `The password of ${host.user} on ${host.name} has expired. Change it with ssh.`;
        this.#opening?.settle(failed('authentication-failed', message));
      })
      .on('handshake', () => {
        if (this.#phase !== 'handshake') return;
        this.#phase = 'authentication';
        this.#opening?.attempt.step(`authenticating as ${host.user} on ${host.name}`);
      })
      .on('ready', () => this.#opening?.settle(undefined));
  }

  #tookTooLong(): Failure {
    return this.#greeting === '' && this.#phase === 'handshake'
      ? failed('timeout', `${this.#address} accepts connections but says nothing.`)
      : failed('timeout', `The ${this.#phase} with ${this.host.name} takes too long.`);
  }

  #notAuthenticated(authentication: Authentication): Failure {
    return failed(
      'authentication-failed',
      `${this.host.name} did not let ${this.host.user} in: ${authentication.tried}.`,
    );
  }

  /** Keeps the first bytes, which tell what answers there when the handshake fails. ssh2 has paused the stream. */
  #watchGreeting(stream: Duplex): void {
    const watch = (chunk: Buffer): void => {
      this.#greeting += chunk.toString('latin1', 0, GREETING_BYTES);
      if (this.#greeting.length >= GREETING_BYTES) stream.off('data', watch);
    };
    stream.on('data', watch);
    this.#client.once('handshake', () => stream.off('data', watch));
  }

  #channel<Channel extends ClientChannel>(
    refusal: { readonly code: ProblemCode; readonly words: string },
    signal: AbortSignal,
    start: (done: (error: Error | undefined, channel: Channel) => void) => void,
  ): Promise<Result<Channel>> {
    return new Promise((resolve) => {
      let finished = false;
      const finish = (result: Result<Channel>): void => {
        finished = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const onAbort = (): void => finish(failure(problem('cancelled', `${refusal.words}: cancelled.`)));
      const timer = setTimeout(() => {
        finish(failure(problem('timeout', `${refusal.words}: no answer in time.`)));
      }, CHANNEL_TIMEOUT_MILLISECONDS);
      signal.addEventListener('abort', onAbort, { once: true });
      const refused = (error: Error): void => {
        // ssh2 calls it a refusal, too, when the connection goes before the answer.
        if (this.#stream?.destroyed !== false) {
          finish(failure(problem('connection-lost', `${refusal.words}: the connection ended.`)));
          return;
        }
        // RFC 4254: administratively prohibited.
        const code = 'reason' in error && error.reason === 1 ? 'permission-denied' : refusal.code;
        const words = plainText(error.message.replace(/^\(SSH\) Channel open failure: /, ''), 500);
        finish(failure(problem(code, `${refusal.words}: ${words || 'it was refused'}.`)));
      };
      try {
        start((error, channel) => {
          if (error !== undefined) refused(error);
          else if (finished) channel.close();
          else finish(success(channel));
        });
      } catch (error) {
        // ssh2 throws when the connection has gone in the meantime.
        refused(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}
