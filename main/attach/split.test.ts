import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../../common/contract/frame.ts';
import { FrameSplitter, streamFrame } from './split.ts';

const MESSAGES = [{ id: 1, call: 'program' }, { push: 'block', columns: new Float64Array([1, NaN, 3]) }, {}];

function joined(messages: readonly unknown[]): Uint8Array {
  return Buffer.concat(messages.map(streamFrame));
}

describe('frames on a stream', () => {
  test.each([1, 2, 3, 5, 8, 64, 10_000])('come whole from pieces of %i bytes', (size) => {
    const splitter = new FrameSplitter(1000);
    const bytes = joined(MESSAGES);
    const read: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      for (const frame of splitter.take(bytes.subarray(at, at + size)) ?? []) read.push(decodeFrame(frame));
    }
    expect(read).toEqual(MESSAGES);
  });

  test('that are empty are frames, too, and are read as nothing', () => {
    const frames = new FrameSplitter(1000).take(new Uint8Array(8)) ?? [];
    expect(frames.map((frame) => decodeFrame(frame))).toEqual([undefined, undefined]);
  });

  test('that are too large end it before any memory is taken for them', () => {
    expect(new FrameSplitter(1000).take(new Uint8Array([0xff, 0xff, 0xff, 0xff]))).toBeUndefined();
  });
});
