/** One table as CSV in UTF-8: a head of names, then a line a row, times in ISO 8601 with their zone. */
import { csvLine } from '../../../common/model/csv.ts';
import type { Cell, Column, TableBlock } from '../model.ts';
import { namedColumns, plainCell, plainText } from '../words.ts';

/** Writes a table. A node takes two columns: its id, and its name as `NAME_name`; what is not known is empty. */
export async function* writeCsv({ columns, rows }: TableBlock): AsyncGenerator<string> {
  const named = namedColumns(columns);
  yield csvLine(named.flatMap(([column]) => headOf(column)));
  for await (const page of rows) {
    yield page
      .map((row) => csvLine(named.flatMap(([column, index]) => fieldsOf(row[index] ?? null, column))))
      .join('');
  }
}

function headOf({ name, kind }: Column): readonly string[] {
  return kind === 'node' ? [name, `${name}_name`] : [name];
}

function fieldsOf(cell: Cell, { kind }: Column): readonly (string | number)[] {
  const plain = plainCell(cell, kind);
  if (kind === 'node') {
    const node = typeof plain === 'object' ? plain : null;
    return node === null || node.id === 0 ? ['', ''] : [node.id, plainText(node.name)];
  }
  if (typeof plain === 'number') return [plain];
  return [typeof plain === 'string' ? plainText(plain) : ''];
}
