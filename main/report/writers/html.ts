/**
 * A report as one page of HTML that needs nothing else: the style inside, charts as SVG, no script. Its own content
 * security policy allows the style and nothing more, so that no name of a process can ever do anything in it.
 */
import { assertNever } from '../../../common/model/result.ts';
import { CHART_HEIGHT, CHART_WIDTH, chartShapes, type Shape } from '../chart.ts';
import type { Blocks, Cell, ChartBlock, Column, Fact, TableBlock } from '../model.ts';
import { REPORT_STYLE, REPORT_STYLE_SOURCE } from '../style.ts';
import { cellWords, isNumber, isShown, shownColumns } from '../words.ts';

/** Longer names of nodes are broken where they must. */
const LONG_NAME = 20;

/** Writes a report. */
export async function* writeHtml(blocks: Blocks): AsyncGenerator<string> {
  for await (const block of blocks) {
    switch (block.kind) {
      case 'title':
        yield head(`${block.title}, ${block.subtitle}`);
        yield `<h1>${escaped(block.title)}</h1>\n<p class="range">${escaped(block.subtitle)}</p>\n`;
        break;
      case 'section':
        yield `<h2>${escaped(block.title)}</h2>\n`;
        if (block.about !== '') yield `<p class="about">${escaped(block.about)}</p>\n`;
        break;
      case 'facts':
        yield facts(block.facts, block.look === 'figures' ? 'figures' : 'facts');
        break;
      case 'note':
        yield `<p class="note${block.warning ? ' warning' : ''}">${escaped(block.text)}</p>\n`;
        break;
      case 'chart':
        yield `<figure>${svg(block)}</figure>\n`;
        break;
      case 'table':
        yield* table(block);
        break;
      default:
        assertNever(block);
    }
  }
  yield '</body>\n</html>\n';
}

function head(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${REPORT_STYLE_SOURCE}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="mosview">
<title>${escaped(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
`;
}

function facts(list: readonly Fact[], look: string): string {
  const items = list.filter(isShown).map((fact) => {
    const pair = `<dt>${escaped(fact.title)}</dt><dd>${escaped(cellWords(fact.value, fact))}</dd>`;
    return look === 'figures' ? `<div>${pair}</div>` : pair;
  });
  return `<dl class="${look}">\n${items.join('\n')}\n</dl>\n`;
}

async function* table({ title, empty, columns, short, rows }: TableBlock): AsyncGenerator<string> {
  const shown = shownColumns(columns);
  const heads = shown.map(
    ([column]) => `<th scope="col"${classOf(column, column.title)}>${escaped(column.title)}</th>`,
  );
  let isEmpty = true;
  for await (const page of rows) {
    if (isEmpty) {
      yield `<table${short ? ' class="short"' : ''}>\n<caption>${escaped(title)}</caption>\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n`;
      isEmpty = false;
    }
    yield page.map((row) => rowOf(row, shown)).join('');
  }
  yield isEmpty
    ? `<h3>${escaped(title)}</h3>\n<p class="empty">${escaped(empty)}</p>\n`
    : '</tbody>\n</table>\n';
}

function rowOf(row: readonly Cell[], shown: readonly (readonly [Column, number])[]): string {
  const cells = shown.map(([column, index]) => {
    const words = cellWords(row[index] ?? null, column);
    return `<td${classOf(column, words)}>${escaped(words)}</td>`;
  });
  return `<tr>${cells.join('')}</tr>\n`;
}

/** Numbers stand at the right; times and names of the usual length are not broken. */
function classOf({ kind, words: codes }: Column, words: string): string {
  if (isNumber(kind)) return ' class="n"';
  const isShort = codes !== undefined || (kind === 'node' && words.length <= LONG_NAME);
  return kind === 'time' || isShort ? ' class="t"' : '';
}

/** A chart as a picture of its own. */
function svg(chart: ChartBlock): string {
  const shapes = chartShapes(chart).map(element).join('');
  return `<svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" role="img" aria-label="${escaped(chart.title)}">${shapes}</svg>`;
}

function element(shape: Shape): string {
  if (shape.kind === 'text') {
    const { x, y, anchor, fill, text } = shape;
    return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}">${escaped(text)}</text>`;
  }
  const { path, fill = 'none', stroke, width } = shape;
  const line =
    stroke === undefined ? '' : ` stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"`;
  return `<path d="${path}" fill="${fill}"${line}/>`;
}

/** Text that is only text, also inside an attribute. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
