/**
 * A node's sampler over its SSH session: starts it when the session is up, sends it ticks, decodes its frames, and
 * starts it again when it ends, freezes or sends what is no sample.
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionEvent, NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { exchanges, samplingWords } from '../../common/model/dialect.ts';
import { STANDARD_SPEED } from '../../common/model/metric.ts';
import type { ConnectionState, Dialect } from '../../common/model/node.ts';
import { tickLine, type TickMode } from '../../common/wire/protocol.ts';
import { WireReader } from '../../common/wire/reader.ts';
import type { SshChannel, SshSession } from '../ssh/index.ts';
import type { Decoder, NodeReading } from './decoder.ts';
import { canonicalAddress } from './addresses.ts';
import { dialectNamed } from './dialects.ts';

/** A slow login shell (a talkative .bashrc, a network home) may take this long until the sampler greets. */
const READY_MILLISECONDS = 20_000;
/** A tick without an answer for this long means a frozen node or sampler: the channel is made anew. */
const FROZEN_MILLISECONDS = 10_000;
/** Where the cluster's own balancer may take the sampler's shell away, it is missed sooner: a new one must answer in 10 s. */
const TAKEN_MILLISECONDS = 6000;
const RESTART_MILLISECONDS = [1000, 2000, 5000, 10_000, 30_000] as const;
const EVENTS_KEPT = 100;

/** A node's latest reading with the moment it arrived (milliseconds since 1970). */
export interface TimedReading extends NodeReading {
  readonly time: number;
}

interface RunningSampler {
  /** Undefined while it is opened. */
  channel: SshChannel | undefined;
  readonly reader: WireReader;
  decoder: Decoder | undefined;
  /** The tick that is not answered yet. At most one is under way, so that a slow node is never flooded. */
  pending: { readonly sequence: number; readonly mode: TickMode; readonly time: number } | undefined;
  errorText: string;
}

/** One node's connection with its sampler. */
export class NodeLink {
  readonly entry: NodeEntry;
  readonly session: SshSession;
  readonly #sampler: string;
  readonly #onChange: (link: NodeLink) => void;
  readonly #events: ConnectionEvent[] = [];
  /** The present sampler. What a former one still says must not touch it, so every callback knows its own. */
  #running: RunningSampler | undefined;
  #problem: { readonly problem: Problem; readonly retryAt: number } | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #readyTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #sequence = 0;
  #closed = false;
  #dialect: Dialect | undefined;
  #selfId: number | undefined;
  #system = '';
  #version = '';
  #root = '';
  #addresses: readonly string[];
  #reading: TimedReading | undefined;
  #connection: ConnectionState;
  readonly #endStateListener: () => void;

  /** `sampler` is the text of resources/sampler.sh; `onChange` is called when the connection or dialect changes. */
  constructor(entry: NodeEntry, session: SshSession, sampler: string, onChange: (link: NodeLink) => void) {
    this.entry = entry;
    this.session = session;
    this.#sampler = sampler;
    this.#onChange = onChange;
    this.#connection = session.state;
    this.#addresses = entryAddress(entry);
    this.#endStateListener = session.onState(() => this.#sessionChanged());
    this.#sessionChanged();
  }

  /** The state of the connection as shown: the session's, or the sampler's trouble while the session is up. */
  get connection(): ConnectionState {
    return this.#connection;
  }

  /** What the node speaks, as far as it has said. */
  get dialect(): Dialect | undefined {
    return this.#dialect;
  }

  /** The node's id in its own cluster. */
  get selfId(): number | undefined {
    return this.#selfId;
  }

  /** The cluster's folder on the node, empty where there is none or it has not said yet. Untrusted. */
  get root(): string {
    return this.#root;
  }

  /** Addresses that others know the node by, best first: of its entry, and as it tells them itself. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Kernel name and release; untrusted. */
  get system(): string {
    return this.#system;
  }

  /** Version of what the node speaks, empty where it does not say; untrusted. */
  get version(): string {
    return this.#version;
  }

  get reading(): TimedReading | undefined {
    return this.#reading;
  }

  /** Whether ticks are answered now. */
  get sampling(): boolean {
    return this.#running?.decoder !== undefined;
  }

