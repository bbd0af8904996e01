/**
 * Reads what a node sends: bounded in line length, rows, columns and bytes per second, so that any bytes can come. It
 * keeps the present value of every declared table, because unchanged values are not sent again.
 */
import { problem, type Problem } from '../contract/problem.ts';
import { TEXT_BYTES, WIRE_VERSION, type Column } from './protocol.ts';

/** The bounds; generous for a cluster of 65,535 nodes, small enough to stop a flood. */
export const LIMITS = {
  /** Longest line, and longest unfinished line, in bytes. */
  lineBytes: 4096,
  /** Bytes that may come before the greeting: banners, messages of the day. */
  preambleBytes: 65_536,
  tables: 16,
  columns: 64,
  rows: 65_536,
  metaKeys: 64,
  /** Sustained bytes per second, and the burst above it. */
  bytesPerSecond: 4_194_304,
  burstBytes: 16_777_216,
} as const;

/** A declared table with its present rows. Row values stand in the order of the columns; NaN is not to be had. */
export interface Table {
  readonly columns: readonly Column[];
  readonly keyed: boolean;
  /** Rows by key; a table that is not keyed has its one row under 0. */
  readonly rows: ReadonlyMap<number, Float64Array>;
}

/** What the reader tells. */
export interface WireListener {
  /** Everything is declared: the node answers ticks from now on. */
  onReady(): void;
  /** A frame is complete: the tables hold the state of this tick. */
  onFrame(sequence: number): void;
  /** Nothing more is read after this. */
  onProblem(theProblem: Problem): void;
}

interface WritableTable extends Table {
  readonly rows: Map<number, Float64Array>;
}

const NUMBER = /^-?\d{1,15}(?:\.\d{1,6})?$/;
/** Node ids and process numbers. */
const KEY = /^[1-9]\d{0,6}$/;

/** Reads one channel; made anew for every channel. */
export class WireReader {
  readonly meta = new Map<string, string>();
  readonly #tables = new Map<string, WritableTable>();
  readonly #texts = new Map<string, Map<number, string>>();
  readonly #nonce: string;
  readonly #listener: WireListener;
  readonly #where: string;
  #phase: 'preamble' | 'declaring' | 'frames' | 'ended' = 'preamble';
  #rest = '';
  #preamble = '';
  #preambleBytes = 0;
  #budget: number = LIMITS.burstBytes;
  #budgetTime = 0;
  #badValues = 0;
  #unread = '';

  /** `nonce` is the word the greeting must carry, `where` names the node in problems. */
  constructor(nonce: string, where: string, listener: WireListener) {
    this.#nonce = nonce;
    this.#where = where;
    this.#listener = listener;
  }

  /** The declared tables by name. */
  get tables(): ReadonlyMap<string, Table> {
    return this.#tables;
  }

  /** The declared tables of texts by name, each by key; bytes as Latin-1, untrusted. */
  get texts(): ReadonlyMap<string, ReadonlyMap<number, string>> {
    return this.#texts;
  }

  /** What came before the greeting, at most 2000 characters: the cause when a shell does not start. Untrusted. */
  get preamble(): string {
    return (this.#preamble + (this.#phase === 'preamble' ? this.#rest : '')).slice(0, 2000);
  }

  /** Values so far that were neither a number nor one of the signs; each was read as not to be had. */
  get badValues(): number {
    return this.#badValues;
  }

  /** The first line since the last complete frame that meant nothing here; empty where all did. Untrusted. */
  get unread(): string {
    return this.#unread || (this.#phase === 'frames' ? this.#rest.slice(0, 200) : '');
  }

  /** Takes a piece of the stream. `now` is in milliseconds and only measures the flow. */
  feed(chunk: string, now: number): void {
    if (this.#phase === 'ended') return;
    if (!this.#withinBudget(chunk.length, now)) {
      this.#end(
        `${this.#where} sends more than ${LIMITS.bytesPerSecond} bytes a second`,
        chunk.slice(0, 200),
      );
      return;
    }
    const text = this.#rest + chunk;
    let start = 0;
    for (;;) {
      const stop = text.indexOf('\n', start);
      if (stop < 0) break;
      // A banner may have lines of any length; they are dropped, and the greeting may follow in the same piece.
      if (stop - start > LIMITS.lineBytes && this.#phase !== 'preamble') break;
      this.#line(text.slice(start, text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop));
      if (this.#ended()) return;
      start = stop + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > LIMITS.lineBytes) {
      if (this.#phase === 'preamble') this.#dropPreambleRest();
      else
        this.#end(
          `${this.#where} sent a line longer than ${LIMITS.lineBytes} bytes`,
          this.#rest.slice(0, 200),
        );
    }
  }

  #ended(): boolean {
    return this.#phase === 'ended';
  }

  #withinBudget(bytes: number, now: number): boolean {
    const refill = ((now - this.#budgetTime) / 1000) * LIMITS.bytesPerSecond;
    this.#budget = Math.min(LIMITS.burstBytes, this.#budget + Math.max(0, refill)) - bytes;
    this.#budgetTime = now;
    return this.#budget >= 0;
  }

  #end(message: string, detail: string): void {
    this.#phase = 'ended';
    this.#rest = '';
    this.#listener.onProblem(problem('protocol-error', message, detail));
  }

  #dropPreambleRest(): void {
    this.#keepPreamble(this.#rest);
    this.#rest = this.#rest.slice(-LIMITS.lineBytes);
  }

  #keepPreamble(line: string): void {
    this.#preambleBytes += line.length + 1;
    if (this.#preamble.length < 2000) this.#preamble += `${line.slice(0, 2000)}\n`;
    if (this.#preambleBytes > LIMITS.preambleBytes) {
      this.#end(
        `${this.#where} sent ${this.#preambleBytes} bytes and no sample; its login shell prints something else`,
        this.#preamble.slice(0, 400),
      );
    }
  }

