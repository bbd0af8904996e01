/** Sessions against a real OpenSSH server: connecting, commands, losses and what cannot be reached. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshService, SshSession } from '../../main/ssh/index.ts';
import { AnsweringPrompter, listen, logOf, reached, SshBench } from '../harness/ssh-fixture.ts';
import { freePort, startSshd, type Sshd, type SshdOptions } from '../harness/sshd.ts';

const limits = { timeoutMilliseconds: 10_000, maxBytes: 100_000 };

let bench: SshBench;
beforeEach(() => {
  bench = new SshBench();
});
afterEach(() => bench.close());

async function sshdWith(
  options?: SshdOptions,
): Promise<{ sshd: Sshd; ssh: SshService; open: () => SshSession }> {
  const sshd = bench.ends(await startSshd(options));
  const ssh = bench.service({ prompter: new AnsweringPrompter(), configFile: sshd.configFile });
  return { sshd, ssh, open: () => ssh.open({ name: 'n1', host: 'n1' }) };
}

async function textOf(session: SshSession, command: string): Promise<string> {
  const output = await session.exec(command, limits);
  if (!output.ok) throw new Error(output.problem.message);
  return output.value.stdout.toString();
}

describe('a session', () => {
  it('connects with the key of the configuration and says each step', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    const steps: string[] = [];
    session.onState((state) => steps.push('step' in state ? state.step : state.kind));
    await reached(session, 'connected');
    expect(steps).toEqual([
      'resolving',
      'connecting to n1',
      'exchanging keys with n1',
      `authenticating as ${sshd.user} on n1`,
      'connected',
    ]);
    expect(logOf(session)).toContain('connected to n1');
  });

  it('shows the banner of the host in its log, without control characters', async () => {
    const { open } = await sshdWith({ config: [`Banner ${join(bench.folder, 'banner')}`] });
    writeFileSync(join(bench.folder, 'banner'), 'Only for \u001b[31mworkers\u0007\n');
    const session = open();
    await reached(session, 'connected');
    expect(logOf(session)).toMatch(/^n1 says: Only for +\[31mworkers$/m);
  });

  it('takes user, port and keys of its entry before those of the configuration', async () => {
    const { ssh, sshd } = await sshdWith();
    writeFileSync(
      sshd.configFile,
      `Host *\n Port 1\n User nobody\n IdentityFile /none\n UserKnownHostsFile ${sshd.knownHostsFile}\n`,
    );
    const session = ssh.open({
      name: 'n1',
      host: '127.0.0.1',
      user: sshd.user,
      port: sshd.port,
      identityFiles: [sshd.identityFile],
    });
    await reached(session, 'connected');
  });

  it('keeps at most the last 200 lines of its log', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    expect(session.events.length).toBeLessThanOrEqual(200);
    expect(session.events[0]?.time).toBeGreaterThan(1e12);
  });
});

describe('a command', () => {
  it('gives exit code, output and errors', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const output = await session.exec('echo out; echo err >&2; exit 3', limits);
    if (!output.ok) throw new Error(output.problem.message);
    expect(output.value.exitCode).toBe(3);
    expect(output.value.stdout.toString()).toBe('out\n');
    expect(output.value.stderr.toString()).toBe('err\n');
  });

  it('reads its input to the end', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const output = await session.exec('wc -c', { ...limits, input: 'x'.repeat(70_000) });
    expect(output.ok && output.value.stdout.toString().trim()).toBe('70000');
  });

  it('is not mixed with what a slow and talkative .bashrc prints', async () => {
    const { open } = await sshdWith({ bashrc: 'echo welcome; echo careful >&2; sleep 0.3; echo ready\n' });
    const session = open();
    await reached(session, 'connected');
    expect(await textOf(session, 'echo own')).toBe('own\n');
  });

  it('ends with a problem when the login shell runs nothing', async () => {
    const { open } = await sshdWith({ bashrc: 'echo This account is not available.; exit 1\n' });
    const session = open();
    await reached(session, 'connected');
    const output = await session.exec('echo own', limits);
    expect(output).toMatchObject({
      ok: false,
      problem: { code: 'no-shell', detail: 'This account is not available.' },
    });
  });

  it('is cut off at its time limit, and the session goes on', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const output = await session.exec('sleep 60', { timeoutMilliseconds: 200, maxBytes: 10 });
    expect(output).toMatchObject({ ok: false, problem: { code: 'timeout' } });
    expect(await textOf(session, 'echo still here')).toBe('still here\n');
  });

  it('is cut off at its byte limit', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const output = await session.exec('yes', limits);
    expect(output).toMatchObject({ ok: false, problem: { code: 'protocol-error' } });
  });

  it('is refused with the problem of the connection while there is none', async () => {
    const ssh = bench.service({ prompter: new AnsweringPrompter(), configFile: 'none' });
    const session = ssh.open({ name: 'n1', host: '127.0.0.1', port: await freePort() });
    await reached(session, 'waiting');
    expect(await session.exec('true', limits)).toMatchObject({
      ok: false,
      problem: { code: 'host-unreachable' },
    });
  });
});

it('goes on when the keys are exchanged anew', async () => {
  const { open } = await sshdWith({ config: ['RekeyLimit 100K'] });
  const session = open();
  await reached(session, 'connected');
  const output = await session.exec('head -c 1000000 /dev/zero', { ...limits, maxBytes: 1_000_000 });
  expect(output.ok && output.value.stdout.length).toBe(1_000_000);
  expect(session.state.kind).toBe('connected');
});

describe('a channel', () => {
  it('stays open, answers line by line, and tells its end', async () => {
    const { open } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    let text = '';
    const { promise: closed, resolve } = Promise.withResolvers<{ code: number | undefined }>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const channel = await session.openChannel('while read line; do echo "got $line"; done; exit 7', {
      onData: (chunk) => {
        text += chunk.toString();
        if (text.endsWith('got two\n')) answer();
      },
      onErrorData: () => {},
      onClose: resolve,
    });
    if (!channel.ok) throw new Error(channel.problem.message);
    channel.value.write('one\n');
    channel.value.write('two\n');
    await answered;
    expect(text).toBe('got one\ngot two\n');
    channel.value.end();
    expect(await closed).toEqual({ code: 7, signal: undefined });
    channel.value.write('too late\n');
  });

  it('is told that it has ended when the connection is lost', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const { promise: closed, resolve } = Promise.withResolvers<unknown>();
    await session.openChannel('cat', { onData: () => {}, onErrorData: () => {}, onClose: resolve });
    sshd.killConnections();
    expect(await closed).toEqual({ code: undefined, signal: undefined });
  });
});

describe('a lost connection', () => {
  it('is made again by itself, with a reason and a time in between', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    sshd.killConnections();
    const waiting = await reached(session, 'waiting');
    expect(waiting.problem.code).toBe('connection-lost');
    expect(waiting.retryAt).toBeGreaterThan(Date.now());
    await reached(session, 'connected');
    expect(await textOf(session, 'echo again')).toBe('again\n');
  });

  it('is made again when a server that was stopped comes back', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    await sshd.stop();
    expect((await reached(session, 'waiting')).problem.code).toBe('connection-lost');
    await reached(session, 'connecting');
    expect((await reached(session, 'waiting')).problem.code).toBe('host-unreachable');
    await sshd.start();
    session.reconnect();
    await reached(session, 'connected');
  });

  it('fails the command that was running', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    const output = session.exec('sleep 60', limits);
    await sshd.waitForLog(/Starting session: command/);
    sshd.killConnections();
    expect(await output).toMatchObject({ ok: false, problem: { code: 'connection-lost' } });
  });
});

describe('what cannot be reached', () => {
  async function problemAt(
    port: number,
    host = '127.0.0.1',
  ): Promise<{ kind: string; code: string; message: string }> {
    const ssh = bench.service({ prompter: new AnsweringPrompter(), configFile: 'none' });
    const { kind, problem } = await reached(ssh.open({ name: 'n1', host, port }), 'waiting', 'failed');
    return { kind, code: problem.code, message: problem.message };
  }

  it('says that a port is closed, and tries again', async () => {
    const port = await freePort();
    expect(await problemAt(port)).toEqual({
      kind: 'waiting',
      code: 'host-unreachable',
      message: `127.0.0.1:${port} refuses connections. Is sshd running there?`,
    });
  });

  it('says that a name has no address, and tries again', async () => {
    expect(await problemAt(22, 'no-such-host.invalid')).toMatchObject({
      kind: 'waiting',
      code: 'host-unreachable',
    });
  });

  it('says that what answers is no SSH server, and does not try again', async () => {
    const http = bench.ends(await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await problemAt(http.port)).toMatchObject({
      kind: 'failed',
      code: 'protocol-error',
      message: `What answers at 127.0.0.1:${http.port} is no SSH server.`,
    });
  });

  it('survives a server that sends rubbish for ever', async () => {
    const rubbish = bench.ends(
      await listen((socket) => {
        const send = (): void => {
          if (!socket.destroyed) socket.write(Buffer.alloc(16_384, 'x'), send);
        };
        send();
      }),
    );
    expect(await problemAt(rubbish.port)).toMatchObject({ kind: 'failed', code: 'protocol-error' });
  });

  it('tries again where the connection is closed before a greeting', async () => {
    const closing = bench.ends(await listen((socket) => socket.end()));
    expect(await problemAt(closing.port)).toMatchObject({ kind: 'waiting', code: 'host-unreachable' });
  });

  it('gives up on a server that says nothing, after ConnectTimeout', async () => {
    const silent = bench.ends(await listen(() => {}));
    const configFile = join(bench.folder, 'config');
    writeFileSync(configFile, 'Host *\n ConnectTimeout 1\n');
    const session = bench
      .service({ prompter: new AnsweringPrompter(), configFile })
      .open({ name: 'n1', host: '127.0.0.1', port: silent.port });
    expect((await reached(session, 'waiting')).problem).toMatchObject({
      code: 'timeout',
      message: `127.0.0.1:${silent.port} accepts connections but says nothing.`,
    });
  });

  it('names what an old host and we do not have in common', async () => {
    const { open } = await sshdWith({ config: ['KexAlgorithms diffie-hellman-group1-sha1'] });
    const { problem } = await reached(open(), 'failed');
    expect(problem.code).toBe('protocol-error');
    expect(problem.message).toContain('no key exchange algorithm in common');
  });

  it('connects to an old host where the configuration allows its algorithms', async () => {
    const { open, sshd } = await sshdWith({
      config: ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes128-cbc'],
    });
    execFileSync('sed', [
      '-i',
      '1a KexAlgorithms +diffie-hellman-group14-sha1\\nCiphers +aes128-cbc',
      sshd.configFile,
    ]);
    await reached(open(), 'connected');
  });
});

describe('an end', () => {
  it('of a session closes its connection on the host', async () => {
    const { open, sshd } = await sshdWith();
    const session = open();
    await reached(session, 'connected');
    await textOf(session, 'true');
    expect(sshd.connections()).toBe(1);
    await session.close();
    expect(session.state.kind).toBe('none');
    await sshd.waitForLog(/Disconnected from|Connection closed/);
  });

  it('of the service ends sessions that are connecting, asking and waiting', async () => {
    const { open, ssh, sshd } = await sshdWith();
    writeFileSync(sshd.knownHostsFile, '');
    const prompter = new AnsweringPrompter(() => new Promise(() => {}));
    const asking = bench.service({
      prompter,
      configFile: sshd.configFile,
      dataFolder: join(bench.folder, 'other'),
    });
    const session = asking.open({ name: 'n1', host: 'n1' });
    await reached(session, 'asking');
    const waiting = asking.open({ name: 'n2', host: '127.0.0.1', port: await freePort() });
    await reached(waiting, 'waiting');
    const begun = open();
    await Promise.all([asking.dispose(), ssh.dispose()]);
    expect([session, waiting, begun].map(({ state }) => state.kind)).toEqual(['none', 'none', 'none']);
  });
});
