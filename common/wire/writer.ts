/** Writes the node's side of the protocol: what a node's program says, with unchanged rows and values left out. */
import { TEXT_BYTES, WIRE_VERSION, type Column } from './protocol.ts';

/** A table as it is declared. */
export interface TableDeclaration {
  readonly name: string;
  readonly keyed: boolean;
  readonly columns: readonly Column[];
}

/** The protocol's numbers have at most fifteen digits before the point and six behind it. */
const LIMIT = 1e15;
const DECIMALS = 1e6;

/** Remembers what was sent, so that each value is sent once. */
export class WireWriter {
  readonly #sent = new Map<string, Map<number, readonly number[]>>();
  readonly #sentTexts = new Map<string, Map<number, string>>();
  #lines: string[] = [];

  /** The greeting, the facts, the tables, and the names of the tables of texts. */
  declare(
    nonce: string,
    meta: Readonly<Record<string, string>>,
    tables: readonly TableDeclaration[],
    texts: readonly string[] = [],
  ): string {
    const lines = [`mosview ${WIRE_VERSION} ${nonce}`];
    for (const [key, text] of Object.entries(meta)) lines.push(`meta ${key} ${text}`);
    for (const table of tables) {
      const columns = table.columns.map((column) => `${column.name}:${column.unit}`).join(' ');
      lines.push(`${table.keyed ? 'keyed' : 'single'} ${table.name} ${columns}`);
      this.#sent.set(table.name, new Map());
    }
    for (const name of texts) {
      lines.push(`texts ${name}`);
      this.#sentTexts.set(name, new Map());
    }
    lines.push('ready', '');
    return lines.join('\n');
  }

  /**
   * Adds a row to the coming frame; `key` is 0 for a table that is not keyed. A value that
   * is not finite is not to be had; six decimals are sent.
   */
  row(table: string, key: number, values: readonly number[]): void {
    const sent = this.#sent.get(table);
    if (sent === undefined) throw new Error(`The table ${table} was not declared`);
    const before = sent.get(key);
    let last = -1;
    const fields = values.map((value, index) => {
      if (before !== undefined && Object.is(before[index], value)) return '=';
      last = index;
      return numberText(value);
    });
    if (last < 0) return;
    sent.set(key, values);
    const head = key === 0 ? table : `${table} ${key}`;
    this.#lines.push(`${head} ${fields.slice(0, last + 1).join(' ')}`);
  }

  /** Adds a text to the coming frame, cut to what the protocol allows; a line feed becomes a blank. */
  text(table: string, key: number, text: string): void {
    const sent = this.#sentTexts.get(table);
    if (sent === undefined) throw new Error(`The table ${table} was not declared`);
    const line = text.slice(0, TEXT_BYTES).replaceAll('\n', ' ');
    if (line === '') this.remove(table, key);
    else if (sent.get(key) !== line) {
      sent.set(key, line);
      this.#lines.push(`${table} ${key} ${line}`);
    }
  }

  /** Says that a row is gone, of numbers or of texts. */
  remove(table: string, key: number): void {
    if (this.#sent.get(table)?.delete(key)) this.#lines.push(`${table} ${key} -`);
    if (this.#sentTexts.get(table)?.delete(key)) this.#lines.push(`${table} ${key}`);
  }

  /** The frame of a tick. */
  end(sequence: number): string {
    this.#lines.push(`end ${sequence}`, '');
    const frame = this.#lines.join('\n');
    this.#lines = [];
    return frame;
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= LIMIT) return '?';
  return String(Number.isInteger(value) ? value : Math.round(value * DECIMALS) / DECIMALS);
}
