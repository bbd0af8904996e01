/** A report as one JSON object, written as it comes: facts, charts and tables under their names, notes at the end. */
import { assertNever } from '../../../common/model/result.ts';
import type { Blocks, Cell, ChartBlock, Column, TableBlock } from '../model.ts';
import { isoTime, namedColumns, plainCell } from '../words.ts';

/** Writes a report. Times are ISO 8601 with their zone; what is not known is null; a node is {"id", "name"}. */
export async function* writeJson(blocks: Blocks): AsyncGenerator<string> {
  const notes: string[] = [];
  yield '{\n"format": "mosview report 1"';
  for await (const block of blocks) {
    switch (block.kind) {
      case 'title':
        yield `,\n"title": ${JSON.stringify(`${block.title}, ${block.subtitle}`)}`;
        break;
      case 'section':
        break;
      case 'facts': {
        const facts = block.facts.map(({ name, kind, value }) => [name, plainCell(value, kind)]);
        yield `,\n"${block.name}": ${JSON.stringify(Object.fromEntries(facts))}`;
        break;
      }
      case 'note':
        notes.push(block.text);
        break;
      case 'chart':
        yield `,\n"${block.name}": ${JSON.stringify(pointsOf(block))}`;
        break;
      case 'table':
        yield* tableJson(block);
        break;
      default:
        assertNever(block);
    }
  }
  yield `,\n"notes": ${JSON.stringify(notes)}\n}\n`;
}

async function* tableJson({ name, columns, rows }: TableBlock): AsyncGenerator<string> {
  const named = namedColumns(columns);
  let separator = '\n';
  yield `,\n"${name}": [`;
  for await (const page of rows) {
    const text = page.map((row) => JSON.stringify(objectOf(named, row))).join(',\n');
    yield separator + text;
    separator = ',\n';
  }
  yield '\n]';
}

function objectOf(columns: readonly (readonly [Column, number])[], row: readonly Cell[]): object {
  return Object.fromEntries(
    columns.map(([{ name, kind }, index]) => [name, plainCell(row[index] ?? null, kind)]),
  );
}

function pointsOf({ times, lines }: ChartBlock): readonly object[] {
  return Array.from(times, (time, index) => ({
    time: isoTime(time),
    ...Object.fromEntries(lines.map(({ name, values }) => [name, plainCell(values[index] ?? NaN, 'value')])),
  }));
}
