/** Host keys against a real OpenSSH server: first contact, stored keys, changed keys, and who is asked. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshSession } from '../../main/ssh/index.ts';
import { AnsweringPrompter, logOf, reached, SshBench } from '../harness/ssh-fixture.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

let bench: SshBench;
let sshd: Sshd;
beforeEach(async () => {
  bench = new SshBench();
  sshd = bench.ends(await startSshd());
});
afterEach(() => bench.close());

const yes = (): AnsweringPrompter => new AnsweringPrompter(() => ['yes']);
const entry = { name: 'n1', host: 'n1' };

function open(prompter: AnsweringPrompter, dataFolder = join(bench.folder, 'data')): SshSession {
  return bench.service({ prompter, configFile: sshd.configFile, dataFolder }).open(entry);
}

function configure(line: string): void {
  writeFileSync(sshd.configFile, `${line}\n${readFileSync(sshd.configFile, 'utf8')}`);
}

function ownStore(): string {
  return readFileSync(join(bench.folder, 'data', 'known_hosts'), 'utf8');
}

describe('an unknown key', () => {
  beforeEach(() => writeFileSync(sshd.knownHostsFile, ''));

  it('is asked about, with fingerprint and the command to check it', async () => {
    const prompter = yes();
    await reached(open(prompter), 'connected');
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_ed25519.pub')], {
      encoding: 'utf8',
    }).split(' ')[1];
    expect(prompter.asked).toEqual([
      {
        kind: 'host-key',
        name: 'n1',
        address: `127.0.0.1:${sshd.port}`,
        keyType: 'ssh-ed25519',
        fingerprint,
        command: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      },
    ]);
  });

  it('that was accepted is stored for its owner only, and not asked about again', async () => {
    await reached(open(yes()), 'connected');
    expect(ownStore()).toContain(`[127.0.0.1]:${sshd.port} ${sshd.hostKey()}`);
    expect(statSync(join(bench.folder, 'data', 'known_hosts')).mode & 0o777).toBe(0o600);
    const again = yes();
    await reached(open(again), 'connected');
    expect(again.asked).toEqual([]);
    expect(readFileSync(sshd.knownHostsFile, 'utf8')).toBe('');
  });

  it('that was refused ends the attempt, is not stored, and is asked about again only when the operator tries again', async () => {
    const prompter = new AnsweringPrompter(() => null);
    const session = open(prompter);
    expect((await reached(session, 'failed')).problem.code).toBe('unknown-host-key');
    expect(prompter.asked).toHaveLength(1);
    prompter.answer = (): string[] => ['yes'];
    session.reconnect();
    await reached(session, 'connected');
    expect(prompter.asked).toHaveLength(2);
  });

  it('is asked about once for all who want the same host', async () => {
    const prompter = new AnsweringPrompter();
    const { promise: answer, resolve: give } = Promise.withResolvers<string[]>();
    prompter.answer = (): Promise<string[]> => answer;
    const ssh = bench.service({ prompter, configFile: sshd.configFile });
    const sessions = [1, 2, 3].map((number) => ssh.open({ name: `n${number}`, host: `n${number}` }));
    await Promise.all(sessions.map((session) => reached(session, 'asking')));
    give(['yes']);
    await Promise.all(sessions.map((session) => reached(session, 'connected')));
    expect(prompter.asked).toHaveLength(1);
  });

  it('may be thought about longer than the time limit of the handshake', async () => {
    configure('ConnectTimeout 1');
    const prompter = new AnsweringPrompter(async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, 1500);
      });
      return ['yes'];
    });
    await reached(open(prompter), 'connected');
  });

  it('is accepted and stored with accept-new, without a question', async () => {
    configure('StrictHostKeyChecking accept-new');
    const prompter = yes();
    await reached(open(prompter), 'connected');
    expect(prompter.asked).toEqual([]);
    expect(ownStore()).toContain(sshd.hostKey());
  });

  it('is accepted but never stored with StrictHostKeyChecking no, and a reconnection goes on with it', async () => {
    configure('StrictHostKeyChecking no');
    const session = open(yes());
    await reached(session, 'connected');
    expect(ownStore).toThrow();
    sshd.killConnections();
    await reached(session, 'waiting');
    await reached(session, 'connected');
  });

  it('is refused with StrictHostKeyChecking yes, without a question', async () => {
    configure('StrictHostKeyChecking yes');
    const prompter = yes();
    expect((await reached(open(prompter), 'failed')).problem.code).toBe('unknown-host-key');
    expect(prompter.asked).toEqual([]);
  });

  it('is never asked about when a connection is made again by itself', async () => {
    const prompter = yes();
    const session = open(prompter);
    await reached(session, 'connected');
    await session.forgetHostKey();
    sshd.killConnections();
    await reached(session, 'waiting');
    expect((await reached(session, 'failed')).problem.code).toBe('unknown-host-key');
    expect(prompter.asked).toHaveLength(1);
  });
});

describe('a changed key', () => {
  it('is a hard stop at first contact: no question, no second try', async () => {
    await sshd.stop();
    await sshd.start(['ed25519']);
    const prompter = yes();
    const session = open(prompter);
    const { problem } = await reached(session, 'failed');
    expect(problem.code).toBe('changed-host-key');
    expect(problem.message).toContain(`${sshd.knownHostsFile} line 1`);
    expect(prompter.asked).toEqual([]);
    expect(sshd.log.join('\n')).not.toContain('Accepted publickey');
  });

  it('stops a reconnection after a restart of the server', async () => {
    const session = open(yes());
    await reached(session, 'connected');
    await sshd.stop();
    await sshd.start(['ed25519']);
    expect((await reached(session, 'failed')).problem.code).toBe('changed-host-key');
  });

  it('is a hard stop too when it is of another type', async () => {
    await sshd.stop();
    await sshd.start(['ecdsa']);
    expect((await reached(open(yes()), 'failed')).problem.code).toBe('changed-host-key');
  });

  it('is not forgotten where known_hosts names the old one, which is said', async () => {
    await sshd.stop();
    await sshd.start(['ed25519']);
    const session = open(yes());
    await reached(session, 'failed');
    const forgotten = await session.forgetHostKey();
    expect(!forgotten.ok && forgotten.problem.message).toContain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}'`);
  });

  it('is asked about again once the operator has forgotten the old one', async () => {
    writeFileSync(sshd.knownHostsFile, '');
    await reached(open(yes()), 'connected');
    await sshd.stop();
    await sshd.start(['ed25519']);
    const prompter = yes();
    const session = open(prompter);
    expect((await reached(session, 'failed')).problem.code).toBe('changed-host-key');
    expect(await session.forgetHostKey()).toEqual({ ok: true, value: undefined });
    session.reconnect();
    await reached(session, 'connected');
    expect(prompter.asked).toHaveLength(1);
    expect(ownStore().match(/ssh-ed25519/g)).toHaveLength(1);
  });
});

describe('known_hosts', () => {
  it('is understood as ssh-keygen hashes it', async () => {
    execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHostsFile], { stdio: 'ignore' });
    expect(readFileSync(sshd.knownHostsFile, 'utf8')).toMatch(/^\|1\|/);
    await reached(open(new AnsweringPrompter()), 'connected');
  });

  it('that knows the rsa key makes the host show that one, though it has others', async () => {
    await sshd.stop();
    await sshd.start(['ed25519', 'ecdsa', 'rsa']);
    writeFileSync(sshd.knownHostsFile, `[127.0.0.1]:${sshd.port} ${sshd.hostKey('rsa')}\n`);
    const prompter = yes();
    await reached(open(prompter), 'connected');
    expect(prompter.asked).toEqual([]);
  });

  it('that revokes the key ends it, whatever else it says', async () => {
    const name = `[127.0.0.1]:${sshd.port}`;
    writeFileSync(sshd.knownHostsFile, `${name} ${sshd.hostKey()}\n@revoked * ${sshd.hostKey()}\n`);
    expect((await reached(open(yes()), 'failed')).problem.code).toBe('revoked-host-key');
  });

  it('is looked up under HostKeyAlias where there is one', async () => {
    configure('HostKeyAlias blade');
    writeFileSync(sshd.knownHostsFile, `blade ${sshd.hostKey()}\n`);
    const prompter = yes();
    await reached(open(prompter), 'connected');
    expect(prompter.asked).toEqual([]);
  });

  it('with damaged lines is used all the same, and the log names them', async () => {
    writeFileSync(sshd.knownHostsFile, `rubbish\n[127.0.0.1]:${sshd.port} ${sshd.hostKey()}\n`);
    const session = open(new AnsweringPrompter());
    await reached(session, 'connected');
    expect(logOf(session)).toContain(`${sshd.knownHostsFile} line 1 is incomplete`);
  });
});

it('refuses to go on with a store of keys that it cannot read', async () => {
  execFileSync('mkdir', ['-p', join(bench.folder, 'data', 'known_hosts')]);
  const session = open(yes());
  const { problem } = await reached(session, 'failed');
  expect(problem).toMatchObject({ code: 'file-unreadable' });
  expect(problem.message).toContain('is a folder');
});
