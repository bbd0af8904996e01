/** Processes for tests and pictures of the window: a node's list that looks like a real one, and single ones by wish. */
import type { CallOutput } from '../../common/contract/contract.ts';
import type { ProgramRun } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';

const MIB = 1024 ** 2;

/** A process at home that nothing holds, changed as wished. */
export function fakeProcess(change: Partial<ProcessInfo> & Pick<ProcessInfo, 'pid'>): ProcessInfo {
  return {
    started: 100_000 + change.pid,
    parent: 1,
    uid: 1000,
    user: 'ada',
    name: 'work',
    command: './work --forever',
    place: { kind: 'home' },
    state: 'S',
    cpuSeconds: 12,
    cpuPercent: 0,
    memory: 24 * MIB,
    nice: 0,
    age: 3600,
    migrations: 0,
    locked: false,
    reasons: [],
    ...change,
  };
}

const PROGRAMS: readonly (readonly [
  name: string,
  command: string,
  user: string,
  reasons: readonly string[],
])[] = [
  ['init', 'init [3]', 'root', ['init_proc']],
  ['kswapd', 'kswapd', 'root', ['daemon']],
  ['povray', 'povray +Iscene.pov +Oframe.png +W1600 +H1200 +A0.3', 'ada', []],
  ['sshd', '/usr/sbin/sshd', 'root', []],
  ['mysqld', '/usr/sbin/mysqld --basedir=/usr --datadir=/var/lib/mysql', 'mysql', ['clone_vm']],
  ['lame', 'lame -h -b 192 track07.wav track07.mp3', 'grace', []],
  ['ntpd', 'ntpd -p /var/run/ntpd.pid', 'ntp', ['mem_lock']],
  ['postmaster', 'postgres: writer process', 'postgres', ['monkey']],
  ['cc1', '/usr/lib/gcc/i686-pc-linux-gnu/3.3.6/cc1 -quiet -D__KERNEL__ -O2 sched.c', 'linus', []],
  ['bash', '-bash', 'ada', []],
];

/** A node's list: some away, some guests, some locked, one stopped, one waiting for a disk. `tick` moves the numbers. */
export function fakeProcesses(count: number, tick = 0): ProcessInfo[] {
  return Array.from({ length: count }, (_unused, index) => {
    const [name, command, user, reasons] = PROGRAMS[index % PROGRAMS.length] ?? ['work', 'work', 'ada', []];
    const movable = reasons.length === 0 && user !== 'root';
    const away = movable && index % 5 === 2;
    const guest = movable && index % 7 === 5;
    const busy = movable && index % 3 !== 0;
    const wave = 0.5 + 0.5 * Math.sin(index * 2.4 + tick);
    return fakeProcess({
      pid: index === 0 ? 1 : 600 + index * 13,
      uid: user === 'root' ? 0 : 1000 + (index % 4),
      user,
      name,
      command,
      place: guest
        ? { kind: 'guest', id: 1 + (index % 4), pid: 800 + index }
        : away
          ? { kind: 'away', id: 2 + (index % 6) }
          : { kind: 'home' },
      state: index % 23 === 9 ? 'T' : index % 31 === 4 ? 'D' : busy ? 'R' : 'S',
      cpuSeconds: (index * 977) % 9000,
      cpuPercent: busy ? 100 * wave : 0,
      memory: (2 + ((index * 37) % 180)) * MIB,
      nice: index % 11 === 8 ? 10 : 0,
      age: 40 + index * 977,
      migrations: guest ? null : away ? 1 + (index % 4) : 0,
      locked: index % 10 === 9,
      reasons: [...reasons],
    });
  });
}

/** A group's members on three nodes, as `groupMembers` gives them. */
export function fakeMembers(count: number): CallOutput<'groupMembers'> {
  const members = fakeProcesses(count).map((info, index) => {
    const node = 1 + (index % 3);
    return {
      ref: { node: `id:${node}`, pid: info.pid, started: info.started },
      nodeName: `node${node}`,
      info,
    };
  });
  return { members, missing: [] };
}

/** A program that was started on node 1, changed as wished. */
export function fakeRun(change: Partial<ProgramRun> & Pick<ProgramRun, 'number'>): ProgramRun {
  return {
    node: 'id:1',
    nodeName: 'node1',
    command: './simulate --steps 1000',
    placement: { where: 'free', job: 'unsaid', decay: 'usual' },
    started: Date.UTC(2026, 10, 22, 19),
    state: 'running',
    exitCode: null,
    why: '',
    output: '',
    ...change,
  };
}
