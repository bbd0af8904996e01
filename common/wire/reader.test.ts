import { beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../contract/problem.ts';
import { randomFrom, wholeBetween } from '../model/random.ts';
import { TEXT_BYTES } from './protocol.ts';
import { LIMITS, WireReader } from './reader.ts';

const NONCE = 'abc123';
const HEAD = [
  `mosview 1 ${NONCE}`,
  'meta dialect openmosix',
  'meta system Linux 2.4.26-om1 #1 SMP',
  'keyed nodes load:load speed:speed cpus:count',
  'single cpu user:ticks idle:ticks',
  'ready',
  '',
].join('\n');

let reader: WireReader;
let ready: number;
let frames: number[];
let problems: Problem[];

beforeEach(() => {
  ready = 0;
  frames = [];
  problems = [];
  reader = new WireReader(NONCE, 'node5', {
    onReady: () => {
      ready += 1;
    },
    onFrame: (sequence) => frames.push(sequence),
    onProblem: (theProblem) => problems.push(theProblem),
  });
});

function row(table: string, key = 0): readonly number[] | undefined {
  const values = reader.tables.get(table)?.rows.get(key);
  return values && Array.from(values);
}

/** A small repeatable source of bytes. */
function bytes(seed: number, count: number): string {
  const random = randomFrom(seed);
  return String.fromCharCode(...Array.from({ length: count }, () => wholeBetween(random, 0, 255)));
}

describe('the greeting', () => {
  test('starts the declarations, and ready ends them', () => {
    reader.feed(HEAD, 0);
    expect(ready).toBe(1);
    expect(reader.meta.get('system')).toBe('Linux 2.4.26-om1 #1 SMP');
    expect(reader.tables.get('nodes')).toMatchObject({
      keyed: true,
      columns: [
        { name: 'load', unit: 'load' },
        { name: 'speed', unit: 'speed' },
        { name: 'cpus', unit: 'count' },
      ],
    });
  });

  test('may come after a banner, which is kept', () => {
    reader.feed(`Welcome!\r\nNo mail.\r\n${HEAD}`, 0);
    expect(ready).toBe(1);
    expect(reader.preamble).toBe('Welcome!\nNo mail.\n');
  });

  test('may stand behind a prompt on the same line', () => {
    reader.feed(`root@node5:~# ${HEAD}`, 0);
    expect(ready).toBe(1);
  });

  test('may come after a banner without a line feed that is longer than any line may be', () => {
    reader.feed('#'.repeat(20_000), 0);
    reader.feed(`\n${HEAD}`, 0);
    expect(ready).toBe(1);
  });

  test('may come in one piece with a banner line that is longer than any line may be', () => {
    reader.feed(`${'#'.repeat(5000)}\n${HEAD}`, 0);
    expect(ready).toBe(1);
    expect(problems).toEqual([]);
  });

  test('counts only with the right nonce', () => {
    reader.feed(HEAD.replace(NONCE, 'another'), 0);
    expect(ready).toBe(0);
    expect(reader.preamble).toContain('mosview 1 another');
  });

  test('of another version is a problem that names both', () => {
    reader.feed(HEAD.replace('mosview 1', 'mosview 2'), 0);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('version 2');
  });

  test('that never comes is a problem after 64 KB of something else', () => {
    for (let line = 0; line < 1000; line += 1) reader.feed(`${'x'.repeat(99)}\n`, line);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'protocol-error' });
    expect(problems[0]?.detail).toContain('xxx');
  });
});

