/** The OpenSSH configuration: what ssh -G makes of it, what is read without it, and the hosts offered from it. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { readSshConfigCandidates, type CandidateList, type CandidateOptions } from '../../main/ssh/index.ts';
import { HostResolver, type ResolverOptions, type Route } from '../../main/ssh/host-resolver.ts';
import { SshBench } from '../harness/ssh-fixture.ts';

let bench: SshBench;
let home: string;
beforeEach(() => {
  bench = new SshBench();
  home = join(bench.folder, 'home');
  mkdirSync(join(home, '.ssh', 'conf.d'), { recursive: true });
});
afterEach(() => bench.close());

const never = new AbortController().signal;

function configure(text: string, file = 'config'): void {
  writeFileSync(join(home, '.ssh', file), text);
}

/** A stand-in for `ssh` that counts how often it is started and then is the real one. */
function countingSsh(): { program: string; starts: () => number } {
  const program = join(bench.folder, 'ssh');
  const count = join(bench.folder, 'count');
  writeFileSync(count, '');
  writeFileSync(program, `#!/bin/sh\necho x >> '${count}'\nexec ssh "$@"\n`);
  chmodSync(program, 0o755);
  return { program, starts: () => readFileSync(count, 'utf8').length / 2 };
}

async function route(entry: Partial<NodeEntry>, options: ResolverOptions = {}): Promise<Route> {
  const resolver = new HostResolver({ home, environment: { PATH: process.env['PATH'] }, ...options });
  const result = await resolver.route({ name: 'n1', host: 'n1', ...entry }, never);
  if (!result.ok) throw new Error(`${result.problem.message} ${result.problem.detail}`);
  return result.value;
}

describe.each([
  ['with ssh', {}],
  ['without ssh', { sshProgram: '/no/such/ssh' }],
])('a host %s', (_name, options) => {
  it('has the words of its blocks, the first of each', async () => {
    configure(
      'Host n1\n  HostName 10.0.0.1\n  Port 2222\nHost n*\n  User root\n  Port 1\nHost *\n  User nobody\n',
    );
    const { target } = await route({}, options);
    expect(target).toMatchObject({ name: 'n1', host: '10.0.0.1', port: 2222, user: 'root' });
  });

  it('has the words of included files, and those after the Include', async () => {
    // A relative path would start at the true home folder, which ssh takes from the password file.
    configure(`Host n1\n  Include ${home}/.ssh/conf.d/*\n  Port 2222\n`);
    configure('HostName 10.0.0.2\nHost other\n  Port 1\n', 'conf.d/a');
    expect((await route({}, options)).target).toMatchObject({ host: '10.0.0.2', port: 2222 });
  });

  it('has its jump hosts, each with its own words', async () => {
    configure('Host gate\n  HostName gate.example\n  User ada\nHost n1\n  ProxyJump gate,bob@second:44\n');
    const { hops } = await route({}, options);
    expect(hops).toMatchObject([
      { name: 'gate', host: 'gate.example', user: 'ada', port: 22 },
      { name: 'second', host: 'second', user: 'bob', port: 44 },
    ]);
  });

  it('keeps the words of two hosts apart that the same blocks match', async () => {
    configure('Host n*\n  User root\n');
    const resolver = new HostResolver({ home, environment: { PATH: process.env['PATH'] }, ...options });
    const [one, two] = await Promise.all(
      ['n1', 'n2'].map((host) => resolver.route({ name: host, host }, never)),
    );
    expect(one?.ok && one.value.target).toMatchObject({ name: 'n1', host: 'n1', user: 'root' });
    expect(two?.ok && two.value.target).toMatchObject({ name: 'n2', host: 'n2', user: 'root' });
  });

  it('fills its own name into HostName', async () => {
    configure('Host n*\n  HostName %h.cluster\n');
    expect((await route({ host: 'n2' }, options)).target.host).toBe('n2.cluster');
    expect((await route({ host: 'n3' }, options)).target.host).toBe('n3.cluster');
  });
});

