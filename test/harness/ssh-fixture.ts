/** What tests of SSH need beside a server: a prompter that answers by rule, waiting for states, and an ssh2 server. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection } from 'ssh2';
import type { ConnectionState } from '../../common/model/node.ts';
import type { SshOptions, SshService, SshSession } from '../../main/ssh/index.ts';
import { createSshService } from '../../main/ssh/index.ts';
import type { Prompter, Question } from '../../main/prompter.ts';
import { makeKey, startSshd, type Sshd, type SshdOptions } from './sshd.ts';

type Answer = readonly string[] | null;

/** Answers questions by a rule that a test may change, and keeps what was asked. */
export class AnsweringPrompter implements Prompter {
  readonly asked: Question[] = [];
  answer: (question: Question) => Answer | Promise<Answer>;

  constructor(answer: (question: Question) => Answer | Promise<Answer> = () => null) {
    this.answer = answer;
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    this.asked.push(question);
    const aborted = new Promise<null>((resolve) => {
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    return Promise.race([this.answer(question), aborted]);
  }
}

/** Waits for a state of one of these kinds; rejects after 15 seconds with the session's log. */
export function reached<Kind extends ConnectionState['kind']>(
  session: SshSession,
  ...kinds: readonly Kind[]
): Promise<Extract<ConnectionState, { kind: Kind }>> {
  type Wanted = Extract<ConnectionState, { kind: Kind }>;
  const isWanted = (state: ConnectionState): state is Wanted =>
    (kinds as readonly string[]).includes(state.kind);
  if (isWanted(session.state)) return Promise.resolve(session.state);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      const log = session.events.map((event) => event.text).join('\n');
      reject(new Error(`Not ${kinds.join(' or ')} but ${JSON.stringify(session.state)}\n${log}`));
    }, 15_000);
    const end = session.onState((state) => {
      if (!isWanted(state)) return;
      clearTimeout(timer);
      end();
      resolve(state);
    });
  });
}

/** The connection log as one text. */
export function logOf(session: SshSession): string {
  return session.events.map((event) => event.text).join('\n');
}

/** Everything a test opens, ended in one call. */
export class SshBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'mosview-ssh-'));
  readonly #ends: (() => Promise<unknown>)[] = [];

  /** A service with a data folder of its own. */
  service(options: Omit<SshOptions, 'dataFolder'> & { readonly dataFolder?: string }): SshService {
    const service = createSshService({ dataFolder: join(this.folder, 'data'), environment: {}, ...options });
    this.#ends.push(() => service.dispose());
    return service;
  }

  /** A session on a server of its own, connected. */
  async connect(options?: SshdOptions): Promise<{ readonly sshd: Sshd; readonly session: SshSession }> {
    const sshd = this.ends(await startSshd(options));
    const ssh = this.service({ prompter: new AnsweringPrompter(), configFile: sshd.configFile });
    const session = ssh.open({ name: 'n1', host: 'n1' });
    await reached(session, 'connected');
    return { sshd, session };
  }

  /** Ends something with the bench, last made first. */
  ends<Thing extends { close(): Promise<unknown> }>(thing: Thing): Thing {
    this.#ends.push(() => thing.close());
    return thing;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A server that listens on 127.0.0.1. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** A TCP server that does with each connection what the test says. */
export async function listen(onConnection: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server: NetServer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An ssh2 server: authentication by the test's rule, every command answered with its own text. */
export async function listenSsh2(
  authenticate: (context: AuthContext) => void,
  onClient: (client: Connection) => void = () => {},
): Promise<Listening & { readonly clients: ReadonlySet<Connection> }> {
  // Not by ssh2, which makes one ed25519 key in about 180 that it cannot read itself.
  const folder = mkdtempSync(join(tmpdir(), 'mosview-key-'));
  const hostKey = readFileSync(makeKey(join(folder, 'host')));
  rmSync(folder, { recursive: true });
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.add(client);
    onClient(client);
    client
      .on('error', () => {})
      .on('close', () => clients.delete(client))
      .on('authentication', authenticate)
      .on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.write(command.replace(/^echo (\S+); /, '$1\n'));
          channel.exit(0);
          channel.end();
        });
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    async close() {
      for (const client of clients) client.end();
      server.close();
      await once(server, 'close');
    },
  };
}
