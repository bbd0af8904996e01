import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success } from '../../common/model/result.ts';
import { encodeFrame } from '../wire/frames.ts';
import { ImageReceiver, sendImages } from './images.ts';

const MOST = 1e7;
let folder: string;
let sent: string;
let came: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-images-'));
  sent = join(folder, 'sent');
  came = join(folder, 'came');
  for (const place of [sent, came]) mkdirSync(place);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A stream that keeps what is written, each piece copied only some time after it was handed over. */
function keeper(): { readonly stream: Duplex; readonly bytes: () => Buffer } {
  const pieces: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write(piece: Buffer, _encoding, done) {
      setImmediate(() => {
        pieces.push(Buffer.from(piece));
        done();
      });
    },
  });
  return { stream, bytes: () => Buffer.concat(pieces) };
}

/** Everything that a sender of the folder puts on its stream. */
async function bytesOf(): Promise<Buffer> {
  const { stream, bytes } = keeper();
  expect((await sendImages(stream, sent, Promise.resolve(success(undefined)))).ok).toBe(true);
  await new Promise<void>((resolve) => void stream.end(resolve));
  return bytes();
}

/** The last answer of a receiver that is given the bytes in chunks. */
function receive(bytes: Buffer, chunk = bytes.length, most = MOST) {
  const receiver = new ImageReceiver(came, most);
  let last: ReturnType<ImageReceiver['take']> = success(undefined);
  for (let at = 0; at < bytes.length && last.ok; at += chunk)
    last = receiver.take(bytes.subarray(at, at + chunk));
  receiver.close();
  return last;
}

describe('images', () => {
  test('come as they were sent, larger than a piece and empty ones too, and only images', async () => {
    const pages = Buffer.from(Array.from({ length: 700_001 }, (_, index) => `${index} `).join(''));
    writeFileSync(join(sent, 'pages-1.img'), pages);
    writeFileSync(join(sent, 'core-100.img'), 'core');
    writeFileSync(join(sent, 'empty.img'), '');
    writeFileSync(join(sent, 'dump.log'), 'log');
    expect(receive(await bytesOf(), 16_384)).toEqual(success(pages.length + 4));
    expect(readFileSync(join(came, 'pages-1.img')).equals(pages)).toBe(true);
    expect(readFileSync(join(came, 'core-100.img'), 'utf8')).toBe('core');
    expect(statSync(join(came, 'empty.img')).size).toBe(0);
    expect(readdirSync(came)).toHaveLength(3);
  });

  test('may be cut anywhere on their way', async () => {
    writeFileSync(join(sent, 'core-100.img'), 'a core image');
    const bytes = await bytesOf();
    expect(receive(bytes, 1)).toEqual(success(12));
    expect(readFileSync(join(came, 'core-100.img'), 'utf8')).toBe('a core image');
  });

  test('are sent while they are written', async () => {
    const dumping = Promise.withResolvers<ReturnType<typeof success<void>>>();
    writeFileSync(join(sent, 'pages-1.img'), 'begin');
    const { stream, bytes } = keeper();
    const sending = sendImages(stream, sent, dumping.promise);
    await expect.poll(() => bytes().toString('latin1')).toContain('begin');
    writeFileSync(join(sent, 'pages-1.img'), ' and end', { flag: 'a' });
    dumping.resolve(success(undefined));
    expect(await sending).toEqual(success(13));
    await new Promise<void>((resolve) => void stream.end(resolve));
    expect(receive(bytes())).toEqual(success(13));
    expect(readFileSync(join(came, 'pages-1.img'), 'utf8')).toBe('begin and end');
  });

  test('of a dump that fails are not told to be whole', async () => {
    const why = problem('cannot-move', 'criu refused.');
    const { stream } = keeper();
    expect(await sendImages(stream, sent, Promise.resolve(failure(why)))).toEqual(failure(why));
  });

  test('with one bit changed on their way are refused', async () => {
    writeFileSync(join(sent, 'core-100.img'), 'a core image');
    const bytes = await bytesOf();
    const at = bytes.indexOf('core image');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(receive(bytes)).toMatchObject({
      problem: { code: 'bad-input', message: 'The images did not arrive as they were sent.' },
    });
  });

  test('are put nowhere but into their folder', () => {
    for (const file of ['../evil.img', '/etc/evil.img', 'evil.sh', ''])
      expect(receive(Buffer.concat(encodeFrame({ file }, Buffer.from('x'))))).toMatchObject({
        problem: { code: 'protocol-error' },
      });
    expect(readdirSync(came)).toEqual([]);
  });

  test('are refused when there are fewer, more, or other than there should be', () => {
    const image = (file: string) => Buffer.concat(encodeFrame({ file }, Buffer.from('core')));
    const crc = crc32('core');
    const end = (files: number, bytes: number) => Buffer.concat(encodeFrame({ crc, files, bytes }));
    const problems = [
      [image('one.img'), end(2, 4)],
      [image('two.img'), end(1, 5)],
      [Buffer.alloc(8, 255)],
    ].map((parts) => receive(Buffer.concat(parts)));
    expect(problems.map((answer) => (answer.ok ? '' : answer.problem.code))).toEqual([
      'bad-input',
      'bad-input',
      'protocol-error',
    ]);
  });

  test('are refused beyond what the job could have', async () => {
    writeFileSync(join(sent, 'pages-1.img'), Buffer.alloc(5000));
    const answer = receive(await bytesOf(), 100, 4999);
    expect(answer.ok ? '' : answer.problem.code).toBe('bad-input');
    expect(statSync(join(came, 'pages-1.img'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
