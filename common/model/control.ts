/**
 * The vocabulary of control: what an operator may order, the plan it becomes, and the action that is kept of it. The way
 * is order -> plan -> confirm -> apply -> verify -> record -> undo.
 */
import { z } from 'zod';
import { LIST_NAME, MOST_AFFINITY } from './mattx.ts';
import { MOST_SPEED } from './metric.ts';
import { nodeIdSchema } from './node.ts';
import { processRefSchema } from './process.ts';

const keySchema = z.string().min(1).max(300);
const reasonSchema = z.string().max(500);
const timeSchema = z.number().min(0).max(8.64e15);

/** What may be changed of a node. */
export const nodeChangeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('setting'),
    setting: z.enum(['block', 'stay', 'lstay', 'quiet', 'nomfs']),
    on: z.boolean(),
  }),
  /** Guests are sent away, once. Cannot be undone. */
  z.object({ kind: z.literal('expel') }),
  /** The node's own processes are brought home, once. Cannot be undone. */
  z.object({ kind: z.literal('bring') }),
  /** 10000 is the standard CPU. */
  z.object({ kind: z.literal('speed'), speed: z.int().min(1).max(MOST_SPEED) }),
  /** Decay of the statistics: interval in seconds, what is kept per interval in thousandths. */
  z.object({
    kind: z.literal('decay'),
    which: z.enum(['decayinterval', 'slowdecay', 'fastdecay']),
    value: z.int().min(0).max(100_000),
  }),
  /** MattX' affinity as it is; 0 for automatic, 1000 for each CPU. */
  z.object({ kind: z.literal('affinity'), affinity: z.int().min(0).max(MOST_AFFINITY) }),
  /** MattX' own switches. */
  z.object({ kind: z.literal('mattx'), which: z.enum(['debug', 'mattxfs']), on: z.boolean() }),
  /**
   * A whole list of MattX: names of programs that never leave (exclude), or that alone do (include). `seen`: the list it
   * was made from; where another stands there now, somebody else changed it.
   */
  z.object({
    kind: z.literal('pins'),
    list: z.enum(['exclude', 'include']),
    names: z.array(z.string().regex(LIST_NAME)).max(200),
    seen: z.string().max(400).nullable().default(null),
  }),
  /** Appends the names of mosview's own processes there to MattX' exclude list. */
  z.object({ kind: z.literal('pin-self') }),
]);
export type NodeChange = z.infer<typeof nodeChangeSchema>;

/** Where a process is to go: a node, its home, or wherever the cluster thinks best. */
export const targetSchema = z.union([nodeIdSchema, z.literal('home'), z.literal('best')]);
export type Target = z.infer<typeof targetSchema>;

/** What may be done to a process. */
export const processChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('move'), to: targetSchema }),
  /** A locked process does not leave by itself. */
  z.object({ kind: z.literal('lock'), on: z.boolean() }),
  z.object({ kind: z.literal('signal'), signal: z.enum(['STOP', 'CONT', 'TERM', 'KILL']) }),
  z.object({ kind: z.literal('renice'), nice: z.int().min(-20).max(19) }),
]);
export type ProcessChange = z.infer<typeof processChangeSchema>;

/** What an operator orders. `until`: when it is to be undone by itself, milliseconds since 1970. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('nodes'),
    nodes: z.array(keySchema).min(1).max(2000),
    changes: z.array(nodeChangeSchema).min(1).max(20),
    reason: reasonSchema.default(''),
    until: timeSchema.nullable().default(null),
  }),
  /**
   * Block and expel; with `bring` also lstay and bring. On MattX: balancer off, affinity 1, guests sent home from their
   * home nodes, with `bring` own processes fetched home.
   */
  z.object({
    kind: z.literal('drain'),
    nodes: z.array(keySchema).min(1).max(2000),
    bring: z.boolean(),
    reason: reasonSchema.default(''),
    until: timeSchema.nullable().default(null),
  }),
  z.object({
    kind: z.literal('processes'),
    processes: z.array(processRefSchema).min(1).max(2000),
    change: processChangeSchema,
    reason: reasonSchema.default(''),
  }),
  /** A named group as one; `spread` sends its movable processes evenly over the nodes that take guests. */
  z.object({
    kind: z.literal('group'),
    group: z.string().min(1).max(100),
    change: z.union([processChangeSchema, z.object({ kind: z.literal('spread') })]),
    reason: reasonSchema.default(''),
  }),
  /** Writes back what an action found; what was changed since by somebody else is left and said. */
  z.object({
    kind: z.literal('undo'),
    action: z.int().min(1),
    reason: reasonSchema.default(''),
  }),
]);
export type Order = z.infer<typeof orderSchema>;
/** An order as a caller may write it, with defaults left out. */
export type OrderInput = z.input<typeof orderSchema>;

