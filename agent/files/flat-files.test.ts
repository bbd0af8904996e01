import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { FlatFiles, type FileHandlers } from './flat-files.ts';
import { isTmpfs } from './in-place.ts';

const NODE = {
  load: 47,
  speed: 15_953,
  cpus: 2,
  util: 100,
  memoryTotal: 65_280 * 4096,
  memoryFree: 38_011 * 4096,
  memoryAvailable: 41_200 * 4096,
  status: 3,
};
const ADMIN = {
  mospe: 2,
  block: false,
  stay: false,
  lstay: false,
  quiet: false,
  expel: false,
  bring: false,
  speed: 10_000,
  version: 'mosview agent 0.1.0',
};
const JOB = { where: 0, nmigs: 0, lock: false, cantmove: [], group: 0 };

let root = '';
let files: FlatFiles;
let log: string[] = [];
/** What was asked for, in order. */
let orders: (readonly (string | number | boolean)[])[] = [];
let answer: (order: string) => Result<void> | Promise<Result<void>> = () => success(undefined);

const heard =
  (name: string) =>
  (...words: (string | number | boolean)[]) => {
    orders.push([name, ...words]);
    return answer(name);
  };
const handlers: FileHandlers = {
  onSwitch: heard('switch'),
  onSpeed: heard('speed'),
  onExpel: heard('expel'),
  onBring: heard('bring'),
  onGoto: heard('goto'),
  onLock: heard('lock'),
  onGroup: heard('group'),
  log: (sentence) => log.push(sentence),
};

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sh = (script: string) => execFileSync('/bin/sh', ['-c', script], { cwd: root, encoding: 'utf8' });
const until = (check: () => void) => vi.waitFor(check, { timeout: 4000, interval: 10 });

beforeEach(() => {
  root = join(mkdtempSync('/dev/shm/flat-files-'), 'hpc');
  [log, orders] = [[], []];
  answer = () => success(undefined);
  files = new FlatFiles(root, handlers, { sweepSeconds: 0.1 });
  expect(files.start()).toEqual(success(undefined));
  files.setAdmin(ADMIN);
});

afterEach(() => {
  files.stop();
  rmSync(join(root, '..'), { recursive: true });
});

