import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from './frame.ts';

function sentAndRead(message: unknown): unknown {
  return decodeFrame(encodeFrame(message).buffer);
}

/** A frame with this text as its JSON, as a broken or hostile peer might send it. */
function frameOf(json: string, arrayBytes = 0): ArrayBuffer {
  const text = new TextEncoder().encode(json);
  const head = Math.ceil((4 + text.length) / 8) * 8;
  const frame = new Uint8Array(head + arrayBytes).fill(0x20, 4, head);
  frame.set(text, 4);
  new DataView(frame.buffer).setUint32(0, head - 4, true);
  return frame.buffer;
}

describe('a message', () => {
  test('without arrays comes back as it was', () => {
    const message = { id: 7, call: 'node', input: { key: 'id:5', name: 'Köln 🖥', list: [1, null, true] } };
    expect(sentAndRead(message)).toEqual(message);
  });

  test('carries arrays of numbers wherever they stand, bit by bit', () => {
    const columns = new Float64Array([0.1, -0, NaN, Infinity, Number.MAX_VALUE]);
    const message = { push: 'block', payload: { columns, series: [{ times: new Float64Array([1]) }] } };
    expect(sentAndRead(message)).toEqual(message);
  });

  test('carries a number that JSON has not', () => {
    const message = { load: { min: NaN, max: Infinity, mean: -Infinity }, list: [NaN, 1] };
    expect(sentAndRead(message)).toEqual(message);
  });

  test('has the bytes of equal arrays once', () => {
    const times = new Float64Array(100).fill(7);
    const message = { first: { times }, second: { times: times.slice() } };
    expect(sentAndRead(message)).toEqual(message);
    expect(encodeFrame(message).byteLength).toBeLessThan(2 * times.byteLength);
  });

  test('has arrays apart that differ in a single bit', () => {
    const message = { first: new Float64Array([1, 0, 1]), second: new Float64Array([1, -0, 1]) };
    expect(sentAndRead(message)).toEqual(message);
  });

  test('may carry an empty array', () => {
    expect(sentAndRead({ columns: new Float64Array(0) })).toEqual({ columns: new Float64Array(0) });
  });

  test('carries the part of a larger buffer that the array shows, no more', () => {
    const part = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    expect(sentAndRead(part)).toEqual(new Float64Array([2, 3]));
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'keeps its arrays aligned whatever its text is long (%i more)',
    (more) => {
      const message = { text: 'x'.repeat(more), columns: new Float64Array([1, 2]) };
      expect(sentAndRead(message)).toEqual(message);
    },
  );
});

describe('bytes that are no frame', () => {
  test.each([
    ['none', new ArrayBuffer(0)],
    ['fewer than a head', new ArrayBuffer(7)],
    ['a length beyond the end', new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]).buffer],
    ['a head that is not aligned', new Uint8Array([3, 0, 0, 0, 0x7b, 0x7d, 0x20, 0]).buffer],
    ['text that is no JSON', frameOf('{"id":')],
    ['an array beyond the end', frameOf('{"columns":{"$f64":[0,2]}}', 8)],
    ['an array before the beginning', frameOf('{"columns":{"$f64":[-1,1]}}', 8)],
    ['an array without end', frameOf('{"columns":{"$f64":[0,9007199254740991]}}', 8)],
  ])('(%s) are read as nothing', (_case, bytes) => expect(decodeFrame(bytes)).toBeUndefined());

  test('a reference that is none is left as the object it is', () => {
    expect(decodeFrame(frameOf('{"$f64":["a",1]}'))).toEqual({ $f64: ['a', 1] });
    expect(decodeFrame(frameOf('{"$f64":5}'))).toEqual({ $f64: 5 });
  });
});
