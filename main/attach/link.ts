/** One connection to a running program: the hello, calls with their answers, and what it pushes. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Envelope } from '../../common/contract/bridge.ts';
import { decodeFrame } from '../../common/contract/frame.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { WindowPort } from '../desk.ts';
import { socketOf } from './door.ts';
import { answerSchema, fits, PROTOCOL, pushSchema, readHello, readMessage, type Hello } from './protocol.ts';
import { FrameSplitter, streamFrame } from './split.ts';

/** Largest message of a program: the processes or the history of a large cluster. */
const LARGEST_MESSAGE = 268_435_456;
const HELLO_MILLISECONDS = 10_000;

/** What a link tells. */
export interface LinkEvents extends WindowPort {
  /** Called once when the connection has ended, by whomever. */
  ended(): void;
}

/** A connection that is up. */
export interface Link {
  readonly hello: Hello;
  /** Calls as a window would; a failure is an envelope. */
  call(name: string, input: unknown): Promise<Envelope<unknown>>;
  end(): void;
}

/** A stream to the socket of a running program; `isFirst` where an operator tries, not a connection that was lost. */
export type Dial = (isFirst?: boolean) => Promise<Result<Duplex>>;

/** Goes to the program that works on a data folder of this machine. Problems: not-found where there is none. */
export function dialFolder(dataFolder: string): Dial {
  return () => {
    const path = socketOf(dataFolder);
    if (!path.ok) return Promise.resolve(path);
    return new Promise((resolve) => {
      const socket = connect(path.value);
      socket.once('connect', () => resolve(success(socket)));
      socket.once('error', ({ message }) => {
        const words = `No mosview that windows could attach to works on ${dataFolder} now`;
        resolve(failure(problem('not-found', words, message)));
      });
    });
  };
}

/** Connects and hears the hello. Problems: those of the way; not-available (another version), protocol-error, timeout. */
export async function openLink(dial: Dial, events: LinkEvents): Promise<Result<Link>> {
  const stream = await dial();
  return stream.ok ? new StreamLink(stream.value, events).greeted : stream;
}

class StreamLink {
  readonly greeted: Promise<Result<Link>>;
  readonly #stream: Duplex;
  readonly #events: LinkEvents;
  readonly #splitter = new FrameSplitter(LARGEST_MESSAGE);
  readonly #waiting = new Map<
    number,
    { readonly name: string; readonly answer: (envelope: Envelope<unknown>) => void }
  >();
  #greet: (result: Result<Link>) => void = () => undefined;
  #hello: Hello | undefined;
  #count = 0;
  #isOver = false;

  constructor(stream: Duplex, events: LinkEvents) {
    this.#stream = stream;
    this.#events = events;
    const timer = setTimeout(
      () => this.#refuse(problem('timeout', 'The socket was opened, but no mosview says anything there')),
      HELLO_MILLISECONDS,
    );
    this.greeted = new Promise<Result<Link>>((resolve) => {
      this.#greet = resolve;
    }).finally(() => clearTimeout(timer));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => stream.destroy());
    stream.on('end', () => stream.destroy());
    stream.on('close', () => this.#closed());
  }

  #take(chunk: Buffer): void {
    const frames = this.#splitter.take(chunk);
    if (frames === undefined)
      this.#refuse(problem('protocol-error', 'What answers at the socket is no mosview'));
    for (const frame of frames ?? []) if (!this.#isOver) this.#receive(decodeFrame(frame));
  }

  #receive(message: unknown): void {
    if (this.#hello === undefined) return this.#hear(readHello(message));
    const read = readMessage(message);
    if (read === undefined) return;
    if ('push' in read) {
      const schema = pushSchema(read.push);
      // The payload has just been held against this very push's schema; the union of all cannot say so.
      if (schema !== undefined && fits(schema, read.payload))
        this.#events.push(read.push as 'notice', read.payload as never);
    } else if ('open' in read) {
      this.#events.openWindow(read.open, read.title);
    } else {
      const { id, ...envelope } = read;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      const schema = waiting === undefined ? undefined : answerSchema(waiting.name);
      const isOdd = 'value' in envelope && schema !== undefined && !fits(schema, envelope.value);
      waiting?.answer(isOdd ? { problem: odd(waiting.name, this.#hello) } : envelope);
    }
  }

  #hear(hello: Hello | undefined): void {
    if (hello === undefined) {
      return this.#refuse(problem('protocol-error', 'What answers at the socket is no mosview'));
    }
    if (hello.protocol !== PROTOCOL) {
      const older = hello.protocol < PROTOCOL ? 'older' : 'newer';
      const words = `The program on ${hello.host} is mosview ${hello.version}, which is ${older} than this one and speaks another protocol; update the older of the two`;
      return this.#refuse(problem('not-available', words));
    }
    this.#hello = hello;
    this.#greet(
      success({
        hello,
        call: (name, input) => this.#call(name, input),
        end: () => this.#stream.destroy(),
      }),
    );
  }

  #call(name: string, input: unknown): Promise<Envelope<unknown>> {
    if (this.#isOver) return Promise.resolve({ problem: ended() });
    this.#count += 1;
    const id = this.#count;
    return new Promise((answer) => {
      this.#waiting.set(id, { name, answer });
      this.#stream.write(streamFrame({ id, call: name, input }));
    });
  }

  #refuse(trouble: Problem): void {
    this.#greet(failure(trouble));
    this.#stream.destroy();
  }

  #closed(): void {
    this.#isOver = true;
    this.#greet(
      failure(problem('connection-lost', 'The program ended the connection before it said who it is')),
    );
    for (const { answer } of this.#waiting.values()) answer({ problem: ended() });
    this.#waiting.clear();
    if (this.#hello !== undefined) this.#events.ended();
  }
}

function ended(): Problem {
  return problem(
    'connection-lost',
    'The connection to the program that was called ended; whether it did it is not known',
  );
}

function odd(name: string, { host, version }: Hello): Problem {
  const words = `The answer to ${name} from mosview ${version} on ${host} has not the form that this version expects`;
  return problem('protocol-error', words);
}
