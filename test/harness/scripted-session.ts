/**
 * An SSH session that a unit test leads itself: it opens the channels, greets, and answers ticks. The interface is ours;
 * the real session has its own tests against a real sshd.
 */
import type { ConnectionState } from '../../common/model/node.ts';
import type { Duplex } from 'node:stream';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { ChannelHandlers, SshChannel, SshSession } from '../../main/ssh/index.ts';

/** Stands for the text of resources/sampler.sh. */
export const SAMPLER = '# the sampler\n';

export const CONNECTED: ConnectionState = { kind: 'connected', since: 0 };

/** One channel as the far side sees it: what was written to it, and what it says. */
export class ScriptedChannel implements SshChannel {
  readonly handlers: ChannelHandlers;
  written = '';
  closed = false;

  constructor(handlers: ChannelHandlers) {
    this.handlers = handlers;
  }

  write(text: string): void {
    this.written += text;
  }

  end(): void {
    // The sampler's input is never ended by itself.
  }

  close(): void {
    this.closed = true;
  }

  say(text: string): void {
    this.handlers.onData(Buffer.from(text));
  }

  /** The word that the greeting must carry. */
  get nonce(): string {
    return /nonce=(\w+)/.exec(this.written)?.[1] ?? '';
  }

  /** Greets as an openMosix node with this content of its mospe. */
  greet(self: number): void {
    this.say(
      `mosview 1 ${this.nonce}\nmeta dialect openmosix\nmeta self ${self}\nmeta system Linux 2.4.26-om1\n` +
        'keyed nodes load:load status:bits cpus:count tmem:pages rmem:pages\nready\n',
    );
  }

  /** Greets as a MattX node with this id. */
  greetAsMattx(self: number): void {
    this.say(
      `mosview 1 ${this.nonce}\nmeta dialect mattx\nmeta root /proc/mattx\nmeta self ${self}\nmeta version 1.7\n` +
        'single mattx self:node load:load affinity:affinity memory:MB balancer:switch\n' +
        'keyed nodes load:load affinity:affinity memory:MB\ntexts addresses\nready\n',
    );
  }

  /** Greets as a plain machine. */
  greetAsLinux(): void {
    this.say(
      `mosview 1 ${this.nonce}\nmeta dialect linux\nsingle load running:count\nsingle machine cpus:count\nready\n`,
    );
  }

  /** The lines that came after the sampler's text. */
  get ticks(): readonly string[] {
    return this.written.split(SAMPLER)[1]?.split('\n').filter(Boolean) ?? [];
  }

  /** Answers the latest tick with these rows. */
  answer(...rows: readonly string[]): void {
    this.say([...rows, `end ${this.ticks.at(-1)?.split(' ')[1]}`, ''].join('\n'));
  }
}

/** The session; every command opens a scripted channel. */
export class ScriptedSession implements SshSession {
  state: ConnectionState = CONNECTED;
  readonly events = [];
  readonly commands: string[] = [];
  readonly channels: ScriptedChannel[] = [];
  readonly listeners = new Set<(state: ConnectionState) => void>();
  reconnects = 0;
  closed = false;
  /** What the next channels end with in place of opening. */
  refusal: Result<never> | undefined;
  /** While true, channels open only at `release`. */
  holdOpening = false;
  #held: (() => void)[] = [];

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  become(state: ConnectionState): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }

  async openChannel(command: string, handlers: ChannelHandlers): Promise<Result<SshChannel>> {
    this.commands.push(command);
    const { refusal } = this;
    if (refusal !== undefined) return refusal;
    const channel = new ScriptedChannel(handlers);
    this.channels.push(channel);
    if (this.holdOpening) await new Promise<void>((resolve) => this.#held.push(resolve));
    return success(channel);
  }

  /** Opens the channels that were held. */
  release(): void {
    for (const open of this.#held.splice(0)) open();
  }

  exec(): never {
    throw new Error('A link runs no other command');
  }

  forgetHostKey(): never {
    throw new Error('A link forgets no key');
  }

  openSocket(): Promise<Result<Duplex>> {
    return Promise.resolve(failure(problem('not-available', 'There is no socket')));
  }

  reconnect(): void {
    this.reconnects += 1;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.become({ kind: 'none' });
  }

  /** The channel that was opened last. */
  get channel(): ScriptedChannel {
    const channel = this.channels.at(-1);
    if (channel === undefined) throw new Error('No channel was opened');
    return channel;
  }
}
