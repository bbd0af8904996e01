/** What `mos` asks of the agent of its node, and what the agent tells a deputy. */
import { z } from 'zod';
import { MAX_NODE_ID, nodeIdSchema } from '../../common/model/node.ts';
import { nodeValuesSchema } from '../../common/model/recorded.ts';
import { jobIdSchema } from '../job-id.ts';
import { streamSchema, windowSizeSchema } from '../keeper/protocol.ts';
import { causeSchema, signalSchema } from '../link/protocol.ts';
import { speedSchema, switchSchema } from '../settings.ts';

/** How a job ends for its caller of which nobody is left to tell: as a shell says it of a process that was killed. */
export const LOST_STATUS = 137;

const nothing = z.object({});
const place = z.int().min(0);
const job = z.object({ job: jobIdSchema });

/** Where a job is wanted: `best` is by its figures, 0 is home. */
const wantedSchema = z.union([z.int().min(0).max(MAX_NODE_ID), z.literal('best')]);
export type Wanted = z.infer<typeof wantedSchema>;

/** A node as this one knows it. */
const nodeLineSchema = nodeValuesSchema.extend({
  id: nodeIdSchema,
  name: z.string(),
  address: z.string(),
  /** Seconds since this was true of it; null when nothing was ever heard. */
  age: z.number().nullable(),
});
export type NodeLine = z.infer<typeof nodeLineSchema>;

const jobLineSchema = job.extend({
  pid: z.int(),
  command: z.string(),
  uid: z.int(),
  home: nodeIdSchema,
  /** Where it runs. */
  place: nodeIdSchema,
  moves: z.int(),
  locked: z.boolean(),
  group: z.int(),
  /** Seconds since it began. */
  age: z.number(),
  /** For how many seconds a move would stop it; null where that is not known here. */
  freeze: z.number().nullable(),
  /** Why it does not move now; empty where nothing speaks against it. */
  why: z.string(),
});
export type JobLine = z.infer<typeof jobLineSchema>;

export const LOCAL_METHODS = {
  /** First of all: the caller shows who it is by making a file of its own with the name that is answered. */
  claim: { params: nothing, result: z.object({ file: z.string() }) },
  prove: { params: z.object({ pid: z.int().min(1) }), result: z.object({ uid: z.int() }) },
  status: {
    params: nothing,
    result: z.object({
      id: nodeIdSchema,
      cluster: z.string(),
      version: z.string(),
      /** Why no process can be moved here; empty where they can. */
      criu: z.string(),
      nodes: z.array(nodeLineSchema),
    }),
  },
  start: {
    params: z.object({
      command: z.array(z.string()).min(1),
      /** Standard output and standard error are one file. */
      merged: z.boolean(),
      /** The job gets a terminal like this one: `modes` as stty -g tells them. */
      terminal: z
        .object({ size: windowSizeSchema, modes: z.string().regex(/^[0-9a-f:]{1,300}$/) })
        .optional(),
      locked: z.boolean(),
      /** Undefined: the agent chooses where it begins. */
      wanted: wantedSchema.optional(),
    }),
    /** `terminal`: it has one, which an agent that runs since before an update does not say. */
    result: job.extend({ place: nodeIdSchema, why: z.string(), terminal: z.boolean().default(false) }),
  },
  /** A deputy is back after the agent was started again, and has the output before these places. */
  attach: { params: job.extend({ out: place, err: place }), result: nothing },
  input: { params: job.extend({ place, end: z.boolean() }), result: nothing },
  confirm: { params: job.extend({ stream: streamSchema, place }), result: nothing },
  closeOutput: { params: job.extend({ stream: streamSchema }), result: nothing },
  resize: { params: job.extend({ size: windowSizeSchema }), result: nothing },
  signal: { params: job.extend({ signal: signalSchema }), result: nothing },
  /** The deputy has told everything on. */
  done: { params: job, result: nothing },
  list: { params: nothing, result: z.object({ jobs: z.array(jobLineSchema) }) },
  migrate: {
    params: z.object({ pid: z.int().min(1), to: wantedSchema, cause: causeSchema }),
    result: z.object({ place: nodeIdSchema, freezeSeconds: z.number() }),
  },
  lock: { params: z.object({ pid: z.int().min(1), on: z.boolean() }), result: nothing },
  switch: { params: z.object({ name: switchSchema, on: z.boolean() }), result: nothing },
  speed: { params: z.object({ speed: speedSchema }), result: nothing },
  /** Answered when no guest is here any more, or what came could not go. */
  expel: { params: nothing, result: z.object({ left: z.int() }) },
  bring: { params: nothing, result: z.object({ away: z.int() }) },
  /**
   * What was recorded from one time to before another, in milliseconds since 1970 (common/model/recorded.ts); `next` is where
   * to go on when it was too much for one answer.
   */
  history: {
    params: z.object({ since: z.number(), until: z.number() }),
    result: z.object({ lines: z.array(z.string()), next: z.number().nullable() }),
  },
} as const;

/** What the agent tells a deputy; all are notices. */
export const DEPUTY_NOTICES = {
  output: { params: z.object({ stream: streamSchema, place }), result: nothing },
  inputTaken: { params: z.object({ place }), result: nothing },
  /** The job is somewhere else: what was not taken is to be sent again, and the size of the window is to be told. */
  inputAgain: { params: nothing, result: nothing },
  inputClosed: { params: nothing, result: nothing },
  finished: {
    params: z.object({ status: z.int().nullable(), out: place, err: place }),
    result: nothing,
  },
  /** The job is lost, with the reason. */
  lost: { params: z.object({ why: z.string() }), result: nothing },
} as const;
