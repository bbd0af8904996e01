/** A terminal as a whole screen: only lines that changed are written, and it is left as it was. */
import type { Size } from './bars.ts';

/** What of standard output is used. */
export interface ScreenOutput {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const ESCAPE = '\u001b[';

export class Terminal {
  readonly #output: ScreenOutput;
  #lines: readonly string[] = [];
  #size: Size = { columns: 0, rows: 0 };

  /** Takes the screen: what is on it comes back at the end. */
  constructor(output: ScreenOutput) {
    this.#output = output;
    output.write(`${ESCAPE}?1049h${ESCAPE}?25l`);
  }

  /** 80 x 24 where the terminal does not tell. */
  get size(): Size {
    return { columns: this.#output.columns ?? 80, rows: this.#output.rows ?? 24 };
  }

  /** Shows lines from the top, in one write. */
  show(lines: readonly string[]): void {
    const { columns, rows } = this.size;
    const isResized = columns !== this.#size.columns || rows !== this.#size.rows;
    this.#size = { columns, rows };
    const before = isResized ? [] : this.#lines;
    const changes = lines.map((line, row) =>
      line === before[row] ? '' : `${ESCAPE}${row + 1};1H${line}${ESCAPE}K`,
    );
    const text = `${isResized ? `${ESCAPE}2J` : ''}${changes.join('')}`;
    if (text !== '') this.#output.write(text);
    this.#lines = lines;
  }

  close(): void {
    this.#output.write(`${ESCAPE}?25h${ESCAPE}?1049l`);
  }
}
