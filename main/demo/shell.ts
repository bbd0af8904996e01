/**
 * Takes what is sent to a simulated node's /bin/sh, line by line, and knows mosview's own two programs by the first
 * comment behind the assignments. It runs neither; it says what they were asked.
 */
import type { TickMode } from '../../common/wire/protocol.ts';

const NONCE = /(?:^|[ \n;])nonce=([A-Za-z0-9]+)/;
const ROOT = /(?:^|[ \n;])root=([A-Za-z0-9_.,+@%/-]+)/;
const PROGRAM = /^# mosview's (sampler|operator):/;
const TICK = /^(own|all) (\d{1,15})( places)?$/;
/** Around the operations, as `operatorInput` in common/wire/operations.ts puts them. */
const OPERATIONS_BEGIN = "operations='";
const OPERATIONS_END = "'";
const OPERATE = 'operate';

/** The assignments before a program. */
export interface ProgramCall {
  readonly nonce: string;
  readonly root: string;
}

/** What a node does when its shell is asked. */
export interface ShellHandlers {
  onSampler(call: ProgramCall): void;
  onTick(mode: TickMode, sequence: number, places: boolean): void;
  onOperations(call: ProgramCall, lines: readonly string[]): void;
  /** A text that is neither program. */
  onStranger(): void;
}

/** One shell. */
export class ShellReader {
  readonly #handlers: ShellHandlers;
  #pending = '';
  #call: ProgramCall | undefined;
  #program: 'none' | 'sampler' | 'operator' | 'stranger' = 'none';
  /** What was quoted so far. */
  #operations: string[] = [];
  #isQuoted = false;

  constructor(handlers: ShellHandlers) {
    this.#handlers = handlers;
  }

  /** Takes what came, bytes as Latin-1. */
  feed(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    switch (this.#program) {
      case 'none':
        return this.#begin(line);
      case 'sampler': {
        const [, mode, sequence, places] = TICK.exec(line) ?? [];
        if (mode === undefined) return;
        return this.#handlers.onTick(mode as TickMode, Number(sequence), places !== undefined);
      }
      case 'operator':
        return this.#operatorLine(line);
      case 'stranger':
        return;
    }
  }

  #begin(line: string): void {
    if (this.#call === undefined) {
      const nonce = NONCE.exec(line)?.[1];
      if (nonce !== undefined) this.#call = { nonce, root: ROOT.exec(line)?.[1] ?? '/proc' };
      else this.#program = 'stranger';
    } else {
      const name = PROGRAM.exec(line)?.[1];
      this.#program = name === 'sampler' || name === 'operator' ? name : 'stranger';
      if (name === 'sampler') this.#handlers.onSampler(this.#call);
    }
    if (this.#program === 'stranger') this.#handlers.onStranger();
  }

  #operatorLine(line: string): void {
    if (this.#isQuoted) {
      if (line === OPERATIONS_END) this.#isQuoted = false;
      else this.#operations.push(line);
    } else if (line === OPERATIONS_BEGIN) {
      this.#operations = [];
      this.#isQuoted = true;
    } else if (line === OPERATE && this.#call !== undefined) {
      this.#handlers.onOperations(this.#call, this.#operations);
    }
  }
}
