/** Authentication: keys, passphrases and ssh-agent against a real sshd; passwords and questions against an ssh2 server. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthContext } from 'ssh2';
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { SshService, SshSession } from '../../main/ssh/index.ts';
import { AnsweringPrompter, listenSsh2, logOf, reached, SshBench } from '../harness/ssh-fixture.ts';
import { makeKey, startSshd, type HostKeyType, type Sshd } from '../harness/sshd.ts';

let bench: SshBench;
beforeEach(() => {
  bench = new SshBench();
});
afterEach(() => bench.close());

describe('keys', () => {
  let sshd: Sshd;
  let prompter: AnsweringPrompter;
  let ssh: SshService;
  beforeEach(async () => {
    sshd = bench.ends(await startSshd());
    prompter = new AnsweringPrompter();
    ssh = bench.service({ prompter, configFile: sshd.configFile });
  });

  function key(name: string, type: HostKeyType = 'ed25519', passphrase = '', ...more: string[]): string {
    const path = makeKey(join(bench.folder, name), type, passphrase, ...more);
    sshd.authorize(readFileSync(`${path}.pub`, 'utf8'));
    return path;
  }

  function open(...identityFiles: string[]): SshSession {
    return ssh.open({ name: 'n1', host: 'n1', identityFiles });
  }

  it('of another than those let in are refused, and it is not tried again', async () => {
    const stranger = makeKey(join(bench.folder, 'stranger'));
    const session = open(stranger);
    const { problem } = await reached(session, 'failed');
    expect(problem.code).toBe('authentication-failed');
    expect(problem.message).toContain(`key ${stranger}`);
    expect(logOf(session)).not.toContain('trying again');
    expect(prompter.asked).toEqual([]);
  });

  it.each(['rsa', 'ecdsa'] as const)('of type %s are let in', async (type) => {
    await reached(open(key('mine', type)), 'connected');
  });

  it.each(['PEM', 'PKCS8'])('in %s format are let in', async (format) => {
    await reached(open(key('mine', 'rsa', '', '-m', format)), 'connected');
  });

  it('are tried one after the other', async () => {
    const [first, second] = [
      makeKey(join(bench.folder, 'first')),
      makeKey(join(bench.folder, 'second'), 'rsa'),
    ];
    await reached(open(first, second, sshd.identityFile), 'connected');
  });

  it('that are absent or damaged are named in the log, and the others are used', async () => {
    const damaged = join(bench.folder, 'damaged');
    writeFileSync(damaged, 'no key');
    const session = open('/no/such/key', damaged, sshd.identityFile);
    await reached(session, 'connected');
    expect(logOf(session)).toContain('key /no/such/key: does not exist');
    expect(logOf(session)).toContain(`key ${damaged} cannot be used`);
  });

  it('are read again when the file has changed', async () => {
    const path = makeKey(join(bench.folder, 'changing'));
    const session = open(path);
    await reached(session, 'failed');
    writeFileSync(path, readFileSync(sshd.identityFile));
    session.reconnect();
    await reached(session, 'connected');
  });

  describe('with a passphrase', () => {
    it('ask for it, by the name of the file', async () => {
      const path = key('locked', 'ed25519', 'open sesame');
      prompter.answer = (): string[] => ['open sesame'];
      await reached(open(path), 'connected');
      expect(prompter.asked).toMatchObject([{ kind: 'secret', name: path, fields: [{ echo: false }] }]);
    });

    it('ask up to three times', async () => {
      const path = key('locked', 'ed25519', 'open sesame');
      const answers = ['wrong', 'wrong again', 'open sesame'];
      prompter.answer = (): string[] => [answers.shift() ?? ''];
      await reached(open(path), 'connected');
      expect(prompter.asked).toHaveLength(3);
      expect(prompter.asked[2]).toMatchObject({ instruction: 'That did not open the key. Try 3 of 3.' });
    });

    it('are given up after three wrong answers, for all nodes', async () => {
      const path = key('locked', 'ed25519', 'open sesame');
      prompter.answer = (): string[] => ['wrong'];
      expect((await reached(open(path), 'failed')).problem.code).toBe('authentication-failed');
      await reached(open(path), 'failed');
      expect(prompter.asked).toHaveLength(3);
    });

    it('ask once for many nodes', async () => {
      const path = key('locked', 'ed25519', 'open sesame');
      const { promise: answer, resolve: give } = Promise.withResolvers<string[]>();
      prompter.answer = (): Promise<string[]> => answer;
      const sessions = [1, 2, 3, 4].map(() => open(path));
      await Promise.all(sessions.map((session) => reached(session, 'asking')));
      give(['open sesame']);
      await Promise.all(sessions.map((session) => reached(session, 'connected')));
      await reached(open(path), 'connected');
      expect(prompter.asked).toHaveLength(1);
    });

    it('are not asked for where the host does not want the key', async () => {
      const locked = makeKey(join(bench.folder, 'stranger'), 'ed25519', 'open sesame');
      await reached(open(locked, sshd.identityFile), 'connected');
      expect(prompter.asked).toEqual([]);
    });

    it('are asked for again when the operator tries again after a refusal', async () => {
      const path = key('locked', 'ed25519', 'open sesame');
      const session = open(path);
      await reached(session, 'failed');
      prompter.answer = (): string[] => ['open sesame'];
      session.reconnect();
      await reached(session, 'connected');
    });

    it('of the old PEM format ask too', async () => {
      const path = key('locked', 'rsa', 'open sesame', '-m', 'PEM');
      prompter.answer = (): string[] => ['open sesame'];
      await reached(open(path), 'connected');
    });
  });

  describe('of ssh-agent', () => {
    let socket: string;
    beforeEach(async () => {
      socket = join(bench.folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      bench.ends({
        async close() {
          agent.kill();
          if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
        },
      });
      await once(agent.stdout, 'data');
    });

    function add(path: string): void {
      execFileSync('ssh-add', ['-q', path], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      });
    }

    function openWithAgent(
      extra = '',
      environment: Record<string, string> = { SSH_AUTH_SOCK: socket },
    ): SshSession {
      const configFile = join(bench.folder, 'config');
      const text = readFileSync(sshd.configFile, 'utf8').replace(
        / {2}(IdentityFile|IdentitiesOnly|IdentityAgent).*\n/g,
        '',
      );
      writeFileSync(configFile, `${extra}\n${text}`);
      return bench
        .service({ prompter, configFile, environment, home: bench.folder })
        .open({ name: 'n1', host: 'n1' });
    }

    it.each(['ed25519', 'rsa', 'ecdsa'] as const)('of type %s are used', async (type) => {
      add(key('mine', type));
      await reached(openWithAgent(), 'connected');
    });

    it('are found through IdentityAgent', async () => {
      add(key('mine'));
      await reached(openWithAgent(`IdentityAgent ${socket}`, {}), 'connected');
    });

    it('are not used with IdentitiesOnly unless a file names them', async () => {
      const path = key('mine', 'ed25519', '');
      add(path);
      const only = 'IdentitiesOnly yes\nIdentityFile /no/such/key';
      expect((await reached(openWithAgent(only), 'failed')).problem.code).toBe('authentication-failed');
      await reached(openWithAgent(`IdentitiesOnly yes\nIdentityFile ${path}`), 'connected');
    });

    it('spare the passphrase of a locked file whose key is in the agent', async () => {
      const path = key('mine');
      add(path);
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path], {
        stdio: 'ignore',
      });
      await reached(openWithAgent(`IdentityFile ${path}`), 'connected');
      expect(prompter.asked).toEqual([]);
    });

    it('that does not answer is named in the log', async () => {
      const session = openWithAgent(`IdentityFile ${sshd.identityFile}`, { SSH_AUTH_SOCK: '/no/agent' });
      await reached(session, 'connected');
      expect(logOf(session)).toContain('ssh-agent at /no/agent does not answer');
    });
  });
});

describe('passwords', () => {
  let prompter: AnsweringPrompter;
  beforeEach(() => {
    prompter = new AnsweringPrompter();
  });

  function open(port: number, extra: Partial<NodeEntry> = {}): SshSession {
    const configFile = join(bench.folder, 'config');
    writeFileSync(
      configFile,
      'Host *\n StrictHostKeyChecking no\n IdentityFile none\n UserKnownHostsFile none\n',
    );
    return bench
      .service({ prompter, configFile })
      .open({ name: 'n1', host: '127.0.0.1', port, user: 'ada', ...extra });
  }

  function byPassword(context: AuthContext): void {
    if (context.method === 'password' && context.password === 'right') context.accept();
    else context.reject(['password']);
  }

  it('are asked for by user and host, and let in', async () => {
    const server = bench.ends(await listenSsh2(byPassword));
    prompter.answer = (): string[] => ['right'];
    const session = open(server.port);
    await reached(session, 'connected');
    expect(prompter.asked).toMatchObject([
      { kind: 'secret', name: `ada@127.0.0.1:${server.port}`, fields: [{ label: 'Password', echo: false }] },
    ]);
    expect(logOf(session)).not.toContain('right');
  });

  it('are asked for up to three times', async () => {
    const server = bench.ends(await listenSsh2(byPassword));
    prompter.answer = (): string[] => ['wrong'];
    const { problem } = await reached(open(server.port), 'failed');
    expect(problem.code).toBe('authentication-failed');
    expect(prompter.asked).toHaveLength(3);
  });

  it('that are not given end the attempt without a failed login on the host', async () => {
    const tried: string[] = [];
    const server = bench.ends(
      await listenSsh2((context) => {
        tried.push(context.method);
        byPassword(context);
      }),
    );
    const { problem } = await reached(open(server.port), 'failed');
    expect(problem.message).toContain('no answer was given');
    expect(tried).toEqual(['none']);
  });

  it('that worked are used again when the connection is made again by itself', async () => {
    const server = bench.ends(await listenSsh2(byPassword));
    prompter.answer = (): string[] => ['right'];
    const session = open(server.port);
    await reached(session, 'connected');
    for (const client of server.clients) client.end();
    await reached(session, 'waiting');
    await reached(session, 'connected');
    expect(prompter.asked).toHaveLength(1);
  });

  it('that do not work any more are forgotten, and nobody is asked by a connection made again by itself', async () => {
    let right = 'right';
    const server = bench.ends(
      await listenSsh2((context) => {
        if (context.method === 'password' && context.password === right) context.accept();
        else context.reject(['password']);
      }),
    );
    prompter.answer = (): string[] => ['right'];
    const session = open(server.port);
    await reached(session, 'connected');
    right = 'new';
    for (const client of server.clients) client.end();
    const { problem } = await reached(session, 'failed');
    expect(problem.code).toBe('authentication-failed');
    expect(problem.message).toContain('does not ask for a password');
    prompter.answer = (): string[] => ['new'];
    session.reconnect();
    await reached(session, 'connected');
    expect(prompter.asked).toHaveLength(2);
  });

  it('are not asked for where the configuration turns them off', async () => {
    const server = bench.ends(await listenSsh2(byPassword));
    writeFileSync(
      join(bench.folder, 'off'),
      'Host *\n PasswordAuthentication no\n StrictHostKeyChecking no\n IdentityFile none\n UserKnownHostsFile none\n',
    );
    const session = bench
      .service({ prompter, configFile: join(bench.folder, 'off') })
      .open({ name: 'n1', host: '127.0.0.1', port: server.port });
    await reached(session, 'failed');
    expect(prompter.asked).toEqual([]);
  });

  describe('by keyboard-interactive', () => {
    it('answer the questions of the host, shown as plain text', async () => {
      const given: string[][] = [];
      const server = bench.ends(
        await listenSsh2((context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
          context.prompt(
            [
              { prompt: 'Token\u001b[2J: ', echo: true },
              { prompt: 'PIN: ', echo: false },
            ],
            'Door',
            'Two things',
            (answers) => {
              given.push(answers);
              context.accept();
            },
          );
        }),
      );
      prompter.answer = (): string[] => ['123', '456'];
      await reached(open(server.port), 'connected');
      expect(given).toEqual([['123', '456']]);
      expect(prompter.asked).toMatchObject([
        {
          title: 'Door',
          instruction: 'Two things',
          fields: [
            { label: 'Token [2J:', echo: true },
            { label: 'PIN:', echo: false },
          ],
        },
      ]);
    });

    it('are kept like a password where the only question is for one', async () => {
      const server = bench.ends(
        await listenSsh2((context) => {
          if (context.method !== 'keyboard-interactive')
            return context.reject(['keyboard-interactive', 'password']);
          context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
            if (answers[0] === 'right') context.accept();
            else context.reject(['keyboard-interactive', 'password']);
          });
        }),
      );
      const answers = ['wrong', 'right'];
      prompter.answer = (): string[] => [answers.shift() ?? ''];
      const session = open(server.port);
      await reached(session, 'connected');
      for (const client of server.clients) client.end();
      await reached(session, 'waiting');
      await reached(session, 'connected');
      expect(prompter.asked).toHaveLength(2);
    });

    it('give way to password where the host offers both and asks nothing', async () => {
      const server = bench.ends(
        await listenSsh2((context) => {
          if (context.method === 'password' && context.password === 'right') context.accept();
          else context.reject(['keyboard-interactive', 'password']);
        }),
      );
      prompter.answer = (): string[] => ['right'];
      await reached(open(server.port), 'connected');
      expect(prompter.asked).toHaveLength(1);
    });
  });

  it('come after a key where the host wants both', async () => {
    const key = makeKey(join(bench.folder, 'first'));
    let keyAccepted = false;
    const server = bench.ends(
      await listenSsh2((context) => {
        if (context.method === 'publickey' && !keyAccepted) {
          if (context.signature === undefined) return context.accept();
          keyAccepted = true;
          return context.reject(['password'], true);
        }
        if (keyAccepted) byPassword(context);
        else context.reject(['publickey']);
      }),
    );
    prompter.answer = (): string[] => ['right'];
    await reached(open(server.port, { identityFiles: [key] }), 'connected');
  });
});

it('lets in where the host asks for nothing', async () => {
  const server = bench.ends(
    await listenSsh2((context) => (context.method === 'none' ? context.accept() : context.reject())),
  );
  writeFileSync(join(bench.folder, 'config'), 'Host *\n StrictHostKeyChecking no\n IdentityFile none\n');
  const session = bench
    .service({ prompter: new AnsweringPrompter(), configFile: join(bench.folder, 'config') })
    .open({ name: 'n1', host: '127.0.0.1', port: server.port });
  await reached(session, 'connected');
});
