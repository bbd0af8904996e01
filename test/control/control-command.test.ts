/** The commands that change nodes and processes, as scripts use them: real sshd, an emulated kernel, JSON and exit codes. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Migration } from '../../common/model/migration.ts';
import type { PrintedAudit } from '../../main/headless/audit.ts';
import type { PrintedOrder } from '../../main/headless/outcome.ts';
import type { PrintedProcesses } from '../../main/headless/ps.ts';
import { EmulatedKernel } from '../harness/kernel.ts';
import { mosview, Program, temporaryFolder, type Finished } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const IDS = [1, 2, 3, 40_000];
const folder = temporaryFolder('control-command');
/** Each command is a program that connects: several of them take their time on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

let sshd: Sshd;
let kernel: EmulatedKernel;

beforeAll(async () => {
  sshd = await startSshd();
  kernel = new EmulatedKernel({ folder: join(folder.path, 'kernel'), ids: IDS, live: true, demand: 0 });
});

afterAll(async () => {
  kernel?.close();
  await sshd?.close();
  folder.remove();
});

afterEach(() => {
  for (const id of IDS) {
    for (const setting of ['block', 'stay', 'lstay', 'quiet', 'nomfs'] as const) {
      kernel.setFault(id, `hpc/admin/${setting}`, { kind: 'none' });
      kernel.simulation.setSetting(id, setting, false);
    }
  }
});

/** A node of the settings, on the emulated kernel's node of this id. */
function entry(id: number): Record<string, unknown> {
  return { name: `n${id}`, host: `n${id}`, root: kernel.node(id).tree };
}

let count = 0;

/** Options for a data folder of its own with these nodes in its settings. */
function place(nodes: readonly unknown[]): readonly string[] {
  count += 1;
  const file = join(folder.path, `settings-${count}.json`);
  writeFileSync(file, JSON.stringify({ sshConfigFile: sshd.configFile, nodes }));
  return ['--config', file, '--data', join(folder.path, `data-${count}`)];
}

type Answer<Value> = Promise<Finished & { readonly value: Value }>;

/** A command's JSON; fails with its words where it has none. */
async function json(args: readonly string[]): Answer<unknown> {
  const finished = await mosview(...args, '--json');
  if (finished.stdout === '') throw new Error(`mosview ${args.join(' ')}: ${finished.stderr}`);
  return { ...finished, value: JSON.parse(finished.stdout) };
}

const order = (...args: readonly string[]) => json(args) as Answer<PrintedOrder>;
const audit = (...at: readonly string[]) => json(['audit', ...at]) as Answer<PrintedAudit>;
const ps = (...args: readonly string[]) => json(['ps', ...args]) as Answer<PrintedProcesses>;
const migrations = (...at: readonly string[]) =>
  json(['migrations', '--since', '10m', ...at]) as Answer<{ migrations: Migration[] }>;

function admin(id: number, file: string): string {
  return readFileSync(join(kernel.node(id).tree, 'admin', file), 'latin1').trim();
}

