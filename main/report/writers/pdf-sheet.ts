/** The paper of a PDF report: pages of A4, lines of text in its fonts, and every part of a report but its tables. */
import { createRequire } from 'node:module';
import { openSync } from 'fontkit';
import PdfKit from 'pdfkit';
import { CHART_HEIGHT, CHART_TEXT, CHART_WIDTH, chartShapes } from '../chart.ts';
import type { ChartBlock, Fact } from '../model.ts';
import { cellWords } from '../words.ts';
import { LineBreaker } from './lines.ts';

/** A4 in points. */
const PAGE = { width: 595.28, height: 841.89 } as const;
export const LEFT = 40;
export const WIDTH = PAGE.width - 2 * LEFT;
const TOP = 44;
export const BOTTOM = PAGE.height - 50;

const INK = '#1a1d21';
export const MUTED = '#59616b';
const LINE = '#dcdfe3';
export const FAINT = '#eceef0';
export const EDGE = '#868e98';
const WARN = '#8a5800';
const WARN_PAPER = '#fff6e0';
const PAPER = '#f5f6f7';

/** The fonts by their own names: under others the library would open them again at every change. */
const REGULAR = 'DejaVuSansCondensed';
const BOLD = 'DejaVuSansCondensed-Bold';

/** Pages after which the words drawn are forgotten; some ten thousand words at most. */
const PAGES_REMEMBERED = 20;

function fontFile(name: string): string {
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
}

/** The library's own name of the font that is drawn with; there is no public one. */
const FONT = '_font';

/**
 * Empties what the library keeps of each word laid out in the present font. It has no end of its own, and doing without
 * takes several times as long. Where the inner name changes, only memory is lost, and pdf.test.ts says so.
 */
function forgetWords(
  document: PDFKit.PDFDocument & { readonly [FONT]?: { layoutCache: object | null } },
): void {
  const font = document[FONT];
  if (font !== undefined) font.layoutCache = Object.create(null) as object;
}

/** The paper: what has been drawn so far, and how far down the page it reaches. */
export class Sheet {
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
    const written = this.#pages > 0 ? this.document.page : undefined;
    this.document.addPage();
    // The library keeps every page for the list of pages, which names it by its number alone.
    if (written !== undefined) written.dictionary.data = { Pattern: undefined, Annots: undefined };
    this.#pages += 1;
    this.y = TOP;
    this.font('regular', 7.5, MUTED);
    if (this.#pages % PAGES_REMEMBERED === 0) forgetWords(this.document);
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
