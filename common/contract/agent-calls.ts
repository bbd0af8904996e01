/** The part of the contract about agents on nodes: what would be done, doing it, and how far it is. */
import { z } from 'zod';
import { agentOutcomeSchema, agentPlanSchema, agentProgressSchema } from '../model/agent-install.ts';
import { clusterNameSchema } from '../trust/map.ts';

const nothing = z.object({}).strict();
const planNumberSchema = z.int().min(1);

export const agentCalls = {
  /**
   * Looks at nodes of the settings and plans to install the agent there, or to remove it; nothing is changed. Problems:
   * not-found (a node without an entry), not-available (a demo), bad-input (several clusters), those of the files.
   */
  agentPlan: {
    input: z
      .object({
        kind: z.enum(['install', 'remove']),
        keys: z.array(z.string().min(1).max(300)).min(1).max(2000),
        /** The only one there is, or a new one, where it is left out. */
        cluster: clusterNameSchema.optional(),
      })
      .strict(),
    output: z.object({ number: planNumberSchema, plan: agentPlanSchema }),
  },
  /**
   * Carries the latest plan out; it goes on by itself, told by `agentProgress` and `agentOutcome` pushes. Problems: locked,
   * not-found (another plan came later, or it was carried out already).
   */
  agentInstall: { input: z.object({ number: planNumberSchema }).strict(), output: nothing },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export const agentPushes = {
  /** How far a node of a plan is. */
  agentProgress: z.object({ number: planNumberSchema, progress: agentProgressSchema }),
  /** What came of a plan; `outcome` is null where it could not be begun, which a notice tells. */
  agentOutcome: z.object({ number: planNumberSchema, outcome: agentOutcomeSchema.nullable() }),
} as const satisfies Record<string, z.ZodType>;
