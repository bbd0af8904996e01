/** The words and options of the commands about the recorded past: history, migrations and checkpoint. */
import { resolve } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { isMetricName, METRICS, type MetricName } from '../../common/model/metric.ts';
import { RESOLUTIONS, type Resolution } from '../../common/model/retention.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import type { CommonArguments } from './arguments.ts';
import { milliseconds } from './duration.ts';

/** A command about the recorded past. */
export type PastCommand =
  | ({
      readonly name: 'history';
      /** A node's id or name. */
      readonly node: string;
      readonly metric: MetricName;
      /** Milliseconds. */
      readonly since: number;
      readonly points: number;
    } & CommonArguments)
  | ({
      readonly name: 'history verify';
      /** Absolute; undefined for the one of the data folder. */
      readonly file: string | undefined;
    } & CommonArguments)
  | ({ readonly name: 'history compact' } & CommonArguments)
  | ({
      readonly name: 'history export';
      /** Milliseconds. */
      readonly since: number;
      readonly every: Resolution;
      /** Ids or names; empty for all. */
      readonly nodes: readonly string[];
      readonly metrics: readonly MetricName[];
      readonly format: 'csv' | 'json';
      /** Absolute; undefined for standard output. */
      readonly output: string | undefined;
      readonly file: string | undefined;
    } & CommonArguments)
  | ({
      readonly name: 'migrations';
      /** Milliseconds. */
      readonly since: number;
      /** A node's id or name; undefined for all. */
      readonly node: string | undefined;
      readonly limit: number;
    } & CommonArguments)
  | ({ readonly name: 'checkpoint'; readonly text: string } & CommonArguments);

/** What its options say, as the shell gave them. */
export interface PastValues {
  readonly node?: readonly string[] | undefined;
  readonly metric?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly points?: string | undefined;
  readonly limit?: string | undefined;
  readonly every?: string | undefined;
  readonly format?: string | undefined;
  readonly output?: string | undefined;
  readonly file?: string | undefined;
}

/** Options by command; those of `history` with a word are checked with that word. */
export const PAST_OPTIONS = {
  history: ['node', 'metric', 'since', 'points', 'every', 'format', 'output', 'file'],
  migrations: ['since', 'node', 'limit'],
  checkpoint: [],
} as const satisfies Record<string, readonly (keyof PastValues)[]>;

const HISTORY_OPTIONS: Readonly<Record<'read' | 'verify' | 'compact' | 'export', readonly string[]>> = {
  read: ['node', 'metric', 'since', 'points'],
  verify: ['file'],
  compact: [],
  export: ['node', 'metric', 'since', 'every', 'format', 'output', 'file'],
};

export const PAST_HELP = `  mosview history --node ID --metric M  recorded values of one node, [--since 10m] [--points N]
  mosview history export [--since 7d]   every recorded value, a line per node and time; [--node N] [--metric M] (again
                                        for more) [--every 1s|10s|1m|1h] [--format csv|json] [-o FILE] [--file HISTORY]
  mosview history verify                reads all of it and says what is damaged; exit 1 then; [--file HISTORY]
  mosview history compact               writes the file anew without gaps, while nobody records
  mosview migrations [--since 1h]       migrations that a running program recorded, [--node ID] [--limit N]
  mosview checkpoint [TEXT]             marks this moment in the history, also beside a running program`;

const LARGEST_LIMIT = 10_000;
export const LIMIT_HELP = `--limit takes a number from 1 to ${LARGEST_LIMIT}`;
const LONGEST_TEXT = 500;

export function isLimit(limit: number): boolean {
  return limit >= 1 && limit <= LARGEST_LIMIT;
}

