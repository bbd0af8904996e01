/** Tables for a terminal. What nodes chose is cleaned of control characters, so that it cannot move the cursor. */
import { printable } from './terminal-prompter.ts';

/** A column: its head, and `right` for numbers. */
export type Column = readonly [head: string, side: 'left' | 'right'];

/** Rows under their heads; line feeds in a cell become blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(([head]) => head), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  return cells
    .map((row) =>
      columns
        .map(([, side], index) => {
          const cell = row[index] ?? '';
          const width = widths[index] ?? 0;
          return side === 'left' ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
