/**
 * A Prometheus server as a history: values that mosview sent there, asked through its HTTP API, so that windows see
 * times that the local history does not have. It knows no processes, migrations or states, and answers empty for them; of
 * the states only when anything was recorded.
 */
import { AGE_COLUMN, COLUMN_COUNT, NODE_STATES, STATE_COLUMN } from '../../common/contract/block.ts';
import {
  historyQueries,
  type HistoryAnswer,
  type HistoryInput,
  type HistoryQueryName,
  type HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { clusterTotals } from '../../common/model/cluster.ts';
import type { NodeStatistics, RecordedNode, Series, Spread } from '../../common/model/history.ts';
import { METRICS, METRIC_INDEX, metricNamed, type MetricName } from '../../common/model/metric.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { RESOLUTIONS } from '../../common/model/retention.ts';
import type { HistoryReader } from '../history/index.ts';
import { fromPrometheus, NODE_INFO, prometheusMetric } from './catalogue.ts';
import { shownUrl } from './http.ts';
import { OurSeries } from './our-series.ts';
import { bucketsOf, pointsOf, type Buckets } from './points.ts';
import { QueryApi, type FoundSeries } from './query-api.ts';
import type { ReadSettings } from './settings.ts';

/** What the server has is asked again so often, in the background, so that no question waits for it. */
const REFRESH_MILLISECONDS = 60_000;

/** How far back is looked for the first value, and in how many steps; Prometheus answers with 11,000 at most. */
const LONGEST_MILLISECONDS = 10 * 365 * 86_400_000;
const LOOKING_STEPS = 10_000;

/** Steps in which is looked when anything was recorded in a range. */
const PRESENCE_STEPS = 2000;

export interface PrometheusHistoryOptions {
  readonly settings: ReadSettings;
  /** Labels by which our series are known. */
  readonly labels: Readonly<Record<string, string>>;
}

type Handlers = {
  readonly [Name in HistoryQueryName]: (
    input: HistoryInput<Name>,
  ) => Promise<Result<HistoryAnswer<Name>>> | Result<HistoryAnswer<Name>>;
};

export class PrometheusHistory implements HistoryReader {
  readonly #api: QueryApi;
  readonly #ours: OurSeries;
  readonly #options: PrometheusHistoryOptions;
  /** Settles when it is known what the server has, or that it does not answer. */
  readonly known: Promise<void>;
  #recorded: HistoryAnswer<'recorded'> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #handlers: Handlers = {
    recorded: () => this.#answerRecorded(),
    history: (input) => this.#history(input),
    clusterHistory: (input) => this.#clusterHistory(input),
    statistics: (input) => this.#statistics(input),
    top: (input) => this.#top(input),
    moment: (input) => this.#moment(input),
    pastProcesses: () => success({ time: null, processes: [] }),
    states: (input) => this.#states(input),
    migrations: () => success({ migrations: [] }),
    marks: () =>
      success({ checkpoints: [], migrationTimes: new Float64Array(), migrationCounts: new Float64Array() }),
    seconds: () => failure(problem('not-available', 'A Prometheus server is not asked for single seconds.')),
  };

  /** Begins to look what the server has; until that is known it does not say what is recorded. */
  constructor(options: PrometheusHistoryOptions) {
    this.#options = options;
    this.#api = new QueryApi(options.settings);
    this.#ours = new OurSeries(this.#api, options.labels);
    this.known = this.#look();
  }

  /** The address, without its query. */
  get url(): string {
    return shownUrl(this.#options.settings.url);
  }

  /** Why it did not answer the last time; undefined while all is well. */
  get problem(): Problem | undefined {
    return this.#api.problem;
  }

  ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    // The schema is the question's own, which the union of all schemas cannot say.
    return Promise.resolve(
      this.#handlers[name](historyQueries[name].input.parse(input) as HistoryInput<Name>),
    );
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#api.close();
    return Promise.resolve();
  }

  async #look(): Promise<void> {
    await this.refresh();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), REFRESH_MILLISECONDS).unref();
  }

  get #nodes(): readonly RecordedNode[] {
    return this.#recorded?.nodes ?? [];
  }

  #answerRecorded(): Result<HistoryAnswer<'recorded'>> {
    if (this.problem !== undefined) return failure(this.problem);
    return this.#recorded === undefined
      ? failure(problem('not-available', `It is not known yet what ${this.url} has.`))
      : success(this.#recorded);
  }

  /** Asks what the server has. */
  async refresh(): Promise<void> {
    const now = Date.now();
    const series = await this.#api.series(this.#ours.selector(NODE_INFO), now);
    if (!series.ok) return;
    const coarse = LONGEST_MILLISECONDS / LOOKING_STEPS;
    const rough = await this.#firstAndLast(now - LONGEST_MILLISECONDS, now, coarse);
    if (rough === undefined) {
      if (this.problem === undefined) this.#recorded = { nodes: [], from: null, to: null };
      return;
    }
    const fine = Math.ceil(coarse / LOOKING_STEPS);
    const [first, last] = [
      await this.#firstAndLast(rough.from, rough.from + coarse, fine),
      await this.#firstAndLast(rough.to - coarse, rough.to, fine),
    ];
    this.#recorded = {
      nodes: series.value.flatMap((labels) => nodeOf(labels)),
      from: first?.from ?? rough.from,
      to: last?.to ?? rough.to,
    };
  }

  /** Between which times there is anything, to one step of a clock that everybody shares; undefined for nothing. */
  async #firstAndLast(
    from: number,
    to: number,
    step: number,
  ): Promise<{ readonly from: number; readonly to: number } | undefined> {
    // However often and whoever looks, it is the same: what follows from it is, too.
    const found = await this.#ours.present(Math.floor(from / step) * step, to, step);
    const spans = found.ok ? found.value : [];
    const [first, last] = [spans[0], spans.at(-1)];
    return first === undefined || last === undefined ? undefined : { from: first.from, to: last.to };
  }

  /** No states of nodes, but when anything was recorded: a sample stands until the next one is due. */
  async #states({ from, to }: HistoryInput<'states'>): Promise<Result<HistoryAnswer<'states'>>> {
    const interval = this.#options.settings.intervalSeconds * 1000;
    const step = Math.max(2 * interval, Math.ceil((to - from) / PRESENCE_STEPS));
    const present = await this.#ours.present(from, to, step);
    if (!present.ok) return present;
    const recordings = present.value.map((span) => ({
      from: span.from,
      to: Math.min(span.to + interval, to),
    }));
    return success({ spans: [], recordings, more: false });
  }

  async #history({
    keys,
    metrics,
    ...range
  }: HistoryInput<'history'>): Promise<Result<HistoryAnswer<'history'>>> {
    const buckets = bucketsOf(range, this.#options.settings.intervalSeconds);
    const series = new Map<string, Series[]>(keys.map((key) => [key, []]));
    for (const metric of metrics) {
      const columns = await this.#ours.reduced(
        metric,
        buckets,
        (way, selector) => `${way} by (key) (${way}_over_time(${selector}))`,
        keys,
      );
      if (!columns.ok) return columns;
      for (const key of keys) {
        const own = columns.value.map((found) => valuesOf(found.find(({ labels }) => labels['key'] === key)));
        series.get(key)?.push(seriesOf(metric, own, buckets, range.from));
      }
    }
    return success({
      nodes: keys.map((key) => ({ key, series: series.get(key) ?? [] })),
      resolution: buckets.resolution,
    });
  }

  async #clusterHistory({
    keys,
    metrics,
    ...range
  }: HistoryInput<'clusterHistory'>): Promise<Result<HistoryAnswer<'clusterHistory'>>> {
    const buckets = bucketsOf(range, this.#options.settings.intervalSeconds);
    const window = `[${buckets.width}ms]`;
    const all: ReadonlyMap<number, number>[] = [];
    for (const metric of metrics) {
      const columns = await this.#ours.reduced(
        metric,
        buckets,
        (way, selector) => `${way}(${way} by (key) (${way}_over_time(${selector})))`,
        keys,
      );
      if (!columns.ok) return columns;
      all.push(...columns.value.map(([found]) => inModel(valuesOf(found), metric)));
    }
    const load = this.#ours.selector(prometheusMetric('load').name, keys);
    const nodes = await this.#ours.range(
      `count(count by (key) (count_over_time(${load}${window})))`,
      buckets,
    );
    // The efficiency of chosen nodes is not kept there.
    const efficiency =
      keys === undefined
        ? await this.#ours.range(
            `100 * avg(avg_over_time(${this.#ours.selector('mosview_cluster_efficiency_ratio', undefined, '')}${window}))`,
            buckets,
          )
        : success([]);
    if (!nodes.ok) return nodes;
    if (!efficiency.ok) return efficiency;
    const { times, columns } = pointsOf(
      [...all, valuesOf(efficiency.value[0]), valuesOf(nodes.value[0])],
      buckets,
      range.from,
    );
    const column = (index: number) => columns[index] ?? times;
    return success({
      series: metrics.map((metric, index) => ({
        metric,
        times,
        min: column(3 * index),
        max: column(3 * index + 1),
        mean: column(3 * index + 2),
      })),
      times,
      efficiency: column(3 * metrics.length),
      nodes: column(3 * metrics.length + 1),
      resolution: buckets.resolution,
    });
  }

  async #statistics({
    from,
    to,
    keys,
  }: HistoryInput<'statistics'>): Promise<Result<HistoryAnswer<'statistics'>>> {
    const { intervalSeconds } = this.#options.settings;
    const range = `[${Math.max(1, Math.round(to - from))}ms]`;
    // Subqueries at the pace of the samples, and no finer than a server bears for a long range.
    const step = Math.max(intervalSeconds, Math.ceil((to - from) / 1000 / LOOKING_STEPS));
    const name = (metric: MetricName): string => this.#ours.selector(prometheusMetric(metric).name, keys);
    const used = `(100 * (1 - max by (key) (${name('memoryFree')}) / max by (key) (${name('memoryTotal')})))[${Math.max(1, Math.round(to - from))}ms:${step}s]`;
    const load = name('load') + range;
    const ofKey = (way: string, inner: string): string => `${way} by (key) (${inner})`;
    const expressions = {
      loadMin: ofKey('min', `min_over_time(${load})`),
      loadMean: ofKey('avg', `avg_over_time(${load})`),
      loadMax: ofKey('max', `max_over_time(${load})`),
      loadP95: ofKey('max', `quantile_over_time(0.95, ${load})`),
      usedMin: `min_over_time(${used})`,
      usedMean: `avg_over_time(${used})`,
      usedMax: `max_over_time(${used})`,
      usedP95: `quantile_over_time(0.95, ${used})`,
      speed: ofKey('max', `last_over_time(${name('speed')}${range})`),
      cpus: ofKey('max', `last_over_time(${name('cpus')}${range})`),
      memoryTotal: ofKey('max', `last_over_time(${name('memoryTotal')}${range})`),
      samples: ofKey('max', `count_over_time(${load})`),
    } as const;
    const found = new Map<string, ReadonlyMap<string, number>>();
    for (const [figure, expression] of Object.entries(expressions)) {
      const answer = await this.#api.instant(expression, to - 1);
      if (!answer.ok) return answer;
      found.set(figure, new Map(answer.value.map((one) => [one.labels['key'] ?? '', firstOf(one)])));
    }
    const at = (figure: keyof typeof expressions, key: string): number => found.get(figure)?.get(key) ?? NaN;
    const spread = (part: 'load' | 'used', key: string): Spread => ({
      min: at(`${part}Min`, key),
      mean: at(`${part}Mean`, key),
      max: at(`${part}Max`, key),
      p95: at(`${part}P95`, key),
    });
    const nodes = this.#nodes.filter(({ key }) => keys?.includes(key) ?? true);
    return success({
      nodes: nodes.map((node): NodeStatistics => ({
        ...node,
        load: spread('load', node.key),
        memoryUsed: spread('used', node.key),
        speed: at('speed', node.key),
        cpus: at('cpus', node.key),
        memoryTotal: at('memoryTotal', node.key),
        secondsUp: Math.min((to - from) / 1000, (at('samples', node.key) || 0) * intervalSeconds),
        secondsDown: 0,
        secondsUnknown: 0,
      })),
      resolution: 10,
    });
  }

  async #top({ metric, from, to, limit }: HistoryInput<'top'>): Promise<Result<HistoryAnswer<'top'>>> {
    const selector = this.#ours.selector(prometheusMetric(metric).name);
    const range = `[${Math.max(1, Math.round(to - from))}ms]`;
    const answer = await this.#api.instant(
      `topk(${limit}, avg by (key) (avg_over_time(${selector}${range})))`,
      to - 1,
    );
    if (!answer.ok) return answer;
    const known = new Map(this.#nodes.map((node) => [node.key, node]));
    const nodes = answer.value.flatMap((one) => {
      const node = known.get(one.labels['key'] ?? '');
      return node === undefined ? [] : [{ ...node, mean: fromPrometheus(firstOf(one), metricNamed(metric)) }];
    });
    return success({ nodes: nodes.sort((one, other) => other.mean - one.mean) });
  }

  async #moment({ time }: HistoryInput<'moment'>): Promise<Result<HistoryAnswer<'moment'>>> {
    const { intervalSeconds } = this.#options.settings;
    const newest = await this.#api.instant(`max(timestamp(${this.#ours.always}))`, time);
    if (!newest.ok) return newest;
    const found = newest.value[0] === undefined ? NaN : firstOf(newest.value[0]) * 1000;
    const isNear = time - found <= 2 * intervalSeconds * 1000;
    const nodes: NodeInfo[] = [];
    const byKey = new Map<string, readonly number[]>();
    for (const [index, metric] of (isNear ? METRICS : []).entries()) {
      const answer = await this.#api.instant(
        `max by (key) (${this.#ours.selector(prometheusMetric(metric.name).name)})`,
        found,
      );
      if (!answer.ok) return answer;
      for (const one of answer.value) {
        const key = one.labels['key'] ?? '';
        const values = byKey.get(key) ?? METRICS.map(() => NaN);
        byKey.set(key, values.with(index, fromPrometheus(firstOf(one), metric)));
      }
    }
    for (const node of this.#nodes) {
      if (byKey.has(node.key)) nodes.push({ ...pastNode(node), slot: nodes.length });
    }
    const columns = new Float64Array(COLUMN_COUNT * nodes.length).fill(NaN);
    for (const { key, slot } of nodes) {
      for (const [metric, value] of (byKey.get(key) ?? []).entries())
        columns[metric * nodes.length + slot] = value;
      columns[STATE_COLUMN * nodes.length + slot] = NODE_STATES.indexOf('up');
      columns[AGE_COLUMN * nodes.length + slot] = 0;
    }
    const figure = (key: string, name: MetricName): number | undefined => {
      const value = byKey.get(key)?.[METRIC_INDEX[name]] ?? NaN;
      return Number.isNaN(value) ? undefined : value;
    };
    return success({
      time: isNear ? found : null,
      resolution: RESOLUTIONS.find((each) => each >= intervalSeconds) ?? 60,
      nodes,
      columns,
      totals: clusterTotals(
        nodes.map(({ key }) => ({
          load: figure(key, 'load'),
          cpus: figure(key, 'cpus'),
          memoryTotal: figure(key, 'memoryTotal'),
          memoryFree: figure(key, 'memoryFree'),
          status: figure(key, 'status'),
        })),
      ),
      placements: [],
    });
  }
}

