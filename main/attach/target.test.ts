import { expect, test } from 'vitest';
import { parseFarTarget } from './target.ts';

test.each([
  ['head', { name: 'head', host: 'head' }, undefined],
  ['ops@head:2222', { name: 'head', host: 'head', user: 'ops', port: 2222 }, undefined],
  ['ops@head:/var/lib/mosview', { name: 'head', host: 'head', user: 'ops' }, '/var/lib/mosview'],
  ['head:2222:/srv/a b:/c', { name: 'head', host: 'head', port: 2222 }, '/srv/a b:/c'],
  ['[fe80::1]:22:/data', { name: 'fe80::1', host: 'fe80::1', port: 22 }, '/data'],
])('%s is read as host and data folder', (text, entry, folder) => {
  expect(parseFarTarget(text)).toEqual({ ok: true, value: { text, entry, folder } });
});

test.each(['', 'ops@', 'head:data', '-oProxyCommand=x', ':/data'])('"%s" is refused', (text) => {
  expect(parseFarTarget(text)).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
});
