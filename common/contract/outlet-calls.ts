/** The part of the contract about what leaves the program for Prometheus, and what is read back from there. */
import { z } from 'zod';
import { problemSchema } from './problem-schema.ts';

/** Where remote-write stands. Times are milliseconds since 1970. */
export const remoteWriteSchema = z.object({
  /** Without its query, which may hold a secret. */
  url: z.string(),
  /** Seconds between two samples of a series. */
  intervalSeconds: z.number(),
  /** Everything up to here was taken or refused. */
  sentTo: z.number(),
  /** Seconds of recorded values that wait to be sent. */
  behindSeconds: z.number(),
  /** Samples since the program started: taken, and refused for good. */
  samplesTaken: z.number(),
  samplesRefused: z.number(),
  /** Why nothing is taken now; null where all is well. */
  problem: problemSchema.nullable(),
  /** Why samples were refused the last time; null where none were. */
  refusal: problemSchema.nullable(),
  /** When it is tried again; null while nothing is waited for. */
  retryAt: z.number().nullable(),
});
export type RemoteWriteStatus = z.infer<typeof remoteWriteSchema>;

export const outletCalls = {
  /** What leaves the program, and where it stands. */
  outlets: {
    input: z.object({}).strict(),
    output: z.object({
      /** Address of the metrics endpoint; null where there is none. */
      metricsUrl: z.string().nullable(),
      /** Null where the settings name no server. */
      remoteWrite: remoteWriteSchema.nullable(),
      /** The server that older times are read from; null where the settings name none. */
      read: z.object({ url: z.string(), problem: problemSchema.nullable() }).nullable(),
    }),
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;
