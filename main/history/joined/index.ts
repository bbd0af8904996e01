/**
 * Several histories as one: what the preferred one did not record is answered from the next. A window of a collector
 * shows so what its own machine recorded before, and a short history what a Prometheus server still has.
 */
import {
  historyQueries,
  type HistoryAnswer,
  type HistoryInput,
  type HistoryQueryName,
  type HistoryQuestion,
} from '../../../common/contract/history-queries.ts';
import type { Problem } from '../../../common/contract/problem.ts';
import type { RecordedNode } from '../../../common/model/history.ts';
import { success, type Result } from '../../../common/model/result.ts';
import type { HistoryReader } from '../types.ts';
import { joinMarks, joinStates } from './marks.ts';
import { joinMigrations } from './migrations.ts';
import { joinCluster, joinSeries, lacksAny, type Pixels } from './points.ts';
import { divide, type Segment, type Span } from './segments.ts';
import { Source, type Reach } from './source.ts';
import { joinStatistics, joinTop } from './statistics.ts';

export interface JoinOptions {
  /** Told of a history other than the first that does not answer, once until it does again. */
  readonly onProblem?: (problem: Problem) => void;
}

/**
 * Joins histories, the preferred one first; nodes are matched by their keys. Each is asked only for the time in which it
 * recorded anything: as `states` tells, or where it cannot, between the ends that `recorded` names. Where the first one
 * fails, so does the answer; another that fails is left out, and `onProblem` told. Closing it closes all.
 */
export function joinHistories(readers: readonly HistoryReader[], options: JoinOptions = {}): HistoryReader {
  const [only] = readers;
  return readers.length === 1 && only !== undefined ? only : new JoinedHistory(readers, options);
}

type Handlers = {
  readonly [Name in HistoryQueryName]: (input: HistoryInput<Name>) => Promise<Result<HistoryAnswer<Name>>>;
};

