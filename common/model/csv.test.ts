/** Comma-separated values. */
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';

describe('a line', () => {
  it('ends as RFC 4180 says', () => {
    expect(csvLine(['node1', 3, 1.5])).toBe('node1,3,1.5\r\n');
  });

  it('quotes commas, quotes and line ends', () => {
    expect(csvLine(['a,b', 'say "x"', 'two\nlines'])).toBe('"a,b","say ""x""","two\nlines"\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('makes no formula of %j', (text) => {
    expect(csvLine([text])).toContain(`'${text}`);
  });

  it('leaves a number that is not there empty, and negative ones numbers', () => {
    expect(csvLine([NaN, -5])).toBe(',-5\r\n');
  });
});
