/** Installing the agent on nodes, and removing it: what is planned, what is being done, and what came of it. */
import { z } from 'zod';
import { clusterNameSchema } from '../trust/map.ts';
import { nodeIdSchema } from './node.ts';

const wordsSchema = z.string().max(4000);

/** What is to be done on one node. */
export const agentNodePlanSchema = z.object({
  /** As the settings or the command named it, and where it is reached, `user@host:port`. */
  name: z.string(),
  target: z.string(),
  /** The id it has, or will have; null where it cannot be said. */
  id: nodeIdSchema.nullable(),
  /** What was found there, in one line. */
  there: wordsSchema,
  /** What will be done there, in order, one line each; nothing where it is refused. */
  steps: z.array(wordsSchema),
  /** What the operator should know before. */
  notes: z.array(wordsSchema),
  /** Why nothing can be done there, with what to do; empty where it can. */
  refusal: wordsSchema,
});
export type AgentNodePlan = z.infer<typeof agentNodePlanSchema>;

/** What is to be done, as the operator sees it before it begins. */
export const agentPlanSchema = z.object({
  kind: z.enum(['install', 'remove']),
  cluster: clusterNameSchema,
  nodes: z.array(agentNodePlanSchema),
  /** What is done besides on this machine, and on the other nodes of the cluster. */
  beside: z.array(wordsSchema),
});
export type AgentPlan = z.infer<typeof agentPlanSchema>;

/** How far a node is. */
export const agentProgressSchema = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'working', 'done', 'failed']),
  /** What is being done, or came of it. */
  words: wordsSchema,
});
export type AgentProgress = z.infer<typeof agentProgressSchema>;

/** What came of a plan. */
export const agentOutcomeSchema = z.object({
  kind: z.enum(['install', 'remove']),
  cluster: clusterNameSchema,
  nodes: z.array(agentProgressSchema.extend({ id: nodeIdSchema.nullable() })),
  /** Members that could not be given the new map by us, with why; they get it from the others. */
  untold: z.array(wordsSchema),
});
export type AgentOutcome = z.infer<typeof agentOutcomeSchema>;
