/** Starts a program with a placement on a node, over a channel of its own, and hands on what it prints. */
import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import type { PlacementRule } from '../../common/model/control.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { RunListener, RunningProgram } from '../control/types.ts';
import type { SshSession } from '../ssh/index.ts';
import { shownText } from './node-text.ts';
import { runScript } from './run-script.ts';

/** A program that is told to stop has five seconds, and the connection some more. */
const STOP_MILLISECONDS = 8000;
const WORDS_LENGTH = 500;
const PREAMBLE_LENGTH = 4000;
/** A marked line is never longer. */
const LINE_LENGTH = 1000;

/**
 * Starts a program; its standard input is empty. `close` ends it with everything it started. Problems: bad-input (a
 * command with a NUL), connection-lost. A refused placement is told through `onEnd`.
 */
export async function runProgram(
  session: SshSession,
  { entry, name }: { readonly entry: NodeEntry; readonly name: string },
  command: string,
  placement: PlacementRule,
  listener: RunListener,
): Promise<Result<RunningProgram>> {
  if (command.includes('\0')) return failure(problem('bad-input', 'A command cannot hold a NUL'));
  const mark = `mosview-run-${randomBytes(9).toString('hex')}`;
  const decoders = { output: new StringDecoder('utf8'), errors: new StringDecoder('utf8') };
  let why = '';
  let begun = false;
  let stopping = false;
  let stopTimer: NodeJS.Timeout | undefined;
  /** What came before the program began: a banner, the login shell's complaints. */
  let preamble = '';
  const print = (text: string): void => {
    if (begun) listener.onOutput(text);
    else if (preamble.length < PREAMBLE_LENGTH) preamble += text;
  };
  const marks = new MarkedText(mark, print, (said) => {
    begun = true;
    if (said.startsWith('refused ')) why ||= `It was not started: ${shownText(said.slice(8), WORDS_LENGTH)}.`;
    if (stopping) channel.write('stop\n');
  });
  const opened = await session.openChannel('exec /bin/sh -s', {
    onData: (chunk) => marks.feed(decoders.output.write(chunk)),
    onErrorData: (chunk) => print(decoders.errors.write(chunk)),
    onClose: ({ code, signal }) => {
      clearTimeout(stopTimer);
      marks.end(decoders.output.end());
      if (!begun && code !== undefined) {
        why =
          `${name}: the login shell did not run /bin/sh. ${shownText(preamble.trim(), WORDS_LENGTH)}`.trim();
      }
      listener.onEnd({ exitCode: code, signal, why });
    },
  });
  if (!opened.ok) return opened;
  const channel = opened.value;
  channel.write(runScript(mark, entry.root ?? '/proc', command, placement));
  return success({
    close() {
      if (stopping) return;
      stopping = true;
      stopTimer = setTimeout(() => channel.close(), STOP_MILLISECONDS);
      // Before it has begun the shell might take the word for a part of its text.
      if (begun) channel.write('stop\n');
    },
  });
}

/** Parts a stream into what is printed and the lines that begin with a mark, wherever in the stream they stand. */
class MarkedText {
  readonly #mark: string;
  readonly #print: (text: string) => void;
  readonly #said: (words: string) => void;
  #held = '';

  constructor(mark: string, print: (text: string) => void, said: (words: string) => void) {
    this.#mark = `${mark} `;
    this.#print = print;
    this.#said = said;
  }

  feed(text: string): void {
    this.#held += text;
    for (;;) {
      const at = this.#held.indexOf(this.#mark);
      const end = at < 0 ? -1 : this.#held.indexOf('\n', at);
      const isOpen = at >= 0 && this.#held.length - at < LINE_LENGTH;
      const keep = isOpen ? this.#held.length - at : this.#beginning();
      this.#give(end < 0 ? this.#held.length - keep : at);
      if (end < 0) return;
      const line = this.#held.slice(0, end - at);
      this.#held = this.#held.slice(end - at + 1);
      this.#said(line.slice(this.#mark.length));
    }
  }

  end(text: string): void {
    this.feed(text);
    this.#give(this.#held.length);
  }

  #give(length: number): void {
    if (length > 0) this.#print(this.#held.slice(0, length));
    this.#held = this.#held.slice(length);
  }

  /** How many of the last characters may be the beginning of a mark. */
  #beginning(): number {
    let length = Math.min(this.#mark.length - 1, this.#held.length);
    while (length > 0 && !this.#held.endsWith(this.#mark.slice(0, length))) length -= 1;
    return length;
  }
}
