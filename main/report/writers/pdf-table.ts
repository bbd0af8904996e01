/** A table of a PDF report, of any length: its head is drawn with the first row, and again on every page. */
import type { Cell, Column, TableBlock } from '../model.ts';
import { cellWords, isNumber, shownColumns } from '../words.ts';
import { BOTTOM, EDGE, FAINT, LEFT, MUTED, WIDTH, type Sheet } from './pdf-sheet.ts';

const TABLE_SIZE = 7.5;
const LINE_HEIGHT = 9.6;
const CELL_GAP = 7;
const ROW_PADDING = 3.2;
const TABLE_HEAD = 40;
/** What every moment takes, as the widest one. */
const MOMENT = '2026-12-24 20:00:00';

/** A row measured: the lines of its cells, and its height. */
interface MeasuredRow {
  readonly cells: readonly (readonly string[])[];
  readonly height: number;
}

/** A table under way. */
export class TableDrawing {
  readonly #sheet: Sheet;
  readonly #block: TableBlock;
  readonly #shown: readonly (readonly [Column, number])[];
  readonly #places: readonly { readonly x: number; readonly width: number }[];
  #isBegun = false;

  constructor(sheet: Sheet, block: TableBlock) {
    this.#sheet = sheet;
    this.#block = block;
    this.#shown = shownColumns(block.columns);
    sheet.font('regular', TABLE_SIZE);
    const moment = sheet.document.widthOfString(MOMENT);
    const columns = this.#shown.map(([column]) => column);
    const others = columns.filter(({ kind }) => kind !== 'time');
    const weights = others.reduce((sum, { width }) => sum + width, 0);
    const room = WIDTH - CELL_GAP * (columns.length - 1) - moment * (columns.length - others.length);
    let x = LEFT;
    this.#places = columns.map(({ kind, width }) => {
      const place = { x, width: kind === 'time' ? moment : (width / weights) * room };
      x += place.width + CELL_GAP;
      return place;
    });
  }

  rows(rows: readonly (readonly Cell[])[]): void {
    const sheet = this.#sheet;
    sheet.font('regular', TABLE_SIZE);
    const measured = rows.map((row) => this.#measure(row));
    if (!this.#isBegun) this.#begin(measured);
    for (const row of measured) {
      if (sheet.y + row.height > BOTTOM) {
        sheet.newPage();
        this.#head();
      }
      this.#draw(row);
    }
  }

  end(): void {
    const sheet = this.#sheet;
    if (!this.#isBegun) {
      sheet.room(40);
      this.#caption();
      sheet.font('regular', 8.5, MUTED);
      sheet.paragraph(this.#block.empty, WIDTH, LEFT, 12);
    }
    sheet.y += 6;
  }

  #begin(rows: readonly MeasuredRow[]): void {
    this.#isBegun = true;
    const first = rows[0]?.height ?? 0;
    const all = rows.reduce((sum, { height }) => sum + height, 0);
    this.#sheet.room(TABLE_HEAD + (this.#block.short ? all : first + 2 * LINE_HEIGHT));
    this.#caption();
    this.#head();
  }

  #caption(): void {
    const sheet = this.#sheet;
    sheet.y += 8;
    sheet.font('bold', 8.5);
    sheet.paragraph(this.#block.title, WIDTH, LEFT, 14);
  }

  #head(): void {
    const sheet = this.#sheet;
    sheet.font('regular', TABLE_SIZE, MUTED);
    const titles = this.#shown.map(([{ title }], index) => sheet.lines(title, this.#widthOf(index)));
    const height = Math.max(1, ...titles.map(({ length }) => length)) * LINE_HEIGHT;
    for (const [index, lines] of titles.entries()) {
      // Titles of one and of two lines stand on one base line.
      this.#cell(index, lines, sheet.y + height - lines.length * LINE_HEIGHT);
    }
    sheet.y += height + 2;
    sheet.rule(sheet.y, EDGE);
    sheet.y += ROW_PADDING / 2;
  }

  #measure(row: readonly Cell[]): MeasuredRow {
    const cells = this.#shown.map(([column, index], place) =>
      this.#sheet.lines(cellWords(row[index] ?? null, column), this.#widthOf(place)),
    );
    const lines = Math.max(1, ...cells.map(({ length }) => length));
    return { cells, height: lines * LINE_HEIGHT + ROW_PADDING };
  }

  #draw({ cells, height }: MeasuredRow): void {
    const sheet = this.#sheet;
    sheet.font('regular', TABLE_SIZE);
    for (const [index, lines] of cells.entries()) this.#cell(index, lines, sheet.y + ROW_PADDING / 2);
    sheet.y += height;
    sheet.rule(sheet.y, FAINT, 0.5);
  }

  #cell(index: number, lines: readonly string[], y: number): void {
    const { x, width } = this.#places[index] ?? { x: LEFT, width: WIDTH };
    const kind = this.#shown[index]?.[0].kind ?? 'text';
    for (const [number, line] of lines.entries()) {
      if (isNumber(kind)) this.#sheet.right(line, x + width, y + number * LINE_HEIGHT);
      else this.#sheet.left(line, x, y + number * LINE_HEIGHT);
    }
  }

  #widthOf(index: number): number {
    return this.#places[index]?.width ?? WIDTH;
  }
}