describe('mosview set', () => {
  test('writes one node, reads it back, and undo restores what stood there', async () => {
    const at = place([entry(1), entry(2)]);
    const set = await order('set', 'n2', 'speed', '7609', '--reason', 'old fans', ...at);
    expect(set).toMatchObject({ code: 0, stderr: '' });
    const before = set.value.nodes[0]?.steps[0]?.before;
    expect(set.value).toMatchObject({
      state: 'done',
      undoable: true,
      nodes: [{ key: 'id:2', name: 'n2', verified: true, steps: [{ after: '7609', now: '7609' }] }],
    });
    expect(admin(2, 'speed')).toBe('7609');

    const undone = await order('undo', ...at);
    expect(undone).toMatchObject({ code: 0, value: { state: 'done', nodes: [{ verified: true }] } });
    expect(admin(2, 'speed')).toBe(before);

    const log = await audit(...at);
    expect(log.code).toBe(0);
    expect(log.value.broken).toBe('');
    expect(log.value.entries.map(({ kind, action }) => [kind, action])).toEqual([
      ['begun', set.value.action],
      ['ended', set.value.action],
      ['begun', undone.value.action],
      ['ended', undone.value.action],
    ]);
    expect(log.value.entries[0]?.body).toContain('old fans');
  });

  test.each([
    ['block', 'on', '1'],
    ['nomfs', 'on', '1'],
    ['slowdecay', '970', '970'],
  ])('%s %s is verified by file and status', async (setting, value, after) => {
    const { code, value: done } = await order('set', '1', setting, value, ...place([entry(1)]));
    expect({ code, verified: done.nodes[0]?.verified }).toEqual({ code: 0, verified: true });
    expect(admin(1, setting)).toBe(after);
  });

  test('what is so already is not written, and is as good as verified', async () => {
    kernel.simulation.setSetting(1, 'block', true);
    kernel.step(0);
    const { code, value } = await order('set', '1', 'block', 'on', ...place([entry(1)]));
    expect(code).toBe(0);
    expect(value.nodes).toMatchObject([{ verified: true, steps: [{ verdict: 'same', state: 'same' }] }]);
  });

  test('of several nodes each has its own result, and one that is not verified is exit 1', async () => {
    kernel.setFault(2, 'hpc/admin/block', { kind: 'refuse' });
    kernel.setFault(3, 'hpc/admin/block', { kind: 'ignore' });
    const closed = { name: 'closed', host: '127.0.0.1', port: 9 };
    const at = place([entry(1), entry(2), entry(3), closed]);
    const { code, value } = await order('set', '1,n2,3,closed', 'block', 'on', ...at);
    expect(code).toBe(1);
    expect(value).toMatchObject({ state: 'partly' });
    expect(value.nodes.map(({ name, steps }) => [name, steps[0]?.state])).toEqual([
      ['n1', 'verified'],
      ['n2', 'refused'],
      ['n3', 'no-effect'],
      ['closed', 'impossible'],
    ]);
    expect(value.nodes[0]?.verified).toBe(true);
    expect(value.nodes[1]?.verified).toMatch(/^refused: /);
    expect(value.nodes[2]?.verified).toMatch(/^accepted, no effect/);
    expect(value.nodes[3]?.verified).toMatch(/^impossible: /);
    expect(admin(1, 'block')).toBe('1');
  });

  test('a dry run shows file, old and new value and what is impossible, and writes nothing', async () => {
    const closed = { name: 'closed', host: '127.0.0.1', port: 9 };
    const at = place([entry(1), closed]);
    const { code, stdout } = await mosview('set', '1,closed', 'block', 'on', '--dry-run', ...at);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^NODE +WHAT +FILE +OLD +NEW +NOTE$/m);
    expect(stdout).toMatch(/^n1 +block on +\S+\/admin\/block +0 +1$/m);
    expect(stdout).toMatch(/^closed +block on .* impossible: /m);
    expect(admin(1, 'block')).toBe('0');
    const good = await order('set', '1', 'block', 'on', '--dry-run', ...at);
    expect(good).toMatchObject({ code: 0, value: { action: null, state: 'planned' } });
    expect((await audit(...at)).value.entries).toEqual([]);
  });

  test('all is every node that is known, and one only others know cannot be written', async () => {
    const { code, value } = await order('set', 'all', 'stay', 'on', '--dry-run', ...place([entry(1)]));
    expect(code).toBe(1);
    expect(value.nodes.map(({ key, steps }) => [key, steps[0]?.verdict])).toEqual([
      ['id:1', 'change'],
      ['id:2', 'impossible'],
      ['id:3', 'impossible'],
      ['id:40000', 'impossible'],
    ]);
    expect(value.nodes[1]?.steps[0]?.why).toContain('add it to the settings');
  });

  test('a node that is not there is said before anything is done', async () => {
    const { code, stderr } = await mosview('set', '1,77', 'block', 'on', '--json', ...place([entry(1)]));
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'not-found', message: /"77"/ });
    expect(admin(1, 'block')).toBe('0');
  });

  test('only the nodes that are needed are connected', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const at = place([entry(1), { name: 'other', host: '127.0.0.1', port }]);
      expect((await order('set', 'n1', 'block', 'on', ...at)).code).toBe(0);
      // Its id is known from the first time.
      expect((await order('set', '1', 'block', 'off', ...at)).code).toBe(0);
      expect((await order('undo', ...at)).code).toBe(0);
      expect(connections).toBe(0);
      await mosview('set', 'other', 'block', 'on', ...at);
      expect(connections).toBeGreaterThan(0);
    } finally {
      server.close();
    }
  });

  test('drains a node with its guests, and undo opens it again', async () => {
    const { pid } = kernel.startProcess(2, { command: 'guest', locked: true });
    kernel.simulation.migrate(2, pid, 1);
    const at = place([entry(1), entry(2)]);
    const drained = await order('set', '1', 'drain', '--until', '2h', ...at);
    expect(drained).toMatchObject({ code: 0, value: { nodes: [{ key: 'id:1', verified: true }] } });
    expect(drained.value.nodes[0]?.steps.map(({ what, now }) => [what, now])).toEqual([
      ['block on', '1'],
      ['expel', 'no guests'],
    ]);
    expect(admin(1, 'block')).toBe('1');
    expect((await order('undo', String(drained.value.action), ...at)).code).toBe(0);
    expect(admin(1, 'block')).toBe('0');
    kernel.endProcess(2, pid);
  });
});

