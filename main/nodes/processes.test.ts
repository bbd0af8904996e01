import { describe, expect, test } from 'vitest';
import { processInfoSchema, type ProcessInfo } from '../../common/model/process.ts';
import { isMovable } from '../../common/model/process-words.ts';
import { processesFrom } from './processes.ts';

/** Fields of /proc/PID/stat behind the name that a test cares for; the others are 0. */
interface Stat {
  readonly state?: string;
  readonly utime?: number;
  readonly stime?: number;
  readonly nice?: number;
  readonly started?: number;
  readonly rss?: number;
}

function stat(pid: number, name: string, given: Stat = {}): string {
  const { state = 'S', utime = 0, stime = 0, nice = 0, started = 1000, rss = 0 } = given;
  return `${pid}/stat:${pid} (${name}) ${state} 1 1 1 0 -1 0 0 0 0 0 ${utime} ${stime} 0 0 20 ${nice} 1 0 ${started} 99 ${rss} 0 0`;
}

/** The processes of a node that has been up for 5000 seconds. */
function listed(lines: readonly string[], before?: readonly ProcessInfo[], uptime = 5000) {
  const previous = before && { processes: before };
  return processesFrom({ kind: 'list', lines, uptime, ticksPerSecond: 100 }, previous, 2);
}

function one(...lines: readonly string[]): ProcessInfo | undefined {
  return listed(lines)[0];
}

describe('a process', () => {
  test('is what its files say of it', () => {
    const process = one(
      stat(812, 'povray', { state: 'R', utime: 250, stime: 50, nice: 5, started: 400_000, rss: 10 }),
      '812/cmdline:/usr/bin/povray -i scene.pov ',
      '812/status:Uid:\t1000\t1001\t1000\t1000',
      '812/where:5',
      '812/nmigs:3',
      '812/lock:1',
      '812/cantmove:',
      'passwd:root:x:0',
      'passwd:anna:x:1001',
    );
    expect(process).toEqual({
      pid: 812,
      parent: 1,
      started: 400_000,
      uid: 1001,
      user: 'anna',
      name: 'povray',
      command: '/usr/bin/povray -i scene.pov',
      place: { kind: 'away', id: 5 },
      state: 'R',
      cpuSeconds: 3,
      cpuPercent: null,
      memory: 40_960,
      nice: 5,
      age: 1000,
      migrations: 3,
      locked: true,
      reasons: [],
    });
  });

  test('has its short name for a command line and its number for a user who is not known', () => {
    expect(one(stat(7, 'cron'), '7/status:Uid:\t8\t8\t8\t8')).toMatchObject({
      command: 'cron',
      uid: 8,
      user: '8',
    });
    expect(one(stat(7, 'cron'))).toMatchObject({ uid: null, user: '' });
  });

  test('is at home where openMosix says so, with 0 or the id of this node', () => {
    expect(one(stat(7, 'sh'), '7/where:0')?.place).toEqual({ kind: 'home' });
    expect(one(stat(7, 'sh'), '7/where:2')?.place).toEqual({ kind: 'home' });
  });

  test.each(['7/where:', '7/where:-1', '7/where:x', '7/where:65536', '7/lock:x', '7/nmigs:-1'])(
    'of which %s is said has no place, lock or count',
    (line) => {
      const process = one(stat(7, 'sh'), line);
      expect(process).toMatchObject({ place: { kind: 'unknown' }, migrations: null, locked: null });
      expect(process !== undefined && isMovable(process)).toBe(false);
    },
  );

  test('has every line of cantmove for a reason, unknown words too', () => {
    const { reasons } =
      one(
        stat(7, 'sh'),
        '7/cantmove:monkey',
        '7/cantmove:mem_lock',
        '7/cantmove:',
        '7/cantmove:Mars is too near',
      ) ?? {};
    expect(reasons).toEqual(['monkey', 'mem_lock', 'Mars is too near']);
  });

  test('that ended while it was listed is left out', () => {
    expect(
      listed([
        '7/cmdline:sleep 5 ',
        '7/status:Uid:\t0\t0\t0\t0',
        '8/stat:',
        '9/stat:9 (cut) S 1 2',
        stat(10, 'sh'),
      ]).map((process) => process.pid),
    ).toEqual([10]);
  });

  test('is listed with all others, by number', () => {
    expect(listed([stat(30, 'c'), stat(4, 'kswapd'), stat(100, 'a')]).map((process) => process.pid)).toEqual([
      4, 30, 100,
    ]);
  });
});

