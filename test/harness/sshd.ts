/**
 * A private OpenSSH server on 127.0.0.1 with throw-away keys in a folder of its own. Uses nothing of the developer's
 * ~/.ssh and no PAM, and works as root in a container as well as for a plain user (who can then log in as himself only).
 *
 *     const sshd = await startSshd();
 *     const ssh = createSshService({ dataFolder, prompter, configFile: sshd.configFile });
 *     ssh.open({ name: 'n1', host: 'n1' });   // the configuration sends every name to this server
 *     await sshd.close();
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Types of host keys. */
export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** How the server is started. */
export interface SshdOptions {
  /** Lines put before all others in sshd_config, so that they win. */
  readonly config?: readonly string[];
  /** Types of the host keys; ed25519 by default. */
  readonly hostKeyTypes?: readonly HostKeyType[];
  /** Text of the .bashrc that login shells read; empty by default. */
  readonly bashrc?: string;
  /** Words of a command that becomes the server's, which comes after them: namespaces. */
  readonly within?: readonly string[];
}

/** A running server. Everything it made is in `folder` and goes with `close`. */
export interface Sshd {
  readonly host: '127.0.0.1';
  /** Stays the same over restarts. */
  readonly port: number;
  readonly folder: string;
  /** Whom to log in as. */
  readonly user: string;
  /** A private key (ed25519, no passphrase) that is let in. */
  readonly identityFile: string;
  /** An ssh_config for `ssh -F`: any name leads to this server, with its key, and nothing else is offered. */
  readonly configFile: string;
  /** The known_hosts file which `configFile` names; it holds the server's present keys unless emptied. */
  readonly knownHostsFile: string;
  /** The HOME of the login shells. */
  readonly home: string;
  /** Lines the server has logged (LogLevel VERBOSE), all restarts together. */
  readonly log: readonly string[];
  /** A public host key in the form `type base64`. */
  hostKey(type?: HostKeyType): string;
  /** Lets another public key in, as a line of authorized_keys. */
  authorize(line: string): void;
  /** Resolves when a line of the log matches, also one from before. Rejects after 10 seconds. */
  waitForLog(pattern: RegExp): Promise<string>;
  /** Connections that are open, logged in or not. */
  connections(): number;
  /** Numbers of the commands that run over its connections. */
  shells(): readonly number[];
  /** Ends every connection at once with a signal to its processes, as a crash would. */
  killConnections(): void;
  /** Stops listening and kills all connections. */
  stop(): Promise<void>;
  /** Starts again on the same port, with other host keys of these types when given. */
  start(newHostKeys?: readonly HostKeyType[]): Promise<void>;
  close(): Promise<void>;
}

const SSHD = '/usr/sbin/sshd';
const DEADLINE_MILLISECONDS = 10_000;

/** Lines of sshd_config of a server that lets keys in and nothing else, and asks nothing of the machine it is on. */
export const SERVER_LINES: readonly string[] = [
  'LogLevel VERBOSE',
  'UsePAM no',
  'StrictModes no',
  'UseDNS no',
  'PermitRootLogin yes',
  'PermitUserRC no',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'MaxStartups 200',
  'PrintMotd no',
];

/** Lines of ssh_config that leave one key to try and one file of known host keys, whoever the developer is. */
export function clientLines(user: string, identityFile: string, knownHostsFile: string): readonly string[] {
  return [
    `  User ${user}`,
    `  IdentityFile ${identityFile}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${knownHostsFile}`,
    '  GlobalKnownHostsFile none',
  ];
}

