/**
 * A report as PDF, page by page: what is finished leaves the memory before the next page begins. The font is embedded and
 * has the letters of most of the world; for any other the number of the letter is written.
 */
import { assertNever } from '../../../common/model/result.ts';
import type { Blocks, TableBlock } from '../model.ts';
import { isShown } from '../words.ts';
import { Sheet } from './pdf-sheet.ts';
import { TableDrawing } from './pdf-table.ts';

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
