/**
 * A node as the window and the command line know it: identity, dialect, the state of its own connection and the state
 * shown to the operator. Schemas and types in one, so that the contract can check them.
 */
import { z } from 'zod';
import { problemSchema } from '../contract/problem-schema.ts';

/** Largest openMosix node id; 0 means home or self and is never a node. */
export const MAX_NODE_ID = 65_535;

/** An openMosix node id. Ids are sparse. */
export const nodeIdSchema = z.int().min(1).max(MAX_NODE_ID);

/** The languages nodes speak, most capable first; see ARCHITECTURE.md for adding one. */
export const dialectSchema = z.enum(['openmosix', 'mattx', 'openmosix26', 'agent', 'linux']);
export type Dialect = z.infer<typeof dialectSchema>;

/** The state of a node's own SSH connection. Times are milliseconds since 1970. */
export const connectionStateSchema = z.discriminatedUnion('kind', [
  /** Known only from other nodes; it has no entry in the settings. */
  z.object({ kind: z.literal('none') }),
  /** In the queue for one of the parallel connects. */
  z.object({ kind: z.literal('queued') }),
  /** `step` says in words what is being done, with the hop's name where there is one. */
  z.object({ kind: z.literal('connecting'), step: z.string() }),
  /** Waits for the operator: a host key, a password, a passphrase. */
  z.object({ kind: z.literal('asking'), step: z.string() }),
  z.object({ kind: z.literal('connected'), since: z.number() }),
  /** The connection was lost or could not be made, and is tried again at `retryAt`. */
  z.object({ kind: z.literal('waiting'), problem: problemSchema, retryAt: z.number() }),
  /** Not tried again by itself: authentication, host key, or something only the operator can change. */
  z.object({ kind: z.literal('failed'), problem: problemSchema }),
]);
export type ConnectionState = z.infer<typeof connectionStateSchema>;

/** One node's row of identity, pushed when it changes; its numbers travel in blocks. */
export const nodeInfoSchema = z.object({
  /** Position in every block of this window; never reused while the program runs. */
  slot: z.int().min(0),
  /** Stable name of the node in history and calls: `id:5` for a cluster's own id, `host:NAME` for a plain host. */
  key: z.string().max(300),
  id: nodeIdSchema,
  name: z.string().max(300),
  /** Where the connection goes, `user@host:port`; empty for nodes seen only through others. */
  target: z.string().max(600),
  dialect: dialectSchema.nullable(),
  connection: connectionStateSchema,
  /** Words beside the state: why it is down, stale or failed. Empty when there is nothing to say. */
  reason: z.string().max(2000),
  /** True while this node is one of the observers that feed the overview. */
  observer: z.boolean(),
  /** How the observers' views of this node differ; empty when they agree. */
  disagreement: z.string().max(2000),
});
export type NodeInfo = z.infer<typeof nodeInfoSchema>;