  #line(line: string): void {
    switch (this.#phase) {
      case 'preamble':
        this.#greeting(line);
        return;
      case 'declaring':
        this.#declaration(line);
        return;
      case 'frames':
        this.#data(line);
        return;
      case 'ended':
        return;
    }
  }

  #greeting(line: string): void {
    const at = line.lastIndexOf('mosview ');
    const fields = at < 0 ? [] : line.slice(at).split(' ');
    if (fields.length !== 3 || fields[2] !== this.#nonce) {
      this.#keepPreamble(line);
      return;
    }
    if (fields[1] === String(WIRE_VERSION)) this.#phase = 'declaring';
    else
      this.#end(
        `${this.#where} speaks version ${fields[1]} of the protocol, this program ${WIRE_VERSION}`,
        line,
      );
  }

  #declaration(line: string): void {
    const fields = line.split(' ');
    const [kind, name = ''] = fields;
    if (kind === 'ready') {
      this.#phase = 'frames';
      this.#listener.onReady();
    } else if (kind === 'meta') {
      if (this.meta.size < LIMITS.metaKeys) this.meta.set(name, fields.slice(2).join(' ').slice(0, 500));
    } else if (kind === 'single' || kind === 'keyed' || kind === 'texts') {
      const tables = this.#tables.size + this.#texts.size;
      if (tables >= LIMITS.tables || fields.length - 2 > LIMITS.columns) {
        this.#end(`${this.#where} declares more than this program can hold`, line.slice(0, 200));
        return;
      }
      if (kind === 'texts') {
        this.#texts.set(name, new Map());
        return;
      }
      const columns = fields.slice(2).map((field) => {
        const [column = '', unit = ''] = field.split(':');
        return { name: column, unit };
      });
      this.#tables.set(name, { columns, keyed: kind === 'keyed', rows: new Map() });
    }
  }

  #data(line: string): void {
    const fields = line.split(' ');
    const name = fields[0] ?? '';
    if (name === 'end') {
      this.#unread = '';
      const sequence = Number(fields[1]);
      if (Number.isSafeInteger(sequence)) this.#listener.onFrame(sequence);
      return;
    }
    const texts = this.#texts.get(name);
    if (texts !== undefined) {
      this.#text(texts, fields[1] ?? '', line);
      return;
    }
    const table = this.#tables.get(name);
    if (table === undefined) {
      this.#unread ||= line.slice(0, 200);
      return;
    }
    let key = 0;
    if (table.keyed) {
      if (!KEY.test(fields[1] ?? '')) {
        this.#badValues += 1;
        return;
      }
      key = Number(fields[1]);
      if (fields[2] === '-') {
        table.rows.delete(key);
        return;
      }
    }
    this.#row(table, key, fields, table.keyed ? 2 : 1);
  }

  #text(texts: Map<number, string>, keyText: string, line: string): void {
    if (!KEY.test(keyText)) {
      this.#badValues += 1;
      return;
    }
    const key = Number(keyText);
    const text = line.slice(line.indexOf(' ') + keyText.length + 2);
    if (text === '') texts.delete(key);
    else if (texts.has(key) || this.#mayGrow(texts, line)) texts.set(key, text.slice(0, TEXT_BYTES));
  }

  /** Ends the reading when a table is full. */
  #mayGrow(rows: ReadonlyMap<number, unknown>, line: string): boolean {
    if (rows.size < LIMITS.rows) return true;
    this.#end(`${this.#where} sends more than ${LIMITS.rows} rows`, line.slice(0, 200));
    return false;
  }

  #row(table: WritableTable, key: number, fields: readonly string[], first: number): void {
    let row = table.rows.get(key);
    if (row === undefined) {
      if (!this.#mayGrow(table.rows, fields.join(' '))) return;
      row = new Float64Array(table.columns.length).fill(NaN);
      table.rows.set(key, row);
    }
    const count = Math.min(fields.length - first, row.length);
    for (let index = 0; index < count; index += 1) {
      const field = fields[first + index] ?? '';
      if (field === '=') continue;
      if (NUMBER.test(field)) row[index] = Number(field);
      else {
        row[index] = NaN;
        if (field !== '?') this.#badValues += 1;
      }
    }
  }
}
