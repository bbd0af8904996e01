/** The part of the contract about the past: every question of historyQueries, and what is kept of the history. */
import { z } from 'zod';
import { checkpointSchema, partUseSchema, retentionSchema, snapshotSecondsSchema } from '../model/history.ts';
import { historyQueries } from './history-queries.ts';

const nothing = z.object({}).strict();

export const historyCalls = {
  ...historyQueries,
  /** Marks the present moment. Problems: disk-full, not-available (the history is somebody else's). */
  addCheckpoint: {
    input: z.object({ text: z.string().max(500) }).strict(),
    output: z.object({ checkpoint: checkpointSchema }),
  },
  /** What the history takes on the disk, by part, and how long each is kept. Problems: history-damaged. */
  historyUse: {
    input: nothing,
    output: z.object({
      file: z.string(),
      /** Of the file with its log, and free on its disk. */
      bytes: z.number(),
      free: z.number(),
      parts: z.array(partUseSchema),
      retention: retentionSchema,
      /** Seconds between two lists of a node's processes; 0 for none. */
      snapshotSeconds: z.number(),
    }),
  },
  /**
   * Changes how long the history is kept, in the settings file too; what is older is deleted in small portions, soon.
   * Problems: bad-input, disk-full, permission-denied (settings file).
   */
  setRetention: {
    input: z.object({ retention: retentionSchema, snapshotSeconds: snapshotSecondsSchema }).strict(),
    output: nothing,
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export const historyPushes = {
  /** A checkpoint was set, here or by the command line. */
  checkpoint: z.object({ checkpoint: checkpointSchema }),
} as const satisfies Record<string, z.ZodType>;
