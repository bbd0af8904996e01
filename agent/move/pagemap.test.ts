import { describe, expect, test } from 'vitest';
import {
  addRun,
  cut,
  LAZY_PAGES,
  PARENT_PAGES,
  PRESENT_PAGES,
  pagemapBytes,
  readPagemap,
  type PageRun,
} from './pagemap.ts';

const PAGE = 4096;
const MAGIC = '1943565425400856';

/** An image of these messages, each given as its length and its bytes. */
function imageOf(...messages: readonly string[]): Buffer {
  return Buffer.from(`${MAGIC}${messages.join('')}`.replaceAll(' ', ''), 'hex');
}

describe("criu's pagemap", () => {
  test('is read as criu 4.1 writes it', () => {
    const bytes = imageOf(
      '02000000 0801',
      '0c000000 0880e0efbfb0b715 1001 2004',
      '0d000000 0880a0e5d8b2b715 108002 2002',
    );
    expect(readPagemap(bytes)).toEqual({
      pagesId: 1,
      runs: [
        { address: 0x55bb07fbf000, pages: 1, flags: PRESENT_PAGES },
        { address: 0x55bb2b195000, pages: 256, flags: LAZY_PAGES },
      ],
    });
  });

  test('is read as older versions wrote it, without flags, and as newer ones do, with a larger count', () => {
    const bytes = imageOf(
      '02000000 0801',
      '05000000 088020 1002',
      '07000000 088040 1001 1801',
      '07000000 088060 2803 2004',
    );
    expect(readPagemap(bytes)?.runs).toEqual([
      { address: 0x1000, pages: 2, flags: PRESENT_PAGES },
      { address: 0x2000, pages: 1, flags: PARENT_PAGES },
      { address: 0x3000, pages: 3, flags: PRESENT_PAGES },
    ]);
  });

  test('that we write is read as it was meant', () => {
    const pagemap = {
      pagesId: 7,
      runs: [
        { address: 0x7fff12345000, pages: 1, flags: PARENT_PAGES },
        { address: 0x7fff12346000, pages: 300_000, flags: PRESENT_PAGES },
      ],
    };
    expect(readPagemap(pagemapBytes(pagemap))).toEqual(pagemap);
  });

  test('with flags that nobody here knows, or of another form, is none', () => {
    expect(readPagemap(imageOf('02000000 0801', '07000000 088020 1001 2008'))).toBeUndefined();
    expect(readPagemap(Buffer.from('no image'))).toBeUndefined();
    expect(readPagemap(Buffer.alloc(0))).toBeUndefined();
  });

  test('that is not there to its end is none, wherever it ends', () => {
    const whole = imageOf('02000000 0801', '0c000000 0880e0efbfb0b715 1001 2004');
    const ends = [14, 30];
    for (let length = 0; length < whole.length; length += 1)
      expect(readPagemap(whole.subarray(0, length)) === undefined, `${length}`).toBe(!ends.includes(length));
  });
});

test('pages that follow each other become one run when they are in the same place', () => {
  const runs: PageRun[] = [];
  addRun(runs, { address: 0, pages: 2, flags: PARENT_PAGES });
  addRun(runs, { address: 2 * PAGE, pages: 0, flags: PRESENT_PAGES });
  addRun(runs, { address: 2 * PAGE, pages: 1, flags: PARENT_PAGES });
  addRun(runs, { address: 3 * PAGE, pages: 1, flags: PRESENT_PAGES });
  addRun(runs, { address: 5 * PAGE, pages: 1, flags: PRESENT_PAGES });
  expect(runs).toEqual([
    { address: 0, pages: 3, flags: PARENT_PAGES },
    { address: 3 * PAGE, pages: 1, flags: PRESENT_PAGES },
    { address: 5 * PAGE, pages: 1, flags: PRESENT_PAGES },
  ]);
});

describe('pages are cut', () => {
  const at = (first: number, pages: number) => ({ address: first * PAGE, pages });

  test('where others begin and end', () => {
    const others = [at(0, 1), at(2, 3), at(7, 1), at(12, 4)];
    const parts = [...cut([at(1, 3), at(4, 5), at(12, 1)], others)];
    expect(parts.map(({ address, pages, within }) => [address / PAGE, pages, within])).toEqual([
      [1, 1, undefined],
      [2, 2, others[1]],
      [4, 1, others[1]],
      [5, 2, undefined],
      [7, 1, others[2]],
      [8, 1, undefined],
      [12, 1, others[3]],
    ]);
  });

  test('so that none is longer than may be', () => {
    const parts = [...cut([at(0, 5)], [at(0, 10)], 2)];
    expect(parts.map(({ pages }) => pages)).toEqual([2, 2, 1]);
  });
});