it('does not run Match exec where there is no ssh', async () => {
  const trace = join(bench.folder, 'trace');
  configure(`Match exec "touch ${trace}"\n  User evil\nHost *\n  User root\n`);
  expect((await route({}, { sshProgram: '/no/such/ssh' })).target.user).toBe('root');
  expect(() => readFileSync(trace)).toThrow();
});

it('says what ssh says about a configuration it does not take', async () => {
  configure('Bogus yes\n');
  await expect(route({})).rejects.toThrow(/ssh -G ended with status 255.*Bad configuration option: bogus/s);
});

describe('ssh is started', () => {
  it('once for all hosts that differ in nothing but their name', async () => {
    const { program, starts } = countingSsh();
    configure('Host n*\n  User root\n');
    const resolver = new HostResolver({
      home,
      environment: { PATH: process.env['PATH'] },
      sshProgram: program,
    });
    for (let number = 1; number <= 20; number += 1) {
      const found = await resolver.route({ name: `n${number}`, host: `n${number}` }, never);
      expect(found.ok && found.value.target.host).toBe(`n${number}`);
    }
    expect(starts()).toBe(1);
  });

  it('for each host where Match decides', async () => {
    const { program, starts } = countingSsh();
    configure('Match originalhost n2\n  User ada\n');
    const resolver = new HostResolver({
      home,
      environment: { PATH: process.env['PATH'] },
      sshProgram: program,
    });
    for (const host of ['n1', 'n2', 'n3']) await resolver.route({ name: host, host }, never);
    expect(starts()).toBe(3);
  });
});

describe('hosts offered from the configuration', () => {
  async function candidates(options: Partial<CandidateOptions> = {}): Promise<CandidateList> {
    const result = await readSshConfigCandidates({
      home,
      environment: { PATH: process.env['PATH'] },
      isKnown: () => false,
      ...options,
    });
    if (!result.ok) throw new Error(result.problem.message);
    return result.value;
  }

  it('are those named without wildcards, each once, in their order', async () => {
    configure('Host n2 n1 *.example !x\nHost n?\n  User root\nHost n1 "n3" # not-this\n  Include conf.d/b\n');
    configure('Host included\n', 'conf.d/b');
    const { candidates: found, notices } = await candidates();
    expect(found.map(({ entry }) => entry)).toEqual(
      ['n2', 'n1', 'n3', 'included'].map((name) => ({ name, host: name })),
    );
    expect(notices).toEqual([]);
  });

  it('say in words where they go', async () => {
    configure(
      'Host n1\n HostName 10.0.0.3\n User root\n ProxyJump gate\nHost v6\n HostName fe80::1\n User a\n Port 44\n',
    );
    const { candidates: found } = await candidates();
    expect(found.map(({ about }) => about)).toEqual(['root@10.0.0.3:22 through gate', 'a@[fe80::1]:44']);
  });

  it('know which of them the settings have', async () => {
    configure('Host n1 n2\n');
    const { candidates: found } = await candidates({ isKnown: ({ host }) => host === 'n2' });
    expect(found.map(({ known }) => known)).toEqual([false, true]);
  });

  it('are written out in full from another file, which ssh would not look into', async () => {
    configure(
      'Host gate\n HostName 10.0.0.1\n User ada\nHost n1\n HostName 10.0.0.3\n User root\n ProxyJump gate\n IdentityFile /keys/a\n',
      'other',
    );
    const { candidates: found } = await candidates({ path: join(home, '.ssh', 'other') });
    expect(found[1]?.entry).toEqual({
      name: 'n1',
      host: '10.0.0.3',
      user: 'root',
      port: 22,
      jump: 'ada@10.0.0.1:22',
      identityFiles: ['/keys/a'],
    });
  });

  it('that cannot be used are named with the reason', async () => {
    configure('Host bad;name command\n ProxyCommand nc %h %p\nHost fine\n');
    const { candidates: found, notices } = await candidates();
    expect(found.map(({ entry }) => entry.name)).toEqual(['fine']);
    expect(notices.map(({ code }) => code)).toEqual(['bad-input', 'not-available']);
    expect(notices[0]?.message).toContain('bad;name');
  });

  it('are none where there is no file, which is said', async () => {
    const result = await readSshConfigCandidates({ home, isKnown: () => false });
    expect(result).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
  });
});
