/**
 * A process as a node shows it. Sources: openMosix' per-process files (where, nmigs, lock, cantmove; in the port to 2.6
 * where, stay, debug), its remote/PID, and /proc/PID/stat, status and cmdline.
 */
import { z } from 'zod';
import { nodeIdSchema } from './node.ts';

/** Names a process of a node for an order; with its start no other process can be meant. */
export const processRefSchema = z.object({
  /** Key of the node in whose /proc the process is listed: its home, or for a guest the node it visits. */
  node: z.string().min(1).max(300),
  /** Its number there. */
  pid: z.int().min(1).max(4_194_304),
  /** When it started, in clock ticks since the node's own start (field 22 of /proc/PID/stat). */
  started: z.number().min(0),
});
export type ProcessRef = z.infer<typeof processRefSchema>;

/** Where a process of a node's list is. */
export const processPlaceSchema = z.discriminatedUnion('kind', [
  /** At home and running here. */
  z.object({ kind: z.literal('home') }),
  /** At home here, running on node `id`. */
  z.object({ kind: z.literal('away'), id: nodeIdSchema }),
  /** A guest: its home is node `id`, where it is process `pid`; 0 where the node does not say. */
  z.object({ kind: z.literal('guest'), id: nodeIdSchema, pid: z.int().min(0) }),
  /** Away at, or a guest from, an address that no known node has. */
  z.object({
    kind: z.literal('elsewhere'),
    address: z.string().regex(/^[0-9A-Fa-f.:]{2,45}$/),
    guest: z.boolean(),
  }),
  /** On its way, neither here nor there. */
  z.object({ kind: z.literal('moving') }),
  /** The node's dialect knows no places. */
  z.object({ kind: z.literal('unknown') }),
]);
export type ProcessPlace = z.infer<typeof processPlaceSchema>;

/** A process in a node's list. All texts come from the node and are untrusted. */
export const processInfoSchema = z.object({
  pid: z.int().min(1),
  /** As in `processRefSchema`. */
  started: z.number(),
  /** Number of the process that started it; 0 or missing where there is none or it is not known. */
  parent: z.int().min(0).optional(),
  /** Number of the user it runs as, and the user's name where the node's /etc/passwd has it. */
  uid: z.int().nullable(),
  user: z.string().max(64),
  /** The short name in /proc/PID/stat, and the command line; the short name where there is none. */
  name: z.string().max(64),
  command: z.string().max(1000),
  place: processPlaceSchema,
  /** R running, S sleeping, D waiting for a disk, T stopped, Z ended; as /proc/PID/stat says. */
  state: z.string().max(8),
  /** Seconds of CPU since its start, and percent of one CPU since the list before; null in the first. */
  cpuSeconds: z.number(),
  cpuPercent: z.number().nullable(),
  /** Bytes. */
  memory: z.number(),
  nice: z.int(),
  /** Seconds it has lived; NaN where unknown. */
  age: z.number(),
  /** Migrations so far, null where the node does not count them. */
  migrations: z.int().nullable(),
  locked: z.boolean().nullable(),
  /** The node's own words for why it cannot move, as they are; empty when it can. */
  reasons: z.array(z.string().max(200)).max(32),
});
export type ProcessInfo = z.infer<typeof processInfoSchema>;
