/** Numbers as people write them; JavaScript alone would also take `0x10`, `1e3`, blanks and the empty text. */

/** The number that one to nine decimal digits write; NaN for everything else. */
export function wholeNumber(digits: string): number {
  return /^\d{1,9}$/.test(digits) ? Number(digits) : NaN;
}
