/** A PDF of any length from a small memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Block, Cell } from '../model.ts';
import { writePdf } from './pdf.ts';

const BEFORE = 200;
const PAGES = 1200;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of heap in use. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('a page leaves about a kilobyte in the memory, and so do the words on it', async () => {
  let atFirst = 0;
  let atLast = 0;
  // The second column is one letter wide, so that each row fills a page; the first has words that never come again.
  async function* rows(): AsyncGenerator<readonly (readonly Cell[])[]> {
    for (let page = 0; page < PAGES; page += 1) {
      if (page === BEFORE) atFirst = heap();
      yield [[`job${page} on${page}`, 'x'.repeat(70)]];
    }
    atLast = heap();
  }
  async function* blocks(): AsyncGenerator<Block> {
    yield {
      kind: 'table',
      name: 'long',
      title: 'Long',
      empty: '',
      columns: [
        { name: 'words', title: '', kind: 'text', width: 1000 },
        { name: 'height', title: '', kind: 'text', width: 1 },
      ],
      short: false,
      rows: rows(),
    };
  }
  let last = '';
  for await (const bytes of writePdf(blocks())) last = Buffer.from(bytes).toString('latin1');
  expect(last).toContain(`/Count ${PAGES}`);
  expect((atLast - atFirst) / (PAGES - BEFORE)).toBeLessThan(1280);
}, 30_000);
