/** What the agent asks of the keeper of pipes, and what the keeper tells it. */
import { z } from 'zod';
import { jobIdSchema } from '../job-id.ts';

const place = z.int().min(0);
const nothing = z.object({});
const job = z.object({ job: jobIdSchema });

/** An output stream as it travels with its job: where its kept bytes begin, the bytes in base64, and whether its reader is gone. */
const outletSchema = z.object({ base: place, kept: z.base64(), closed: z.boolean() });

/** A job's streams as they travel with it. */
export const streamsSchema = z.object({
  out: outletSchema,
  err: outletSchema,
  /** Bytes of its standard input that are in its pipe or read; and whether that was all. */
  input: place,
  inputEnded: z.boolean(),
  /** Standard error is the same pipe as standard output. */
  merged: z.boolean(),
  /** What was typed at its terminal and is not read yet, as agent/keeper/terminal.ts types it anew. */
  typed: z.base64().default(''),
});
export type Streams = z.infer<typeof streamsSchema>;

/** The streams of a job that has not begun. */
export function freshStreams(merged: boolean): Streams {
  const outlet = { base: 0, kept: '', closed: false };
  return { out: outlet, err: outlet, input: 0, inputEnded: false, merged, typed: '' };
}

export const streamSchema = z.enum(['out', 'err']);
export type StreamName = z.infer<typeof streamSchema>;

/** How a job's first process ended: as a shell says it (128 + signal); null when nobody is left to say. */
const statusSchema = z.int().min(0).max(255).nullable();

/** Of a terminal, in characters. */
export const windowSizeSchema = z.object({
  rows: z.int().min(0).max(0xffff),
  columns: z.int().min(0).max(0xffff),
});
export type WindowSize = z.infer<typeof windowSizeSchema>;

export const KEEPER_METHODS = {
  /** Makes a job's terminal in the namespace of this process 1; the job's pipes are attached later. */
  openTerminal: { params: job.extend({ init: z.int().min(2), uid: z.int().min(0) }), result: nothing },
  /** The window of the caller's terminal has this size. */
  resize: { params: job.extend({ size: windowSizeSchema }), result: nothing },
  /** Opens the far ends of a job's pipes, at the process that holds its near ends. */
  attach: { params: job.extend({ pid: z.int().min(2), streams: streamsSchema }), result: nothing },
  /** From here on output is sent, beginning at these places. */
  resume: { params: job.extend({ out: place, err: place }), result: nothing },
  confirm: { params: job.extend({ stream: streamSchema, place }), result: nothing },
  /** The stream's reader is gone: the job gets what a closed pipe gives. */
  closeOutput: { params: job.extend({ stream: streamSchema }), result: nothing },
  /** Bytes for its standard input, the first of them at `place`. */
  input: { params: job.extend({ place, end: z.boolean() }), result: nothing },
  /** Empties the pipes of a job that is frozen, and holds what it was told to send. */
  drain: { params: job, result: streamsSchema },
  /** After `drain`: the job goes on here. */
  undrain: { params: job, result: nothing },
  /** Closes the ends; the job is elsewhere or over. */
  forget: { params: job, result: nothing },
  list: {
    params: nothing,
    result: z.object({ jobs: z.array(job.extend({ exited: z.boolean(), status: statusSchema })) }),
  },
} as const;

/** What the keeper tells; all are notices. */
export const KEEPER_NOTICES = {
  output: { params: job.extend({ stream: streamSchema, place }), result: nothing },
  inputTaken: { params: job.extend({ place }), result: nothing },
  /** The job reads no more: whoever writes on gets what a closed pipe gives. */
  inputClosed: { params: job, result: nothing },
  /** Its first process is over; what it started may still hold the pipes. */
  exited: { params: job.extend({ status: statusSchema }), result: nothing },
  /** It is over and all of its output is known: the streams end at these places. */
  finished: { params: job.extend({ status: statusSchema, out: place, err: place }), result: nothing },
} as const;
