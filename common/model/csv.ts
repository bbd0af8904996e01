/**
 * Tables as comma-separated values by RFC 4180, for files that spreadsheets open. Texts come from nodes and people: one
 * that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection).
 */

/** One line with its end, CRLF. Numbers that are not finite become empty cells. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const guarded = /^[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
