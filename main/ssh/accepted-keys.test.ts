import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AcceptedKeys } from './accepted-keys.ts';

const ED = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const key = Buffer.from(ED, 'base64');

let folder: string;
let file: string;
let keys: AcceptedKeys;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-keys-'));
  file = join(folder, 'data', 'known_hosts');
  keys = new AcceptedKeys(file);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function names(...wanted: readonly string[]): Promise<string[]> {
  const known = await keys.known();
  if (!known.ok) throw new Error(known.problem.message);
  return wanted.filter((name) => known.value.keysFor(name).length > 0);
}

it('holds nothing while there is no file', async () => {
  expect(await names('n1')).toEqual([]);
});

it('is for its owner only, and leaves no other file behind', async () => {
  await keys.add('n1', key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'data'))).toEqual(['known_hosts']);
});

it('closes a file that others could read', async () => {
  await keys.add('n1', key);
  chmodSync(file, 0o644);
  await keys.add('n2', key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('keeps all of many keys that come at once', async () => {
  const many = Array.from({ length: 50 }, (_none, index) => `n${index}`);
  await Promise.all(many.map((name) => keys.add(name, key)));
  expect(await names(...many)).toEqual(many);
});

it('holds the same key once', async () => {
  await keys.add('n1', key);
  await keys.add('n1', key);
  expect(readFileSync(file, 'utf8').match(/^n1 /gm)).toHaveLength(1);
});

it('keeps what somebody else has written in the meantime, understood or not', async () => {
  await keys.add('n1', key);
  writeFileSync(file, `${readFileSync(file, 'utf8')}# by hand\nrubbish\nn2 ssh-ed25519 ${ED}\n`);
  await keys.add('n3', key);
  expect(await names('n1', 'n2', 'n3')).toEqual(['n1', 'n2', 'n3']);
  expect(readFileSync(file, 'utf8')).toContain('# by hand\nrubbish\n');
});

it('takes out the name asked for, and no revocation', async () => {
  await keys.add('n1', key);
  await keys.add('n2', key);
  writeFileSync(file, `${readFileSync(file, 'utf8')}@revoked * ssh-ed25519 ${ED}\n`);
  await keys.remove('n1');
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/^n1 /m);
  expect(text).toMatch(/^n2 /m);
  expect(text).toMatch(/^@revoked /m);
});

describe('a file that cannot be used', () => {
  it('is a problem when it is read', async () => {
    mkdirSync(file, { recursive: true });
    expect(await keys.known()).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
  });

  it('is a problem when it is written, and the next writing works again', async () => {
    mkdirSync(file, { recursive: true });
    expect(await keys.add('n1', key)).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
    rmSync(file, { recursive: true });
    expect(await keys.add('n2', key)).toMatchObject({ ok: true });
    expect(await names('n1', 'n2')).toEqual(['n1', 'n2']);
  });
});