describe('a frame', () => {
  beforeEach(() => reader.feed(HEAD, 0));

  test('holds rows of both kinds of table', () => {
    reader.feed('nodes 5 47 15953 1\ncpu 10 20\nend 1\n', 0);
    expect(row('nodes', 5)).toEqual([47, 15_953, 1]);
    expect(row('cpu')).toEqual([10, 20]);
    expect(frames).toEqual([1]);
  });

  test('leaves values as before where it says so or says nothing', () => {
    reader.feed('nodes 5 47 15953 1\nend 1\nnodes 5 = 7609\nend 2\nend 3\n', 0);
    expect(row('nodes', 5)).toEqual([47, 7609, 1]);
    expect(frames).toEqual([1, 2, 3]);
  });

  test('has values that are not to be had', () => {
    reader.feed('nodes 5 47 15953 1\nnodes 5 ? = =\nend 1\n', 0);
    expect(row('nodes', 5)).toEqual([NaN, 15_953, 1]);
    expect(reader.badValues).toBe(0);
  });

  test('says that a row is gone', () => {
    reader.feed('nodes 5 1 2 3\nnodes 9 1 2 3\nnodes 5 -\nend 1\n', 0);
    expect([...(reader.tables.get('nodes')?.rows.keys() ?? [])]).toEqual([9]);
  });

  test('may end its lines with carriage returns', () => {
    reader.feed('cpu 10 20\r\nend 1\r\n', 0);
    expect(row('cpu')).toEqual([10, 20]);
    expect(frames).toEqual([1]);
  });

  test('may have negative and fractional numbers', () => {
    reader.feed('cpu -101 0.52\nend 1\n', 0);
    expect(row('cpu')).toEqual([-101, 0.52]);
  });

  test.each(['abc', '0x10', '1e9', '--5', '1.', 'NaN', 'Infinity', '$(reboot)', "'", '', '1'.repeat(400)])(
    'reads a value that is no number (%s) as not to be had, and counts it',
    (value) => {
      reader.feed(`cpu ${value} 20\nend 1\n`, 0);
      expect(row('cpu')).toEqual([NaN, 20]);
      expect(reader.badValues).toBe(1);
    },
  );

  test.each(['0', '-5', 'abc', '12345678', '05', '__proto__', ''])('has no row under the key %s', (key) => {
    reader.feed(`nodes ${key} 1 2 3\nend 1\n`, 0);
    expect(reader.tables.get('nodes')?.rows.size).toBe(0);
    expect(reader.badValues).toBe(1);
  });

  test('may have more values than were declared; they are ignored', () => {
    reader.feed('cpu 1 2 3 4 5\nend 1\n', 0);
    expect(row('cpu')).toEqual([1, 2]);
  });

  test('may have lines that begin with an undeclared word', () => {
    reader.feed('weather 20\n\nconstructor 1\n__proto__ 5 5\nend 4\n', 0);
    expect(frames).toEqual([4]);
    expect([...reader.tables.keys()]).toEqual(['nodes', 'cpu']);
  });

  test('is not complete before its end came whole', () => {
    reader.feed('cpu 10 20\nend 1', 0);
    expect(frames).toEqual([]);
    reader.feed('2\n', 0);
    expect(frames).toEqual([12]);
  });

  test('without a number at its end is none', () => {
    reader.feed('end\nend x\nend 1.5\n', 0);
    expect(frames).toEqual([]);
  });
});

describe('a text', () => {
  beforeEach(() => reader.feed(`mosview 1 ${NONCE}\ntexts commands\nkeyed away where:node\nready\n`, 0));

  const text = (key: number): string | undefined => reader.texts.get('commands')?.get(key);

  test('is the rest of the line, whatever it is', () => {
    for (const [index, name] of [
      'bash',
      '-',
      '=',
      '  two  words ',
      '$(reboot)',
      '\x1b[2J\t\xff\0',
      '?',
    ].entries()) {
      reader.feed(`commands ${index + 1} ${name}\n`, 0);
      expect(text(index + 1)).toBe(name);
    }
    expect(reader.badValues).toBe(0);
  });

  test('belongs to any process number there is, and to nothing else', () => {
    reader.feed('commands 4194304 last\ncommands 0 none\ncommands bash\ncommands\nend 1\n', 0);
    expect([...(reader.texts.get('commands') ?? [])]).toEqual([[4_194_304, 'last']]);
    expect(reader.badValues).toBe(3);
  });

  test('is replaced, and goes when its line has none', () => {
    reader.feed('commands 5 bash\ncommands 5 sh\ncommands 7 ls\ncommands 7\nend 1\n', 0);
    expect(text(5)).toBe('sh');
    expect(text(7)).toBeUndefined();
    expect(frames).toEqual([1]);
  });

  test('is cut, and there are not more of them than of rows', () => {
    reader.feed(`commands 1 ${'x'.repeat(4000)}\n`, 0);
    expect(text(1)).toHaveLength(TEXT_BYTES);
    for (let key = 2; key <= LIMITS.rows + 1; key += 1) reader.feed(`commands ${key} x\n`, key);
    expect(problems[0]?.message).toContain('rows');
  });
});

