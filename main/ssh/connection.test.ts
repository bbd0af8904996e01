import { describe, expect, it } from 'vitest';
import { SshConnection } from './connection.ts';
import { hostConfig } from './host-config.ts';
import { HostKeyDecision } from './host-keys.ts';

const made = hostConfig(new Map(), { name: 'n1', home: '/', localUser: 'ada', environment: {} });
if (!made.ok) throw new Error(made.problem.message);
const host = made.value;

/** What ssh2 itself would take: a function that accepts every key. */
const careless = { known: [], decide: (): Promise<undefined> => Promise.resolve(undefined) };

describe('a connection cannot be constructed', () => {
  it('without a decision about the host key', () => {
    // @ts-expect-error The decision is required.
    expect(() => new SshConnection(host)).toThrow(TypeError);
  });

  it('with something that only looks like one', () => {
    // @ts-expect-error Only HostKeyBook makes decisions.
    expect(() => new SshConnection(host, careless)).toThrow(TypeError);
  });
});

it('nobody else can make a decision', () => {
  // @ts-expect-error The first argument is a symbol that its module keeps.
  expect(() => new HostKeyDecision(Symbol('host key decision'), [], careless.decide)).toThrow(TypeError);
});
