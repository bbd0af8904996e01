/**
 * What an agent keeps of its node while no desktop is attached, one JSON object a line: the node's values, the migrations
 * it took part in, the ends of its jobs, and what had to be dropped. `mos history` prints these lines as they are.
 */
import { z } from 'zod';
import { nodeIdSchema } from './node.ts';

/** Milliseconds since 1970. */
const timeSchema = z.int().min(0);

/** A node's own figures, named and measured as in common/model/metric.ts; memory in bytes. */
export const nodeValuesSchema = z.object({
  load: z.number(),
  speed: z.number(),
  cpus: z.number(),
  util: z.number(),
  memoryTotal: z.number(),
  memoryFree: z.number(),
  memoryAvailable: z.number(),
  status: z.int(),
});
export type NodeValues = Readonly<z.infer<typeof nodeValuesSchema>>;

/** One line. `t` is when it happened, in milliseconds since 1970. */
export const recordedSchema = z.discriminatedUnion('kind', [
  /** The node's values, every ten seconds. */
  z.object({ t: timeSchema, kind: z.literal('load'), values: nodeValuesSchema }),
  /** A move that was tried: `job` is the job's name in the cluster, `why` the reason where it failed. */
  z.object({
    t: timeSchema,
    kind: z.literal('migration'),
    job: z.string().max(40),
    /** The deputy's number at the job's home. */
    pid: z.int().min(1),
    from: nodeIdSchema,
    to: nodeIdSchema,
    cause: z.string().max(200),
    ok: z.boolean(),
    why: z.string().max(2000),
    command: z.string().max(4000).optional(),
  }),
  /** A job has ended: `status` as a shell tells it, 128 and the signal's number after a signal. */
  z.object({
    t: timeSchema,
    kind: z.literal('end'),
    job: z.string().max(40),
    pid: z.int().min(1),
    status: z.int().min(0).max(255),
    command: z.string().max(4000),
  }),
  /** Everything older than `until` was deleted for lack of room, or could not be kept: `why` says it. */
  z.object({ t: timeSchema, kind: z.literal('dropped'), until: timeSchema, why: z.string().max(2000) }),
  /** A line of the file was no whole line: the node was cut off while it wrote. It is left out. */
  z.object({ t: timeSchema, kind: z.literal('torn'), bytes: z.int().min(1) }),
]);
export type Recorded = z.infer<typeof recordedSchema>;
