/**
 * The far ends of one job's streams, pipes or its terminal: reads what it writes, feeds what it reads, and can read them
 * empty while it is frozen.
 */
import { constants, closeSync, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import type { StreamName, Streams } from './protocol.ts';
import { Outlet } from './outlet.ts';
import type { Terminal } from './terminal.ts';

/** Reading stops while this much is not confirmed, so that a job waits as at any full pipe. */
export const MOST_UNCONFIRMED = 256 * 1024;
const PIECE = 64 * 1024;
/** Descriptors of the job's first process (agent/job/start.ts). */
const FAR_ENDS = { in: 0, out: 1, err: 8, status: 9 } as const;
/** Waiting for room in the pipe begins at this and doubles. */
const LEAST_WAIT_MILLISECONDS = 1;
const MOST_WAIT_MILLISECONDS = 20;

export interface PipesListener {
  output(stream: StreamName, place: number, bytes: Buffer): void;
  inputTaken(place: number): void;
  inputClosed(): void;
  exited(status: number | null): void;
  finished(status: number | null, out: number, err: number): void;
}

/** One pipe that the job writes into, or its terminal. */
interface Source {
  readonly fd: number;
  readonly socket: Socket;
  take(bytes: Buffer): void;
  close(): void;
  ended: boolean;
}

export class Pipes {
  readonly #listener: PipesListener;
  readonly #outlets: Readonly<Record<StreamName, Outlet>>;
  readonly #sources = new Map<StreamName | 'status', Source>();
  readonly #merged: boolean;
  readonly #terminal: Terminal | undefined;
  /** What is to be typed anew before the job goes on. */
  #typed: Buffer;
  /** Streams whose reader is gone. */
  readonly #closedOutputs = new Set<StreamName>();
  #inputFd: number | undefined;
  #inputPlace: number;
  #inputEnded: boolean;
  #pending: Buffer[] = [];
  #endPending = false;
  #inputTimer: NodeJS.Timeout | undefined;
  #status = '';
  #exited = false;
  #flowing = false;
  /** Emptied for a move: what is written into a pipe from then on would be told twice. */
  #drained = false;
  #closed = false;

  /** Throws what `open` throws when the process or one of its ends is not there. */
  constructor(pid: number, streams: Streams, listener: PipesListener, terminal?: Terminal) {
    this.#listener = listener;
    this.#merged = streams.merged;
    this.#terminal = terminal;
    this.#typed = Buffer.from(streams.typed, 'base64');
    this.#outlets = {
      out: new Outlet(streams.out.base, Buffer.from(streams.out.kept, 'base64')),
      err: new Outlet(streams.err.base, Buffer.from(streams.err.kept, 'base64')),
    };
    this.#inputPlace = streams.input;
    this.#inputEnded = streams.inputEnded;
    const end = (name: keyof typeof FAR_ENDS): string => `/proc/${pid}/fd/${FAR_ENDS[name]}`;
    try {
      this.#open(end, streams);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(end: (name: keyof typeof FAR_ENDS) => string, streams: Streams): void {
    const terminal = this.#terminal;
    if (terminal !== undefined) {
      this.#inputFd = terminal.fd;
      this.#read('out', terminal.fd, terminal.stream, () => terminal.close());
    } else if (!streams.inputEnded) {
      this.#inputFd = openSync(end('in'), constants.O_WRONLY | constants.O_NONBLOCK);
    }
    this.#readPipe('status', end('status'));
    for (const name of ['out', 'err'] as const) {
      if (streams[name].closed) this.#closedOutputs.add(name);
      else if (name === 'out' ? terminal === undefined : !streams.merged) this.#readPipe(name, end(name));
    }
  }

  get exited(): { readonly status: number | null } | undefined {
    return this.#exited ? { status: this.#statusValue() } : undefined;
  }

  /** The reader has what is before these places: sending begins, or begins anew, there. */
  resume(out: number, err: number): void {
    this.#flowing = true;
    this.#outlets.out.rewind(out);
    this.#outlets.err.rewind(err);
    this.#goOn('out');
    this.#goOn('err');
    // Whoever asks has not heard the news that were told before.
    this.#listener.inputTaken(this.#inputPlace);
    if (this.#inputFd === undefined && !this.#inputEnded) this.#listener.inputClosed();
    if (this.#exited) this.#listener.exited(this.#statusValue());
    this.#finish();
  }

  confirm(stream: StreamName, place: number): void {
    this.#outlets[stream].confirm(place);
    this.#goOn(stream);
  }

  closeOutput(stream: StreamName): void {
    this.#closedOutputs.add(stream);
    const source = this.#sources.get(stream);
    if (source === undefined) return;
    this.#sources.delete(stream);
    source.close();
    if (this.#isTerminal(stream)) this.#inputFd = undefined;
    this.#finish();
  }

  /** What was written before is passed over, and a piece that does not join on is left for when it is sent again. */
  input(place: number, bytes: Buffer, end: boolean): void {
    const have = this.#inputPlace + this.#pending.reduce((sum, { length }) => sum + length, 0);
    if (this.#drained || this.#inputEnded || this.#endPending || place > have || place + bytes.length < have)
      return;
    const fresh = bytes.subarray(have - place);
    if (this.#inputFd === undefined) {
      this.#inputPlace += fresh.length;
      this.#listener.inputTaken(this.#inputPlace);
      return;
    }
    if (fresh.length > 0) this.#pending.push(fresh);
    this.#endPending = end;
    if (this.#inputTimer === undefined) this.#feed(LEAST_WAIT_MILLISECONDS);
  }

  /** What was typed and not read where the job was comes to its terminal here; the job has not gone on yet. */
  async type(): Promise<void> {
    await this.#terminal?.give(this.#typed);
    this.#typed = Buffer.alloc(0);
  }

  /**
   * Reads everything empty; the job must be frozen. Input that waits is dropped: it is sent again where the job is next.
   * Problem: cannot-move when the job's terminal is gone.
   */
  async drain(): Promise<Result<Streams>> {
    this.#drained = true;
    try {
      // What was typed may be echoed only now.
      if (this.#terminal !== undefined) this.#typed = await this.#terminal.take();
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return failure(problem('cannot-move', `Its terminal could not be read empty: ${detail}.`));
    }
    for (const source of this.#sources.values()) {
      source.socket.pause();
      for (let held: unknown = source.socket.read(); held !== null; held = source.socket.read())
        source.take(held as Buffer);
      readEmpty(source);
    }
    clearTimeout(this.#inputTimer);
    this.#inputTimer = undefined;
    this.#pending = [];
    this.#endPending = false;
    const travelling = (name: StreamName): Streams['out'] => {
      const closed = this.#closedOutputs.has(name);
      const outlet = this.#outlets[name];
      return closed
        ? { base: outlet.end, kept: '', closed }
        : { base: outlet.base, kept: outlet.kept().toString('base64'), closed };
    };
    return success({
      out: travelling('out'),
      err: travelling('err'),
      input: this.#inputPlace,
      inputEnded: this.#inputEnded,
      merged: this.#merged,
      typed: this.#typed.toString('base64'),
    });
  }

  /** The job goes on here after all. */
  async undrain(): Promise<void> {
    // It fails only at a terminal that is hung up, of which nobody reads.
    await this.type().catch(() => undefined);
    this.#drained = false;
    for (const source of this.#sources.values()) source.socket.resume();
    this.#listener.inputTaken(this.#inputPlace);
    if (this.#exited) this.#listener.exited(this.#statusValue());
    this.#finish();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#inputTimer);
    this.#closeInput();
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
  }

  #readPipe(name: StreamName | 'status', path: string): void {
    const open = (): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = open();
    const socket = new Socket({ fd: open(), readable: true, writable: false });
    this.#read(name, fd, socket, () => {
      socket.destroy();
      closeSync(fd);
    });
  }

  #read(name: StreamName | 'status', fd: number, socket: Socket, close: () => void): void {
    const source: Source = {
      fd,
      socket,
      close,
      ended: false,
      take: (bytes) => {
        if (name === 'status') {
          this.#status += bytes.toString('latin1');
          return;
        }
        const outlet = this.#outlets[name];
        outlet.push(bytes);
        if (outlet.length >= MOST_UNCONFIRMED) socket.pause();
        this.#flow(name);
      },
    };
    this.#sources.set(name, source);
    socket.on('data', (bytes: Buffer) => source.take(bytes));
    const ended = (): void => {
      if (source.ended || this.#closed) return;
      source.ended = true;
      if (this.#isTerminal(name)) this.#inputFd = undefined;
      if (name === 'status') {
        this.#exited = true;
        this.#listener.exited(this.#statusValue());
      }
      this.#finish();
    };
    socket.on('end', ended);
    // A terminal that nobody has open any more ends so.
    socket.on('error', ended);
  }

  /** Whether that is the terminal, which the input goes to as well. */
  #isTerminal(name: StreamName | 'status'): boolean {
    return name === 'out' && this.#terminal !== undefined;
  }

  #statusValue(): number | null {
    const value = /^(\d{1,3})\n/.exec(this.#status)?.[1];
    return value === undefined ? null : Number(value) & 255;
  }

  /** Sends what is not sent, and reads on where that waited for a confirmation. */
  #goOn(stream: StreamName): void {
    this.#flow(stream);
    if (this.#outlets[stream].length < MOST_UNCONFIRMED) this.#sources.get(stream)?.socket.resume();
  }

  #flow(stream: StreamName): void {
    if (!this.#flowing) return;
    const outlet = this.#outlets[stream];
    for (let piece = outlet.next(PIECE); piece !== undefined; piece = outlet.next(PIECE))
      this.#listener.output(stream, piece.place, piece.bytes);
  }

  #finish(): void {
    if (!this.#flowing || [...this.#sources.values()].some(({ ended }) => !ended)) return;
    this.#listener.finished(this.#statusValue(), this.#outlets.out.end, this.#outlets.err.end);
  }

  /** Writes what waits as far as there is room, and looks again soon; a pipe cannot be asked when it has room. */
  #feed(wait: number): void {
    this.#inputTimer = undefined;
    let progress = false;
    while (this.#inputFd !== undefined) {
      const [first] = this.#pending;
      if (first === undefined) break;
      const written = this.#write(this.#inputFd, first);
      if (written === undefined) return;
      if (written === 0) break;
      progress = true;
      this.#inputPlace += written;
      if (written === first.length) this.#pending.shift();
      else this.#pending[0] = first.subarray(written);
    }
    if (progress) this.#listener.inputTaken(this.#inputPlace);
    if (this.#pending.length > 0) {
      const next = progress ? LEAST_WAIT_MILLISECONDS : Math.min(wait * 2, MOST_WAIT_MILLISECONDS);
      this.#inputTimer = setTimeout(() => this.#feed(next), next);
    } else if (this.#endPending) {
      this.#inputEnded = true;
      this.#closeInput();
    }
  }

  /** Bytes written; 0 when the pipe is full, undefined when the job has closed its end. */
  #write(fd: number, bytes: Buffer): number | undefined {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return 0;
      this.#inputPlace += this.#pending.reduce((sum, { length }) => sum + length, 0);
      this.#pending = [];
      this.#closeInput();
      this.#listener.inputTaken(this.#inputPlace);
      this.#listener.inputClosed();
      return undefined;
    }
  }

  #closeInput(): void {
    if (this.#inputFd !== undefined && this.#terminal === undefined) closeSync(this.#inputFd);
    this.#inputFd = undefined;
  }
}

function readEmpty(source: Source): void {
  const piece = Buffer.allocUnsafe(PIECE);
  for (;;) {
    try {
      const count = readSync(source.fd, piece);
      if (count === 0) return;
      source.take(Buffer.from(piece.subarray(0, count)));
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return;
      throw error;
    }
  }
}
