/** Reads the answers to operations line by line, from any bytes; what does not fit the protocol is left out. */
import { wholeNumber } from '../../common/model/whole-number.ts';
import { OPERATIONS_VERSION, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import { shownText } from './node-text.ts';

const TEXT_LENGTH = 200;
const WORDS_LENGTH = 300;
/** A list of MattX has at most 247 bytes; before it stands its length. */
const SETTING_LENGTH = 300;
/** Texts that an operation gives; all others give one. */
const TEXTS: Partial<Readonly<Record<Operation['kind'], number>>> = { place: 4, settings: 8 };
const PREAMBLE_LENGTH = 4000;
/** A line is never longer; what is, is taken in pieces, so that endless lines cost nothing. */
const LINE_LENGTH = 65_536;

/** The answers to one batch. */
export class ReplyReader {
  readonly #nonce: string;
  readonly #operations: readonly Operation[];
  readonly #replies = new Map<number, OperationReply>();
  /** Texts of a `place` or `settings` and lines of a `list` whose end has not come. */
  readonly #texts = new Map<number, string[]>();
  #rest = '';
  #preamble = '';
  #greeted = false;

  constructor(nonce: string, operations: readonly Operation[]) {
    this.#nonce = nonce;
    this.#operations = operations;
  }

  /** Whether the program on the node began. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Whether any operation was answered. */
  get any(): boolean {
    return this.#replies.size > 0;
  }

  /** What came before the greeting: a banner, or why there is none. */
  get preamble(): string {
    return this.#preamble;
  }

  /** Takes what came, bytes as Latin-1. */
  feed(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length > LINE_LENGTH) {
      this.#line(this.#rest);
      this.#rest = '';
    }
  }

  /** Says that no more comes; an unfinished line is no answer. */
  end(): void {
    if (!this.#greeted) this.#keep(this.#rest);
    this.#rest = '';
  }

  /** A reply for every operation, in their order. */
  result(): readonly OperationReply[] {
    return this.#operations.map((_, index) => this.#replies.get(index + 1) ?? { kind: 'unanswered' });
  }

  #keep(line: string): void {
    if (this.#preamble.length < PREAMBLE_LENGTH) this.#preamble += `${line.slice(0, PREAMBLE_LENGTH)}\n`;
  }

  #line(line: string): void {
    if (!this.#greeted) {
      this.#greeted = line.endsWith(`mosview-operator ${OPERATIONS_VERSION} ${this.#nonce}`);
      if (!this.#greeted) this.#keep(line);
      return;
    }
    const [, number = '', kind = '', rest = ''] = /^(\d{1,9}) ([a-z]+)(?: (.*))?$/s.exec(line) ?? [];
    const sequence = Number(number);
    const operation = this.#operations[sequence - 1];
    if (operation === undefined || this.#replies.has(sequence)) return;
    const reply = this.#reply(sequence, operation, kind, rest);
    if (reply !== undefined) this.#replies.set(sequence, reply);
  }

  /** The reply that a line completes, if any. */
  #reply(sequence: number, operation: Operation, kind: string, rest: string): OperationReply | undefined {
    switch (kind) {
      case 'text': {
        const texts = this.#kept(sequence);
        texts.push(shownText(rest.trim(), operation.kind === 'settings' ? SETTING_LENGTH : TEXT_LENGTH));
        return texts.length === (TEXTS[operation.kind] ?? 1) ? { kind, texts } : undefined;
      }
      case 'file':
        if (operation.kind === 'list') this.#kept(sequence).push(rest);
        return undefined;
      case 'clock': {
        if (operation.kind !== 'list') return undefined;
        const [uptime = '', ticks = ''] = rest.split(' ');
        return {
          kind: 'list',
          lines: this.#kept(sequence),
          uptime: /^\d+(?:\.\d+)?$/.test(uptime) ? Number(uptime) : NaN,
          ticksPerSecond: wholeNumber(ticks) || 100,
        };
      }
      case 'done': {
        const value = wholeNumber(rest);
        return Number.isNaN(value) ? { kind } : { kind, value };
      }
      case 'refused':
        return { kind, words: errorWords(rest) };
      case 'other':
        return { kind, started: /^\d{1,15}$/.test(rest) ? Number(rest) : NaN };
      case 'missing':
      case 'gone':
        return { kind };
      default:
        return undefined;
    }
  }

  #kept(sequence: number): string[] {
    let texts = this.#texts.get(sequence);
    if (texts === undefined) this.#texts.set(sequence, (texts = []));
    return texts;
  }
}

/**
 * Words of a shell without its own name and line: `/bin/sh: 78: cannot create x: Permission denied`. Of a write that the
 * kernel itself refuses, dash knows only an I/O error and busybox nothing.
 */
function errorWords(words: string): string {
  const said = words.replace(/^\S*sh: (?:line )?(?:\d+: )?/, '').replace(/^(?:printf: )+/, '');
  return (
    shownText(said === 'I/O error' ? '' : said, WORDS_LENGTH) || 'the kernel refused it and gave no reason'
  );
}
