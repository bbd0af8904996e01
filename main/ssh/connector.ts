/**
 * Goes the whole way to a node: resolves it, opens the socket or passes the jump hosts, and connects. Jump hosts are
 * shared: a thousand nodes behind one head node cost it one connection.
 */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { Attempt } from './attempt.ts';
import type { AuthenticationTools, RememberedSecret } from './authentication.ts';
import { SshConnection } from './connection.ts';
import { classifyError, errorFacts, failed, failedAtHop, retried, type Failure } from './failure.ts';
import type { HostConfig } from './host-config.ts';
import type { HostKeyBook } from './host-keys.ts';
import type { HostResolver } from './host-resolver.ts';
import { passStraight } from './lean-packets.ts';

/** What connecting works with. */
export interface ConnectorTools extends AuthenticationTools {
  readonly resolver: HostResolver;
  readonly hostKeys: HostKeyBook;
}

/** A connection that is up; ending it leaves the jump hosts before it. */
export interface Connected {
  readonly kind: 'connected';
  readonly connection: SshConnection;
  /** Calls the listener once when the connection ends by itself. */
  onEnd(listener: (reason: Failure) => void): void;
  end(): void;
}

/** A connection or the reason why there is none. */
export type ConnectOutcome = Connected | { readonly kind: 'failed'; readonly failure: Failure };

/** The pause in milliseconds before the next of several addresses of a host is tried. */
const NEXT_ADDRESS_MILLISECONDS = 2500;

/** Connects to nodes, over shared jump hosts. */
export class Connector {
  readonly #tools: ConnectorTools;
  readonly #hops = new Map<string, SharedHop>();
  readonly #hopSecrets = new Map<string, RememberedSecret>();

  constructor(tools: ConnectorTools) {
    this.#tools = tools;
  }

  /** Connects to a node. */
  async connect(entry: NodeEntry, attempt: Attempt, secret: RememberedSecret): Promise<ConnectOutcome> {
    attempt.step('resolving');
    const route = await this.#tools.resolver.route(entry, attempt.signal);
    if (!route.ok) return { kind: 'failed', failure: retried(route.problem) };
    const { hops, target } = route.value;
    const through = hops.length === 0 ? '' : ` through ${hops.map((hop) => hop.name).join(', ')}`;
    attempt.report(`${entry.name} is ${target.user}@${target.host}:${target.port}${through}`);
    if (this.#tools.resolver.withoutProgram) {
      attempt.report('there is no ssh program here: mosview reads ~/.ssh/config itself, without Match exec');
    }
    return this.#connectTo(target, hops, attempt, secret);
  }

  async #connectTo(
    host: HostConfig,
    hops: readonly HostConfig[],
    attempt: Attempt,
    secret: RememberedSecret,
  ): Promise<ConnectOutcome> {
    const decision = await this.#tools.hostKeys.decisionFor(host, attempt);
    if (!decision.ok) return { kind: 'failed', failure: retried(decision.problem) };
    const lastHop = hops.at(-1);
    const way =
      lastHop === undefined
        ? await openSocket(host, attempt)
        : await this.#throughHop(lastHop, hops.slice(0, -1), host, attempt);
    if (way.kind === 'failed') return way;

    attempt.step(`exchanging keys with ${host.name}`);
    const connection = new SshConnection(host, decision.value);
    const failure = await connection.open(way.stream, attempt, this.#tools, secret);
    if (failure !== undefined) {
      way.leave();
      return { kind: 'failed', failure: way.whyLost() ?? failure };
    }
    attempt.report(`connected to ${host.name}`);
    return {
      kind: 'connected',
      connection,
      onEnd: (listener) =>
        connection.onEnd((reason) => {
          way.leave();
          listener(way.whyLost() ?? reason);
        }),
      end: () => {
        connection.end();
        way.leave();
      },
    };
  }

  async #throughHop(
    hop: HostConfig,
    before: readonly HostConfig[],
    host: HostConfig,
    attempt: Attempt,
  ): Promise<Way | { kind: 'failed'; failure: Failure }> {
    const key = [...before, hop]
      .map((each) => `${each.name} ${each.user}@${each.host}:${each.port}`)
      .join(' > ');
    for (;;) {
      const shared = this.#hops.get(key) ?? this.#newHop(key, hop, before, attempt.background);
      const outcome = await shared.join(attempt);
      if (outcome.kind === 'failed') {
        shared.leave();
        // An attempt in the background may not ask; what it could not do, one with the operator before it may.
        if (shared.background && !attempt.background && !attempt.signal.aborted) continue;
        return { kind: 'failed', failure: failedAtHop(hop.name, outcome.failure) };
      }
      attempt.step(`connecting to ${host.name} through ${hop.name}`);
      const forwarded = await outcome.connection.forward(host.host, host.port, attempt.signal);
      if (!forwarded.ok) {
        shared.leave();
        const refusal = retried(forwarded.problem);
        const byHop = forwarded.problem.code === 'permission-denied';
        return { kind: 'failed', failure: shared.lost ?? (byHop ? failedAtHop(hop.name, refusal) : refusal) };
      }
      return {
        kind: 'open',
        stream: forwarded.value,
        leave: once(() => shared.leave()),
        whyLost: () => shared.lost,
      };
    }
  }

  #newHop(key: string, hop: HostConfig, before: readonly HostConfig[], background: boolean): SharedHop {
    const secret = this.#hopSecrets.get(key) ?? { password: undefined };
    this.#hopSecrets.set(key, secret);
    const shared: SharedHop = new SharedHop(
      hop.name,
      background,
      (attempt) => this.#connectTo(hop, before, attempt, secret),
      () => {
        if (this.#hops.get(key) === shared) this.#hops.delete(key);
      },
    );
    this.#hops.set(key, shared);
    return shared;
  }
}

