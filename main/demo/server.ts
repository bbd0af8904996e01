/**
 * The SSH server in front of a simulated cluster: it takes the texts of mosview's two programs as a node's shell would,
 * and answers ticks and operations. Faults can be switched on for each node.
 */
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import { EXEC_PREFIX } from '../ssh/index.ts';
import { makeLean } from '../ssh/lean-packets.ts';
import { ShellReader } from './shell.ts';
import type { DemoWorld, Obedience } from './world.ts';

/**
 * What a node does wrong: `frozen` answers nothing any more and lets nobody in; `garbage` and `long-line` (10 MB
 * without a line feed) come in place of a frame; `half-frame` ends the connection in the middle of one; `banner` is
 * said before every program's greeting. `refuses` and `ignores` concern what an operator changes: each write is denied,
 * or accepted without effect.
 */
export type DemoFault =
  | 'none'
  | 'frozen'
  | 'garbage'
  | 'half-frame'
  | 'long-line'
  | 'banner'
  | 'refuses'
  | 'ignores';

/** Answers a command other than a shell: the whole output, or undefined for an unknown command. */
export type DemoCommand = (node: number, command: string) => string | undefined;

/** Where the demo cluster listens; nobody else can reach it. */
export const DEMO_ADDRESS = '127.0.0.1';
const SHELL_COMMAND = /^(?:exec )?(?:sudo -n )?(?:\/bin\/)?sh(?: -s)?$/;
const RUNS_NOTHING = 'A node of the demo cluster runs no programs';
/** ssh2 takes 0 for its default of 15 s; this is the longest time a timer takes. */
const NEVER_MILLISECONDS = 2_147_483_647;
const LONG_LINE_BYTES = 10_000_000;
/** Bytes of every kind, line feeds among them. */
const GARBAGE = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) % 256));
const BANNER = 'Welcome to the machine room.\r\nPlease wipe your feet.\r\n';

/** One client connection, once it has said which node it wants. */
interface Caller {
  readonly socket: Socket;
  id: number | undefined;
}

/** The server. */
export class DemoServer {
  readonly #world: DemoWorld;
  readonly #server: NetServer;
  readonly #ssh: ssh2.Server;
  /** By the port they call from, which is how ssh2 tells whose connection it is. */
  readonly #callers = new Map<number, Caller>();
  readonly #faults = new Map<number, DemoFault>();
  readonly #ids: ReadonlyMap<string, number>;
  readonly #key: ParsedKey;
  readonly #publicKey: Buffer;
  readonly #command: DemoCommand | undefined;

