/** The lab's hosts behave as machines of their own, can be hurt in the ways tests need, and leave nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { enrol } from '../harness/lab/enrol.ts';
import { groupMounts } from '../harness/lab/groups.ts';
import { startLab, type Lab, type LabNode } from '../harness/lab/lab.ts';
import { PATIENCE } from '../harness/patience.ts';

/** A stand-in for the agent: all that the lab asks of it is the socket. */
const AGENT = `
  require('node:fs').mkdirSync('/run/mosview', { recursive: true });
  require('node:net').createServer().listen('/run/mosview/agent.sock');
`;
const KEEPER = 'setInterval(() => {}, 1000)';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    nodes: [{}, { cpuPercent: 40 }, { criu: false }],
    keeperCommand: [process.execPath, '--eval', KEEPER],
    agentCommand: [process.execPath, '--eval', AGENT],
  });
});

afterAll(() => lab.dispose());

/** Whether a node's sshd answers another node within a second, or as long as patience has it. */
async function reaches(from: LabNode, to: LabNode): Promise<boolean> {
  const { code } = await from.run('timeout', [
    String(PATIENCE),
    'bash',
    '-c',
    `exec 3<>/dev/tcp/${to.name}/22; read -u 3 line`,
  ]);
  return code === 0;
}

async function textOf(node: LabNode, command: string): Promise<string> {
  const { code, stdout, stderr } = await node.run('sh', ['-c', command]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('hosts', () => {
  test('have a name each and reach each other by it', async () => {
    expect(await textOf(lab.node(2), 'hostname')).toBe('node2\n');
    expect(await reaches(lab.node(1), lab.node(2))).toBe(true);
    expect(await reaches(lab.node(3), lab.node(1))).toBe(true);
  });

  test('see their own processes and no others', async () => {
    const names = await textOf(lab.node(1), 'cat /proc/[0-9]*/comm');
    expect(['sleep', 'sshd', 'sh', 'cat']).toEqual(expect.arrayContaining(names.trim().split('\n')));
  });

  test('keep files of their own, share /srv, and change none of this machine', async () => {
    const places = ['/run/mark', '/tmp/mark', '/etc/mosview/mark', '/var/lib/mosview/mark', '/dev/shm/mark'];
    await textOf(lab.node(1), `touch ${places.join(' ')} /srv/mark`);
    expect(await textOf(lab.node(2), `ls ${places.join(' ')} /srv/mark 2>/dev/null || true`)).toBe(
      '/srv/mark\n',
    );
    expect(places.filter((place) => existsSync(place))).toEqual([]);
    await textOf(lab.node(1), 'rm /run/mark');
  });

  test('have a control group as their root, in which groups can be made', async () => {
    const { unified } = groupMounts();
    const seen = await textOf(
      lab.node(1),
      `mkdir ${unified}/job && sed -n s/^0:://p /proc/self/cgroup && rmdir ${unified}/job`,
    );
    expect(seen).toBe('/\n');
  });

  test('let the lab in over SSH', async () => {
    const { stdout } = await lab.inHub('ssh', ['-F', lab.sshConfigFile, 'node3', 'hostname']);
    expect(stdout).toBe('node3\n');
  });

  test('run commands with input, folder, environment and user as told, and tell how they end', async () => {
    const script = 'cat; pwd; echo $WORD; id -u; exit 7';
    const told = { stdin: 'in\n', cwd: '/tmp', env: { WORD: 'word' }, user: 65_534 };
    expect(await lab.node(1).run('sh', ['-c', script], told)).toEqual({
      code: 7,
      stdout: 'in\n/tmp\nword\n65534\n',
      stderr: '',
    });
    const sleeper = lab.node(1).spawn('sleep', ['60']);
    await sleeper.kill('SIGTERM');
    expect((await sleeper.finished).code).toBe(143);
  });

  test('have a criu that works, unless they are told to have none', async () => {
    expect(await textOf(lab.node(1), 'criu check')).toContain('Looks good');
    expect((await lab.node(3).run('criu', ['check'])).code).toBe(127);
  });
});

describe('a host can be hurt', () => {
  test('its link is cut and mended', async () => {
    await lab.node(2).cutLink();
    expect(await reaches(lab.node(1), lab.node(2))).toBe(false);
    await lab.node(2).mendLink();
    await vi.waitFor(
      async () => expect(await reaches(lab.node(1), lab.node(2))).toBe(true),
      10_000 * PATIENCE,
    );
  });

  test('its link is slow', async () => {
    await lab.node(1).limitRate(16_000_000);
    const send = `dd if=/dev/zero bs=1M count=2 2>/dev/null | ssh -F ${lab.sshConfigFile} node1 'cat >/dev/null'`;
    const started = performance.now();
    await lab.inHub('sh', ['-c', send]);
    const limited = performance.now() - started;
    await lab.node(1).limitRate();
    // 2 MB are a second of such a link, of which a burst of 20 kB is free.
    expect(limited).toBeGreaterThan(900);
  });

  test('its processes together get no more than their share of a processor', async () => {
    const burn =
      'import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass\nprint(time.process_time())';
    const burned = await Promise.all([1, 2].map(() => lab.node(2).run('python3', ['-c', burn])));
    const seconds = burned.reduce((sum, { stdout }) => sum + Number(stdout), 0);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(0.6);
  });

  test('its disk is full', async () => {
    const write = 'head -c 100000 /dev/zero >/run/blob';
    await lab.node(1).fillDisk();
    expect((await lab.node(1).run('sh', ['-c', write])).stderr).toContain('No space left');
    await lab.node(1).freeDisk();
    await textOf(lab.node(1), `${write}; rm /run/blob`);
  });

  test('its agent is killed without its keeper', async () => {
    const node = lab.node(2);
    await node.startAgent();
    const keeper = await node.keeper?.pid();
    await node.killAgent();
    expect(node.agent).toBeUndefined();
    await node.startAgent();
    expect(await node.keeper?.pid()).toBe(keeper);
    expect(node.left()).toEqual([]);
    await node.killAgent('SIGTERM');
    await node.killKeeper();
  });

  test('an agent that ends at once is told with its words', async () => {
    const refusing = await startLab({
      nodes: [{}],
      agentCommand: ['sh', '-c', 'echo no identity >&2; exit 1'],
    });
    await expect(refusing.node(1).startAgent()).rejects.toThrow('no identity');
    await refusing.dispose();
  });
});

test('hosts are made a cluster, whose agents run a program and leave nothing of it', async () => {
  const cluster = await startLab({ nodes: [{}, {}] });
  const { map } = await enrol(cluster.nodes);
  expect(map.nodes.map(({ id, name, address }) => [id, name, address])).toEqual([
    [1, 'node1', '10.99.0.1'],
    [2, 'node2', '10.99.0.2'],
  ]);
  await Promise.all(cluster.nodes.map((node) => node.startAgent()));
  const ran = await cluster.node(2).run('mos', ['run', 'sh', '-c', 'hostname; exit 7']);
  expect(ran).toEqual({ code: 7, stdout: 'node2\n', stderr: '' });
  await vi.waitFor(() => expect(cluster.left()).toEqual([]), 5000 * PATIENCE);
  await cluster.dispose();
});

describe('nothing is left behind', () => {
  test('on a node, or it is named', async () => {
    const node = lab.node(3);
    expect(node.left()).toEqual([]);
    const { unified } = groupMounts();
    const sleeper = node.spawn('unshare', ['--mount', 'sleep', '60']);
    const pid = await sleeper.pid();
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n'),
      1000 * PATIENCE,
    );
    await textOf(
      node,
      `mkdir -p /run/mosview/jobs/3.1.1 ${unified}/job; mkdir /run/m; mount -t tmpfs m /run/m`,
    );
    const left = node.left().join('\n');
    expect(left).toContain('node3: file /run/mosview/jobs/3.1.1');
    expect(left).toContain('node3: group /job');
    expect(left).toContain('node3: mount /run/m');
    expect(left).toContain(`node3: process ${pid} (sleep)`);
    expect(left).toContain('node3: namespace mnt:[');
    await sleeper.kill('SIGKILL');
    await sleeper.finished;
    await textOf(node, `rm -r /run/mosview; rmdir ${unified}/job; umount /run/m; rmdir /run/m`);
    expect(node.left()).toEqual([]);
  });

  test('on this machine when a lab that it could reach is gone', async () => {
    const short = await startLab({ nodes: [{}, {}], reachable: true });
    const ssh = spawn('ssh', ['-F', short.sshConfigFile, 'node2', 'hostname']);
    const [name] = (await once(ssh.stdout, 'data')) as [Buffer];
    expect(name.toString()).toBe('node2\n');
    const jobs = short
      .node(1)
      .spawn('sh', ['-c', 'unshare --pid --fork --mount sleep 60 & echo begun; sleep 60']);
    await vi.waitFor(() => expect(jobs.stdout).toBe('begun\n'));
    await short.dispose();
    expect(short.left()).toEqual([]);
  });

  test('on this machine when the test was killed', async () => {
    const module = JSON.stringify(join(import.meta.dirname, '../harness/lab/lab.ts'));
    const script = `import(${module}).then((it) => it.startLab({ nodes: [{}] })).then((it) => console.log(it.folder, it.node(1).unifiedGroup))`;
    const test = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [words] = (await once(test.stdout, 'data')) as [Buffer];
    const made = words.toString().trim().split(' ');
    expect(made.map((path) => existsSync(path))).toEqual([true, true]);
    test.kill('SIGKILL');
    await vi.waitFor(() => expect(made.filter((path) => existsSync(path))).toEqual([]), 10_000 * PATIENCE);
  });
});

describe('a lab that cannot be had', () => {
  test('is refused with the reason to who is not root', async () => {
    const who = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(startLab({ nodes: [{}] })).rejects.toThrow('must be started by root');
    who.mockRestore();
  });

  test('is refused when a node is to have hardly any processor', async () => {
    await expect(startLab({ nodes: [{ cpuPercent: 5 }] })).rejects.toThrow('at least 10 %');
  });
});

describe('control groups', () => {
  test('of version 2 alone are found where systemd mounts them', () => {
    expect(groupMounts('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n')).toEqual({
      unified: '/sys/fs/cgroup',
    });
  });

  test('of both versions are found with what shares a mount with the processors', () => {
    const mounts =
      'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';
    expect(groupMounts(mounts)).toEqual({
      unified: '/sys/fs/cgroup/unified',
      cpu: { mount: '/sys/fs/cgroup/cpu,cpuacct', controllers: 'cpu,cpuacct' },
    });
  });

  test('that are missing are said', () => {
    expect(() => groupMounts('proc /proc proc rw 0 0\n')).toThrow('none are mounted here');
  });
});
