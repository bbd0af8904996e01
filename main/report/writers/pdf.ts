/**
 * A report as PDF, page by page: what is finished leaves the memory before the next page begins. The font is embedded and
 * has the letters of most of the world; for any other the number of the letter is written.
 */
import { createRequire } from 'node:module';
import { openSync } from 'fontkit';
import PdfKit from 'pdfkit';
import { assertNever } from '../../../common/model/result.ts';
import { CHART_HEIGHT, CHART_TEXT, CHART_WIDTH, chartShapes } from '../chart.ts';
import type { Blocks, Cell, ChartBlock, Column, Fact, TableBlock } from '../model.ts';
import { cellWords, isNumber, isShown, shownColumns } from '../words.ts';
import { LineBreaker } from './lines.ts';

/** A4 in points. */
const PAGE = { width: 595.28, height: 841.89 } as const;
const LEFT = 40;
const WIDTH = PAGE.width - 2 * LEFT;
const TOP = 44;
const BOTTOM = PAGE.height - 50;

const INK = '#1a1d21';
const MUTED = '#59616b';
const LINE = '#dcdfe3';
const FAINT = '#eceef0';
const EDGE = '#868e98';
const WARN = '#8a5800';
const WARN_PAPER = '#fff6e0';
const PAPER = '#f5f6f7';

/** The fonts by their own names: under others the library would open them again at every change. */
const REGULAR = 'DejaVuSansCondensed';
const BOLD = 'DejaVuSansCondensed-Bold';

const TABLE_SIZE = 7.5;
const LINE_HEIGHT = 9.6;
const CELL_GAP = 7;
const ROW_PADDING = 3.2;
const TABLE_HEAD = 40;
/** What every moment takes, as the widest one. */
const MOMENT = '2026-12-24 20:00:00';

/** Writes a report. */
export async function* writePdf(blocks: Blocks): AsyncGenerator<Uint8Array> {
  const sheet = new Sheet();
  for await (const block of blocks) {
    switch (block.kind) {
      case 'title':
        sheet.title(block.title, block.subtitle);
        break;
      case 'section':
        sheet.section(block.title, block.about);
        break;
      case 'facts':
        if (block.look === 'figures') sheet.figures(block.facts.filter(isShown));
        else sheet.facts(block.facts.filter(isShown));
        break;
      case 'note':
        sheet.note(block.text, block.warning);
        break;
      case 'chart':
        sheet.chart(block);
        break;
      case 'table':
        yield* tablePages(sheet, block);
        break;
      default:
        assertNever(block);
    }
    yield* sheet.finished();
  }
  sheet.end();
  yield* sheet.finished();
}

/** Rows drawn before what is finished is handed on. */
const ROWS_AT_A_TIME = 100;

async function* tablePages(sheet: Sheet, block: TableBlock): AsyncGenerator<Uint8Array> {
  const table = new TableDrawing(sheet, block);
  for await (const page of block.rows) {
    for (let first = 0; first < page.length; first += ROWS_AT_A_TIME) {
      table.rows(page.slice(first, first + ROWS_AT_A_TIME));
      yield* sheet.finished();
    }
  }
  table.end();
}

function fontFile(name: string): string {
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
}

/** The paper: what has been drawn so far, and how far down the page it reaches. */
class Sheet {
  readonly document: PDFKit.PDFDocument;
  y = TOP;
  readonly #lines: LineBreaker;
  #pages = 0;
  /** A section whose title waits for its first block, so that it never stands alone at the end of a page. */
  #section: { readonly title: string; readonly about: string } | undefined;

  constructor() {
    const font = openSync(fontFile(REGULAR));
    const letters = new Set('characterSet' in font ? font.characterSet : []);
    this.document = new PdfKit({
      size: [PAGE.width, PAGE.height],
      margin: 0,
      autoFirstPage: false,
      font: fontFile(REGULAR),
      lang: 'en',
      displayTitle: true,
      info: { Title: 'Cluster report', Creator: 'mosview', Producer: 'mosview' },
    });
    for (const name of [REGULAR, BOLD]) this.document.registerFont(name, fontFile(name));
    this.#lines = new LineBreaker(letters, (text) => this.document.widthOfString(text));
    this.newPage();
  }

  /** What can be written to the file already. */
  *finished(): Generator<Uint8Array> {
    const bytes = this.document.read() as Uint8Array | null;
    if (bytes !== null) yield bytes;
  }

  end(): void {
    this.document.end();
  }

  newPage(): void {
    this.document.addPage();
    this.#pages += 1;
    this.y = TOP;
    this.font('regular', 7.5, MUTED);
    this.right(`page ${this.#pages}`, LEFT + WIDTH, PAGE.height - 34);
  }

  /** Makes room for a block: a new page where less than its height is left, and the title of its section. */
  room(height: number): void {
    const section = this.#section;
    this.#section = undefined;
    const title = section === undefined ? 0 : this.#titleHeight(section);
    if (this.y + title + height > BOTTOM && this.y > TOP) this.newPage();
    if (section !== undefined) this.#drawSection(section);
  }

  font(weight: 'regular' | 'bold', size: number, colour = INK): void {
    this.document
      .font(weight === 'bold' ? BOLD : REGULAR)
      .fontSize(size)
      .fillColor(colour);
  }