/** Makes a key pair with ssh-keygen; returns the path of the private key. */
export function makeKey(
  path: string,
  type: HostKeyType = 'ed25519',
  passphrase = '',
  ...more: string[]
): string {
  execFileSync(
    'ssh-keygen',
    ['-q', '-t', type, '-N', passphrase, '-C', `test ${type}`, ...more, '-f', path],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  return path;
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}

/** Starts a server; resolves when it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  accessSync(SSHD);
  const isRoot = process.getuid?.() === 0;
  // As root, sshd wants its privilege separation folder, which is made at boot and absent in a container.
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(tmpdir(), 'mosview-sshd-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  const file = (name: string): string => join(folder, name);
  const user = userInfo().username;
  const port = await freePort();
  const identityFile = makeKey(file('identity'));
  const authorized = [readFileSync(`${identityFile}.pub`, 'utf8')];
  const log: string[] = [];
  let types = options.hostKeyTypes ?? (['ed25519'] as const);
  let server: ChildProcess | undefined;

  function makeHostKeys(): void {
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) rmSync(file(`host_${type}`), { force: true });
    for (const type of types) makeKey(file(`host_${type}`), type);
  }

  const hostKey = (type: HostKeyType = types[0] ?? 'ed25519'): string =>
    readFileSync(file(`host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');

  function writeFiles(): void {
    writeFileSync(file('authorized_keys'), authorized.join(''), { mode: 0o644 });
    writeFileSync(
      file('sshd_config'),
      [
        ...(options.config ?? []),
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        ...types.map((type) => `HostKey ${file(`host_${type}`)}`),
        `PidFile ${file('pid')}`,
        `AuthorizedKeysFile ${file('authorized_keys')}`,
        `SetEnv HOME=${home}`,
        ...SERVER_LINES,
        '',
      ].join('\n'),
    );
    writeFileSync(
      file('ssh_config'),
      [
        'Host *',
        '  HostName 127.0.0.1',
        `  Port ${port}`,
        ...clientLines(user, identityFile, file('known_hosts')),
        '',
      ].join('\n'),
    );
    writeFileSync(join(home, '.bashrc'), options.bashrc ?? '');
  }

  function matchingLine(pattern: RegExp): string | undefined {
    return log.find((line) => pattern.test(line));
  }

  async function waitForLog(pattern: RegExp): Promise<string> {
    const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    for (;;) {
      const line = matchingLine(pattern);
      if (line !== undefined) return line;
      try {
        await once(server?.stderr ?? process, 'data', { signal: deadline });
      } catch {
        throw new Error(`sshd did not log ${pattern} within 10 s. Its log:\n${log.join('\n')}`);
      }
    }
  }

  async function start(newHostKeys?: readonly HostKeyType[]): Promise<void> {
    if (newHostKeys !== undefined) {
      types = newHostKeys;
      makeHostKeys();
    }
    writeFiles();
    const linesBefore = log.length;
    const [program, ...words] = [...(options.within ?? []), SSHD];
    const child = spawn(program ?? SSHD, [...words, '-D', '-e', '-f', file('sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = child;
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      log.push(...lines);
    });
    const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    while (!log.slice(linesBefore).some((line) => line.startsWith('Server listening'))) {
      await Promise.race([
        once(child.stderr, 'data', { signal: deadline }),
        once(child, 'exit', { signal: deadline }).then(() => {
          throw new Error(`sshd ended at once:\n${log.join('\n')}`);
        }),
      ]);
    }
  }

  function killConnections(): void {
    for (const pid of sshdBelow(server?.pid)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  async function stop(): Promise<void> {
    const child = server;
    if (child === undefined) return;
    server = undefined;
    const below = sshdBelow(child.pid);
    child.kill('SIGKILL');
    for (const pid of below) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  makeHostKeys();
  await start();
  writeFileSync(file('known_hosts'), types.map((type) => `[127.0.0.1]:${port} ${hostKey(type)}\n`).join(''));

  return {
    host: '127.0.0.1',
    port,
    folder,
    user,
    identityFile,
    configFile: file('ssh_config'),
    knownHostsFile: file('known_hosts'),
    home,
    log,
    hostKey,
    authorize(line) {
      authorized.push(`${line.trim()}\n`);
      writeFileSync(file('authorized_keys'), authorized.join(''));
    },
    waitForLog,
    connections: () => childrenOf(server?.pid).length,
    shells: () => sshdBelow(server?.pid).flatMap((pid) => childrenOf(pid).filter((child) => !isSshd(child))),
    killConnections,
    stop,
    start,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes of sshd below the listening one: one or two for each connection, never the shells they started. */
function sshdBelow(pid: number | undefined): readonly number[] {
  return childrenOf(pid).flatMap((child) => (isSshd(child) ? [child, ...sshdBelow(child)] : []));
}

function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter((word) => word.trim() !== '')
      .map(Number);
  } catch {
    return [];
  }
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd');
  } catch {
    return false;
  }
}
