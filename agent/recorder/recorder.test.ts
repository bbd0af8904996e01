import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordedSchema, type Recorded } from '../../common/model/recorded.ts';
import { smallDisk } from '../../main/history/fixture.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';

const VALUES = {
  load: 100,
  speed: 10_000,
  cpus: 4,
  util: 100,
  memoryTotal: 8e9,
  memoryFree: 4e9,
  memoryAvailable: 3e9,
  status: 3,
};
const END = { job: '1.4711.99', pid: 4711, status: 0, command: 'factor 12' };

let top = '';
let folder = '';
let log: string[] = [];
const open = (options: RecorderOptions = {}) =>
  new Recorder(folder, { ...options, log: (sentence) => log.push(sentence) });

async function records(recorder: Recorder, since?: number, until?: number): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  for await (const line of recorder.read(since, until)) found.push(recordedSchema.parse(JSON.parse(line)));
  return found;
}

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'recorder-'));
  folder = join(top, 'records');
  log = [];
});
afterEach(() => rmSync(top, { recursive: true }));

describe('what is kept', () => {
  test('is the means of ten seconds of values, and the last of those that have no mean', async () => {
    const recorder = open();
    for (let second = 0; second < 21; second += 1) {
      recorder.load(1_000_000 + second * 1000, { ...VALUES, load: second, status: second < 5 ? 3 : 7 });
    }
    recorder.close();
    const kept = await records(open());
    expect(kept.map(({ t }) => t)).toEqual([1_009_000, 1_019_000, 1_020_000]);
    expect(kept[0]).toMatchObject({ kind: 'load', values: { ...VALUES, load: 5, status: 7 } });
  });

  test('is migrations and ends, in order and by time', async () => {
    const recorder = open();
    const move = {
      job: '1.4711.99',
      pid: 4711,
      from: 1,
      to: 3,
      cause: 'balance',
      ok: false,
      why: 'criu: no',
    };
    recorder.migration(1000, move);
    recorder.jobEnd(2000, { ...END, command: 'awk \u2028 "x"\n' });
    recorder.jobEnd(3000, END);
    expect(await records(recorder)).toEqual([
      { t: 1000, kind: 'migration', ...move },
      { t: 2000, kind: 'end', ...END, command: 'awk \u2028 "x"\n' },
      { t: 3000, kind: 'end', ...END },
    ]);
    expect((await records(recorder, 2000, 3000)).map(({ t }) => t)).toEqual([2000]);
    recorder.close();
  });

  test('is for root alone', () => {
    const recorder = open();
    recorder.jobEnd(1, END);
    recorder.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '00000001.jsonl')).mode & 0o777).toBe(0o600);
  });

  test('goes on where it ended', async () => {
    for (const time of [1, 2, 3]) {
      const recorder = open();
      recorder.jobEnd(time, END);
      recorder.close();
    }
    expect((await records(open())).map(({ t }) => t)).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(['00000001.jsonl']);
  });
});