describe('the tree', () => {
  test('tells a node as openMosix does, memory in pages of 4096 bytes', () => {
    files.setNode(1, NODE);
    expect(sh('cd nodes/1; head -n1 cpus load speed mem rmem tmem util status | grep .').split('\n')).toEqual(
      ['cpus 2', 'load 47', 'speed 15953', 'mem 41200', 'rmem 38011', 'tmem 65280', 'util 100', 'status 3']
        .flatMap((line) => line.split(' '))
        .map((word) => (/^\d/.test(word) ? word : `==> ${word} <==`))
        .concat(''),
    );
  });

  test('tells -101 of a node that is down, and its status', () => {
    files.setNode(3, { ...NODE, status: 1 });
    expect(sh('cd nodes/3; cat cpus load speed mem rmem tmem util status')).toBe(`${'-101\n'.repeat(7)}1\n`);
  });

  test('tells a guest', () => {
    files.setGuest(900, {
      home: 2,
      address: '192.168.88.2',
      homePid: 4711,
      command: 'factor\n12',
      statm: [887, 179, 150, 1, 0, 60, 0],
      utime: 181,
      cutime: 0,
      nice: 5,
      state: 'R',
      vsize: 3_633_152,
      rss: 179,
    });
    expect(sh('cd remote/900; cat from identity statm stats')).toBe(
      '2 192.168.88.2\nremote(4711) factor 12\n887 179 150 1 0 60 0\n' +
        'utime=181 cutime=0 nice=5 state=R vsize=3633152 rss=179 nswap=0 cnswap=0\n',
    );
    files.removeGuest(900);
    expect(readdirSync(join(root, 'remote'))).toEqual([]);
  });

  test('tells a job, and each reason why it cannot move', () => {
    files.setJob(4711, { where: 3, nmigs: 2, lock: true, cantmove: ['mem_lock', 'rt_sched'], group: 7 });
    expect(sh('cd 4711; cat where goto migrate lock nmigs cantmove miggroup')).toBe(
      '3\n0\n0\n1\n2\nmem_lock\nrt_sched\n7\n',
    );
    files.setJob(4711, { where: 0, nmigs: 3, lock: false, cantmove: [], group: 0 });
    expect(sh('cd 4711; cat where goto migrate lock nmigs cantmove miggroup')).toBe('0\n0\n0\n0\n3\n0\n');
    files.removeJob(4711);
    expect(existsSync(join(root, '4711'))).toBe(false);
  });

  test('may be read by everybody and written by root alone, whatever the umask', () => {
    const before = process.umask(0o077);
    files.setNode(1, NODE);
    files.setJob(4711, JOB);
    process.umask(before);
    const mode = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);
    expect(['nodes/1', '4711', 'admin'].map(mode)).toEqual(['755', '755', '755']);
    expect(['nodes/1/load', '4711/goto', 'admin/stay'].map(mode)).toEqual(['644', '644', '644']);
  });

  test('keeps what is open and writes nothing that did not change', () => {
    files.setNode(1, NODE);
    const load = openSync(join(root, 'nodes/1/load'), 'r');
    const speed = statSync(join(root, 'nodes/1/speed'), { bigint: true });
    const now = () => {
      const bytes = Buffer.alloc(20);
      return bytes.toString('utf8', 0, readSync(load, bytes, 0, 20, 0));
    };
    for (const [value, text] of [
      [1234, '1234\n'],
      [9, '9\n'],
      [50, '50\n'],
    ] as const) {
      files.setNode(1, { ...NODE, load: value });
      expect(now()).toBe(text);
    }
    closeSync(load);
    expect(statSync(join(root, 'nodes/1/speed'), { bigint: true }).mtimeNs).toBe(speed.mtimeNs);
  });

  test('is made anew at a start, without what an agent before left, and is gone after the stop', () => {
    files.stop();
    expect(readdirSync(root)).toEqual([]);
    mkdirSync(join(root, 'nodes/9'), { recursive: true });
    writeFileSync(join(root, 'note'), 'of the operator');
    expect(files.start().ok).toBe(true);
    expect(readdirSync(root)).toEqual(['admin', 'nodes', 'note', 'remote']);
    expect(readdirSync(join(root, 'nodes'))).toEqual([]);
  });

  test('says that it is on a disk, where half a value may be seen', () => {
    const folder = mkdtempSync(join(process.cwd(), 'flat-files-'));
    const said = isTmpfs(folder) ? [] : [expect.stringMatching(/hpc is not on a tmpfs: who reads/)];
    const onDisk = new FlatFiles(join(folder, 'hpc'), handlers);
    onDisk.start();
    onDisk.stop();
    rmSync(folder, { recursive: true });
    expect(log).toEqual(said);
  });

  test('says where it cannot be made', () => {
    const inFile = new FlatFiles(join(root, 'admin/stay'), handlers).start();
    expect(inFile.ok ? '' : inFile.problem.message).toMatch(
      /^The flat files cannot be made in .*: (EEXIST|ENOTDIR)/,
    );
  });

  test('comes back when somebody removed parts of it', async () => {
    files.setNode(1, NODE);
    sh('rm -r nodes/1 admin');
    files.setNode(1, { ...NODE, load: 48 });
    expect(sh('cat nodes/1/load nodes/1/status')).toBe('48\n3\n');
    await until(() => expect(read('admin/speed')).toBe('10000\n'));
    sh('echo 1 > admin/stay');
    await until(() => expect(orders).toEqual([['switch', 'stay', true]]));
  });
});