describe('the percent of CPU', () => {
  const first = listed([stat(7, 'sh', { utime: 100 })], undefined, 5000);

  test('is from the list before, by the clock of the node', () => {
    const [process] = listed([stat(7, 'sh', { utime: 250 })], first, 5002);
    expect(process?.cpuPercent).toBeCloseTo(75);
  });

  test('is not known of another process under the same number, of a new one, or in no time', () => {
    expect(listed([stat(7, 'sh', { utime: 250, started: 2000 })], first, 5002)[0]?.cpuPercent).toBeNull();
    expect(listed([stat(8, 'sh', { utime: 250 })], first, 5002)[0]?.cpuPercent).toBeNull();
    expect(listed([stat(7, 'sh', { utime: 250 })], first, 5000)[0]?.cpuPercent).toBeNull();
  });

  test('is never negative', () => {
    expect(listed([stat(7, 'sh', { utime: 50 })], first, 5002)[0]?.cpuPercent).toBe(0);
  });
});

describe('a guest', () => {
  test('has its home, its number there, and its real command', () => {
    const process = one(
      stat(77, 'remote(1234)', { started: 99 }),
      '77/cmdline:./crunch -n 5 ',
      'remote/77/from:5 10.0.0.5',
      'remote/77/identity:crunch (pid 1234 at node 5)',
      'remote/77/stats:utime=181 cutime=0 nice=5 state=R vsize=3633152 rss=179 nswap=0 cnswap=0',
    );
    expect(process).toMatchObject({
      pid: 77,
      started: 99,
      place: { kind: 'guest', id: 5, pid: 1234 },
      command: './crunch -n 5',
      state: 'R',
      cpuSeconds: 1.81,
      nice: 5,
      memory: 179 * 4096,
    });
  });

  test('has the words of identity for its command where it has no command line', () => {
    expect(
      one(stat(77, 'remote(9)'), 'remote/77/from:5 10.0.0.5', 'remote/77/identity:crunch (pid 9)')?.command,
    ).toBe('crunch (pid 9)');
  });

  test('has the number 0 at home where its name does not tell it', () => {
    expect(one(stat(77, 'crunch'), 'remote/77/from:5')?.place).toEqual({ kind: 'guest', id: 5, pid: 0 });
  });

  test('is listed where only remote/PID tells of it, whose fields may stand on lines of their own', () => {
    expect(
      one('remote/77/from:5 10.0.0.5', 'remote/77/stats:utime=200', 'remote/77/stats:state=S rss=2'),
    ).toMatchObject({
      pid: 77,
      started: 0,
      state: 'S',
      cpuSeconds: 2,
      memory: 8192,
    });
  });
});

describe('whatever a process calls itself', () => {
  const CONTROL = Array.from({ length: 4096 }, (_, at) => String.fromCharCode(1 + (at % 31))).join('');

  test.each([
    ['a command', '$(reboot)', '$(reboot)'],
    ['parentheses and numbers', 'a) R 1 2 3 (b', 'a) R 1 2 3 (b'],
    ['several lines', 'x\ny', 'x y'],
    ['escapes that would clear a screen', '\u001b[2J\u009b', '[2J'],
    ['4 kB of control characters', CONTROL, '?'],
    ['a text that runs from right to left', '\u00e2\u0080\u00aeabc', 'abc'],
    ['letters in UTF-8', 'gr\u00c3\u00bcn', 'gr\u00fcn'],
    ['bytes that are no UTF-8', 'a\u00ff\u00fe', 'a\ufffd\ufffd'],
    ['10,000 letters', 'x'.repeat(10_000), `${'x'.repeat(63)}\u2026`],
  ])('such as %s is text', (_what, name, shown) => {
    const lines = [stat(7, name, { started: 4711 }), `7/cmdline:${name} `].flatMap((line) => {
      const path = line.slice(0, line.indexOf(':') + 1);
      return line.split('\n').map((part, index) => (index === 0 ? part : `${path}${part}`));
    });
    const process = one(...lines);
    expect(process).toMatchObject({ pid: 7, started: 4711, state: 'S' });
    expect(process?.name).toBe(name === '\u001b[2J\u009b' ? '[2J\ufffd' : shown);
    expect(() => processInfoSchema.parse(process)).not.toThrow();
  });

  test('the list fits its schema, whatever its lines are', () => {
    const nonsense = [
      '',
      ':',
      '/',
      'x',
      '7',
      '7/',
      '/stat:',
      '-1/stat:x',
      '99999999/stat:x',
      '7/__proto__:x',
      'remote/:',
      'remote/7/__proto__:5',
      'passwd:',
      'passwd:::',
    ];
    const long = ['7/cantmove:', ...Array.from({ length: 100 }, () => `7/cantmove:${CONTROL}why`)];
    const processes = listed([...nonsense, stat(7, 'sh'), ...long, 'passwd:root:x:0']);
    expect(processes).toHaveLength(1);
    for (const process of processes) expect(() => processInfoSchema.parse(process)).not.toThrow();
  });
});
