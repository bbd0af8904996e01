/** Channels of a connection that is up: one that stays open, and a command whose output is collected. */
import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { passStraight } from './lean-packets.ts';
import { plainText } from './failure.ts';

/** What a channel tells its owner. */
export interface ChannelHandlers {
  onData(chunk: Buffer): void;
  onErrorData(chunk: Buffer): void;
  /** Called once, also when the connection is lost; both values are undefined then. */
  onClose(exit: { readonly code: number | undefined; readonly signal: string | undefined }): void;
}

/** A command running on the node, without a terminal. */
export interface SshChannel {
  /** Sends text to its standard input; nothing happens once it has ended. */
  write(text: string): void;
  /** Ends its standard input. */
  end(): void;
  /** Ends the channel; the command loses its streams. */
  close(): void;
}

/** Bounds of a command. */
export interface ExecOptions {
  readonly timeoutMilliseconds: number;
  /** Of standard output and of standard error, each. */
  readonly maxBytes: number;
  /** Sent to standard input, which ends after it; a stream at the pace at which the command takes it. */
  readonly input?: string | Readable;
}

/** What a command gave; without an exit code where a signal ended it. */
export interface ExecOutput {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Comes before every command that is collected: what the login shell's own files print (a talkative .bashrc) comes before
 * the word, and is cut off with it. Written so that sh, csh and fish understand it.
 */
export const EXEC_PREFIX = 'echo mosview-output; ';
const MARK = Buffer.from('mosview-output\n');
/** What the login shell's files may print at most. */
const PREAMBLE_BYTES = 64 * 1024;

/** Hands a channel's events to its owner. */
export function attachChannel(channel: ClientChannel, handlers: ChannelHandlers): SshChannel {
  let open = true;
  passStraight(channel);
  channel.on('data', (chunk: Buffer) => handlers.onData(chunk));
  channel.stderr.on('data', (chunk: Buffer) => handlers.onErrorData(chunk));
  // A write that comes after the far side's end is no fault.
  channel.on('error', () => {});
  channel.stdin.on('error', () => {});
  channel.once('close', (code: number | null | undefined, signal: string | undefined) => {
    open = false;
    handlers.onClose({ code: code ?? undefined, signal });
  });
  return {
    write: (text) => {
      if (open && channel.writable) channel.write(text);
    },
    end: () => {
      if (open && channel.writable) channel.end();
    },
    close: () => {
      if (open) channel.close();
    },
  };
}

/** Collects the output of a command begun with `EXEC_PREFIX`. Problems: timeout, protocol-error, no-shell, file-unreadable. */
export function collectOutput(
  channel: ClientChannel,
  name: string,
  options: ExecOptions,
): Promise<Result<ExecOutput>> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let left = { stdout: options.maxBytes + PREAMBLE_BYTES, stderr: options.maxBytes + PREAMBLE_BYTES };
    const give = (result: Result<ExecOutput>): void => {
      clearTimeout(timer);
      resolve(result);
      running.close();
    };
    const keep = (stream: 'stdout' | 'stderr', into: Buffer[], chunk: Buffer): void => {
      left = { ...left, [stream]: left[stream] - chunk.length };
      if (left[stream] >= 0) into.push(chunk);
      else give(tooMuch(name, options));
    };
    const running = attachChannel(channel, {
      onData: (chunk) => keep('stdout', stdout, chunk),
      onErrorData: (chunk) => keep('stderr', stderr, chunk),
      onClose: ({ code, signal }) => {
        clearTimeout(timer);
        if (code === undefined && signal === undefined) {
          return resolve(
            failure(
              problem('connection-lost', `The connection to ${name} ended while a command was running.`),
            ),
          );
        }
        const output = Buffer.concat(stdout);
        const errors = Buffer.concat(stderr);
        const mark = output.indexOf(MARK);
        if (mark < 0) {
          const words = plainText(
            `${output.toString('utf8', 0, 2000)} ${errors.toString('utf8', 0, 2000)}`,
            4000,
          );
          return resolve(
            failure(problem('no-shell', `The login shell of ${name} did not run a command.`, words)),
          );
        }
        const own = output.subarray(mark + MARK.length);
        if (own.length > options.maxBytes || errors.length > options.maxBytes) {
          return resolve(tooMuch(name, options));
        }
        resolve(success({ exitCode: code, stdout: own, stderr: errors }));
      },
    });
    const timer = setTimeout(() => {
      const seconds = options.timeoutMilliseconds / 1000;
      give(failure(problem('timeout', `A command on ${name} has not ended within ${seconds} s.`)));
    }, options.timeoutMilliseconds);
    const { input = '' } = options;
    if (typeof input === 'string') {
      if (input !== '') running.write(input);
      running.end();
      return;
    }
    input.once('error', ({ message }) =>
      give(failure(problem('file-unreadable', `What is sent to ${name} could not be read: ${message}`))),
    );
    channel.once('close', () => input.destroy());
    input.pipe(channel);
  });
}

function tooMuch(name: string, options: ExecOptions): Result<never> {
  return failure(
    problem(
      'protocol-error',
      `A command on ${name} printed more than the ${options.maxBytes} bytes allowed.`,
    ),
  );
}
