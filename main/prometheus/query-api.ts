/**
 * Questions to Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api), answered by Mimir, Thanos and
 * VictoriaMetrics as well. Answers are untrusted: bounded, and checked while they are read.
 */
import { z } from 'zod';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { jsonOf } from '../../common/model/json.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { askServer, refusalOf, shownUrl, wordsOf } from './http.ts';
import type { ServerAccess } from './settings.ts';

const TIMEOUT_MILLISECONDS = 10_000;
const MOST_ANSWER_BYTES = 32_000_000;

/** After a failure nothing is asked for so long, so that a server that does not answer holds up no window. */
const REST_MILLISECONDS = 30_000;

/** A series of an answer. */
export interface FoundSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Values by time in milliseconds since 1970. */
  readonly values: ReadonlyMap<number, number>;
}

const labelsSchema = z.record(z.string(), z.string());
const pointSchema = z.tuple([z.number(), z.string()]);
const resultSchema = z.array(
  z.object({
    metric: labelsSchema,
    value: pointSchema.optional(),
    values: z.array(pointSchema).default([]),
  }),
);
const answerSchema = z.object({ status: z.literal('success'), data: z.unknown() });
const refusedSchema = z.object({ status: z.literal('error'), error: z.string() });

export class QueryApi {
  readonly #access: ServerAccess;
  readonly #closing = new AbortController();
  #failure: { readonly problem: Problem; readonly until: number } | undefined;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /** Why it did not answer the last time; undefined while all is well. */
  get problem(): Problem | undefined {
    return this.#failure?.problem;
  }

  /**
   * An expression at every `step` milliseconds from `start` to `end` (milliseconds since 1970). Problems: server-refused,
   * host-unreachable, timeout, authentication-failed, protocol-error; at once while the server rests after one.
   */
  range(query: string, start: number, end: number, step: number): Promise<Result<readonly FoundSeries[]>> {
    return this.#query('query_range', {
      query,
      start: seconds(start),
      end: seconds(end),
      step: seconds(step),
    });
  }

  /** An expression at one time. Problems: as `range`. */
  instant(query: string, time: number): Promise<Result<readonly FoundSeries[]>> {
    return this.#query('query', { query, time: seconds(time) });
  }

  /** The labels of all series that a selector ever had up to a time. Problems: as `range`. */
  async series(selector: string, end: number): Promise<Result<readonly Readonly<Record<string, string>>[]>> {
    return this.#ask('series', { 'match[]': selector, start: '0', end: seconds(end) }, z.array(labelsSchema));
  }

  close(): void {
    this.#closing.abort();
  }

  async #query(
    path: string,
    form: Readonly<Record<string, string>>,
  ): Promise<Result<readonly FoundSeries[]>> {
    const answer = await this.#ask(path, form, resultSchema, 'result');
    if (!answer.ok) return answer;
    return success(
      answer.value.map(({ metric, value, values }) => ({
        labels: metric,
        values: new Map(
          (value === undefined ? values : [value]).map(([time, text]) => [
            Math.round(time * 1000),
            Number(text),
          ]),
        ),
      })),
    );
  }

  async #ask<Schema extends z.ZodType>(
    path: string,
    form: Readonly<Record<string, string>>,
    schema: Schema,
    field?: string,
  ): Promise<Result<z.output<Schema>>> {
    if (this.#failure !== undefined && performance.now() < this.#failure.until) {
      return failure(this.#failure.problem);
    }
    const answered = await this.#post(path, form);
    const found = answered.ok ? this.#read(answered.value, schema, field) : answered;
    this.#failure = found.ok
      ? undefined
      : { problem: found.problem, until: performance.now() + REST_MILLISECONDS };
    return found;
  }

  async #post(path: string, form: Readonly<Record<string, string>>): Promise<Result<string>> {
    const answer = await askServer(this.#access, {
      method: 'POST',
      url: `${this.#access.url.replace(/\/+$/, '')}/api/v1/${path}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      timeout: TIMEOUT_MILLISECONDS,
      mostBytes: MOST_ANSWER_BYTES,
      signal: this.#closing.signal,
    });
    if (!answer.ok) return answer;
    const refusal = refusalOf(this.#access, answer.value, 'Prometheus');
    if (refusal !== undefined) return failure(refusal);
    const { status, text, isCutOff } = answer.value;
    const place = shownUrl(this.#access.url);
    if (isCutOff) {
      const words = `${place} answered with more than ${MOST_ANSWER_BYTES / 1e6} MB; ask for a shorter range or fewer nodes.`;
      return failure(problem('server-refused', words));
    }
    if (status < 300) return success(text);
    const said = refusedSchema.safeParse(jsonOf(text));
    const words = wordsOf(said.success ? said.data.error : text);
    return failure(problem('server-refused', `${place} could not answer (${status})${words}.`));
  }

  #read<Schema extends z.ZodType>(text: string, schema: Schema, field?: string): Result<z.output<Schema>> {
    const answer = answerSchema.safeParse(jsonOf(text));
    const data = answer.success ? answer.data.data : undefined;
    const part =
      field === undefined ? data : (data as Readonly<Record<string, unknown>> | null | undefined)?.[field];
    const found = schema.safeParse(part);
    if (found.success) return success(found.data);
    const words = `${shownUrl(this.#access.url)} answered with something that is not Prometheus' API${wordsOf(text)}.`;
    return failure(problem('server-refused', words));
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
