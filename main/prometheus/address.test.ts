/** Where the metrics endpoint listens. */
import { expect, test } from 'vitest';
import { isLoopback, parseListenAddress } from './address.ts';

test.each([
  ['127.0.0.1:9464', '127.0.0.1', 9464, true],
  ['9464', '127.0.0.1', 9464, true],
  ['[::1]:0', '::1', 0, true],
  ['0.0.0.0:9464', '0.0.0.0', 9464, false],
  ['10.0.0.5:80', '10.0.0.5', 80, false],
])('%s is an address', (text, host, port, loopback) => {
  const address = parseListenAddress(text);
  expect(address).toEqual({ ok: true, value: { host, port } });
  expect(address.ok && isLoopback(address.value)).toBe(loopback);
});

test.each(['', '127.0.0.1', '127.0.0.1:70000', 'localhost:9464', ':9464', '1.2.3.4:x', '::1:9464'])(
  '%j is none',
  (text) => {
    const address = parseListenAddress(text);
    expect(address.ok || address.problem.message).toContain(`not "${text}"`);
  },
);