  /** `hostKey` is the private key it shows, `clientKey` the one public key it lets in, both in OpenSSH's format. */
  constructor(world: DemoWorld, hostKey: string, clientKey: string, command: DemoCommand | undefined) {
    this.#world = world;
    this.#key = parsed(clientKey);
    this.#publicKey = this.#key.getPublicSSH();
    this.#command = command;
    this.#ids = new Map(world.nodes.map(({ id, name }) => [name, id]));
    // Like OpenSSH's server, it does not ask by itself whether a client is still there.
    this.#ssh = new ssh2.Server(
      { hostKeys: [hostKey], keepaliveInterval: NEVER_MILLISECONDS },
      (connection, info) => {
        const caller = this.#callers.get(info.port);
        if (caller !== undefined) this.#serve(connection, caller);
      },
    );
    // The sockets come from a server of our own, because ssh2's leaves Nagle's delay on.
    this.#server = createServer({ noDelay: true }, (socket) => {
      const port = socket.remotePort;
      if (port === undefined) {
        socket.destroy();
        return;
      }
      this.#callers.set(port, { socket, id: undefined });
      socket.on('close', () => this.#callers.delete(port));
      this.#ssh.injectSocket(socket);
    });
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: DEMO_ADDRESS, port: 0, backlog: 4096 }, () => {
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Ends all connections and frees the port. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const { socket } of this.#callers.values()) socket.destroy();
    });
  }

  setFault(id: number, fault: DemoFault): void {
    this.#faults.set(id, fault);
    for (const caller of this.#callers.values()) {
      if (caller.id !== id) continue;
      if (fault === 'frozen') caller.socket.pause();
      else caller.socket.resume();
    }
  }

  drop(id: number): void {
    for (const caller of this.#callers.values()) if (caller.id === id) caller.socket.resetAndDestroy();
  }

  /** A machine that is off holds no connection. */
  dropTheDead(): void {
    for (const { socket, id } of this.#callers.values()) {
      if (id !== undefined && !this.#world.isUp(id)) socket.destroy();
    }
  }

  #serve(connection: Connection, caller: Caller): void {
    makeLean(connection, caller.socket);
    connection.on('error', () => caller.socket.destroy());
    connection.on('authentication', (context) => this.#authenticate(context, caller));
    connection.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptCommand, _reject, info) => {
        const { id } = caller;
        if (id === undefined) return;
        const channel = acceptCommand();
        channel.on('error', () => channel.destroy());
        if (SHELL_COMMAND.test(info.command)) this.#runShell(channel, caller, id);
        else this.#answer(channel, id, info.command);
      });
    });
  }

  #authenticate(context: AuthContext, caller: Caller): void {
    const id = this.#ids.get(context.username);
    if (id !== undefined && !this.#world.isUp(id)) {
      caller.socket.destroy();
      return;
    }
    if (id !== undefined && this.#faults.get(id) === 'frozen') {
      caller.id = id;
      caller.socket.pause();
      return;
    }
    if (id === undefined || !this.#proves(context)) {
      context.reject(['publickey']);
      return;
    }
    caller.id = id;
    context.accept();
  }

  /** Whether the context shows the demo's key: without a signature it is the question whether the key would do. */
  #proves(context: AuthContext): boolean {
    if (context.method !== 'publickey' || !context.key.data.equals(this.#publicKey)) return false;
    if (context.signature === undefined || context.blob === undefined) return true;
    // ssh2 returns an Error, which is true as well, for a signature it cannot read.
    const verdict: unknown = this.#key.verify(context.blob, context.signature, context.hashAlgo);
    return verdict === true;
  }

  #answer(channel: ServerChannel, id: number, command: string): void {
    const output = this.#command?.(id, command);
    if (output !== undefined) {
      channel.write(output);
      channel.exit(0);
      channel.end();
      return;
    }
    // What comes before every command whose output is collected is a shell's own echo.
    const isCollected = command.startsWith(EXEC_PREFIX);
    if (isCollected) channel.write('mosview-output\n');
    refuse(channel, `: ${command.slice(isCollected ? EXEC_PREFIX.length : 0, 200)}`);
  }

  /** Takes the text of a program as a shell would, and answers what it is asked. */
  #runShell(channel: ServerChannel, caller: Caller, id: number): void {
    const sampler = this.#world.sampler(id);
    let isRefused = false;
    const shell = new ShellReader({
      onSampler: ({ nonce, root }) => channel.write(sampler.greet(nonce, root)),
      onTick: (mode, sequence, places) => {
        this.#tick(channel, caller, id, () => sampler.frame(mode, sequence, places));
      },
      onOperations: (call, lines) => {
        const operator = this.#world.operator(id, this.#obedience(id));
        channel.write(Buffer.from(operator.answer(call, lines), 'latin1'));
      },
      onStranger: () => {
        isRefused = true;
        refuse(channel);
      },
    });
    if (this.#faults.get(id) === 'banner') channel.write(BANNER);
    channel.on('data', (chunk: Buffer) => shell.feed(chunk.toString('latin1')));
    channel.on('end', () => {
      if (isRefused) return;
      channel.exit(0);
      channel.end();
    });
  }

  #obedience(id: number): Obedience {
    const fault = this.#faults.get(id);
    return fault === 'refuses' || fault === 'ignores' ? fault : 'obeys';
  }

  #tick(channel: ServerChannel, caller: Caller, id: number, frame: () => string): void {
    switch (this.#faults.get(id)) {
      case 'garbage':
        channel.write(GARBAGE);
        return;
      case 'long-line':
        channel.write('9'.repeat(LONG_LINE_BYTES));
        return;
      case 'half-frame':
        channel.write(frame().slice(0, 20), () => caller.socket.end());
        return;
      case 'frozen':
        return;
      case 'banner':
      case 'refuses':
      case 'ignores':
      case 'none':
      case undefined:
        // A reader that does not keep up stops the node's shell in its echo, too.
        if (!channel.write(Buffer.from(frame(), 'latin1'))) {
          channel.pause();
          channel.once('drain', () => channel.resume());
        }
    }
  }
}

/** Ends a command that the demo does not know, as a shell that finds no such program. */
function refuse(channel: ServerChannel, command = ''): void {
  channel.stderr.write(`${RUNS_NOTHING}${command}\n`);
  channel.exit(127);
  channel.end();
}

function parsed(publicKey: string): ParsedKey {
  const key = ssh2.utils.parseKey(publicKey);
  if (key instanceof Error) throw key;
  return key;
}
