import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success } from '../../common/model/result.ts';
import { encodeFrame } from '../wire/frames.ts';
import { ImageReceiver, ImageSender } from './images.ts';

const MOST = 1e7;
let folder: string;
let sent: string;
let came: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-images-'));
  sent = join(folder, 'sent');
  came = join(folder, 'came');
  for (const place of [sent, came, join(sent, '1')]) mkdirSync(place);
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

/** Everything that a sender of so many rounds puts on its stream. */
async function bytesOf(rounds = 1): Promise<Buffer> {
  const { stream, bytes } = keeper();
  const sender = new ImageSender(stream, sent);
  for (let round = 1; round <= rounds; round += 1)
    expect((await sender.send(round, Promise.resolve(success(undefined)))).ok).toBe(true);
  await sender.end();
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
    writeFileSync(join(sent, '1/pages-1.img'), pages);
    writeFileSync(join(sent, '1/core-100.img'), 'core');
    writeFileSync(join(sent, '1/empty.img'), '');
    writeFileSync(join(sent, '1/dump.log'), 'log');
    expect(receive(await bytesOf(), 16_384)).toEqual(success({ bytes: pages.length + 4, rounds: 1 }));
    expect(readFileSync(join(came, '1/pages-1.img')).equals(pages)).toBe(true);
    expect(readFileSync(join(came, '1/core-100.img'), 'utf8')).toBe('core');
    expect(statSync(join(came, '1/empty.img')).size).toBe(0);
    expect(readdirSync(join(came, '1'))).toHaveLength(3);
  });

  test('may be cut anywhere on their way', async () => {
    writeFileSync(join(sent, '1/core-100.img'), 'a core image');
    const bytes = await bytesOf();
    expect(receive(bytes, 1)).toEqual(success({ bytes: 12, rounds: 1 }));
    expect(readFileSync(join(came, '1/core-100.img'), 'utf8')).toBe('a core image');
  });

  test('are sent while they are written', async () => {
    const dumping = Promise.withResolvers<ReturnType<typeof success<void>>>();
    writeFileSync(join(sent, '1/pages-1.img'), 'begin');
    const { stream, bytes } = keeper();
    const sender = new ImageSender(stream, sent);
    const sending = sender.send(1, dumping.promise);
    await expect.poll(() => bytes().toString('latin1')).toContain('begin');
    writeFileSync(join(sent, '1/pages-1.img'), ' and end', { flag: 'a' });
    dumping.resolve(success(undefined));
    expect(await sending).toEqual(success(13));
    await sender.end();
    await new Promise<void>((resolve) => void stream.end(resolve));
    expect(receive(bytes())).toEqual(success({ bytes: 13, rounds: 1 }));
    expect(readFileSync(join(came, '1/pages-1.img'), 'utf8')).toBe('begin and end');
  });

  test('of a dump that fails are not told to be whole', async () => {
    const why = problem('cannot-move', 'criu refused.');
    const sender = new ImageSender(keeper().stream, sent);
    expect(await sender.send(1, Promise.resolve(failure(why)))).toEqual(failure(why));
  });

  test('of several rounds come into a folder each, which leads to the one before', async () => {
    mkdirSync(join(sent, '2'));
    writeFileSync(join(sent, '1/pages-1.img'), 'all of it');
    writeFileSync(join(sent, '1/pagemap-100.img'), 'where');
    writeFileSync(join(sent, '2/pages-1.img'), 'changed');
    expect(receive(await bytesOf(2))).toEqual(success({ bytes: 21, rounds: 2 }));
    expect(readFileSync(join(came, '1/pages-1.img'), 'utf8')).toBe('all of it');
    expect(readFileSync(join(came, '2/pages-1.img'), 'utf8')).toBe('changed');
    expect(readlinkSync(join(came, '2/parent'))).toBe('../1');
  });

  test('may be put together from memory, before those that are in a folder', async () => {
    mkdirSync(join(sent, '2'));
    writeFileSync(join(sent, '2/core-100.img'), 'core');
    const pages = Buffer.alloc(1_500_000, 'memory');
    const { stream, bytes } = keeper();
    const sender = new ImageSender(stream, sent);
    for (const part of [Buffer.alloc(0), pages, Buffer.from('end')])
      expect(await sender.put(1, 'pages-1.img', part)).toEqual(success(undefined));
    expect(await sender.put(1, 'pages-2.img', Buffer.alloc(0))).toEqual(success(undefined));
    expect(await sender.send(2, Promise.resolve(success(undefined)))).toEqual(success(4));
    await sender.end();
    await new Promise<void>((resolve) => void stream.end(resolve));
    expect(receive(bytes())).toEqual(success({ bytes: 1_500_007, rounds: 2 }));
    expect(readFileSync(join(came, '1/pages-1.img')).equals(Buffer.concat([pages, Buffer.from('end')]))).toBe(
      true,
    );
    expect(statSync(join(came, '1/pages-2.img')).size).toBe(0);
  });

  test('of a job that ended while it was read are a problem', async () => {
    const sender = new ImageSender(keeper().stream, sent);
    rmSync(join(sent, '1'), { recursive: true });
    expect(await sender.send(1, Promise.resolve(success(undefined)))).toMatchObject({
      problem: { code: 'cannot-move' },
    });
  });

  test('with one bit changed on their way are refused', async () => {
    writeFileSync(join(sent, '1/core-100.img'), 'a core image');
    const bytes = await bytesOf();
    const at = bytes.indexOf('core image');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(receive(bytes)).toMatchObject({
      problem: { code: 'bad-input', message: 'The images did not arrive as they were sent.' },
    });
  });

  test('are put nowhere but into their folder', () => {
    for (const file of ['../evil.img', '/etc/evil.img', 'evil.sh', ''])
      expect(receive(Buffer.concat(encodeFrame({ round: 1, file }, Buffer.from('x'))))).toMatchObject({
        problem: { code: 'protocol-error' },
      });
    expect(readdirSync(came)).toEqual([]);
  });

  test('are refused when there are fewer, more, or other than there should be', () => {
    const image = (file: string) => Buffer.concat(encodeFrame({ round: 1, file }, Buffer.from('core')));
    const crc = crc32('core');
    const end = (files: number, bytes: number) => Buffer.concat(encodeFrame({ crc, files, bytes }));
    const problems = [
      [image('one.img'), end(2, 4)],
      [image('two.img'), end(1, 5)],
      [Buffer.alloc(8, 255)],
    ].map((parts) => {
      rmSync(join(came, '1'), { recursive: true, force: true });
      return receive(Buffer.concat(parts));
    });
    expect(problems.map((answer) => (answer.ok ? '' : answer.problem.code))).toEqual([
      'bad-input',
      'bad-input',
      'protocol-error',
    ]);
  });

  test('are refused beyond what the job could have', async () => {
    writeFileSync(join(sent, '1/pages-1.img'), Buffer.alloc(5000));
    const answer = receive(await bytesOf(), 100, 4999);
    expect(answer.ok ? '' : answer.problem.code).toBe('bad-input');
    expect(statSync(join(came, '1/pages-1.img'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