/** A stream to a host; `leave` gives back what it goes through. */
interface Way {
  readonly kind: 'open';
  readonly stream: Duplex;
  leave(): void;
  /** Why it was lost, where that lies before the host itself. */
  whyLost(): Failure | undefined;
}

interface OpenPause {
  readonly words: string;
  readonly over: Promise<unknown>;
}

/** One jump host's connection and those who go through it. It lives as long as somebody does. */
class SharedHop {
  readonly background: boolean;
  readonly #name: string;
  readonly #end = new AbortController();
  readonly #outcome: Promise<ConnectOutcome>;
  readonly #forget: () => void;
  /** Attempts that wait for it, with what they still have to do before they go on. */
  readonly #waiting = new Map<Attempt, Promise<unknown>>();
  #step: string | undefined;
  #pause: OpenPause | undefined;
  #users = 0;
  #lost: Failure | undefined;

  constructor(
    name: string,
    background: boolean,
    connectHop: (attempt: Attempt) => Promise<ConnectOutcome>,
    forget: () => void,
  ) {
    this.#name = name;
    this.background = background;
    this.#forget = forget;
    this.#outcome = this.#connect(connectHop);
  }

  /** Why the connection that was up was lost. */
  get lost(): Failure | undefined {
    return this.#lost;
  }

  /** Waits until it is up. Every join is followed by one leave. */
  async join(attempt: Attempt): Promise<ConnectOutcome> {
    this.#users += 1;
    this.#waiting.set(attempt, Promise.resolve());
    if (this.#step !== undefined) attempt.step(this.#step);
    if (this.#pause !== undefined) this.#tell(attempt, this.#pause);
    const { promise: aborted, resolve } = Promise.withResolvers<ConnectOutcome>();
    const onAbort = (): void =>
      resolve({
        kind: 'failed',
        failure: failed('cancelled', `Connecting through ${this.#name} was cancelled.`),
      });
    if (attempt.signal.aborted) onAbort();
    attempt.signal.addEventListener('abort', onAbort, { once: true });
    const outcome = await Promise.race([this.#outcome, aborted]);
    // One that gives up does not wait for the answer to a question that others have too.
    await Promise.race([this.#waiting.get(attempt), aborted]);
    attempt.signal.removeEventListener('abort', onAbort);
    this.#waiting.delete(attempt);
    return outcome;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#forget();
    this.#end.abort();
  }

  async #connect(connectHop: (attempt: Attempt) => Promise<ConnectOutcome>): Promise<ConnectOutcome> {
    const everyone = (): readonly Attempt[] => [...this.#waiting.keys()];
    // The first to join does so in the same turn of the event loop, before anything is said.
    await Promise.resolve();
    const outcome = await connectHop({
      signal: this.#end.signal,
      background: this.background,
      report: (text) => everyone().forEach((attempt) => attempt.report(text)),
      step: (words) => {
        this.#step = words;
        everyone().forEach((attempt) => attempt.step(words));
      },
      asking: async (words, ask) => {
        const answer = ask();
        const pause = { words, over: answer };
        this.#pause = pause;
        everyone().forEach((attempt) => this.#tell(attempt, pause));
        try {
          return await answer;
        } finally {
          this.#pause = undefined;
        }
      },
    });
    if (outcome.kind === 'failed') {
      this.#forget();
      return outcome;
    }
    outcome.onEnd((reason) => {
      this.#lost = failedAtHop(this.#name, reason);
      this.#forget();
    });
    if (this.#end.signal.aborted) outcome.end();
    else this.#end.signal.addEventListener('abort', () => outcome.end(), { once: true });
    return outcome;
  }

  /** Each who waits shows the question as its own, and has to get its place back before it goes on. */
  #tell(attempt: Attempt, pause: OpenPause): void {
    const asked = attempt.asking(pause.words, () => pause.over).catch(() => undefined);
    this.#waiting.set(attempt, Promise.all([this.#waiting.get(attempt), asked]));
  }
}

function openSocket(host: HostConfig, attempt: Attempt): Promise<Way | { kind: 'failed'; failure: Failure }> {
  attempt.step(`connecting to ${host.name}`);
  const place = { name: host.name, address: `${host.host}:${host.port}`, phase: 'connect' } as const;
  return new Promise((resolve) => {
    if (attempt.signal.aborted) {
      return resolve({
        kind: 'failed',
        failure: failed('cancelled', `Connecting to ${host.name} was cancelled.`),
      });
    }
    const socket = connect({
      host: host.host,
      port: host.port,
      // Nagle's algorithm costs 40 ms on every line.
      noDelay: true,
      keepAlive: true,
      family: host.addressFamily,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MILLISECONDS,
    });
    passStraight(socket);
    const finish = (outcome: Way | { kind: 'failed'; failure: Failure }): void => {
      clearTimeout(timer);
      attempt.signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('connect', onConnect);
      if (outcome.kind === 'failed') socket.on('error', () => {}).destroy();
      resolve(outcome);
    };
    const onAbort = (): void =>
      finish({ kind: 'failed', failure: failed('cancelled', `Connecting to ${host.name} was cancelled.`) });
    const onError = (error: Error): void =>
      finish({ kind: 'failed', failure: classifyError(errorFacts(error), place) });
    const onConnect = (): void =>
      finish({ kind: 'open', stream: socket, leave: () => {}, whyLost: () => undefined });
    const timer = setTimeout(() => {
      const seconds = Math.round(host.timeoutMilliseconds / 1000);
      finish({
        kind: 'failed',
        failure: failed('host-unreachable', `${place.address} does not answer within ${seconds} s.`),
      });
    }, host.timeoutMilliseconds);
    attempt.signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError).on('connect', onConnect);
  });
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
