/** The report itself: which blocks it has and in which order, whatever it is written as. */
import { countWords } from '../../common/model/count-words.ts';
import type { ReportProgress, ReportRequest } from '../../common/model/report.ts';
import type { ReportTable } from '../../common/model/report-kinds.ts';
import { assertNever } from '../../common/model/result.ts';
import { actionsOf, actionsTable, checkpointsOf, checkpointsTable, type BriefAction } from './actions.ts';
import { takeCensus, type Census } from './census.ts';
import { coverageBlocks, coverageOf } from './coverage.ts';
import {
  loadCharts,
  loadHistory,
  loadTable,
  meansOf,
  nodesSection,
  nodesTable,
  remainingNodes,
  statisticsOf,
} from './load.ts';
import { migrationBlocks, migrationTable } from './migrations.ts';
import type { Block, Blocks, ChartBlock, TableBlock } from './model.ts';
import { selectionOf, type Selection } from './selection.ts';
import { answerIfAny, type ReportSource } from './source.ts';
import { downWords, statesTable } from './states.ts';
import { dateAndMinute, dateAndTime, spanWords, zoneWords } from './words.ts';

/** Pixels of the charts, and of the table of load for machines. */
const CHART_PIXELS = 340;
const TABLE_PIXELS = 2000;
/** Share of the work that counting takes; the rest is writing. */
const COUNTING = 0.3;
/** Actions marked on the charts. */
const MARKS = 60;

/** What a report is made with. */
export interface ReportOptions {
  readonly source: ReportSource;
  readonly request: ReportRequest;
  /** Who has it made and when, the program's version: for its head. */
  readonly who: string;
  readonly now: number;
  readonly version: string;
  /** How many migrations the list of them has at most; 0 for none of it. */
  readonly migrationRows: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReportProgress) => void;
}

/** The same with what its names mean. */
export interface ReportContext extends ReportOptions {
  readonly selection: Selection;
  /** Called when so many migrations are written, up to a time of the range. */
  onMigrations(done: number, time: number): void;
}

/** Every block of a report. Throws ProblemError, and the signal's reason when it is aborted. */
export async function* reportBlocks(options: ReportOptions): Blocks {
  const selection = await selectionOf(options.source, options.request);
  const { source, signal, now, who, version } = options;
  const { from, to } = selection;
  const progress = new Progress(options, selection, COUNTING);
  const context: ReportContext = {
    ...options,
    selection,
    onMigrations: (done, time) => progress.written(done, time),
  };
  const census = await takeCensus(source, selection, signal, (time) => progress.counted(time));
  progress.total = Math.min(census.entries, options.migrationRows);

  const load = await loadHistory(context, CHART_PIXELS);
  const statistics = await statisticsOf(context);
  const coverage = await coverageOf(context);
  const actions = await actionsOf(source, selection);
  const means = meansOf(load);

  yield {
    kind: 'title',
    title: 'Cluster report',
    subtitle: `${shortTime(from)} to ${shortTime(to)}, ${spanWords((to - from) / 1000)}`,
  };
  yield {
    kind: 'facts',
    name: 'report',
    look: 'list',
    facts: [
      { name: 'from', title: '', kind: 'time', value: from },
      { name: 'to', title: '', kind: 'time', value: to },
      { name: 'clock', title: 'Times are of', kind: 'text', value: zoneWords(from, to) },
      { name: 'about', title: 'About', kind: 'text', value: aboutWords(selection) },
      {
        name: 'made',
        title: 'Made',
        kind: 'text',
        value: `${dateAndTime(now)} by ${who}, mosview ${version}`,
      },
    ],
  };
  yield {
    kind: 'facts',
    name: 'figures',
    look: 'figures',
    facts: [
      { name: 'mean_load', title: 'mean load of a node', kind: 'value', value: means.load },
      { name: 'mean_efficiency_percent', title: 'mean efficiency', kind: 'percent', value: means.efficiency },
      { name: 'migrations', title: 'migrations', kind: 'count', value: census.moves },
      { name: 'actions', title: "operators' actions", kind: 'count', value: actions.length },
      {
        name: 'seconds_down',
        title: 'down time of nodes',
        kind: 'seconds',
        value: statistics.reduce((sum, { secondsDown }) => sum + secondsDown, 0),
      },
    ],
  };
  yield* coverageBlocks(coverage, context);

  yield { kind: 'section', title: 'Load and efficiency', about: chartWords(selection, actions) };
  const base = { selection, recordings: coverage.recordings, marks: marksOf(actions) };
  yield* loadCharts(load, base);
  yield migrationChart(census, base);
  yield* nodesSection(statistics);
  yield { kind: 'section', title: 'Down times', about: downWords(statistics) };
  yield statesTable(context);
  yield {
    kind: 'section',
    title: "Operators' actions",
    about:
      'Efficiency of the whole cluster is its mean over the five minutes before an action began, and over the five minutes after it ended.',
  };
  yield actionsTable(context, actions);
  yield checkpointsTable(await checkpointsOf(context));
  yield* migrationBlocks(census, selection);
  yield* remainingNodes(statistics);
  yield* migrationList(context, census);
  progress.end();
}

