/** The options of `mosview report`. */
import { extname, resolve } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import type { ReportRequest } from '../../common/model/report.ts';
import {
  REPORT_FORMATS,
  REPORT_TABLES,
  type ReportFormat,
  type ReportTable,
} from '../../common/model/report-kinds.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { CommonArguments } from './arguments.ts';
import { typedMoment } from './duration.ts';

export type ReportCommand = {
  readonly name: 'report';
  readonly request: ReportRequest;
  readonly format: ReportFormat;
  readonly table: ReportTable;
  /** Absolute; undefined for standard output. */
  readonly file: string | undefined;
} & CommonArguments;

/** What its options say, as the shell gave them. */
export interface ReportValues {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly node?: readonly string[] | undefined;
  readonly group?: readonly string[] | undefined;
  readonly command?: string | undefined;
  readonly format?: string | undefined;
  readonly table?: string | undefined;
  readonly output?: string | undefined;
}

export const REPORT_OPTIONS = [
  'since',
  'until',
  'node',
  'group',
  'command',
  'format',
  'table',
  'output',
] as const satisfies readonly (keyof ReportValues)[];

export const REPORT_HELP = `  mosview report [--since 7d] [-o FILE]  load, migrations and operators' actions of a time, also beside an open window
      --until MOMENT                         its end, now by default; both take 7d (ago), 2026-11-24 or 2026-11-24T06:00
      --format html|pdf|csv|json|md          by the file's ending where it is not given, otherwise md
      --table ${REPORT_TABLES.join('|')}   which one csv has, migrations by default
      --node N, --group NAME, --command TEXT only these nodes (again for more), migrations of groups, of such names;
                                             N is a number, a name, or where these are of several nodes a key such as id:5`;

const ENDINGS: ReadonlyMap<string, ReportFormat> = new Map([
  ...REPORT_FORMATS.map((format) => [`.${format}`, format] as const),
  ['.htm', 'html'],
  ['.markdown', 'md'],
]);
const LONGEST_COMMAND = 100;

/** Reads the options. Relative files are in `folder`. Problems: bad-input. */
export function parseReport(
  values: ReportValues,
  common: CommonArguments,
  folder: string,
  now = Date.now(),
): Result<ReportCommand> {
  const { since = '7d', until, node = [], group = [], command = '', output = '-' } = values;
  const from = typedMoment(since, now);
  const to = until === undefined ? now : typedMoment(until, now);
  if (from === undefined || to === undefined) {
    const [option, text] = from === undefined ? ['since', since] : ['until', until];
    return bad(`--${option} takes 7d (ago), 2026-11-24 or 2026-11-24T06:00, not "${text}"`);
  }
  if (from >= now) return bad('The report would begin in the future (--since)');
  if (from >= to) return bad('The end of the report (--until) must be after its begin (--since)');
  if (command.length > LONGEST_COMMAND) return bad(`--command takes at most ${LONGEST_COMMAND} characters`);
  if (output === '') return bad('-o takes the name of a file, or - for the standard output');
  const byName = output === '-' ? 'md' : ENDINGS.get(extname(output).toLowerCase());
  const format = values.format ?? (values.table === undefined ? byName : 'csv');
  if (format === undefined) {
    return bad(`Say with --format what "${output}" is to be: ${REPORT_FORMATS.join(', ')}`);
  }
  if (!isOneOf(REPORT_FORMATS, format)) {
    return bad(`--format takes ${REPORT_FORMATS.join(', ')}, not "${format}"`);
  }
  const table = values.table ?? 'migrations';
  if (!isOneOf(REPORT_TABLES, table)) return bad(`--table takes ${REPORT_TABLES.join(', ')}, not "${table}"`);
  if (values.table !== undefined && format !== 'csv')
    return bad('--table is only for csv; the others have all tables');
  return success({
    name: 'report',
    request: {
      from: Math.max(0, from),
      to: Math.min(to, now),
      nodes: [...node],
      groups: [...group],
      command,
    },
    format,
    table,
    file: output === '-' ? undefined : resolve(folder, output),
    ...common,
  });
}

function isOneOf<Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text);
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}
