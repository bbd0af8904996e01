/** A migration as the log keeps it: once per move, whoever saw it. */
import { z } from 'zod';
import { MAX_NODE_ID } from './node.ts';

/** Why a process moved, as far as it is known. */
export const migrationCauseSchema = z.enum([
  /** An order of this program moved it. */
  'operator',
  /** The cluster's own balancing. */
  'balancer',
  /** Its home was told to bring its processes home. */
  'brought-home',
  /** The node it visited was told to send its guests away. */
  'expelled',
  'unknown',
]);
export type MigrationCause = z.infer<typeof migrationCauseSchema>;

export const migrationSchema = z.object({
  /** Number in the log, growing with time; 0 before it is stored. */
  number: z.int().min(0),
  /** When it was first seen done, milliseconds since 1970; the move itself was at most a sample earlier. */
  time: z.number(),
  /** Id of the home node, and the process there; `started` as in ProcessRef, 0 where unknown. */
  home: z.int().min(1).max(MAX_NODE_ID),
  pid: z.int().min(0),
  started: z.number(),
  /** Short name of the process; untrusted, empty where unknown. */
  command: z.string().max(64),
  /** Node ids; 0 where it is not known. Equal to `home` for a move from or to home. */
  from: z.int().min(0).max(MAX_NODE_ID),
  to: z.int().min(0).max(MAX_NODE_ID),
  cause: migrationCauseSchema,
  /** The operator's action that caused it, null for none. */
  action: z.int().nullable(),
  /** Milliseconds from the request to the arrival; null where it is not known. */
  duration: z.number().nullable(),
  /**
   * `seen`: where it went, or came from, is known. `unseen`: only the process' own counter grew, `count` times between two samples; from and
   * to are 0.
   */
  result: z.enum(['seen', 'unseen']),
  count: z.int().min(1),
});
export type Migration = z.infer<typeof migrationSchema>;

/** A process that is not at home now, for the map. */
export const placementSchema = z.object({
  home: z.int().min(1).max(MAX_NODE_ID),
  /** Its number at home, 0 where only its host tells of it. */
  pid: z.int().min(0),
  started: z.number(),
  /** Where it runs. */
  at: z.int().min(1).max(MAX_NODE_ID),
  /** Its number where it runs, 0 where unknown. */
  guestPid: z.int().min(0),
  guestStarted: z.number(),
  /** Untrusted; empty where unknown. */
  command: z.string().max(64),
});
export type Placement = z.infer<typeof placementSchema>;
