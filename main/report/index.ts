/** Reports: built block by block, written in one of five forms, to a file that is whole or not there, or to a stream. */
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problem, ProblemError } from '../../common/contract/problem.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import type { ReportFormat, ReportTable } from '../../common/model/report-kinds.ts';
import { writeOutputFile } from '../output-file.ts';
import { fileProblem, makeFolder } from '../settings/files.ts';
import { reportBlocks, reportTable, type ReportOptions } from './build.ts';
import { writeCsv } from './writers/csv.ts';
import { writeHtml } from './writers/html.ts';
import { writeJson } from './writers/json.ts';
import { writeMarkdown } from './writers/markdown.ts';

export type { ReportOptions } from './build.ts';
export type { ReportSource } from './source.ts';

/** How a report is written. */
export interface ReportForm {
  readonly format: ReportFormat;
  /** Which table CSV has. */
  readonly table: ReportTable;
}

/** What a caller says of a report; the rest follows from its form. */
export type ReportOrder = Omit<ReportOptions, 'migrationRows'>;

/**
 * Makes a report and writes it to a file, which gets its name when it is whole; the folder is made where it is missing.
 * Problems: bad-input and not-found (range, nodes, groups, nothing recorded), cancelled, those of the history and of
 * writing a file. With a problem nothing is left of it.
 */
export async function writeReport(
  order: ReportOrder,
  form: ReportForm,
  file: string,
): Promise<Result<{ readonly bytes: number }>> {
  return attempt(order.signal, `The report ${file} could not be written`, async () => {
    makeFolder(dirname(file));
    return { bytes: await writeOutputFile(file, pieces(order, form), order.signal) };
  });
}

/**
 * Makes a report and writes it to a stream, which is left open; a reader that has read enough (`head`) ends it well.
 * Problems: as writeReport.
 */
export async function printReport(order: ReportOrder, form: ReportForm, to: Writable): Promise<Result<void>> {
  return attempt(order.signal, 'The report could not be written', async () => {
    try {
      await pipeline(pieces(order, form), to, { end: false, signal: order.signal });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    }
  });
}

/** A report as a page to look at, with so many migrations at most. Problems: as writeReport. */
export async function previewReport(order: ReportOrder, migrationRows: number): Promise<Result<string>> {
  return attempt(order.signal, 'The report could not be made', async () => {
    let page = '';
    for await (const part of writeHtml(reportBlocks({ ...order, migrationRows }))) page += part;
    return page;
  });
}

/** The report piece by piece; it is not made faster than it is taken. */
async function* pieces(order: ReportOrder, form: ReportForm): AsyncGenerator<string | Uint8Array, void> {
  yield* await writerOf(order, form);
}

async function writerOf(
  order: ReportOrder,
  { format, table }: ReportForm,
): Promise<AsyncIterable<string | Uint8Array>> {
  const whole = { ...order, migrationRows: Infinity };
  switch (format) {
    case 'html':
      return writeHtml(reportBlocks(whole));
    case 'json':
      return writeJson(reportBlocks(whole));
    case 'md':
      return writeMarkdown(reportBlocks({ ...order, migrationRows: 0 }));
    case 'csv':
      return writeCsv(await reportTable(whole, table));
    case 'pdf': {
      // Only who wants a PDF waits for its library.
      const { writePdf } = await import('./writers/pdf.ts');
      return writePdf(reportBlocks(whole));
    }
    default:
      return assertNever(format);
  }
}

/** Does what may fail for reasons outside the program; `what` says in words what could not be done then. */
async function attempt<Value>(
  signal: AbortSignal,
  what: string,
  work: () => Promise<Value>,
): Promise<Result<Value>> {
  try {
    return success(await work());
  } catch (error) {
    if (signal.aborted) {
      return failure(problem('cancelled', 'The report was cancelled; nothing of it was kept.'));
    }
    if (error instanceof ProblemError) return failure(error.problem);
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      return failure(fileProblem(error, what));
    throw error;
  }
}
