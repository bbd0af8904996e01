/** Joins lines of two histories in time: where the preferred one has a gap, the other's points stand. Pure functions. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import type { Resolution } from '../../../common/model/retention.ts';
import type { Series } from '../../../common/model/history.ts';
import type { Span } from './segments.ts';

type ClusterAnswer = HistoryAnswer<'clusterHistory'>;

/** How an answer was asked for and what it is made of: [from, to), so many pixels, seconds per value. */
export interface Pixels extends Span {
  readonly pixels: number;
  readonly resolution: Resolution;
}

type Numbers = Series['times'];

/** Points of several values each, in order of time. A gap is a point without any value that counts. */
interface Line {
  readonly times: Numbers;
  readonly columns: readonly Numbers[];
  /** The first so many columns tell whether a point is a gap: all of them NaN. */
  readonly deciding: number;
  /** Milliseconds that a point stands for. */
  readonly step: number;
}

/** A point with a value: its place in the line it comes from. */
interface Row {
  readonly time: number;
  readonly of: Line;
  readonly row: number;
}

/** Series of a node with their gaps filled from another history's, which are in the same order. */
export function joinSeries(
  preferred: readonly Series[],
  pixels: Pixels,
  others: readonly Series[],
  otherPixels: Pixels,
): readonly Series[] {
  return preferred.map((series, index) => {
    const other = others[index];
    if (other === undefined) return series;
    const line = fillGaps(
      lineOfSeries(series, stepOf(pixels)),
      lineOfSeries(other, stepOf(otherPixels)),
      pixels,
    );
    const [mean = line.times, min = line.times, max = line.times] = line.columns;
    return { metric: series.metric, times: line.times, min, max, mean };
  });
}

/** The cluster over time with its gaps filled from another history's answer to the same question. */
export function joinCluster(
  preferred: ClusterAnswer,
  other: ClusterAnswer,
  asked: Omit<Pixels, 'resolution'>,
): ClusterAnswer {
  const [line, otherLine] = [preferred, other].map((answer) =>
    lineOfCluster(answer, stepOf({ ...asked, resolution: answer.resolution })),
  ) as [Line, Line];
  const { times, columns, deciding } = fillGaps(line, otherLine, asked);
  const column = (index: number): Numbers => columns[index] ?? times;
  return {
    times,
    series: preferred.series.map(({ metric }, index) => ({
      metric,
      times,
      mean: column(index),
      min: column(deciding + 2 * index),
      max: column(deciding + 2 * index + 1),
    })),
    efficiency: column(3 * deciding),
    nodes: column(3 * deciding + 1),
    resolution: other.resolution < preferred.resolution ? other.resolution : preferred.resolution,
  };
}

/** Whether any series lacks values anywhere in what was asked for; so where there is none. */
export function lacksAny(
  answer: { readonly series: readonly Series[] } | undefined,
  pixels: Pixels | undefined,
): boolean {
  if (answer === undefined || pixels === undefined) return true;
  return answer.series.some((series) => {
    const line = lineOfSeries(series, stepOf(pixels));
    const rows = valueRows(line);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined || rows.length < line.times.length) return true;
    return first.time - pixels.from > 2 * line.step || pixels.to - last.time > 2 * line.step;
  });
}

/** The preferred line with its gaps in [from, to) filled from the other. */
function fillGaps(preferred: Line, other: Line, range: Span): Line {
  const step = Math.max(preferred.step, other.step);
  const own = valueRows(preferred);
  const holes = holesOf(own, range, step);
  const others = valueRows(other).filter(({ time }) =>
    holes.some((hole) => time >= hole.from && time < hole.to),
  );
  const points: (Row | number)[] = [];
  let before: Row | undefined;
  for (const row of [...own, ...others].sort((one, next) => one.time - next.time)) {
    if (before !== undefined && isParted(before, row, step)) points.push(gridFloor(before.time, step) + step);
    points.push(row);
    before = row;
  }
  return {
    times: Float64Array.from(points, (point) => (typeof point === 'number' ? point : point.time)),
    columns: preferred.columns.map((_column, index) =>
      Float64Array.from(points, (point) =>
        typeof point === 'number' ? NaN : (point.of.columns[index]?.[point.row] ?? NaN),
      ),
    ),
    deciding: preferred.deciding,
    step,
  };
}

/** Where a line has no values: before its first, after its last, and where a gap stands between two. */
function holesOf(rows: readonly Row[], { from, to }: Span, step: number): readonly Span[] {
  const holes: Span[] = [];
  let begin = from;
  let before: Row | undefined;
  for (const row of rows) {
    if (before === undefined || isParted(before, row, step)) {
      holes.push({ from: begin, to: gridFloor(row.time, step) });
    }
    begin = gridFloor(row.time, step) + step;
    before = row;
  }
  return [...holes, { from: begin, to }];
}

/** Whether a gap stands between two points that follow each other; those of two lines may be two steps apart. */
function isParted(one: Row, next: Row, step: number): boolean {
  return one.of === next.of ? next.row > one.row + 1 : next.time - one.time > 2 * step;
}

function lineOfSeries({ times, min, max, mean }: Series, step: number): Line {
  return { times, columns: [mean, min, max], deciding: 1, step };
}

function lineOfCluster({ times, series, efficiency, nodes }: ClusterAnswer, step: number): Line {
  const ends = series.flatMap(({ min, max }) => [min, max]);
  const columns = [...series.map(({ mean }) => mean), ...ends, efficiency, nodes];
  return { times, columns, deciding: series.length, step };
}

/** Milliseconds that a point stands for. */
function stepOf({ from, to, pixels, resolution }: Pixels): number {
  return 1000 * resolution * Math.max(1, Math.ceil((to - from) / 1000 / pixels / resolution));
}

function valueRows(line: Line): readonly Row[] {
  const { times, columns, deciding } = line;
  const isValue = (row: number): boolean =>
    columns.slice(0, deciding).some((column) => !Number.isNaN(column[row]));
  return [...times].flatMap((time, row) => (isValue(row) ? [{ time, of: line, row }] : []));
}

function gridFloor(time: number, step: number): number {
  return Math.floor(time / step) * step;
}