test('it does not matter how the stream is cut', () => {
  const stream = `banner\r\n${HEAD}nodes 5 47 15953 1\ncpu 10 20\nend 1\nnodes 5 = 7609\nend 2\n`;
  for (let cut = 1; cut < stream.length; cut += 1) {
    const seen: number[] = [];
    const piecewise = new WireReader(NONCE, 'node5', {
      onReady: () => undefined,
      onFrame: (sequence) => seen.push(sequence),
      onProblem: (theProblem) => problems.push(theProblem),
    });
    for (let start = 0; start < stream.length; start += cut) {
      piecewise.feed(stream.slice(start, start + cut), 0);
    }
    expect(seen).toEqual([1, 2]);
    expect(Array.from(piecewise.tables.get('nodes')?.rows.get(5) ?? [])).toEqual([47, 7609, 1]);
  }
  expect(problems).toEqual([]);
});

describe('whatever comes', () => {
  test('ten megabytes without a line feed end the reading early, and only once', () => {
    reader.feed(HEAD, 0);
    for (let piece = 0; piece < 320; piece += 1) reader.feed('9'.repeat(32_768), piece);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'protocol-error' });
    expect(problems[0]?.detail.length).toBeLessThan(1000);
  });

  test('a line that is too long in one piece with its end is a problem, too', () => {
    reader.feed(HEAD, 0);
    reader.feed(`cpu ${'9'.repeat(LIMITS.lineBytes)}\nend 1\n`, 0);
    expect(problems).toHaveLength(1);
    expect(frames).toEqual([]);
  });

  test('a flood of good lines is stopped at the limit', () => {
    reader.feed(HEAD, 0);
    const frame = `${'cpu 1 2\n'.repeat(8000)}end 1\n`;
    let fed = 0;
    while (problems.length === 0 && fed < LIMITS.burstBytes * 2) {
      reader.feed(frame, 0);
      fed += frame.length;
    }
    expect(problems[0]?.message).toContain('bytes a second');
    expect(fed).toBeLessThanOrEqual(LIMITS.burstBytes + frame.length);
  });

  test('the largest flow that is allowed is not stopped', () => {
    reader.feed(HEAD, 0);
    const line = `cpu 1 2 ${'x'.repeat(1000)}\n`;
    const second = line.repeat(Math.floor((LIMITS.bytesPerSecond * 0.25) / line.length));
    for (let quarter = 0; quarter < 60; quarter += 1) reader.feed(second, quarter * 250);
    expect(problems).toEqual([]);
  });

  test('more rows than there can be nodes are a problem', () => {
    reader.feed(HEAD, 0);
    for (let key = 1; key <= LIMITS.rows + 1; key += 1) reader.feed(`nodes ${key} 1 2 3\n`, key);
    expect(problems[0]?.message).toContain('rows');
    expect(reader.tables.get('nodes')?.rows.size).toBe(LIMITS.rows);
  });

  test('more tables or columns than can be held are a problem', () => {
    reader.feed(`mosview 1 ${NONCE}\nsingle wide ${'c:u '.repeat(LIMITS.columns + 1)}\n`, 0);
    expect(problems).toHaveLength(1);
  });

  test('nothing is read after a problem', () => {
    reader.feed(HEAD.replace('mosview 1', 'mosview 9'), 0);
    reader.feed(`${HEAD}cpu 1 2\nend 1\n`, 0);
    expect(ready).toBe(0);
    expect(frames).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test('any bytes are survived, and the frame after them is read', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const seen: number[] = [];
      const survivor = new WireReader(NONCE, 'node5', {
        onReady: () => undefined,
        onFrame: (sequence) => seen.push(sequence),
        onProblem: (theProblem) => problems.push(theProblem),
      });
      survivor.feed(bytes(seed, 3000), 0);
      survivor.feed(`\n${HEAD}${bytes(seed + 1000, 3000)}\ncpu 10 20\nend 77\n`, 0);
      expect(seen).toContain(77);
      expect(Array.from(survivor.tables.get('cpu')?.rows.get(0) ?? [])).toEqual([10, 20]);
    }
    expect(problems).toEqual([]);
  });

  test('names from the language are only names', () => {
    reader.feed(
      `mosview 1 ${NONCE}\nmeta __proto__ x\nkeyed __proto__ load:load\nready\n__proto__ 5 7\nend 1\n`,
      0,
    );
    expect(reader.meta.get('__proto__')).toBe('x');
    expect(row('__proto__', 5)).toEqual([7]);
    expect(frames).toEqual([1]);
  });
});