/** One write of a plan. */
export const planStepSchema = z.object({
  node: keySchema,
  nodeName: z.string(),
  /** Set where the step concerns a process; the command is untrusted. */
  process: z.object({ pid: z.int(), started: z.number(), command: z.string() }).nullable(),
  /** In words: `block on`, `speed 7609`, `send to node 5`. */
  what: z.string(),
  /** The file that is written, as the node names it; empty for signals and priorities. */
  file: z.string(),
  /** What stands there now, null where it cannot be known; what will be written. */
  before: z.string().nullable(),
  after: z.string(),
  /** `same`: it is so already and nothing is written. */
  verdict: z.enum(['change', 'same', 'impossible']),
  /** Why it is impossible, or what to know of it; empty when there is nothing to say. */
  why: z.string(),
  /** What undo would write back; null where it cannot be undone. */
  undo: z.string().nullable(),
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** What an order would do. Nothing has been written. */
export const planSchema = z.object({
  /** For `apply`; good for five minutes, once. */
  id: z.string(),
  order: orderSchema,
  /** In words: `Block 3 nodes`. */
  title: z.string(),
  steps: z.array(planStepSchema),
  /** Whether the operator must look first, and why: several nodes, or something that cannot be undone. */
  confirm: z.boolean(),
  notes: z.array(z.string()),
});
export type Plan = z.infer<typeof planSchema>;

/** How a step ended, or where it stands. */
export const stepStateSchema = z.enum([
  /** Not begun. */
  'waiting',
  /** Written; the effect is awaited. */
  'written',
  /** Read back and found so. */
  'verified',
  /** The kernel accepted the write and nothing happened. */
  'no-effect',
  /** The node refused: permission, sudo, an errno. */
  'refused',
  /** It was impossible from the start, or became so (the process ended, its number is another's now). */
  'impossible',
  /** It was so already. */
  'same',
  /** The connection was cut at a moment that leaves it open whether it was written; looked at again when it is back. */
  'unknown',
]);
export type StepState = z.infer<typeof stepStateSchema>;

/** A step of an action, with what came of it. */
export const actionStepSchema = planStepSchema.extend({
  state: stepStateSchema,
  /** What was read back last; null where nothing was. */
  now: z.string().nullable(),
  /** In words: why it was refused, how many guests are left, what holds the process. */
  outcome: z.string(),
});
export type ActionStep = z.infer<typeof actionStepSchema>;

/** An order that was carried out, or is being. */
export const actionSchema = z.object({
  /** Number in the audit log, growing with time. */
  number: z.int().min(1),
  time: z.number(),
  /** Who ordered it: login name and machine, or `timer` for the end of a drain. */
  who: z.string(),
  title: z.string(),
  order: orderSchema,
  steps: z.array(actionStepSchema),
  /** `running` until every step has ended; then `done` when all are verified or were so already, else `partly`, `failed`. */
  state: z.enum(['running', 'done', 'partly', 'failed']),
  /** The action this one undoes, and the one that undid this. */
  undoes: z.int().nullable(),
  undoneBy: z.int().nullable(),
  /** When its end was recorded; null while it runs, and where the program ended before it. */
  ended: z.number().nullable().default(null),
  /** Whether undo would write anything. */
  undoable: z.boolean(),
});
export type Action = z.infer<typeof actionSchema>;

/** Whether changes are allowed now. */
export const controlStateSchema = z.object({
  /** Milliseconds since 1970 at which changes are locked again; null while they are locked (read-only). */
  unlockedUntil: z.number().nullable(),
  /** Numbers of the actions that are running. */
  running: z.array(z.int()),
});
export type ControlState = z.infer<typeof controlStateSchema>;

/** One line of the audit log. Lines are only ever added; each holds the hash of the one before. */
export const auditEntrySchema = z.object({
  number: z.int().min(1),
  time: z.number(),
  who: z.string(),
  /**
   * `begun` and `ended` carry an action in `body`; `step` one step whose state became known later; `agent` a plan of
   * installing or removing agents, or what came of it.
   */
  kind: z.enum(['unlocked', 'locked', 'begun', 'ended', 'step', 'run', 'agent']),
  /** The action it belongs to. */
  action: z.int().nullable(),
  /** One line in words. */
  text: z.string(),
  /** JSON. */
  body: z.string(),
  /** SHA-256 in hex over the hash before and this line. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** A named set of processes, by a rule or by hand. */
export const groupSchema = z.object({
  name: z.string().min(1).max(100),
  rule: z.discriminatedUnion('kind', [
    /** A process and all its descendants at its home. */
    z.object({ kind: z.literal('tree'), root: processRefSchema }),
    /** All processes of a user, on every node. */
    z.object({ kind: z.literal('user'), user: z.string().min(1).max(64) }),
    /** Processes whose command line matches: `*` for any characters, otherwise the text anywhere in it. */
    z.object({ kind: z.literal('command'), pattern: z.string().min(1).max(200) }),
    z.object({ kind: z.literal('hand'), processes: z.array(processRefSchema).max(2000) }),
  ]),
});
export type Group = z.infer<typeof groupSchema>;

/** How a program is started: openMosix' mosrun and its wrappers. */
export const placementRuleSchema = z.object({
  /** `free`: starts at home, may be moved. `nomig`: stays here for good. `home`: locked to home. */
  where: z.union([
    z.enum(['free', 'nomig', 'home']),
    z.object({ node: nodeIdSchema }),
    /** One copy on each of these nodes. */
    z.object({ each: z.array(nodeIdSchema).min(1).max(500) }),
  ]),
  /** What kind of job it says it is: cpujob, iojob, or neither. */
  job: z.enum(['unsaid', 'cpu', 'io']),
  decay: z.enum(['usual', 'none', 'slow', 'fast']),
});
export type PlacementRule = z.infer<typeof placementRuleSchema>;

/** A program that was started through this window or command. */
export const programRunSchema = z.object({
  number: z.int().min(1),
  node: keySchema,
  nodeName: z.string(),
  command: z.string(),
  placement: placementRuleSchema,
  started: z.number(),
  /** `running`, or how it ended. */
  state: z.enum(['running', 'ended', 'lost', 'refused']),
  exitCode: z.int().nullable(),
  /** Why it could not be started or placed; empty when all is well. */
  why: z.string(),
  /** The newest 64 kB of standard output and standard error together; untrusted. */
  output: z.string(),
});
export type ProgramRun = z.infer<typeof programRunSchema>;
