import { describe, expect, it } from 'vitest';
import {
  hostConfig,
  parseConfigWords,
  parseJump,
  type ConfigContext,
  type HostConfig,
} from './host-config.ts';

const context: ConfigContext = {
  name: 'n3',
  home: '/home/ada',
  localUser: 'ada',
  environment: { SSH_AUTH_SOCK: '/run/agent', OTHER: '/run/other' },
};

function made(text: string, more: Partial<ConfigContext> = {}): HostConfig {
  const result = hostConfig(parseConfigWords(text), { ...context, ...more });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

describe('what ssh -G prints', () => {
  it('gives host, port and user', () => {
    expect(made('user root\nhostname 10.0.0.3\nport 2222\n')).toMatchObject({
      name: 'n3',
      host: '10.0.0.3',
      port: 2222,
      user: 'root',
    });
  });

  it('keeps every identity file, with spaces, and expands tokens', () => {
    const { identityFiles } = made(
      'hostname h\nuser u\nidentityfile ~/.ssh/id_ed25519\nidentityfile /keys/my key\nidentityfile %d/%r@%h-%n:%p%%${OTHER}',
    );
    expect(identityFiles).toEqual([
      { path: '/home/ada/.ssh/id_ed25519', isDefault: true },
      { path: '/keys/my key', isDefault: false },
      { path: '/home/ada/u@h-n3:22%/run/other', isDefault: false },
    ]);
  });

  it('splits lists of known_hosts files and leaves none out', () => {
    const { knownHostsFiles } = made('userknownhostsfile /a /b\nglobalknownhostsfile none');
    expect(knownHostsFiles).toEqual(['/a', '/b']);
  });

  it.each([
    ['yes', 'yes'],
    ['true', 'yes'],
    ['no', 'no'],
    ['false', 'no'],
    ['off', 'no'],
    ['accept-new', 'accept-new'],
    ['ask', 'ask'],
  ])('reads StrictHostKeyChecking %s', (word, strictness) => {
    expect(made(`stricthostkeychecking ${word}`)).toMatchObject({ strictness });
  });

  it.each([
    ['', '/run/agent'],
    ['identityagent none', undefined],
    ['identityagent SSH_AUTH_SOCK', '/run/agent'],
    ['identityagent $OTHER', '/run/other'],
    ['identityagent ~/sock', '/home/ada/sock'],
  ])('finds the agent with "%s"', (line, agentSocket) => {
    expect(made(line).agentSocket).toBe(agentSocket);
  });

  it('turns methods off', () => {
    expect(
      made('pubkeyauthentication false\npasswordauthentication no\nkbdinteractiveauthentication yes').methods,
    ).toEqual({ publicKey: false, password: false, keyboardInteractive: true });
  });

  it('takes times from the configuration, or its own', () => {
    expect(made('connecttimeout none\nserveraliveinterval 0')).toMatchObject({
      timeoutMilliseconds: 20_000,
      keepAlive: { milliseconds: 15_000, count: 3 },
    });
    expect(made('connecttimeout 7\nserveraliveinterval 30\nserveralivecountmax 2')).toMatchObject({
      timeoutMilliseconds: 7000,
      keepAlive: { milliseconds: 30_000, count: 2 },
    });
  });
});

describe('what the operator says on top', () => {
  it('goes before the configuration', () => {
    expect(
      made('user root\nport 22\nproxyjump gate\nidentityfile /x', {
        user: 'bob',
        port: 33,
        jump: 'carol@other:44',
        identityFiles: ['~/mine'],
      }),
    ).toMatchObject({
      user: 'bob',
      port: 33,
      jump: [{ host: 'other', user: 'carol', port: 44 }],
      identityFiles: [{ path: '/home/ada/mine', isDefault: false }],
    });
  });

  it('can take a jump away', () => {
    expect(made('proxyjump gate', { jump: 'none' }).jump).toEqual([]);
  });
});

describe('ProxyCommand', () => {
  it('is refused in plain words', () => {
    const result = hostConfig(parseConfigWords('proxycommand nc %h %p'), context);
    expect(result).toMatchObject({ ok: false, problem: { code: 'not-available', detail: 'nc %h %p' } });
  });

  it('does not matter where a jump takes its place', () => {
    expect(made('proxycommand nc %h %p', { jump: 'gate' }).jump).toEqual([{ host: 'gate' }]);
    expect(made('proxycommand none').jump).toEqual([]);
  });
});

describe('jump hosts', () => {
  it.each([
    ['none', []],
    ['', []],
    ['gate', [{ host: 'gate' }]],
    ['a@gate:2222,b', [{ host: 'gate', user: 'a', port: 2222 }, { host: 'b' }]],
    ['ssh://a@gate:2222', [{ host: 'gate', user: 'a', port: 2222 }]],
    ['[fe80::1%eth0]:22', [{ host: 'fe80::1%eth0', port: 22 }]],
  ])('reads "%s"', (text, value) => {
    expect(parseJump(text)).toEqual({ ok: true, value });
  });

  it.each(['-oProxyCommand=x', 'a b', 'gate:0', 'gate:70000', 'gate,,b', 'a@'])('refuses "%s"', (text) => {
    expect(parseJump(text)).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
  });
});

it('refuses a port out of range', () => {
  expect(hostConfig(parseConfigWords('port 0'), context)).toMatchObject({ ok: false });
});