describe('what root writes', () => {
  test('is handed on, and a switch reads as it was set', async () => {
    sh('echo 1 > admin/stay');
    await until(() => expect(orders).toEqual([['switch', 'stay', true]]));
    expect(read('admin/stay')).toBe('1\n');
    sh('printf 0 > admin/stay');
    await until(() => expect(orders.at(-1)).toEqual(['switch', 'stay', false]));
    expect(read('admin/stay')).toBe('0\n');
  });

  test('sets the speed, also in place and behind what was read', async () => {
    sh('echo 500 1<> admin/speed');
    await until(() => expect(orders).toEqual([['speed', 500]]));
    expect(read('admin/speed')).toBe('500\n');
    sh('echo 7609 >> admin/speed');
    await until(() => expect(orders.at(-1)).toEqual(['speed', 7609]));
    expect(read('admin/speed')).toBe('7609\n');
  });

  test('sends a job somewhere; home is 0, which the file reads already', async () => {
    files.setJob(4711, JOB);
    sh('echo 3 > 4711/goto');
    await until(() => expect(orders).toEqual([['goto', 4711, 3]]));
    expect(read('4711/goto')).toBe('0\n');
    sh('printf 0 > 4711/goto');
    await until(() => expect(orders.at(-1)).toEqual(['goto', 4711, 0]));
    sh('echo 0 1<> 4711/migrate');
    await until(() => expect(orders).toHaveLength(3));
    sh('echo -1 > 4711/migrate');
    await until(() => expect(orders.at(-1)).toEqual(['goto', 4711, -1]));
    expect(orders).toHaveLength(4);
  });

  test('locks a job and puts it into a group', async () => {
    files.setJob(4711, JOB);
    sh('echo 1 > 4711/lock; echo 12 > 4711/miggroup');
    await until(() =>
      expect(new Set(orders)).toEqual(
        new Set([
          ['group', 4711, 12],
          ['lock', 4711, true],
        ]),
      ),
    );
  });

  test('empties the node, and the file tells how long that takes', async () => {
    answer = () => {
      files.setAdmin({ expel: true });
      return success(undefined);
    };
    sh('echo 1 > admin/expel');
    await until(() => expect(orders).toEqual([['expel']]));
    expect(read('admin/expel')).toBe('1\n');
    files.setAdmin({ expel: false });
    expect(read('admin/expel')).toBe('0\n');
  });

  test('counts once, and of several in a row the last counts', async () => {
    files.setJob(4711, JOB);
    sh('echo 3 > 4711/goto; echo 4 > 4711/goto; echo 5 > 4711/goto; echo 1 > admin/block');
    await until(() => expect(orders).toHaveLength(2));
    sh('echo 1 > admin/quiet');
    await until(() => expect(orders).toHaveLength(3));
    expect(orders).toContainEqual(['goto', 4711, 5]);
  });

  test('waits while the one before is still being taken', async () => {
    const first = Promise.withResolvers<Result<void>>();
    answer = () => first.promise;
    files.setJob(4711, JOB);
    sh('echo 3 > 4711/goto');
    await until(() => expect(orders).toEqual([['goto', 4711, 3]]));
    sh('echo 0 > 4711/goto; echo 1 > admin/bring');
    await until(() => expect(orders.at(-1)).toEqual(['bring']));
    expect(orders).toHaveLength(2);
    first.resolve(success(undefined));
    await until(() => expect(orders.at(-1)).toEqual(['goto', 4711, 0]));
  });

  test('is never what the agent itself wrote', async () => {
    files.setJob(4711, JOB);
    for (let round = 0; round < 200; round += 1) {
      files.setAdmin({ stay: round % 2 === 0, speed: 9000 + round });
      files.setJob(4711, { ...JOB, nmigs: round, lock: round % 2 === 0 });
    }
    sh('echo 1 > admin/quiet');
    await until(() => expect(orders).toEqual([['switch', 'quiet', true]]));
    expect(read('admin/speed')).toBe('9199\n');
  });

  test('is heard before what the agent sets in the same moment', async () => {
    sh('echo 1 > admin/stay');
    files.setAdmin({ speed: 5000 });
    files.setAdmin({ stay: false });
    await until(() => expect(orders).toEqual([['switch', 'stay', true]]));
    expect(read('admin/stay')).toBe('1\n');
  });
});