describe('what goes wrong', () => {
  test('a line that was cut off is left out and said', async () => {
    const before = open();
    before.jobEnd(1, END);
    before.close();
    appendFileSync(join(folder, '00000001.jsonl'), '{"t":2,"kind":"en');
    const recorder = open();
    recorder.jobEnd(3, END);
    expect(await records(recorder)).toMatchObject([
      { t: 1, kind: 'end' },
      { kind: 'torn', bytes: 17 },
      { t: 3, kind: 'end' },
    ]);
    expect(log).toEqual(['The last record was cut off when the node went down: 17 bytes are left out.']);
    recorder.close();
  });

  test('a line in the middle that is none is left out and said', async () => {
    mkdirSync(folder);
    writeFileSync(
      join(folder, '00000001.jsonl'),
      `${JSON.stringify({ t: 1, kind: 'end', ...END })}\n\0\0\0\n`,
    );
    expect(await records(open())).toMatchObject([{ t: 1 }, { t: 1, kind: 'torn', bytes: 3 }]);
  });

  test('a file that cannot be read is left out and said', async () => {
    const recorder = open();
    recorder.jobEnd(1, END);
    const path = join(folder, '00000001.jsonl');
    rmSync(path);
    mkdirSync(path);
    expect(await records(recorder)).toEqual([]);
    expect(log).toEqual([`The records in ${path} cannot be read and are left out: EISDIR.`]);
    recorder.close();
  });

  test('the oldest are deleted at the limit, and that is kept', async () => {
    const recorder = open({ mostBytes: 64_000 });
    for (let time = 1; time <= 2000; time += 1) recorder.jobEnd(time, END);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(64_000);
    const kept = await records(recorder);
    const ends = kept.filter(({ kind }) => kind === 'end');
    const dropped = kept.findLast((record) => record.kind === 'dropped');
    expect(dropped?.until).toBe((ends[0]?.t ?? 0) - 1);
    expect(ends.at(-1)?.t).toBe(2000);
    expect(ends).toHaveLength(2001 - (ends[0]?.t ?? 0));
    recorder.close();
  });

  test('a writer killed at any moment loses nothing that it kept', async () => {
    let next = 1;
    for (const milliseconds of [0, 3, 7, 12]) {
      const writer = spawn(
        process.execPath,
        [new URL('crash-writer.ts', import.meta.url).pathname, folder, `${next}`],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let printed = '';
      writer.stdout.on('data', (bytes: Buffer) => {
        if (printed === '') setTimeout(() => writer.kill('SIGKILL'), milliseconds);
        printed += bytes.toString();
      });
      await once(writer, 'close');
      next = Number(printed.split('\n').at(-2)) + 1;
    }
    const recorder = open();
    const times = (await records(recorder)).filter(({ kind }) => kind === 'end').map(({ t }) => t);
    // One may be kept and not printed before each kill; its number comes again.
    expect([...new Set(times)]).toEqual(Array.from({ length: times.at(-1) ?? 0 }, (_, index) => index + 1));
    expect(times.at(-1)).toBeGreaterThanOrEqual(next - 1);
    recorder.close();
  });

  test('a folder that cannot be made leaves them in memory', async () => {
    writeFileSync(folder, '');
    const recorder = open();
    recorder.jobEnd(1, END);
    expect(await records(recorder)).toMatchObject([{ t: 1 }]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^Records cannot be written to disk \((EEXIST|ENOTDIR)\)/);
    rmSync(folder);
    recorder.jobEnd(2, END);
    recorder.close();
    expect((await records(open())).map(({ t }) => t)).toEqual([1, 2]);
  });

  test('a full disk leaves the newest in memory until there is room, and what was lost is said', async () => {
    const disk = smallDisk();
    folder = join(disk.path, 'records');
    try {
      const recorder = open({ mostWaiting: 5000 });
      recorder.jobEnd(1, END);
      disk.fill();
      for (let time = 2; time <= 200; time += 1) recorder.jobEnd(time, END);
      const during = (await records(recorder)).map(({ t }) => t);
      expect([during[0], during.at(-1)]).toEqual([1, 200]);
      expect(during.length).toBeLessThan(200);
      disk.free();
      recorder.jobEnd(201, END);
      recorder.close();
      const kept = await records(open());
      const dropped = kept.find((record) => record.kind === 'dropped');
      const times = kept.filter(({ kind }) => kind === 'end').map(({ t }) => t);
      const written = times.findIndex((time, index) => time !== index + 1);
      expect(dropped?.until).toBe((times[written] ?? 0) - 1);
      expect(times.slice(written)).toEqual(
        Array.from({ length: times.length - written }, (_, index) => index + (dropped?.until ?? 0) + 1),
      );
      expect(times.at(-1)).toBe(201);
      expect(log[0]).toMatch(
        /^Records cannot be written to disk \((the disk is full|EFBIG)\): the newest of them/,
      );
      expect(log.slice(1)).toEqual(['Records are written to disk again.']);
    } finally {
      disk.dispose();
    }
  });
});
