/** What an operator has chosen for a report so far, and the request it becomes. */
import type { CallInput } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { ReportFormat, ReportTable } from '../../common/model/report-kinds.ts';
import { failure, success, type Result } from '../../common/model/result.ts';

export type Request = CallInput<'previewReport'>['request'];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Ranges that end now, by the name they are chosen with. */
export const SPANS = [
  { name: 'Last hour', span: HOUR },
  { name: 'Last 24 hours', span: DAY },
  { name: 'Last 7 days', span: 7 * DAY },
  { name: 'Last 30 days', span: 30 * DAY },
  { name: 'Last 90 days', span: 90 * DAY },
] as const;
export const OWN_RANGE = 'From … to …';

/** Every form as it is chosen. */
export const FORMATS: Readonly<Record<ReportFormat, { readonly title: string; readonly about: string }>> = {
  html: { title: 'HTML', about: 'One file with everything in it, for any browser; prints well.' },
  pdf: { title: 'PDF', about: 'The same as pages, ready to be sent.' },
  csv: { title: 'CSV', about: 'One table for a spreadsheet.' },
  json: { title: 'JSON', about: 'Everything, for programs.' },
  md: { title: 'Markdown', about: 'A summary without the single migrations, for a ticket or a wiki.' },
};

/** Every table as it is chosen. */
export const TABLES: Readonly<Record<ReportTable, string>> = {
  migrations: 'Migrations',
  nodes: 'Statistics of nodes',
  actions: "Operators' actions",
  states: 'When nodes were not up',
  load: 'Load over time',
};

export interface Draft {
  /** A name of SPANS, or OWN_RANGE. */
  readonly span: string;
  /** As a field of day and time has them; only of an own range. */
  readonly from: string;
  readonly to: string;
  /** Ids of nodes and names of groups; none for all. */
  readonly nodes: readonly string[];
  readonly groups: readonly string[];
  readonly command: string;
  readonly format: ReportFormat;
  readonly table: ReportTable;
  readonly folder: string;
}

export const EMPTY_DRAFT: Draft = {
  span: 'Last 24 hours',
  from: '',
  to: '',
  nodes: [],
  groups: [],
  command: '',
  format: 'html',
  table: 'migrations',
  folder: '',
};

/** The request of a draft at a time. Problems: bad-input. */
export function requestOf(draft: Draft, now: number): Result<Request> {
  const { nodes, groups, command } = draft;
  const span = SPANS.find(({ name }) => name === draft.span)?.span;
  const from = span === undefined ? Date.parse(draft.from) : now - span;
  const to = span === undefined ? Date.parse(draft.to) : now;
  if (Number.isNaN(from) || Number.isNaN(to)) return failure(bad('Give the begin and the end of the range.'));
  if (from >= to) return failure(bad('The end of the range must be after its begin.'));
  if (from >= now) return failure(bad('The range lies in the future.'));
  return success({
    from,
    to: Math.min(to, now),
    nodes: [...nodes],
    groups: [...groups],
    command: command.trim(),
  });
}

function bad(words: string): Problem {
  return problem('bad-input', words);
}
