/**
 * A report as a stream of blocks, whatever it is written as: titles, facts, charts, notes, and tables whose rows come in
 * pages, so that no table is ever in memory as a whole. Writers turn blocks into text; `words.ts` turns cells into words.
 */

/** A node in a cell; id 0 stands for one that is not known. */
export interface NodeCell {
  readonly id: number;
  readonly name: string;
}

/** What a column or a fact holds, so that each writer can say it in its own way. */
export type Kind =
  /** Foreign or own text. */
  | 'text'
  /** Milliseconds since 1970. */
  | 'time'
  /** Seconds of a span. */
  | 'seconds'
  /** Milliseconds of a short span. */
  | 'milliseconds'
  | 'count'
  /** A number that names something: of a process, of an action. */
  | 'id'
  /** A value with one decimal: loads. */
  | 'value'
  /** 0..100. */
  | 'percent'
  | 'bytes'
  /** A difference of percents, with its sign. */
  | 'points'
  | 'node';

/** What stands in a cell; null and NaN for what is not known. */
export type Cell = string | number | NodeCell | null;

export interface Column {
  /** For machines: CSV's head, JSON's key; empty for one that only people get. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly kind: Kind;
  /** Share of the width among the columns that people see; 0 for one that only machines get. */
  readonly width: number;
  /** What people read in place of a code. */
  readonly words?: Readonly<Record<string, string>>;
}

export interface Fact {
  readonly name: string;
  /** For people; empty for one that only machines get. */
  readonly title: string;
  readonly kind: Kind;
  readonly value: Cell;
}

/** Rows of a table, a page at a time. */
export type Rows = AsyncIterable<readonly (readonly Cell[])[]>;

/** A series of a chart over its times; NaN is a gap. */
export interface ChartLine {
  readonly name: string;
  readonly title: string;
  readonly values: Float64Array;
}

/** Values over time: lines, a band between the first and the last line, or bars of counts. */
export interface ChartBlock {
  readonly kind: 'chart';
  readonly name: string;
  readonly title: string;
  readonly form: 'band' | 'line' | 'bars';
  readonly from: number;
  readonly to: number;
  /** Of each value; of bars their begin. */
  readonly times: Float64Array;
  /** Of bars, milliseconds. */
  readonly step: number;
  readonly lines: readonly ChartLine[];
  /** Top of the scale where it is fixed; 0 to find a round one. */
  readonly top: number;
  readonly unit: string;
  /** Times that are marked, with their words: the operator's actions. */
  readonly marks: readonly { readonly time: number; readonly text: string }[];
  /** Spans in which something was recorded; what lies between them is shown as not recorded. */
  readonly recordings: readonly { readonly from: number; readonly to: number }[];
}

export interface TableBlock {
  readonly kind: 'table';
  readonly name: string;
  readonly title: string;
  /** What is said in place of a table without rows. */
  readonly empty: string;
  readonly columns: readonly Column[];
  /** True where it has so few rows that it should not be cut by the end of a page. */
  readonly short: boolean;
  readonly rows: Rows;
}

export type Block =
  | { readonly kind: 'title'; readonly title: string; readonly subtitle: string }
  | { readonly kind: 'section'; readonly title: string; readonly about: string }
  | {
      readonly kind: 'facts';
      readonly name: string;
      /** `figures` are set large, as what a reader sees first. */
      readonly look: 'figures' | 'list';
      readonly facts: readonly Fact[];
    }
  | { readonly kind: 'note'; readonly text: string; readonly warning: boolean }
  | ChartBlock
  | TableBlock;

/** A report as its writers take it. */
export type Blocks = AsyncIterable<Block>;

/** Rows of a table that stays on one page. */
const SHORT = 12;

/** A table whose rows are there already. */
export function tableOf(
  block: Omit<TableBlock, 'kind' | 'short' | 'rows'>,
  rows: readonly (readonly Cell[])[],
): TableBlock {
  return { kind: 'table', ...block, short: rows.length <= SHORT, rows: pageOf(rows) };
}

/** A table whose rows come later, and in any number. */
export function longTable(block: Omit<TableBlock, 'kind' | 'short'>): TableBlock {
  return { kind: 'table', short: false, ...block };
}

async function* pageOf(rows: readonly (readonly Cell[])[]): Rows {
  await Promise.resolve();
  if (rows.length > 0) yield rows;
}
