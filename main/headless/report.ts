/** `mosview report`: a report from the files of a data folder, to a file or to standard output. */
import type { Writable } from 'node:stream';
import type { Problem } from '../../common/contract/problem.ts';
import type { ReportProgress } from '../../common/model/report.ts';
import { success, type Result } from '../../common/model/result.ts';
import { operatorName } from '../control/who.ts';
import { openFolderSource } from '../report/folder-source.ts';
import { printReport, writeReport } from '../report/index.ts';
import type { ReportCommand } from './report-arguments.ts';

export interface ReportSurroundings {
  readonly dataFolder: string;
  readonly version: string;
  readonly output: Writable;
  /** Aborted when the program is told to end. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReportProgress) => void;
  readonly onProblem: (problem: Problem) => void;
}

/** Makes the report; the size of its file, undefined on standard output. Problems: those of reports and of a folder's files. */
export async function makeReport(
  { request, format, table, file, settingsFile }: ReportCommand,
  { dataFolder, version, output, signal, onProgress, onProblem }: ReportSurroundings,
): Promise<Result<{ readonly bytes: number } | undefined>> {
  const source = await openFolderSource({ dataFolder, settingsFile }, (trouble) => {
    // What was cut off with the report is not worth a word.
    if (!signal.aborted) onProblem(trouble);
  });
  if (!source.ok) return source;
  // A server that hangs must not hold up who wants to end.
  signal.addEventListener('abort', () => void source.value.history.server?.close());
  try {
    const order = {
      source: source.value,
      request,
      who: operatorName(),
      now: Date.now(),
      version,
      signal,
      onProgress,
    };
    if (file !== undefined) return await writeReport(order, { format, table }, file);
    const printed = await printReport(order, { format, table }, output);
    return printed.ok ? success(undefined) : printed;
  } finally {
    await source.value.close();
  }
}

/** How far it is, as one line: `Report: 412,000 of 1,000,000 migrations, 58 %`. */
export function reportProgressLine({ done, total, share }: ReportProgress): string {
  const percent = `${Math.floor(100 * share)} %`;
  if (total === 0) return `Report: looking, ${percent}`;
  return `Report: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} migrations, ${percent}`;
}