class JoinedHistory implements HistoryReader {
  readonly #sources: readonly Source[];
  readonly #handlers: Handlers = {
    recorded: () => this.#recorded(),
    history: (input) => this.#history(input),
    clusterHistory: (input) => this.#clusterHistory(input),
    statistics: (input) => this.#statistics(input),
    top: (input) => this.#top(input),
    moment: (input) => this.#moment(input),
    pastProcesses: (input) => this.#pastProcesses(input),
    states: (input) => this.#states(input),
    migrations: (input) => this.#migrations(input),
    marks: (input) => this.#marks(input),
    seconds: (input) => this.#first('seconds', input),
  };

  constructor(readers: readonly HistoryReader[], { onProblem = () => undefined }: JoinOptions) {
    this.#sources = readers.map((reader, place) => new Source(reader, place === 0, onProblem));
  }

  ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    // The schema is the question's own, which the union of all schemas cannot say.
    return this.#handlers[name](historyQueries[name].input.parse(input) as HistoryInput<Name>);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map(({ reader }) => reader.close()));
  }

  async #recorded(): Promise<Result<HistoryAnswer<'recorded'>>> {
    const answers = await this.#askAll('recorded', () => ({}));
    if (!answers.ok) return answers;
    const nodes = new Map<string, RecordedNode>();
    for (const answer of answers.value.toReversed()) {
      for (const node of answer?.nodes ?? []) nodes.set(node.key, node);
    }
    const froms = answers.value.flatMap((answer) => answer?.from ?? []);
    const tos = answers.value.flatMap((answer) => answer?.to ?? []);
    return success({
      nodes: [...nodes.values()],
      from: froms.length === 0 ? null : Math.min(...froms),
      to: tos.length === 0 ? null : Math.max(...tos),
    });
  }

  async #history(input: HistoryInput<'history'>): Promise<Result<HistoryAnswer<'history'>>> {
    const reaches = await this.#reaches();
    if (!reaches.ok) return reaches;
    const found = new Map<string, HistoryAnswer<'history'>['nodes'][number]>();
    let pixels: Pixels | undefined;
    for (const [place, source] of this.#sources.entries()) {
      const reach = reaches.value[place];
      if (reach === undefined || (place > 0 && !reachesInto(reach, input))) continue;
      const keys = input.keys.filter((key) => reach.nodes.has(key) && lacksAny(found.get(key), pixels));
      if (keys.length === 0) continue;
      const answer = await source.ask('history', { ...input, keys });
      if (!answer.ok) return answer;
      if (answer.value === undefined) continue;
      const { nodes, resolution } = answer.value;
      const more: Pixels = { ...input, resolution };
      for (const { key, series } of nodes) {
        const own = found.get(key)?.series;
        const joined =
          own === undefined || pixels === undefined ? series : joinSeries(own, pixels, series, more);
        found.set(key, { key, series: [...joined] });
      }
      pixels = pixels === undefined || resolution < pixels.resolution ? more : pixels;
    }
    // For a node that nobody knows the preferred history says so.
    if (pixels === undefined || found.size < new Set(input.keys).size) return this.#first('history', input);
    return success({
      nodes: input.keys.flatMap((key) => found.get(key) ?? []),
      resolution: pixels.resolution,
    });
  }

  async #clusterHistory(
    input: HistoryInput<'clusterHistory'>,
  ): Promise<Result<HistoryAnswer<'clusterHistory'>>> {
    const reaches = await this.#reaches();
    if (!reaches.ok) return reaches;
    const first = await this.#first('clusterHistory', input);
    if (!first.ok) return first;
    let joined = first.value;
    for (const [place, source] of this.#sources.entries()) {
      const reach = reaches.value[place];
      const pixels = { ...input, resolution: joined.resolution };
      if (place === 0 || reach === undefined || !reachesInto(reach, input)) continue;
      if (!lacksAny(joined, pixels)) break;
      const keys = input.keys?.filter((key) => reach.nodes.has(key));
      if (keys?.length === 0) continue;
      const answer = await source.ask('clusterHistory', { ...input, keys });
      if (!answer.ok) return answer;
      if (answer.value !== undefined) joined = joinCluster(joined, answer.value, input);
    }
    return success(joined);
  }

  async #statistics(input: HistoryInput<'statistics'>): Promise<Result<HistoryAnswer<'statistics'>>> {
    const parts = await this.#askSegments('statistics', input, ({ from, to }, { nodes }) => {
      const keys = input.keys?.filter((key) => nodes.has(key));
      return keys?.length === 0 ? undefined : { from, to, keys };
    });
    return parts.ok ? success(joinStatistics(parts.value.map(({ answer }) => answer))) : parts;
  }

  async #top(input: HistoryInput<'top'>): Promise<Result<HistoryAnswer<'top'>>> {
    const parts = await this.#askSegments('top', input, ({ from, to }, _reach, segments) => ({
      ...input,
      from,
      to,
      // A node high in the whole may be low in a part of it.
      limit: segments.length === 1 ? input.limit : 2000,
    }));
    if (!parts.ok) return parts;
    const lists = parts.value.map(({ answer, segment }) => ({
      nodes: answer.nodes,
      seconds: (segment.to - segment.from) / 1000,
    }));
    return success({ nodes: [...joinTop(lists, input.limit)] });
  }

  /** From the history to which the moment belongs, or the first other one that has it. */
  async #moment(input: HistoryInput<'moment'>): Promise<Result<HistoryAnswer<'moment'>>> {
    const segments = await this.#segments({ from: input.time, to: input.time + 1 });
    if (!segments.ok) return segments;
    const owner = this.#sources[segments.value[0]?.reader ?? 0];
    const inOrder = [...this.#sources].sort((one, other) => Number(other === owner) - Number(one === owner));
    for (const source of inOrder) {
      const answer = await source.ask('moment', input);
      if (!answer.ok) return answer;
      if (answer.value !== undefined && answer.value.time !== null) return success(answer.value);
    }
    return this.#first('moment', input);
  }

  /** The latest list that any of them has. */
  async #pastProcesses(
    input: HistoryInput<'pastProcesses'>,
  ): Promise<Result<HistoryAnswer<'pastProcesses'>>> {
    const answers = await this.#askAll('pastProcesses', (reach) =>
      reach.nodes.has(input.key) ? input : undefined,
    );
    if (!answers.ok) return answers;
    const [latest] = answers.value
      .filter((answer) => answer !== undefined)
      .sort((one, other) => (other.time ?? -1) - (one.time ?? -1));
    return latest === undefined ? this.#first('pastProcesses', input) : success(latest);
  }

  async #states(input: HistoryInput<'states'>): Promise<Result<HistoryAnswer<'states'>>> {
    const segments = await this.#segments(input);
    if (!segments.ok) return segments;
    const answers = await this.#askAll('states', (reach) => (reachesInto(reach, input) ? input : undefined));
    return answers.ok ? success(joinStates(answers.value, segments.value, input.limit)) : answers;
  }

  async #marks(input: HistoryInput<'marks'>): Promise<Result<HistoryAnswer<'marks'>>> {
    const segments = await this.#segments(input);
    if (!segments.ok) return segments;
    const answers = await this.#askAll('marks', (reach) => (reachesInto(reach, input) ? input : undefined));
    return answers.ok ? success(joinMarks(answers.value, segments.value)) : answers;
  }

  async #migrations(input: HistoryInput<'migrations'>): Promise<Result<HistoryAnswer<'migrations'>>> {
    const { from = 0, to = Date.now() } = input;
    const segments = await this.#segments({ from, to });
    if (!segments.ok) return segments;
    return joinMigrations(input, segments.value, async (place, query) => {
      const answer = await this.#sources[place]?.ask('migrations', query);
      return answer === undefined || answer.ok ? success(answer?.value ?? { migrations: [] }) : answer;
    });
  }

  async #first<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryInput<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    const [first] = this.#sources;
    if (first === undefined) throw new Error('There is no history to ask');
    // What a schema gives it takes, too; the types of the two cannot say so for every question at once.
    return first.reader.ask(name, input as HistoryQuestion<Name>);
  }

  /** Every history's answer in order; undefined where `question` has none for it, or where it has no answer. */
  async #askAll<Name extends HistoryQueryName>(
    name: Name,
    question: (reach: Reach) => HistoryInput<Name> | undefined,
  ): Promise<Result<readonly (HistoryAnswer<Name> | undefined)[]>> {
    const reaches = await this.#reaches();
    if (!reaches.ok) return reaches;
    const asked = await Promise.all(
      this.#sources.map(async (source, place) => {
        const reach = reaches.value[place];
        const input = reach === undefined ? undefined : question(reach);
        return input === undefined ? success(undefined) : source.ask(name, input);
      }),
    );
    return (
      asked.find((answer) => !answer.ok) ??
      success(asked.map((answer) => (answer.ok ? answer.value : undefined)))
    );
  }

  /** The answers for the segments of a range, in order of time; without those that have none. */
  async #askSegments<Name extends HistoryQueryName>(
    name: Name,
    range: Span,
    question: (segment: Segment, reach: Reach, all: readonly Segment[]) => HistoryInput<Name> | undefined,
  ): Promise<Result<readonly { readonly segment: Segment; readonly answer: HistoryAnswer<Name> }[]>> {
    const [reaches, segments] = [await this.#reaches(), await this.#segments(range)];
    if (!reaches.ok) return reaches;
    if (!segments.ok) return segments;
    const parts: { segment: Segment; answer: HistoryAnswer<Name> }[] = [];
    for (const segment of segments.value) {
      const reach = reaches.value[segment.reader];
      const input = reach === undefined ? undefined : question(segment, reach, segments.value);
      const answer = input === undefined ? undefined : await this.#sources[segment.reader]?.ask(name, input);
      if (answer?.ok === false) return answer;
      if (answer?.value !== undefined) parts.push({ segment, answer: answer.value });
    }
    return success(parts);
  }

  async #segments(range: Span): Promise<Result<readonly Segment[]>> {
    const reaches = await this.#reaches();
    return reaches.ok
      ? success(
          divide(
            reaches.value.map(({ spans }) => spans),
            range,
          ),
        )
      : reaches;
  }

  async #reaches(): Promise<Result<readonly Reach[]>> {
    const reaches = await Promise.all(this.#sources.map((source) => source.reach()));
    return (
      reaches.find((reach) => !reach.ok) ??
      success(reaches.flatMap((reach) => (reach.ok ? [reach.value] : [])))
    );
  }
}

function reachesInto({ spans }: Reach, { from, to }: Span): boolean {
  return spans.some((span) => span.from < to && span.to > from);
}
