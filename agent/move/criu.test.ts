import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareRestore } from './criu.ts';

test('a restore that is given up, with its folder gone already, is a problem and no end of the agent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'criu-'));
  // Written to while the other is removed.
  const cgroup = mkdtempSync(join(tmpdir(), 'criu-'));
  mkdirSync(join(folder, '1'));
  const command = join(folder, 'criu-that-takes-long');
  writeFileSync(command, '#!/bin/sh\nexec sleep 60\n', { mode: 0o700 });
  const restorer = prepareRestore(
    { command, gate: '/bin/true' },
    { init: process.pid, cgroup, folder, terminal: false },
  );
  if (!restorer.ok) throw new Error(restorer.problem.message);
  const restored = restorer.value.restore(folder, 1);
  rmSync(folder, { recursive: true });
  restorer.value.cancel();
  expect(await restored).toMatchObject({ ok: false, problem: { code: 'cannot-move' } });
  rmSync(cgroup, { recursive: true });
});