/** One table alone, for CSV. Throws ProblemError, and the signal's reason when it is aborted. */
export async function reportTable(options: ReportOptions, table: ReportTable): Promise<TableBlock> {
  const selection = await selectionOf(options.source, options.request);
  const progress = new Progress(options, selection, 0);
  const context: ReportContext = {
    ...options,
    selection,
    onMigrations: (done, time) => progress.written(done, time),
  };
  switch (table) {
    case 'migrations':
      progress.total = await entriesOf(context);
      return migrationTable(context);
    case 'nodes':
      return nodesTable(await statisticsOf(context));
    case 'actions':
      return actionsTable(context, await actionsOf(options.source, selection));
    case 'states':
      return statesTable(context);
    case 'load':
      return loadTable(context, TABLE_PIXELS);
    default:
      return assertNever(table);
  }
}

/** How many entries of the log there are; 0 where only reading them would tell. Throws ProblemError. */
async function entriesOf({ source, selection }: ReportContext): Promise<number> {
  const { from, to, allNodes, groups, command } = selection;
  if (!allNodes || groups.length > 0 || command !== '') return 0;
  const marks = await answerIfAny(source.history.ask('marks', { from, to, pixels: 1 }));
  return marks?.migrationCounts.reduce((sum, count) => sum + count, 0) ?? 0;
}

class Progress {
  total = 0;
  readonly #options: ReportOptions;
  readonly #selection: Selection;
  readonly #counting: number;

  /** `counting`: the share of the work that is counting. */
  constructor(options: ReportOptions, selection: Selection, counting: number) {
    this.#options = options;
    this.#selection = selection;
    this.#counting = counting;
  }

  counted(time: number): void {
    this.#tell(0, this.#counting * this.#part(time));
  }

  written(done: number, time: number): void {
    this.#tell(done, this.#counting + (1 - this.#counting) * this.#part(time));
  }

  end(): void {
    this.#tell(this.total, 1);
  }

  #part(time: number): number {
    const { from, to } = this.#selection;
    return Math.max(0, Math.min(1, (time - from) / (to - from)));
  }

  #tell(done: number, share: number): void {
    this.#options.onProgress({ done, total: this.total, share });
  }
}

/** To the minute, or where it is none to the second. */
function shortTime(time: number): string {
  return time % 60_000 === 0 ? dateAndMinute(time) : dateAndTime(time);
}

function aboutWords({ nodes, allNodes, groups, command }: Selection): string {
  const names = nodes.map(({ name, id }) => name || `node ${id}`);
  const chosen =
    names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
  return [
    allNodes ? `all ${countWords(names.length, 'node')}` : `${countWords(names.length, 'node')}: ${chosen}`,
    ...(groups.length === 0
      ? []
      : [
          `migrations of ${countWords(groups.length, 'group')}: ${groups.map(({ name }) => name).join(', ')}`,
        ]),
    ...(command === '' ? [] : [`migrations of processes with "${command}" in their name`]),
  ].join('; ');
}

function chartWords({ allNodes }: Selection, actions: readonly BriefAction[]): string {
  const whose = allNodes ? '' : 'Of the chosen nodes. ';
  const marks =
    actions.length === 0
      ? ''
      : actions.length > MARKS
        ? `The ${MARKS} newest of the operators' actions are marked with their numbers.`
        : "Operators' actions are marked with their numbers.";
  return `${whose}${marks}`.trim();
}

function marksOf(actions: readonly BriefAction[]): ChartBlock['marks'] {
  return actions.slice(-MARKS).map(({ begun, number }) => ({ time: begun, text: String(number) }));
}

function migrationChart(
  census: Census,
  { selection: { from, to }, ...base }: { selection: Selection } & Pick<ChartBlock, 'recordings' | 'marks'>,
): ChartBlock {
  return {
    kind: 'chart',
    name: 'migrations_over_time',
    title: 'Migrations',
    form: 'bars',
    from,
    to,
    ...base,
    times: census.times,
    step: census.step,
    lines: [{ name: 'moves', title: 'moves', values: census.bars }],
    top: 0,
    unit: `moves per ${spanWords(census.step / 1000)}`,
  };
}

/** The list of all migrations, and what is left out of it. */
function* migrationList(context: ReportContext, { entries }: Census): Generator<Block> {
  const { migrationRows: most } = context;
  yield { kind: 'section', title: 'The log of migrations', about: '' };
  if (most < entries) {
    const text =
      most === 0
        ? `The ${countWords(entries, 'entry', 'entries')} of the migration log are not listed here; the other forms of this report have them all.`
        : `Only the first ${most} of ${countWords(entries, 'entry', 'entries')} of the migration log are listed here; the report itself has them all.`;
    yield { kind: 'note', text, warning: false };
  }
  if (most > 0) yield migrationTable(context);
}