  /** Connection log of session and sampler, oldest first. */
  get events(): readonly ConnectionEvent[] {
    return [...this.session.events, ...this.#events].sort((a, b) => a.time - b.time);
  }

  /** Asks for a sample; skipped while the one before is not answered. */
  tick(mode: TickMode, now: number): void {
    const running = this.#running;
    if (running?.decoder === undefined) return;
    if (running.pending !== undefined) {
      // A clock that was set back must not hide it.
      const limit = this.#dialect === 'mattx' ? TAKEN_MILLISECONDS : FROZEN_MILLISECONDS;
      if (Math.abs(now - running.pending.time) > limit) {
        const { unread } = running.reader;
        this.#stop(
          unread === ''
            ? problem('timeout', `${this.entry.name} has not answered for ${limit / 1000} s`)
            : problem(
                'protocol-error',
                `${this.entry.name} answers with something that is no sample`,
                unread,
              ),
        );
      }
      return;
    }
    this.#sequence += 1;
    running.pending = { sequence: this.#sequence, mode, time: now };
    // Migrations are logged from every sample, so a node that tells of them is always asked.
    running.channel?.write(tickLine(mode, this.#sequence, running.reader.tables.has('away')));
  }

  /** Tries again at once what failed: the session, or the sampler on it. */
  reconnect(): void {
    if (this.#closed) return;
    this.#failures = 0;
    if (this.session.state.kind === 'connected') this.#start();
    else this.session.reconnect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endStateListener();
    this.#clearTimers();
    this.#running?.channel?.close();
    this.#running = undefined;
    await this.session.close();
  }

  #sessionChanged(): void {
    if (this.session.state.kind === 'connected') this.#start();
    else {
      this.#running = undefined;
      this.#problem = undefined;
      this.#clearTimers();
    }
    this.#changed();
  }

  #changed(): void {
    const state = this.session.state;
    this.#connection =
      state.kind === 'connected' && this.#problem !== undefined
        ? { kind: 'waiting', ...this.#problem }
        : state;
    this.#onChange(this);
  }

  #start(): void {
    if (this.#closed || this.#running !== undefined) return;
    this.#clearTimers();
    void this.#openSampler();
  }

  async #openSampler(): Promise<void> {
    const nonce = randomBytes(9).toString('hex');
    const running: RunningSampler = {
      channel: undefined,
      reader: new WireReader(nonce, this.entry.name, {
        onReady: () => this.#ready(running),
        onFrame: (sequence) => this.#frame(running, sequence),
        onProblem: (theProblem) => running === this.#running && this.#stop(theProblem),
      }),
      decoder: undefined,
      pending: undefined,
      errorText: '',
    };
    this.#running = running;
    const opened = await this.session.openChannel('exec /bin/sh -s', {
      onData: (chunk) => running.reader.feed(chunk.toString('latin1'), performance.now()),
      onErrorData: (chunk) => {
        if (running.errorText.length < 2000) running.errorText += chunk.toString('utf8');
      },
      onClose: (exit) => this.#ended(running, exit.code),
    });
    if (running !== this.#running) {
      if (opened.ok) opened.value.close();
      return;
    }
    if (!opened.ok) {
      this.#stop(opened.problem);
      return;
    }
    running.channel = opened.value;
    this.#readyTimer = setTimeout(() => {
      this.#stop(
        problem(
          'no-shell',
          `${this.entry.name}: the sampler did not start within ${READY_MILLISECONDS / 1000} s`,
          running.reader.preamble,
        ),
      );
    }, READY_MILLISECONDS);
    opened.value.write(`nonce=${nonce} root=${this.entry.root ?? '/proc'}\n${this.#sampler}`);
  }

  #ready(running: RunningSampler): void {
    if (running !== this.#running) return;
    clearTimeout(this.#readyTimer);
    const { meta, tables, texts } = running.reader;
    const dialect = dialectNamed(meta.get('dialect'));
    this.#system = meta.get('system') ?? '';
    const version = meta.get('version') ?? '?';
    this.#version = version === '?' ? '' : version;
    this.#root = dialect === undefined || !exchanges(dialect.name) ? '' : (meta.get('root') ?? '');
    if (dialect === undefined) {
      const root = this.entry.root ?? '/proc';
      this.#stop(
        problem(
          'not-a-cluster-node',
          `${this.entry.name}: neither openMosix nor MattX nor an agent nor a readable /proc in ${root}`,
        ),
      );
      return;
    }
    running.decoder = dialect.createDecoder({
      meta,
      tables,
      texts,
      speed: this.entry.speed ?? STANDARD_SPEED,
    });
    this.#dialect = dialect.name;
    this.#selfId = running.decoder.selfId;
    this.#addresses = [...new Set([...entryAddress(this.entry), ...(running.decoder.addresses ?? [])])];
    this.#problem = undefined;
    this.#note(`sampling as ${samplingWords(dialect.name, this.#selfId)}`);
    this.#changed();
    this.tick('own', Date.now());
  }

  #frame(running: RunningSampler, sequence: number): void {
    const { pending, decoder } = running;
    if (running !== this.#running || pending?.sequence !== sequence || decoder === undefined) return;
    running.pending = undefined;
    this.#failures = 0;
    this.#reading = { ...decoder.read(pending.mode === 'all'), time: Date.now() };
    if (decoder.selfId === this.#selfId || this.#dialect === undefined) return;
    this.#selfId = decoder.selfId;
    this.#note(`it has another id now: sampling as ${samplingWords(this.#dialect, this.#selfId)}`);
    this.#changed();
  }

  #ended(running: RunningSampler, code: number | undefined): void {
    if (running !== this.#running) return;
    const { preamble } = running.reader;
    const words = (running.errorText + preamble).trim();
    this.#stop(
      running.decoder === undefined
        ? problem('no-shell', `${this.entry.name}: the login shell ended with ${code ?? 'no'} status`, words)
        : problem('connection-lost', `${this.entry.name}: the sampler ended`, words),
    );
  }

  /** Ends the sampler for a reason and plans the next one. */
  #stop(theProblem: Problem): void {
    const running = this.#running;
    this.#running = undefined;
    running?.channel?.close();
    this.#clearTimers();
    if (this.#closed || this.session.state.kind !== 'connected') return;
    const delay = RESTART_MILLISECONDS[Math.min(this.#failures, RESTART_MILLISECONDS.length - 1)] ?? 30_000;
    this.#failures += 1;
    this.#problem = { problem: theProblem, retryAt: Date.now() + delay };
    this.#note(`${theProblem.message}; again in ${delay / 1000} s`);
    this.#restartTimer = setTimeout(() => this.#start(), delay);
    this.#changed();
  }

  #note(text: string): void {
    this.#events.push({ time: Date.now(), text });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }

  #clearTimers(): void {
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#readyTimer);
  }
}

/** The address that an entry names, if it does not name the node otherwise. */
function entryAddress({ host }: NodeEntry): readonly string[] {
  const address = canonicalAddress(host);
  return address === undefined ? [] : [address];
}
