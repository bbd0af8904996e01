/** What an agent says of itself, as far as an installation asks: `mos status --json`. */
import { z } from 'zod';
import { nodeIdSchema } from '../model/node.ts';

export const agentStatusSchema = z.object({
  /** This node's id, and the name of its cluster. */
  id: nodeIdSchema,
  cluster: z.string().max(100),
  /** Why no process can be moved here; empty where they can. */
  criu: z.string().max(2000),
  /** The nodes that it knows. */
  nodes: z.array(z.object({ id: nodeIdSchema })).max(10_000),
});
export type AgentStatus = z.infer<typeof agentStatusSchema>;