/** Reads the words and options behind the command's name. Relative files are in `folder`. Problems: bad-input. */
export function parsePast(
  name: keyof typeof PAST_OPTIONS,
  words: readonly string[],
  values: PastValues,
  common: CommonArguments,
  folder: string,
): Result<PastCommand> {
  switch (name) {
    case 'history':
      return parseHistory(words, values, common, folder);
    case 'migrations': {
      const since = milliseconds(values.since ?? '1h');
      const limit = wholeNumber(values.limit ?? '1000');
      if (since === undefined) return bad(sinceHelp(values.since));
      if (!isLimit(limit)) return bad(LIMIT_HELP);
      return success({ name, since, node: values.node?.at(-1), limit, ...common });
    }
    case 'checkpoint': {
      if (common.demoNodes !== undefined) return bad('checkpoint takes no --demo');
      const text = words.join(' ');
      return text.length > LONGEST_TEXT
        ? bad(`A checkpoint takes at most ${LONGEST_TEXT} characters`)
        : success({ name, text, ...common });
    }
    default:
      return assertNever(name);
  }
}

function parseHistory(
  [word = 'read', ...more]: readonly string[],
  values: PastValues,
  common: CommonArguments,
  folder: string,
): Result<PastCommand> {
  if (!isHistoryWord(word)) return bad(`"${word}" is nothing to do with a history; "mosview help" lists it`);
  if (more[0] !== undefined) return bad(`"${more[0]}" is one word too many after history ${word}`);
  const foreign = PAST_OPTIONS.history.find(
    (option) => values[option] !== undefined && !HISTORY_OPTIONS[word].includes(option),
  );
  if (foreign !== undefined) return bad(`history${word === 'read' ? '' : ` ${word}`} takes no --${foreign}`);
  if (word !== 'read' && common.demoNodes !== undefined) return bad(`history ${word} takes no --demo`);
  const file = values.file === undefined ? undefined : resolve(folder, values.file);
  switch (word) {
    case 'read': {
      const since = milliseconds(values.since ?? '10m');
      const points = wholeNumber(values.points ?? '1000');
      const node = values.node?.at(-1);
      const [metric] = metricsOf([values.metric?.at(-1) ?? 'load']);
      if (node === undefined) return bad('history needs --node with a node id or name');
      if (metric === undefined) return noMetric([values.metric?.at(-1) ?? '']);
      if (since === undefined) return bad(sinceHelp(values.since));
      if (!(points >= 2 && points <= 20_000)) return bad('--points takes a number from 2 to 20000');
      return success({ name: 'history', node, metric, since, points, ...common });
    }
    case 'verify':
      return success({ name: 'history verify', file, ...common });
    case 'compact':
      return success({ name: 'history compact', ...common });
    case 'export': {
      const { node: nodes = [], metric = METRICS.map((known) => known.name), format, output = '-' } = values;
      const since = milliseconds(values.since ?? '7d');
      const metrics = metricsOf(metric);
      const every = RESOLUTIONS.find((seconds) => milliseconds(values.every ?? '1s') === seconds * 1000);
      if (since === undefined) return bad(sinceHelp(values.since));
      if (every === undefined) return bad(`--every takes 1s, 10s, 1m or 1h, not "${values.every}"`);
      if (metrics.length < metric.length) return noMetric(metric);
      if (output === '') return bad('-o takes the name of a file, or - for the standard output');
      const byName = output.toLowerCase().endsWith('.json') || common.json ? 'json' : 'csv';
      if (format !== undefined && format !== 'csv' && format !== 'json') {
        return bad(`--format takes csv or json, not "${format}"`);
      }
      return success({
        name: 'history export',
        since,
        every,
        nodes,
        metrics,
        format: format ?? byName,
        output: output === '-' ? undefined : resolve(folder, output),
        file,
        ...common,
      });
    }
    default:
      return assertNever(word);
  }
}

function isHistoryWord(word: string): word is keyof typeof HISTORY_OPTIONS {
  return Object.hasOwn(HISTORY_OPTIONS, word);
}

function metricsOf(names: readonly string[]): readonly MetricName[] {
  return names.filter((name) => isMetricName(name));
}

function noMetric(names: readonly string[]): Result<never> {
  const wrong = names.find((name) => !isMetricName(name)) ?? '';
  return bad(`"${wrong}" is no metric; there are ${METRICS.map((metric) => metric.name).join(', ')}`);
}

function sinceHelp(text: string | undefined): string {
  return `--since takes a number with s, m, h or d, not "${text}"`;
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}
