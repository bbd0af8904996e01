/** Jump hosts over real OpenSSH servers: several hops, their own keys, what fails at them, and that they are shared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshService } from '../../main/ssh/index.ts';
import { AnsweringPrompter, logOf, reached, SshBench } from '../harness/ssh-fixture.ts';
import { freePort, makeKey, startSshd, type Sshd } from '../harness/sshd.ts';

let bench: SshBench;
let gate: Sshd;
let inner: Sshd;
let node: Sshd;
let prompter: AnsweringPrompter;
let ssh: SshService;
let configFile: string;

beforeEach(async () => {
  bench = new SshBench();
  [gate, inner, node] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  for (const sshd of [gate, inner, node]) bench.ends(sshd);
  configFile = join(bench.folder, 'config');
  configure();
  prompter = new AnsweringPrompter();
  ssh = bench.service({ prompter, configFile });
});
afterEach(() => bench.close());

function block(name: string, sshd: Sshd, ...more: string[]): string {
  return [`Host ${name}`, ...more, readFileSync(sshd.configFile, 'utf8').replace('Host *\n', '')].join('\n');
}

function configure(first = ''): void {
  writeFileSync(
    configFile,
    [
      first,
      block('gate', gate),
      block('inner', inner),
      block('n*', node, 'ProxyJump gate,inner'),
      block('near*', node, 'ProxyJump gate'),
    ].join('\n'),
  );
}

const command = { timeoutMilliseconds: 10_000, maxBytes: 1000 };

it('passes two hops and runs a command on the node', async () => {
  const session = ssh.open({ name: 'n1', host: 'n1' });
  await reached(session, 'connected');
  const output = await session.exec('echo "$SSH_CONNECTION"', command);
  expect(output.ok && output.value.stdout.toString().trim().split(' ')[3]).toBe(String(node.port));
  expect([gate, inner, node].map((sshd) => sshd.connections())).toEqual([1, 1, 1]);
  const log = logOf(session);
  for (const step of [
    'connected to gate',
    'connecting to inner through gate',
    'connecting to n1 through inner',
  ]) {
    expect(log).toContain(step);
  }
});

it('takes the jump of the entry before that of the configuration', async () => {
  await reached(ssh.open({ name: 'n1', host: 'n1', jump: 'gate' }), 'connected');
  expect(inner.connections()).toBe(0);
  await reached(ssh.open({ name: 'n2', host: 'n2', jump: 'none' }), 'connected');
  expect(gate.connections()).toBe(1);
});

it('passes the jump hosts of the first jump host too', async () => {
  configure(`Host inner\n ProxyJump gate`);
  await reached(ssh.open({ name: 'n1', host: 'n1', jump: 'inner' }), 'connected');
  expect(gate.connections()).toBe(1);
});

it('says that jump hosts lead in a circle', async () => {
  configure('Host gate\n ProxyJump inner\nHost inner\n ProxyJump gate');
  const { problem } = await reached(ssh.open({ name: 'n1', host: 'n1', jump: 'gate' }), 'failed');
  expect(problem).toMatchObject({ code: 'bad-input', message: 'The jump hosts of n1 lead in a circle.' });
});

describe('a hop that fails', () => {
  it('is named with the reason when it cannot be reached, and tried again', async () => {
    await inner.stop();
    const { problem } = await reached(ssh.open({ name: 'n1', host: 'n1' }), 'waiting');
    expect(problem.code).toBe('hop-failed');
    expect(problem.message).toContain(
      `The jump host inner could not be passed: gate cannot reach 127.0.0.1:${inner.port}`,
    );
  });

  it('is named when it lets nobody in, and not tried again', async () => {
    configure(`Host gate\n IdentityFile ${makeKey(join(bench.folder, 'stranger'))}\n IdentitiesOnly yes`);
    writeFileSync(
      configFile,
      readFileSync(configFile, 'utf8').replaceAll(gate.identityFile, join(bench.folder, 'stranger')),
    );
    const { problem } = await reached(ssh.open({ name: 'n1', host: 'n1' }), 'failed');
    expect(problem.code).toBe('hop-failed');
    expect(problem.message).toContain(
      `The jump host gate could not be passed: gate did not let ${gate.user} in`,
    );
  });

  it('is named when its key has changed, and its key can be forgotten', async () => {
    writeFileSync(gate.knownHostsFile, '');
    prompter.answer = (): string[] => ['yes'];
    const session = ssh.open({ name: 'n1', host: 'n1' });
    await reached(session, 'connected');
    await gate.stop();
    await gate.start(['ed25519']);
    const { problem } = await reached(session, 'failed');
    expect(problem.code).toBe('hop-failed');
    expect(problem.message).toContain('gate shows another ssh-ed25519 key');
    expect(await session.forgetHostKey()).toMatchObject({ ok: true });
    session.reconnect();
    await reached(session, 'connected');
  });

  it('is named when it forwards nothing', async () => {
    const strict = bench.ends(await startSshd({ config: ['AllowTcpForwarding no'] }));
    writeFileSync(configFile, [block('gate', strict), block('n*', node, 'ProxyJump gate')].join('\n'));
    const { problem } = await reached(ssh.open({ name: 'n1', host: 'n1' }), 'failed');
    expect(problem.code).toBe('hop-failed');
    expect(problem.message).toContain('gate cannot reach');
  });

  it('is no reason against the node where the node alone is down', async () => {
    const port = await freePort();
    const session = ssh.open({ name: 'n1', host: 'n1', port, jump: 'gate' });
    const { problem } = await reached(session, 'waiting');
    expect(problem.code).toBe('host-unreachable');
    expect(problem.message).toContain(`gate cannot reach 127.0.0.1:${port}`);
  });

  it('loses the sessions through it, which come back with it', async () => {
    const session = ssh.open({ name: 'n1', host: 'n1' });
    await reached(session, 'connected');
    gate.killConnections();
    expect((await reached(session, 'waiting')).problem).toMatchObject({ code: 'hop-failed' });
    await reached(session, 'connected');
  });
});

describe('host keys', () => {
  it('are asked about for each hop under its own name', async () => {
    for (const sshd of [gate, inner, node]) writeFileSync(sshd.knownHostsFile, '');
    prompter.answer = (): string[] => ['yes'];
    await reached(ssh.open({ name: 'n1', host: 'n1' }), 'connected');
    expect(prompter.asked.map(({ name }) => name)).toEqual(['gate', 'inner', 'n1']);
  });

  it('of a hop are asked about once, and everybody behind it waits', async () => {
    writeFileSync(gate.knownHostsFile, '');
    const { promise: answer, resolve: give } = Promise.withResolvers<string[]>();
    prompter.answer = (): Promise<string[]> => answer;
    const sessions = [1, 2, 3].map((number) => ssh.open({ name: `n${number}`, host: `n${number}` }));
    await Promise.all(sessions.map((session) => reached(session, 'asking')));
    give(['yes']);
    await Promise.all(sessions.map((session) => reached(session, 'connected')));
    expect(prompter.asked).toHaveLength(1);
  });
});

describe('a shared jump host', () => {
  it('is connected to once for all nodes behind it', async () => {
    const sessions = Array.from({ length: 10 }, (_none, index) =>
      ssh.open({ name: `n${index}`, host: `near${index}` }),
    );
    await Promise.all(sessions.map((session) => reached(session, 'connected')));
    expect(gate.connections()).toBe(1);
    expect(node.connections()).toBe(10);
  });

  it('is left when the last session through it ends', async () => {
    const [first, second] = [
      ssh.open({ name: 'n1', host: 'near1' }),
      ssh.open({ name: 'n2', host: 'near2' }),
    ];
    await Promise.all([first, second].map((session) => reached(session, 'connected')));
    await first.close();
    expect(await second.exec('echo still here', command)).toMatchObject({ ok: true });
    await second.close();
    await gate.waitForLog(/Disconnected from|Connection closed/);
  });

  it('goes on for others when one gives up while it is being connected to', async () => {
    writeFileSync(gate.knownHostsFile, '');
    const { promise: answer, resolve: give } = Promise.withResolvers<string[]>();
    prompter.answer = (): Promise<string[]> => answer;
    const [first, second] = [
      ssh.open({ name: 'n1', host: 'near1' }),
      ssh.open({ name: 'n2', host: 'near2' }),
    ];
    await Promise.all([first, second].map((session) => reached(session, 'asking')));
    await first.close();
    give(['yes']);
    await reached(second, 'connected');
  });
});
