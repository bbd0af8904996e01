import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success } from '../../common/model/result.ts';
import { encodeFrame } from './frames.ts';
import { Peer } from './peer.ts';

const METHODS = {
  double: { params: z.object({ number: z.int() }), result: z.object({ number: z.int() }) },
  length: { params: z.object({}), result: z.object({ bytes: z.int() }) },
  refuse: { params: z.object({}), result: z.object({}) },
  wait: { params: z.object({}), result: z.object({}) },
} as const;
const NONE = {} as const;

function pair(): {
  readonly asks: Peer<typeof NONE, typeof METHODS>;
  readonly answers: Peer<typeof METHODS, typeof NONE>;
  readonly wire: Duplex;
} {
  const [one, other] = duplexPair();
  const answers = new Peer<typeof METHODS, typeof NONE>(
    'the asker',
    other,
    METHODS,
    {
      double: ({ number }) => success({ number: number * 2 }),
      length: (_params, body) => success({ bytes: body.length }),
      refuse: () => failure(problem('cannot-move', 'It has its reasons.')),
      wait: () => new Promise(() => undefined),
    },
    {},
  );
  return {
    asks: new Peer<typeof NONE, typeof METHODS>('the answerer', one, {}, {}, METHODS),
    answers,
    wire: one,
  };
}

describe('a call', () => {
  test('is answered with a value, or with the problem that the other side has', async () => {
    const { asks } = pair();
    expect(await asks.call('double', { number: 21 })).toEqual(success({ number: 42 }));
    expect(await asks.call('refuse', {})).toMatchObject({
      problem: { code: 'cannot-move', message: 'It has its reasons.' },
    });
  });

  test('brings any bytes along', async () => {
    const { asks } = pair();
    const body = Buffer.alloc(3_000_000, 'x');
    expect(await asks.call('length', {}, { body })).toEqual(success({ bytes: 3_000_000 }));
  });

  test('that is wrong is answered with what is wrong, and the next one is served', async () => {
    const { asks } = pair();
    expect(await asks.call('double', { number: 0.5 })).toMatchObject({ problem: { code: 'bad-input' } });
    expect(await asks.call('double', { number: 1 })).toEqual(success({ number: 2 }));
  });

  test('without an answer ends in time, or with the connection', async () => {
    const { asks, answers } = pair();
    expect(await asks.call('wait', {}, { milliseconds: 5 })).toMatchObject({ problem: { code: 'timeout' } });
    const waiting = asks.call('wait', {});
    answers.close();
    expect(await waiting).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(await asks.call('double', { number: 1 })).toMatchObject({ problem: { code: 'connection-lost' } });
  });
});

describe('a stream that holds no frames of ours', () => {
  test.each([
    ['with a length beyond all measure', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    [
      'with a header that is no JSON',
      Buffer.concat([Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]), Buffer.from('{{')]),
    ],
    ['with a header that is neither call nor answer', Buffer.concat(encodeFrame({ hello: 1 }))],
  ])('%s is closed', async (_case, bytes) => {
    const { answers, wire } = pair();
    wire.write(bytes);
    await answers.end;
    expect(answers.isOpen).toBe(false);
  });

  test('a call of what nobody named is refused, of an inherited name too', async () => {
    const { wire, asks } = pair();
    wire.write(Buffer.concat(encodeFrame({ call: 'constructor', number: 77, params: {} })));
    // Frames are answered in their order, so that the answer to the first is here with that to the second.
    expect(await asks.call('double', { number: 2 })).toEqual(success({ number: 4 }));
  });
});
