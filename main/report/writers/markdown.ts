/** A report as Markdown, for a ticket, a wiki or a mail: the charts become lines of blocks. */
import { assertNever } from '../../../common/model/result.ts';
import { meanOf } from '../effect.ts';
import type { Blocks, Cell, ChartBlock, Column, TableBlock } from '../model.ts';
import { cellWords, dateAndMinute, isNumber, isShown, shownColumns } from '../words.ts';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const BLOCK_COUNT = 60;

/** Writes a report. */
export async function* writeMarkdown(blocks: Blocks): AsyncGenerator<string> {
  for await (const block of blocks) {
    switch (block.kind) {
      case 'title':
        yield `# ${escaped(block.title)}\n\n${escaped(block.subtitle)}\n\n`;
        break;
      case 'section':
        yield `## ${escaped(block.title)}\n\n${block.about === '' ? '' : `${escaped(block.about)}\n\n`}`;
        break;
      case 'facts': {
        const lines = block.facts
          .filter(isShown)
          .map((fact) => `- ${fact.title}: ${escaped(cellWords(fact.value, fact))}\n`);
        yield `${lines.join('')}\n`;
        break;
      }
      case 'note':
        yield `${block.warning ? '> **Note:** ' : '> '}${escaped(block.text)}\n\n`;
        break;
      case 'chart':
        yield chartLine(block);
        break;
      case 'table':
        yield* tableLines(block);
        break;
      default:
        assertNever(block);
    }
  }
}

/** A text that Markdown shows as it is. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|#~]/g, String.raw`\$&`);
}

async function* tableLines({ title, empty, columns, rows }: TableBlock): AsyncGenerator<string> {
  const shown = shownColumns(columns);
  yield `### ${escaped(title)}\n\n`;
  let isEmpty = true;
  for await (const page of rows) {
    if (isEmpty) {
      yield line(shown.map(([column]) => escaped(column.title)));
      yield line(shown.map(([{ kind }]) => (isNumber(kind) ? '---:' : '---')));
      isEmpty = false;
    }
    yield page.map((row) => line(shown.map(([column, index]) => cell(row[index] ?? null, column)))).join('');
  }
  yield isEmpty ? `${escaped(empty)}\n\n` : '\n';
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function cell(value: Cell, column: Column): string {
  return escaped(cellWords(value, column));
}

/** The chart's middle line as blocks; a blank where nothing was recorded. */
function chartLine({ title, unit, from, to, times, lines }: ChartBlock): string {
  const series = lines[lines.length >> 1];
  if (series === undefined) return '';
  const bins = Array.from({ length: BLOCK_COUNT }, (): number[] => []);
  for (const [index, time] of times.entries()) {
    const bin = Math.min(BLOCK_COUNT - 1, Math.floor(((time - from) / (to - from)) * BLOCK_COUNT));
    bins[bin]?.push(series.values[index] ?? NaN);
  }
  const means = bins.map(meanOf);
  const most = Math.max(...means.filter((value) => !Number.isNaN(value)), 0);
  const blocks = means.map((value) => {
    if (Number.isNaN(value)) return ' ';
    return BLOCKS[Math.min(7, Math.floor((value / (most || 1)) * 8))] ?? BLOCKS[0];
  });
  const highest = most.toLocaleString('en', { maximumFractionDigits: 1 });
  return [
    `**${escaped(title)}** (${escaped(unit)}; highest ${highest})\n`,
    '```',
    blocks.join(''),
    `${dateAndMinute(from)} to ${dateAndMinute(to)}`,
    '```\n\n',
  ].join('\n');
}
