import { describe, expect, test } from 'vitest';
import { parseTarget } from './target.ts';

describe('a target as an operator writes it', () => {
  test.each([
    ['node5', { name: 'node5', host: 'node5' }],
    ['root@node5', { name: 'node5', host: 'node5', user: 'root' }],
    ['node5:2222', { name: 'node5', host: 'node5', port: 2222 }],
    ['root@10.0.0.5:22', { name: '10.0.0.5', host: '10.0.0.5', user: 'root', port: 22 }],
    ['  root@node5  ', { name: 'node5', host: 'node5', user: 'root' }],
    ['ssh://root@node5:2222/', { name: 'node5', host: 'node5', user: 'root', port: 2222 }],
    ['2001:db8::5', { name: '2001:db8::5', host: '2001:db8::5' }],
    ['root@[2001:db8::5]:2222', { name: '2001:db8::5', host: '2001:db8::5', user: 'root', port: 2222 }],
    ['::1', { name: '::1', host: '::1' }],
    ['[::1]:2222', { name: '::1', host: '::1', port: 2222 }],
    ['fe80::1%eth0', { name: 'fe80::1%eth0', host: 'fe80::1%eth0' }],
    ['cafe:22', { name: 'cafe', host: 'cafe', port: 22 }],
    ['my_alias.cluster-3', { name: 'my_alias.cluster-3', host: 'my_alias.cluster-3' }],
    ['DOMAIN\\admin@node5', { name: 'node5', host: 'node5', user: 'DOMAIN\\admin' }],
  ])('%s', (text, entry) => expect(parseTarget(text)).toEqual({ ok: true, value: entry }));
});

describe('what is no target is said with its text', () => {
  test.each([
    [''],
    ['   '],
    ['root@'],
    ['@node5'],
    ['two words'],
    ['node5:'],
    ['node5:ssh'],
    ['node5:0'],
    ['node5:65536'],
    ['[::1'],
    ['1:2:3'],
    ['::zz'],
    ['-oProxyCommand=reboot'],
    ['root@-oProxyCommand=reboot'],
    ['node5;reboot'],
    ['x'.repeat(600)],
  ])('"%s"', (text) => {
    const target = parseTarget(text);
    expect(target.ok).toBe(false);
    if (target.ok) return;
    expect(target.problem.code).toBe('bad-input');
    expect(target.problem.message).toContain(`"${text.slice(0, 100)}"`);
  });
});
