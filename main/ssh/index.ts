/**
 * SSH for the rest of the program: one long-lived session per node, made and kept by a service. Everything else in this
 * folder is behind these few calls.
 */
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ConnectionEvent, NodeEntry } from '../../common/contract/contract.ts';
import type { ConnectionState } from '../../common/model/node.ts';
import type { Result } from '../../common/model/result.ts';
import type { Prompter } from '../prompter.ts';
import { AcceptedKeys } from './accepted-keys.ts';
import { ConnectSlots } from './connect-slots.ts';
import { Connector } from './connector.ts';
import { HostKeyBook } from './host-keys.ts';
import { HostResolver, type ResolverOptions } from './host-resolver.ts';
import { KeyRing } from './key-ring.ts';
import type { ChannelHandlers, ExecOptions, ExecOutput, SshChannel } from './remote-command.ts';
import { Session } from './session.ts';
import { SharedQuestions } from './shared-questions.ts';

export {
  readSshConfigCandidates,
  writtenOutEntry,
  type CandidateOptions,
  type CandidateList,
} from './config-candidates.ts';
export { EXEC_PREFIX } from './remote-command.ts';
export { settled } from './settled.ts';
export type { ChannelHandlers, ExecOptions, ExecOutput, SshChannel };

/** Settings of the service. Tests give their own files; the program gives only the first three. */
export interface SshOptions extends ResolverOptions {
  /** Folder of the file of accepted host keys. */
  readonly dataFolder: string;
  readonly prompter: Prompter;
  /** Connects under way at the same time, 32 by default. */
  readonly parallelConnects?: number;
}

/** Makes sessions. */
export interface SshService {
  /** A session for one entry; it begins to connect at once (queued behind the limit). */
  open(entry: NodeEntry): SshSession;
  /** Ends every session and question, and forgets all secrets. */
  dispose(): Promise<void>;
}

/** One node's connection, kept up as long as the session is open. */
export interface SshSession {
  readonly state: ConnectionState;
  /** The connection log: each step in plain words, the last 200, oldest first. */
  readonly events: readonly ConnectionEvent[];
  /** Calls the listener on every change; returns what ends that. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /**
   * Starts a command on a channel that stays open, without a terminal; its output is as the login shell gives it. Only
   * while connected; otherwise the problem of the connection. Problems: no-shell, timeout, connection-lost.
   */
  openChannel(command: string, handlers: ChannelHandlers): Promise<Result<SshChannel>>;
  /**
   * Runs a command and collects its output, without what the login shell's own files print. A non-zero exit is no
   * problem. Problems: timeout, protocol-error (more than `maxBytes`), no-shell, connection-lost.
   */
  exec(command: string, options: ExecOptions): Promise<Result<ExecOutput>>;
  /**
   * A stream to a socket in a folder of that host. Problems: not-available (it is not there, nobody listens at it, or
   * the server forbids it: servers do not tell which), permission-denied, timeout, connection-lost.
   */
  openSocket(path: string): Promise<Result<Duplex>>;
  /** Tries a failed or waiting connection again at once; the operator may be asked again. */
  reconnect(): void;
  /**
   * Forgets the accepted key of this node's host, or of the jump host whose key was refused. Problems: not-found,
   * changed-host-key where a known_hosts file, which is never written, names a key too.
   */
  forgetHostKey(): Promise<Result<void>>;
  close(): Promise<void>;
}

/** Makes the service. */
export function createSshService(options: SshOptions): SshService {
  const questions = new SharedQuestions(options.prompter);
  const keys = new KeyRing(questions);
  const resolver = new HostResolver(options);
  const hostKeys = new HostKeyBook(new AcceptedKeys(join(options.dataFolder, 'known_hosts')), questions);
  const connector = new Connector({ resolver, hostKeys, keys, questions });
  const slots = new ConnectSlots(options.parallelConnects ?? 32);
  const sessions = new Set<Session>();
  const startOver = (): void => {
    questions.forgetRefusals();
    for (const files of [keys, resolver, hostKeys]) files.lookAgain();
  };
  let disposed = false;
  return {
    open(entry) {
      if (disposed) throw new Error('The SSH service was disposed.');
      const tools = { connector, resolver, hostKeys, startOver, slots };
      const session: Session = new Session(entry, tools, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    async dispose() {
      disposed = true;
      await Promise.all([...sessions].map((session) => session.close()));
      sessions.clear();
      keys.clear();
    },
  };
}
