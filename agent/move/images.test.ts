import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { FrameReader } from '../wire/frames.ts';
import { ImageReceiver, sendImages } from './images.ts';

let folder = '';
const from = (): string => join(folder, 'from');
const to = (): string => join(folder, 'to');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  for (const each of [from(), to()]) mkdirSync(each);
  writeFileSync(join(from(), 'core-100.img'), 'core');
  writeFileSync(join(from(), 'dump.log'), 'no image');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Sends and receives; `change` is what happens to the bytes on their way. */
async function transfer(
  dumping: Promise<Result<void>>,
  { most = 1e9, change = (bytes: Buffer) => bytes } = {},
): Promise<{ readonly sent: Result<number>; readonly received: Result<number | undefined> | undefined }> {
  const [near, far] = duplexPair();
  const receiver = new ImageReceiver(to(), most);
  const frames = new FrameReader();
  let received: Result<number | undefined> | undefined;
  far.on('data', (chunk: Buffer) => {
    for (const frame of frames.read(change(chunk)) ?? [])
      if (received === undefined || (received.ok && received.value === undefined))
        received = receiver.take(frame);
  });
  const sent = await sendImages(near, from(), dumping);
  near.end();
  await new Promise((resolve) => {
    far.once('end', resolve);
  });
  receiver.close();
  return { sent, received };
}

describe('images', () => {
  test('arrive as they were written, also those that grow while they are sent', async () => {
    const pages = join(from(), 'pages-1.img');
    writeFileSync(pages, Buffer.alloc(3_000_000, 'a'));
    const dumping = (async (): Promise<Result<void>> => {
      for (let step = 0; step < 5; step += 1) {
        await new Promise((resolve) => {
          setTimeout(resolve, 4);
        });
        appendFileSync(pages, Buffer.alloc(700_000, String(step)));
      }
      return success(undefined);
    })();
    const { sent, received } = await transfer(dumping);
    expect(sent).toEqual(success(6_500_004));
    expect(received).toEqual(success(6_500_004));
    expect(readFileSync(join(to(), 'pages-1.img')).equals(readFileSync(pages))).toBe(true);
    expect(readFileSync(join(to(), 'core-100.img'), 'utf8')).toBe('core');
  });

  test('of a dump that failed are given up with its reason', async () => {
    const refused = failure(problem('cannot-move', 'A socket is open.'));
    const { sent } = await transfer(Promise.resolve(refused));
    expect(sent).toEqual(refused);
  });

  test('with one byte changed on their way are refused', async () => {
    const flip = (bytes: Buffer): Buffer => (bytes.toString() === 'core' ? Buffer.from('cork') : bytes);
    const { received } = await transfer(Promise.resolve(success(undefined)), { change: flip });
    expect(received).toMatchObject({
      problem: { code: 'bad-input', message: 'The images did not arrive as they were sent.' },
    });
  });

  test('of more bytes than the job could have are refused', async () => {
    const { received } = await transfer(Promise.resolve(success(undefined)), { most: 3 });
    expect(received).toMatchObject({ problem: { message: 'More images came than the job could have.' } });
  });

  test('are put nowhere but into their folder', () => {
    const receiver = new ImageReceiver(to(), 100);
    for (const file of ['../evil.img', '/etc/evil.img', 'evil.sh', ''])
      expect(receiver.take({ header: { file }, body: Buffer.from('x') })).toMatchObject({
        problem: { code: 'bad-input' },
      });
  });
});