describe('what is refused', () => {
  const lastError = () => read('admin/last_error');

  test('leaves the old value, and says when, where, what and why', async () => {
    sh('echo 7 > admin/stay');
    await until(() => expect(lastError()).not.toBe(''));
    expect(lastError()).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z admin\/stay: "7" was written and is refused: it takes 1 \(on\) or 0 \(off\)\.\n$/,
    );
    expect(read('admin/stay')).toBe('0\n');
    expect(log).toEqual(['admin/stay: "7" was written and is refused: it takes 1 (on) or 0 (off).']);
    expect(orders).toEqual([]);
  });

  test('by the agent is put back, too', async () => {
    answer = () => failure(problem('bad-input', 'node 9 is not in the cluster'));
    files.setJob(4711, JOB);
    sh('echo 9 > 4711/goto; echo 1 > 4711/lock');
    await until(() => expect(log).toHaveLength(2));
    expect(sh('cat 4711/goto 4711/lock')).toBe('0\n0\n');
    expect(log).toContain('4711/goto: "9" was written and is refused: node 9 is not in the cluster.');
  });

  test('is a write into a file that is only read', async () => {
    sh('echo 0 > admin/mospe');
    await until(() =>
      expect(lastError()).toMatch(/admin\/mospe: "0" was written and is refused: the file is only read\.$/m),
    );
    expect(read('admin/mospe')).toBe('2\n');
  });

  test('is an empty write, once it is clear that nothing comes', async () => {
    sh(': > admin/speed');
    await until(() => expect(lastError()).toMatch(/admin\/speed: nothing was written and is refused/));
    expect(read('admin/speed')).toBe('10000\n');
  });

  test('is bounded and shown on one line, whatever was written', async () => {
    sh("head -c 300000 /dev/zero | tr '\\0' 'x' > admin/speed");
    await until(() => expect(lastError()).toMatch(/admin\/speed: "x{40}" was written and is refused/));
    expect(read('admin/speed')).toBe('10000\n');
    sh("printf '\\033[2J\\n\\nrm -rf\\n' > admin/stay");
    await until(() => expect(lastError()).toMatch(/admin\/stay: "rm -rf" was written/));
    expect(lastError().split('\n')).toHaveLength(2);
  });

  test('can be told by the agent later on', () => {
    files.refuse('4711 could not go to node 3: criu is missing there.');
    expect(lastError()).toMatch(/Z 4711 could not go to node 3: criu is missing there\.\n$/);
    files.refuse('Short.');
    expect(lastError()).toMatch(/^\S+ Short\.\n$/);
  });

  test('is a thing put in the place of a file', async () => {
    sh('rm admin/stay; ln -s /etc/passwd admin/stay; rm admin/lstay; mkdir admin/lstay; rm admin/block');
    await until(() => expect(sh('cat admin/stay admin/lstay admin/block')).toBe('0\n0\n0\n'));
    sh('echo 1 > admin/new; mv admin/new admin/quiet');
    await until(() => expect(orders).toEqual([['switch', 'quiet', true]]));
  });
});

test('a reader never sees half a value', async () => {
  files.setNode(1, NODE);
  const script = `
    const { openSync, readSync } = require('node:fs');
    const file = openSync(${JSON.stringify(join(root, 'nodes/1/load'))}, 'r');
    const bytes = Buffer.alloc(20);
    const seen = new Set();
    process.stdout.write('ready');
    for (const end = Date.now() + 400; Date.now() < end; ) {
      seen.add(bytes.toString('utf8', 0, readSync(file, bytes, 0, 20, 0)).split('\\n')[0]);
    }
    process.stdout.write(JSON.stringify([...seen].sort()));`;
  const reader = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  reader.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await until(() => expect(said).toMatch(/^ready/));
  while (!said.endsWith(']')) {
    for (const load of [9, 1000, 77, 123_456, 47]) files.setNode(1, { ...NODE, load });
    await new Promise(setImmediate);
  }
  expect(JSON.parse(said.slice(5))).toEqual(['1000', '123456', '47', '77', '9']);
});