function seriesOf(
  metric: MetricName,
  values: readonly ReadonlyMap<number, number>[],
  buckets: Buckets,
  from: number,
): Series {
  const { times, columns } = pointsOf(
    values.map((one) => inModel(one, metric)),
    buckets,
    from,
  );
  const [min = times, max = times, mean = times] = columns;
  return { metric, times, min, max, mean };
}

function inModel(values: ReadonlyMap<number, number>, metric: MetricName): ReadonlyMap<number, number> {
  return new Map([...values].map(([time, value]) => [time, fromPrometheus(value, metricNamed(metric))]));
}

function valuesOf(found: FoundSeries | undefined): ReadonlyMap<number, number> {
  return found?.values ?? new Map();
}

function firstOf({ values }: FoundSeries): number {
  return values.values().next().value ?? NaN;
}

function nodeOf({ key, node = '', id = '' }: Readonly<Record<string, string>>): readonly RecordedNode[] {
  return key === undefined ? [] : [{ key, id: Number(/^\d{1,5}$/.exec(id)?.[0] ?? 0), name: node }];
}

/** A node of which nothing is known but its values. */
function pastNode({ key, id, name }: RecordedNode): Omit<NodeInfo, 'slot'> {
  return {
    key,
    id,
    name,
    target: '',
    dialect: null,
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
  };
}
