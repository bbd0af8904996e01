/** PromQL over the series that mosview sent to a server: how they are named, and what they are in buckets of time. */
import { metricNamed, type MetricName } from '../../common/model/metric.ts';
import { success, type Result } from '../../common/model/result.ts';
import { joinSpans, type Span } from '../history/joined/segments.ts';
import { prometheusMetric } from './catalogue.ts';
import type { Buckets } from './points.ts';
import type { FoundSeries, QueryApi } from './query-api.ts';

/** A series that is there whenever anything is. */
const ALWAYS_THERE = 'mosview_cluster_cpus';

export class OurSeries {
  readonly #api: QueryApi;
  readonly #labels: Readonly<Record<string, string>>;

  /** `labels` are those by which our series are known. */
  constructor(api: QueryApi, labels: Readonly<Record<string, string>>) {
    this.#api = api;
    this.#labels = labels;
  }

  /** Lowest, highest and mean of a metric per bucket; of status bits, which no server can join, the last ones. */
  async reduced(
    metric: MetricName,
    buckets: Buckets,
    expression: (way: 'min' | 'max' | 'avg', selector: string) => string,
    keys: readonly string[] | undefined,
  ): Promise<Result<readonly [readonly FoundSeries[], readonly FoundSeries[], readonly FoundSeries[]]>> {
    const selector = `${this.selector(prometheusMetric(metric).name, keys)}[${buckets.width}ms]`;
    const ask = (way: 'min' | 'max' | 'avg') => this.range(expression(way, selector), buckets);
    if (metricNamed(metric).unit === 'bits') {
      const last = await this.range(
        expression('max', selector).replaceAll('max_over_time', 'last_over_time'),
        buckets,
      );
      return last.ok ? success([last.value, last.value, last.value]) : last;
    }
    const [min, max, mean] = await Promise.all([ask('min'), ask('max'), ask('avg')]);
    if (!min.ok) return min;
    if (!max.ok) return max;
    return mean.ok ? success([min.value, max.value, mean.value]) : mean;
  }

  /**
   * An expression over whole buckets; values come at the begin of theirs. A bucket is asked for at its last millisecond:
   * ranges of Prometheus 2 hold both their ends, those of Prometheus 3 only the later one.
   */
  async range(query: string, { first, last, width }: Buckets): Promise<Result<readonly FoundSeries[]>> {
    const answer = await this.#api.range(query, first + width - 1, last + width - 1, width);
    if (!answer.ok) return answer;
    return success(
      answer.value.map(({ labels, values }) => ({
        labels,
        values: new Map([...values].map(([time, value]) => [time + 1 - width, value])),
      })),
    );
  }

  /** The steps of so many milliseconds from `from` on, up to `to`, in which anything came; those side by side as one. */
  async present(from: number, to: number, step: number): Promise<Result<readonly Span[]>> {
    const query = `max(present_over_time(${this.always}[${step}ms]))`;
    const found = await this.#api.range(
      query,
      from + step,
      from + Math.ceil((to - from) / step) * step,
      step,
    );
    if (!found.ok) return found;
    const ends = [...(found.value[0]?.values.keys() ?? [])];
    return success(joinSpans(ends.map((end) => ({ from: end - step, to: end }))));
  }

  /** The series that is there whenever anything is. */
  get always(): string {
    return this.selector(ALWAYS_THERE, undefined, '');
  }

  /** Our series of a name, of all nodes or of those with the keys; `everyKey` is what all of them have. */
  selector(name: string, keys?: readonly string[], everyKey = 'key!=""'): string {
    const own = Object.entries(this.#labels).map(([label, value]) => `${label}=${quoted(value)}`);
    const wanted =
      keys === undefined
        ? everyKey
        : `key=~${quoted(keys.map((key) => key.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|'))}`;
    return `${name}{${[...own, wanted].filter(Boolean).join(',')}}`;
  }
}

/** A text as PromQL writes it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
