/** Breaks texts into lines of a width, for a page that is drawn and not laid out by a browser. */

/** Widths and lines kept; the same names come again and again in a table. */
const KEPT = 20_000;

export class LineBreaker {
  readonly #letters: ReadonlySet<number>;
  readonly #widthOf: (text: string) => number;
  readonly #known = new Map<string, readonly string[]>();

  /** `letters`: the code points the font has. `widthOf` measures in the present font, for which lines are kept too. */
  constructor(letters: ReadonlySet<number>, widthOf: (text: string) => number) {
    this.#letters = letters;
    this.#widthOf = widthOf;
  }

  /** A text in lines no wider than `width`; broken between words, and inside one where it must be. */
  break(text: string, width: number): readonly string[] {
    const shown = this.#shown(text);
    // The width of the text tells the fonts apart.
    const key = `${width} ${this.#widthOf('M')} ${shown}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const lines = this.#widthOf(shown) <= width ? [shown] : this.#broken(shown, width);
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(key, lines);
    return lines;
  }

  /** Letters that the font lacks as their numbers: `[U+6E2C]`. */
  #shown(text: string): string {
    let isWhole = true;
    for (let index = 0; index < text.length && isWhole; index += 1) {
      isWhole = this.#letters.has(text.charCodeAt(index));
    }
    if (isWhole) return text;
    return Array.from(text, (letter) => {
      const code = letter.codePointAt(0) ?? 0;
      return this.#letters.has(code) ? letter : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    }).join('');
  }

  #broken(text: string, width: number): readonly string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (this.#widthOf(longer) <= width) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      line = word;
      while (this.#widthOf(line) > width) {
        const head = this.#head(line, width);
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    return line === '' ? lines : [...lines, line];
  }

  /** The longest beginning of a word that fits; one letter at least. */
  #head(word: string, width: number): string {
    let head = '';
    for (const letter of word) {
      if (head !== '' && this.#widthOf(head + letter) > width) return head;
      head += letter;
    }
    return head;
  }
}