  /** One line with its top left corner at a place. */
  left(text: string, x: number, y: number): void {
    this.document.text(text, x, y, { lineBreak: false });
  }

  /** One line that ends at a place. */
  right(text: string, x: number, y: number): void {
    this.left(text, x - this.document.widthOfString(text), y);
  }

  /** A text in lines no longer than a width, in the present font. */
  lines(text: string, width: number): readonly string[] {
    return this.#lines.break(text, width);
  }

  rule(y: number, colour: string, width = 0.6): void {
    this.document
      .moveTo(LEFT, y)
      .lineTo(LEFT + WIDTH, y)
      .lineWidth(width)
      .stroke(colour);
  }

  paragraph(text: string, width: number, x: number, lineHeight: number): void {
    for (const line of this.lines(text, width)) {
      this.left(line, x, this.y);
      this.y += lineHeight;
    }
  }

  title(title: string, subtitle: string): void {
    this.font('bold', 19);
    this.paragraph(title, WIDTH, LEFT, 24);
    this.font('regular', 11, MUTED);
    this.paragraph(subtitle, WIDTH, LEFT, 15);
    this.y += 10;
  }

  section(title: string, about: string): void {
    // Of two sections in a row the first has nothing to say but its title.
    if (this.#section !== undefined) this.room(0);
    this.#section = { title, about };
  }

  #titleHeight({ about }: { readonly about: string }): number {
    this.font('regular', 8.5);
    return 46 + (about === '' ? 0 : this.lines(about, WIDTH).length * 12);
  }

  #drawSection({ title, about }: { readonly title: string; readonly about: string }): void {
    if (this.y > TOP) this.y += 14;
    this.rule(this.y, LINE);
    this.y += 8;
    this.document.outline.addItem(title);
    this.font('bold', 12.5);
    this.paragraph(title, WIDTH, LEFT, 17);
    if (about !== '') {
      this.font('regular', 8.5, MUTED);
      this.paragraph(about, WIDTH, LEFT, 12);
    }
    this.y += 4;
  }

  facts(facts: readonly Fact[]): void {
    this.room(facts.length * 12.5);
    for (const fact of facts) {
      this.font('regular', 8.5, MUTED);
      this.left(fact.title, LEFT, this.y);
      this.font('regular', 8.5);
      this.paragraph(cellWords(fact.value, fact), WIDTH - 74, LEFT + 74, 12.5);
    }
  }

  /** The few numbers a reader sees first, side by side. */
  figures(facts: readonly Fact[]): void {
    this.y += 12;
    this.room(40);
    const step = WIDTH / Math.max(1, facts.length);
    for (const [index, fact] of facts.entries()) {
      const x = LEFT + index * step;
      const words = cellWords(fact.value, fact);
      if (index > 0) {
        this.document
          .moveTo(x - 9, this.y)
          .lineTo(x - 9, this.y + 32)
          .lineWidth(0.6)
          .stroke(LINE);
      }
      this.font('bold', 16);
      const share = Math.min(1, (step - 16) / this.document.widthOfString(words));
      this.font('bold', 16 * share);
      this.left(words, x, this.y + (16 - 16 * share));
      this.font('regular', 8, MUTED);
      this.left(this.lines(fact.title, step - 12)[0] ?? '', x, this.y + 21);
    }
    this.y += 42;
  }

  note(text: string, warning: boolean): void {
    this.font('regular', 8.5);
    const lines = this.lines(text, WIDTH - 20);
    const height = lines.length * 12 + 10;
    this.room(height + 8);
    this.y += 4;
    this.document.rect(LEFT, this.y, WIDTH, height).fill(warning ? WARN_PAPER : PAPER);
    this.document.rect(LEFT, this.y, 2.5, height).fill(warning ? WARN : EDGE);
    this.font('regular', 8.5);
    for (const [index, line] of lines.entries()) this.left(line, LEFT + 11, this.y + 5 + index * 12);
    this.y += height + 6;
  }

  chart(chart: ChartBlock): void {
    const scale = WIDTH / CHART_WIDTH;
    const { document } = this;
    this.room(CHART_HEIGHT * scale + 6);
    document.save().translate(LEFT, this.y).scale(scale);
    for (const shape of chartShapes(chart)) {
      if (shape.kind === 'text') {
        const { x, y, text, anchor, fill } = shape;
        this.font('regular', CHART_TEXT, fill);
        const part = { start: 0, middle: 0.5, end: 1 }[anchor];
        const left = x - part * document.widthOfString(text);
        document.text(text, left, y, { lineBreak: false, baseline: 'alphabetic' });
      } else if (shape.path !== '') {
        document.path(shape.path);
        if (shape.stroke === undefined) document.fill(shape.fill ?? INK);
        else
          document
            .lineJoin('round')
            .lineWidth(shape.width ?? 1)
            .stroke(shape.stroke);
      }
    }
    document.restore();
    this.y += CHART_HEIGHT * scale + 10;
  }
}

/** A row measured: the lines of its cells, and its height. */
interface MeasuredRow {
  readonly cells: readonly (readonly string[])[];
  readonly height: number;
}

/** A table under way: its head is drawn with the first row, and again on every page. */
class TableDrawing {
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