describe('mosview migrate and ps', () => {
  test('send a process away and home again, whatever it calls itself', async () => {
    const { pid } = kernel.startProcess(3, { command: '$(reboot)\u001B[2J', locked: true });
    const at = place([entry(3), entry(40_000)]);
    const moved = await order('migrate', '3', String(pid), '40000', ...at);
    expect(moved).toMatchObject({
      code: 0,
      value: { nodes: [{ verified: true, steps: [{ before: '0', after: '40000', now: '40000' }] }] },
    });

    const listed = await ps('n3', '--migrated', ...at);
    expect(listed.value.processes).toMatchObject([
      { pid, place: { kind: 'away', id: 40_000 }, movable: true },
    ]);
    const { stdout } = await mosview('ps', 'n3', '--migrated', ...at);
    expect(stdout).toMatch(/on node 40000 .*\$\(reboot\).\[2J/);
    expect(stdout).not.toContain('\u001B');

    const guests = await ps('40000', '--guests', ...at);
    expect(guests.value.processes).toMatchObject([{ place: { kind: 'guest', id: 3, pid } }]);
    const home = await order('migrate', '40000', String(guests.value.processes[0]?.pid), 'home', ...at);
    expect(home).toMatchObject({ code: 0, value: { nodes: [{ verified: true }] } });
    expect((await ps('3', '--migrated', ...at)).value.processes).toEqual([]);
    kernel.endProcess(3, pid);
  });

  test('a process that cannot move says why, in the list and in the plan', async () => {
    const { pid } = kernel.startProcess(3, { command: 'threads', cantMove: 'clone_vm' });
    const at = place([entry(3)]);
    const { code, value } = await order('migrate', '3', String(pid), '1', '--dry-run', ...at);
    expect(code).toBe(1);
    expect(value.nodes[0]?.steps[0]).toMatchObject({ verdict: 'impossible', why: /threads/ });
    const listed = await ps('3', ...at);
    expect(listed.value.processes.find((process) => process.pid === pid)?.why).toEqual([
      'it shares its memory with other processes (threads)',
    ]);
    const movable = await ps('3', '--movable', ...at);
    expect(movable.value.processes.some((process) => process.pid === pid)).toBe(false);
    kernel.endProcess(3, pid);
  });

  test('a process or a node that is not there is said', async () => {
    const at = place([entry(3)]);
    expect((await mosview('migrate', '3', '4194304', 'home', ...at)).stderr).toContain(
      'n3 has no process 4194304',
    );
    expect((await mosview('ps', 'n9', ...at)).stderr).toContain('There is no node "n9"');
  });
});

describe('beside an open window on the same data folder', () => {
  test('set, migrate, audit, undo and migrations work', async () => {
    const { pid } = kernel.startProcess(1, { command: 'walker', locked: true });
    const at = place([entry(1), entry(2)]);
    const window = await Program.start(['serve', '--json', ...at]);
    try {
      await window.firstLine();
      expect((await order('set', '1', 'block', 'on', ...at)).code).toBe(0);
      expect((await order('undo', ...at)).code).toBe(0);
      expect((await order('migrate', '1', String(pid), '2', ...at)).code).toBe(0);
      expect((await audit(...at)).value).toMatchObject({ broken: '' });
      // A lock keeps the balancer away, so that there is this one migration.
      const found = await eventually(async () => {
        const { value } = await migrations(...at);
        return value.migrations.find((migration) => migration.pid === pid);
      });
      expect(found).toMatchObject({ home: 1, from: 1, to: 2 });
    } finally {
      expect((await window.stop()).code).toBe(0);
      kernel.endProcess(1, pid);
    }
  });
});

describe('mosview audit', () => {
  test('a line that was changed is exit 1, with its number', async () => {
    const at = place([entry(1)]);
    await order('set', '1', 'block', 'on', ...at);
    const database = new Database(join(at[3] ?? '', 'audit.sqlite'));
    database.exec("DROP TRIGGER audit_is_not_changed; UPDATE audit SET who = 'nobody' WHERE number = 1");
    database.close();
    const { code, value, stderr } = await audit(...at);
    expect(code).toBe(1);
    expect(value.broken).toContain('Line 1');
    expect(JSON.parse(stderr)).toMatchObject({ code: 'audit-broken' });
  });
});

test('Ctrl-C says what was done and what is not known, and the log has it', async () => {
  const { pid } = kernel.startProcess(2, { command: 'stayer', locked: true });
  kernel.simulation.migrate(2, pid, 1);
  kernel.setFault(1, 'hpc/admin/expel', { kind: 'ignore' });
  const at = place([entry(1)]);
  const program = await Program.start(['set', '1', 'drain', ...at]);
  await eventually(async () => {
    const { value } = await audit(...at);
    return value.entries.some(({ kind }) => kind === 'begun') && admin(1, 'block') === '1'
      ? value
      : undefined;
  });
  const { code, stdout, stderr } = await program.stop();
  kernel.setFault(1, 'hpc/admin/expel', { kind: 'none' });
  kernel.endProcess(2, pid);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^n1 +expel .*closed before/m);
  expect(stderr).toContain('was left before its end');
  const { value } = await audit(...at);
  expect(value.entries.map(({ kind }) => kind)).toEqual(['begun', 'ended']);
});

test('a demo cluster of its own obeys, too', async () => {
  const { code, value } = await order('set', 'all', 'block', 'on', '--yes', '--demo', '5');
  expect(code).toBe(0);
  expect(value.nodes.map(({ verified }) => verified)).toEqual([true, true, true, true, true]);
});

/** Asks until there is an answer. */
async function eventually<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error('There was no answer in 30 attempts');
}
