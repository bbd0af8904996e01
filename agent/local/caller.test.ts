import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, makeClaims, newClaim } from './caller.ts';

const USER = 65_534;
let folder = '';
let claims = '';
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caller-'));
  execFileSync('chmod', ['755', folder]);
  claims = join(folder, 'claims');
  makeClaims(claims);
});

afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  children = [];
  rmSync(folder, { recursive: true });
});

/** A process of the user that has made the claim; resolves when it has. */
async function claimant(claim: string, ids: readonly string[]): Promise<number> {
  const child = spawn(
    'setpriv',
    [...ids, '/bin/sh', '-c', 'umask 027; ulimit -n 77; : >"$0"; nice -n 3 sleep 100 & wait', claim],
    { stdio: 'ignore', cwd: folder, env: { PATH: '/usr/bin:/bin', COLOUR: 'blue=green' } },
  );
  children.push(child);
  for (;;) {
    try {
      statSync(claim);
      return child.pid ?? 0;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  }
}

const AS_USER = [`--reuid=${USER}`, `--regid=${USER}`, '--groups=4,24'];

describe('a caller', () => {
  test('is the owner of the file it made, with the groups and limits of its process', async () => {
    const claim = newClaim(claims);
    const pid = await claimant(claim, AS_USER);
    expect(identify(claim, pid)).toMatchObject({
      ok: true,
      value: {
        pid,
        uid: USER,
        gid: USER,
        groups: [4, 24],
        limits: { nofile: '77:77' },
        umask: '0027',
        folder,
        environment: { COLOUR: 'blue=green' },
      },
    });
  });

  test('cannot prove itself twice with one file', async () => {
    const claim = newClaim(claims);
    const pid = await claimant(claim, AS_USER);
    identify(claim, pid);
    expect(identify(claim, pid)).toMatchObject({ problem: { code: 'permission-denied' } });
  });

  test("cannot name another user's process as its own", async () => {
    const claim = newClaim(claims);
    await claimant(claim, AS_USER);
    expect(identify(claim, process.pid)).toMatchObject({
      problem: {
        code: 'permission-denied',
        message: `Process ${process.pid} is not wholly that of user ${USER}.`,
      },
    });
  });

  test('cannot borrow the group of a program with a set-group-id bit', async () => {
    const claim = newClaim(claims);
    const pid = await claimant(claim, [`--reuid=${USER}`, '--rgid=65533', '--egid=4', '--clear-groups']);
    expect(identify(claim, pid)).toMatchObject({ problem: { code: 'permission-denied' } });
  });

  test('needs a file, and no link to one', () => {
    const target = join(folder, 'of-root');
    writeFileSync(target, '');
    const claim = newClaim(claims);
    execFileSync('ln', ['-s', target, claim]);
    expect(identify(claim, process.pid)).toMatchObject({
      problem: { message: 'The proof of the caller is no file.' },
    });
    expect(identify(newClaim(claims), process.pid)).toMatchObject({
      problem: { message: 'The caller has not shown who it is.' },
    });
  });

  test('sees no claims of others, and removes none', async () => {
    const claim = newClaim(claims);
    await claimant(claim, AS_USER);
    const as =
      (...words: readonly string[]) =>
      () =>
        execFileSync('setpriv', ['--reuid=65533', '--regid=65533', '--clear-groups', ...words], {
          stdio: 'pipe',
        });
    expect(as('ls', claims)).toThrow('Permission denied');
    expect(as('rm', '-f', claim)).toThrow('Operation not permitted');
  });
});
