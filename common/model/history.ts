/**
 * The vocabulary of the past as schemas: series of points, states of nodes, checkpoints, what is kept of the history.
 * Times are milliseconds since 1970 (UTC).
 */
import { z } from 'zod';
import { NODE_STATES } from '../contract/block.ts';
import { isMetricName, type MetricName } from './metric.ts';
import { HISTORY_PARTS } from './retention.ts';

const timeSchema = z.number().min(0).max(8.64e15);

export const metricSchema = z
  .string()
  .refine((name): name is MetricName => isMetricName(name), 'is no metric');

/** A node as the history knows it. The key is its lasting identity; id and name are the latest ones seen. */
export const recordedNodeSchema = z.object({ key: z.string(), id: z.int(), name: z.string() });
export type RecordedNode = z.infer<typeof recordedNodeSchema>;

/** One metric over a range: at most two points per pixel asked for. A gap in the data is a NaN point. */
export const seriesSchema = z.object({
  metric: metricSchema,
  times: z.instanceof(Float64Array),
  /** Per point; where a point stands for several samples, their lowest and highest. */
  min: z.instanceof(Float64Array),
  max: z.instanceof(Float64Array),
  mean: z.instanceof(Float64Array),
});
export type Series = z.infer<typeof seriesSchema>;

/** Seconds per value; see RESOLUTIONS. */
export const resolutionSchema = z.union([z.literal(1), z.literal(10), z.literal(60), z.literal(3600)]);

/** A node's state over [from, to), as it was shown; `reason` in words, empty where there was nothing to say. */
export const stateSpanSchema = z.object({
  key: z.string(),
  from: timeSchema,
  to: timeSchema,
  state: z.enum(NODE_STATES),
  reason: z.string(),
});
export type StateSpan = z.infer<typeof stateSpanSchema>;

/** A moment an operator wants to find again: openMosixcollector's checkpoint. */
export const checkpointSchema = z.object({
  /** Growing with time; 0 before it is stored. */
  number: z.int().min(0),
  time: timeSchema,
  /** Login name and machine of who set it. */
  who: z.string().max(300),
  /** Free text; may be empty. */
  text: z.string().max(500),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Lowest, mean and highest value of a range, and the value that 95 of 100 values do not exceed; NaN where there is none. */
export const spreadSchema = z.object({ min: z.number(), mean: z.number(), max: z.number(), p95: z.number() });
export type Spread = z.infer<typeof spreadSchema>;

/** What a node did over a range. */
export const nodeStatisticsSchema = recordedNodeSchema.extend({
  load: spreadSchema,
  /** Percent of the physical memory that Linux calls neither free nor reclaimable. */
  memoryUsed: spreadSchema,
  /** The latest ones in the range, NaN where there is none; memory in bytes. */
  speed: z.number(),
  cpus: z.number(),
  memoryTotal: z.number(),
  /** Seconds of the range in which the node was up, was down, and in which neither is known although the program ran. */
  secondsUp: z.number(),
  secondsDown: z.number(),
  secondsUnknown: z.number(),
});
export type NodeStatistics = z.infer<typeof nodeStatisticsSchema>;

/** What is kept of one part of the history, and what that costs. */
export const partUseSchema = z.object({
  part: z.enum(HISTORY_PARTS),
  bytes: z.number(),
  /** What is there now; null where nothing is. */
  from: timeSchema.nullable(),
  to: timeSchema.nullable(),
  /** Bytes that a day of the present cluster takes, measured over what is there; NaN while too little is. */
  bytesPerDay: z.number(),
});
export type PartUse = z.infer<typeof partUseSchema>;

/** Seconds between two lists of a node's processes; 0 for none. */
export const snapshotSecondsSchema = z
  .int()
  .min(0)
  .max(86_400)
  .refine((seconds) => seconds === 0 || seconds >= 10, 'must be 0 or at least 10');

/** How long a part is kept; see Keeping. */
export const keepingSchema = z
  .object({
    days: z
      .number()
      .min(1 / 24)
      .max(36_500)
      .nullable(),
    megabytes: z.number().min(1).max(100_000_000).nullable(),
  })
  .strict();
export const retentionSchema = z
  .object({
    '1s': keepingSchema,
    '10s': keepingSchema,
    '1m': keepingSchema,
    '1h': keepingSchema,
    processes: keepingSchema,
    migrations: keepingSchema,
  })
  .strict();
