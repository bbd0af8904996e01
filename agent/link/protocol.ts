/** What agents ask of each other. Each asks as the node that its certificate names; `epoch` counts a job's moves. */
import { z } from 'zod';
import { nodeIdSchema } from '../../common/model/node.ts';
import { MAP_BYTES } from '../../common/trust/map.ts';
import { jobIdSchema } from '../job-id.ts';
import { streamSchema, streamsSchema, windowSizeSchema } from '../keeper/protocol.ts';

const nothing = z.object({});
const place = z.int().min(0);
const epoch = z.int().min(0);
const job = z.object({ job: jobIdSchema });
const statusSchema = z.int().min(0).max(255).nullable();

/** Why a job is moved. */
export const causeSchema = z.enum(['operator', 'balancer', 'expel', 'bring', 'start', 'need', 'memory']);
export type Cause = z.infer<typeof causeSchema>;

/** Whether nobody ordered the move. */
export function isAutomatic(cause: Cause): boolean {
  return cause === 'balancer' || cause === 'memory';
}

export const signalSchema = z.enum([
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGKILL',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSTOP',
  'SIGCONT',
  'SIGTSTP',
  'SIGALRM',
  'SIGWINCH',
]);
export type JobSignal = z.infer<typeof signalSchema>;

/** What stays the same of a job wherever it runs. */
export const jobFactsSchema = z.object({
  job: jobIdSchema,
  command: z.array(z.string()).min(1),
  uid: z.int().min(0),
  /** When it was started, in milliseconds since 1970. */
  born: z.number(),
  /** An operator or its starter wants it to stay where it is put; balancing leaves it alone. */
  locked: z.boolean(),
  /** Jobs of one home and one group move together; 0 is none. */
  group: z.int().min(0).default(0),
  /** CPU seconds that it used on the nodes before this one. */
  cpuBefore: z.number().min(0),
  /** It has a terminal of its own; those that were started before an update have none. */
  terminal: z.boolean().default(false),
});
export type JobFacts = z.infer<typeof jobFactsSchema>;

/** What is known of a hand-over: the job runs there, it never ran there, or that is not decided yet. */
const fateSchema = z.enum(['running', 'never', 'waiting']);
export type Fate = z.infer<typeof fateSchema>;

/** It goes where another of its group went before, which was looked at for both. */
const followsSchema = z.boolean().default(false);

export const NODE_METHODS = {
  /** Asked of where the job runs. */
  move: {
    params: job.extend({ to: nodeIdSchema, cause: causeSchema, follows: followsSchema }),
    /** `bytes` went while it stood still. */
    result: z.object({ freezeSeconds: z.number(), bytes: z.number() }),
  },
  signal: { params: job.extend({ signal: signalSchema }), result: nothing },
  kill: { params: job, result: nothing },
  resume: { params: job.extend({ out: place, err: place }), result: nothing },
  confirm: { params: job.extend({ stream: streamSchema, place }), result: nothing },
  input: { params: job.extend({ place, end: z.boolean() }), result: nothing },
  closeOutput: { params: job.extend({ stream: streamSchema }), result: nothing },
  resize: { params: job.extend({ size: windowSizeSchema }), result: nothing },
  /** What its home says of it anew. */
  mark: { params: job.extend({ locked: z.boolean(), group: z.int().min(0) }), result: nothing },
  /** The home has all that the job wrote and its end. */
  forget: { params: job, result: nothing },

  /** Asked of where a job is to go: the files whose content it wants to compare. */
  wants: { params: z.object({ needs: z.unknown() }), result: z.object({ paths: z.array(z.string()) }) },
  /** Asked of where a job is to go: whether it may come. What it needs there is prepared with the answer. */
  offer: {
    params: z.object({
      facts: jobFactsSchema,
      epoch,
      cause: causeSchema,
      follows: followsSchema,
      /** As agent/checks says it. */
      needs: z.unknown(),
      residentBytes: z.number().min(0),
      insidePids: z.array(z.int().min(1)),
      /** The number inside that was given last. */
      lastPid: z.int().min(0),
      /** Load that it makes on a CPU of standard speed; 100 is a process that always runs. */
      load: z.number().min(0),
      /** Load of the node where it is, with the job. */
      senderLoad: z.number().min(0),
    }),
    /** Bytes of images that there is room for. */
    result: z.object({ room: z.number().min(0) }),
  },
  /** The images are sent; answered when everything is rebuilt and waits at the gate. */
  restore: {
    params: job.extend({
      epoch,
      streams: streamsSchema,
      /** The group of its processes that has the keys of its terminal, as numbered inside. */
      foreground: z.int().min(1).optional(),
    }),
    result: nothing,
  },
  go: { params: job.extend({ epoch }), result: z.object({ fate: fateSchema }) },
  abort: { params: job.extend({ epoch }), result: nothing },
  fate: { params: job.extend({ epoch }), result: z.object({ fate: fateSchema }) },

  /** Asked of a job's home: to move it together with the others of its group. */
  moveGroup: {
    params: job.extend({ to: nodeIdSchema, cause: causeSchema }),
    result: z.object({ freezeSeconds: z.number(), bytes: z.number() }),
  },
  /** Asked of a job's home: whether it may leave for that node now. One move at a time. */
  mayMove: { params: job.extend({ epoch, to: nodeIdSchema }), result: nothing },
  /** Whether the home has heard that the job runs as of that epoch. */
  hasMoved: { params: job.extend({ epoch }), result: z.object({ moved: z.boolean() }) },
  placed: { params: job.extend({ epoch, cause: causeSchema }), result: nothing },
  stayed: { params: job.extend({ epoch, why: z.string() }), result: nothing },
  /** The map of the cluster that the node goes by, as its authority signed it. */
  map: { params: nothing, result: z.object({ text: z.string().max(MAP_BYTES) }) },
  /** Said every two seconds over a connection at rest: it is alive. */
  beat: { params: nothing, result: nothing },
  /** Told again whenever a connection is made: these jobs of yours run here. */
  present: { params: z.object({ jobs: z.array(job.extend({ epoch })) }), result: nothing },
  output: { params: job.extend({ stream: streamSchema, place }), result: nothing },
  inputTaken: { params: job.extend({ place }), result: nothing },
  inputClosed: { params: job, result: nothing },
  finished: {
    params: job.extend({ epoch, status: statusSchema, out: place, err: place, cpuSeconds: z.number() }),
    result: nothing,
  },
  lost: { params: job.extend({ epoch, why: z.string() }), result: nothing },
} as const;
export type NodeMethods = typeof NODE_METHODS;
