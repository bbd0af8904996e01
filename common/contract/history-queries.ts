/**
 * The questions a history can be asked, one schema each. A history file, the collector of another machine and a
 * Prometheus server answer them alike; windows, reports and the command line ask them. Ranges are [from, to) in
 * milliseconds since 1970 (UTC). Problems of all of them: history-damaged, file-unreadable, disk-full.
 */
import { z } from 'zod';
import {
  checkpointSchema,
  metricSchema,
  nodeStatisticsSchema,
  recordedNodeSchema,
  resolutionSchema,
  seriesSchema,
  stateSpanSchema,
} from '../model/history.ts';
import { migrationSchema, placementSchema } from '../model/migration.ts';
import { nodeIdSchema, nodeInfoSchema } from '../model/node.ts';
import { processInfoSchema } from '../model/process.ts';
import { totalsSchema } from './totals.ts';

const nothing = z.object({}).strict();
const keySchema = z.string().min(1).max(300);
const keysSchema = z.array(keySchema).min(1).max(2000);
const timeSchema = z.number().min(0).max(8.64e15);
const range = { from: timeSchema, to: timeSchema };
const pixelsSchema = z.int().min(1).max(10_000);

export const historyQueries = {
  /** Every node ever recorded, and from when to when there is anything at all; null for an empty history. */
  recorded: {
    input: nothing,
    output: z.object({
      nodes: z.array(recordedNodeSchema),
      from: timeSchema.nullable(),
      to: timeSchema.nullable(),
    }),
  },
  /**
   * Metrics of nodes at at most two points per pixel, from the finest resolution that reaches as far back and is not
   * finer than the pixels. Nodes come in the order asked for. Problems: not-found for a key never recorded.
   */
  history: {
    input: z
      .object({
        keys: z.array(keySchema).min(1).max(100),
        metrics: z.array(metricSchema).min(1).max(12),
        ...range,
        pixels: pixelsSchema,
      })
      .strict(),
    output: z.object({
      nodes: z.array(z.object({ key: keySchema, series: z.array(seriesSchema) })),
      /** Seconds per value of the finest resolution used. */
      resolution: resolutionSchema,
    }),
  },
  /**
   * The whole cluster, or some of its nodes, over time: per metric the lowest, mean and highest over the nodes, the
   * efficiency, and how many nodes had values. All series share their times; a gap is one NaN point.
   */
  clusterHistory: {
    input: z
      .object({
        metrics: z.array(metricSchema).min(1).max(12),
        keys: keysSchema.optional(),
        ...range,
        pixels: pixelsSchema,
      })
      .strict(),
    output: z.object({
      series: z.array(seriesSchema),
      times: z.instanceof(Float64Array),
      /** 0..100; see common/model/cluster.ts. */
      efficiency: z.instanceof(Float64Array),
      nodes: z.instanceof(Float64Array),
      resolution: resolutionSchema,
    }),
  },
  /** What nodes did over a range; those without any value in it come with NaN. p95 is over values of `resolution`. */
  statistics: {
    input: z.object({ ...range, keys: keysSchema.optional() }).strict(),
    output: z.object({ nodes: z.array(nodeStatisticsSchema), resolution: resolutionSchema }),
  },
  /** The nodes with the highest mean of a metric over a range, highest first. */
  top: {
    input: z.object({ metric: metricSchema, ...range, limit: z.int().min(1).max(2000) }).strict(),
    output: z.object({ nodes: z.array(recordedNodeSchema.extend({ mean: z.number() })) }),
  },
  /**
   * The whole cluster at a past second, in the form in which windows get the present one. `time` is the second found, the
   * last one recorded at or before the one asked for; null where there is none within `resolution` seconds.
   */
  moment: {
    input: z.object({ time: timeSchema }).strict(),
    output: z.object({
      time: timeSchema.nullable(),
      resolution: resolutionSchema,
      /** Slots count from 0; connections are `none`; names are those of that time. */
      nodes: z.array(nodeInfoSchema),
      /** Read through BlockView. */
      columns: z.instanceof(Float64Array),
      totals: totalsSchema,
      /** Every process that was not at home, as far as the process lists and the migration log tell. */
      placements: z.array(placementSchema),
    }),
  },
  /** A node's processes at a past time: the last list recorded at or before it; `time` is null where there is none. */
  pastProcesses: {
    input: z.object({ key: keySchema, time: timeSchema }).strict(),
    output: z.object({ time: timeSchema.nullable(), processes: z.array(processInfoSchema) }),
  },
  /** The states of nodes over a range, and the spans in which anything was recorded at all; both oldest first. */
  states: {
    input: z
      .object({ ...range, keys: keysSchema.optional(), limit: z.int().min(1).max(100_000).default(10_000) })
      .strict(),
    output: z.object({
      spans: z.array(stateSpanSchema),
      recordings: z.array(z.object(range)),
      /** True where there are more spans than the limit. */
      more: z.boolean(),
    }),
  },
  /**
   * The migration log; what is left out does not restrict. Newest first, and the next page by `before`; with `after`
   * oldest first, and the next page by it.
   */
  migrations: {
    input: z
      .object({
        from: timeSchema.optional(),
        to: timeSchema.optional(),
        /** Only those from, to or at home on this node, or on one of these. */
        node: nodeIdSchema.optional(),
        nodes: z.array(nodeIdSchema).max(2000).optional(),
        cause: migrationSchema.shape.cause.optional(),
        /** Only commands that contain this text. */
        text: z.string().max(100).optional(),
        /** Only those that come before this number in the log. */
        before: z.int().min(1).optional(),
        /** Only those that come after this number in the log; 0 for all, oldest first. Not together with `before`. */
        after: z.int().min(0).optional(),
        limit: z.int().min(1).max(10_000).default(500),
      })
      .strict(),
    output: z.object({ migrations: z.array(migrationSchema) }),
  },
  /**
   * All nodes at every `step`-th second of a range of at most five minutes, for who carries the history on elsewhere: the
   * value of that second, or where it has none the last one before it in the step, at most 3 s old.
   */
  seconds: {
    input: z
      .object({ ...range, step: z.int().min(1).max(60) })
      .strict()
      .refine(({ from, to }) => to - from <= 300_000, 'is more than five minutes'),
    output: z.object({
      nodes: z.array(recordedNodeSchema),
      times: z.instanceof(Float64Array),
      /** The value of metric m of the catalogue, node n, time t is at (m * nodes + n) * times + t; NaN for none. */
      columns: z.instanceof(Float64Array),
    }),
  },
  /** What stands on a time line: checkpoints, and how many migrations began in each pixel that has any. */
  marks: {
    input: z.object({ ...range, pixels: pixelsSchema }).strict(),
    output: z.object({
      checkpoints: z.array(checkpointSchema),
      /** Begin of each such pixel, and its count. */
      migrationTimes: z.instanceof(Float64Array),
      migrationCounts: z.instanceof(Float64Array),
    }),
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

/** Name of a question. */
export type HistoryQueryName = keyof typeof historyQueries;
/** What is asked as a caller writes it, and with its defaults. */
export type HistoryQuestion<Name extends HistoryQueryName> = z.input<(typeof historyQueries)[Name]['input']>;
export type HistoryInput<Name extends HistoryQueryName> = z.output<(typeof historyQueries)[Name]['input']>;
export type HistoryAnswer<Name extends HistoryQueryName> = z.output<(typeof historyQueries)[Name]['output']>;
