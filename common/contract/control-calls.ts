/**
 * The part of the contract that changes nodes and shows processes and migrations: calls and pushes, one schema each.
 * Times are milliseconds since 1970 (UTC) throughout.
 */
import { z } from 'zod';
import {
  actionSchema,
  auditEntrySchema,
  controlStateSchema,
  groupSchema,
  orderSchema,
  placementRuleSchema,
  planSchema,
  programRunSchema,
} from '../model/control.ts';
import { MOST_SPEED } from '../model/metric.ts';
import { migrationSchema, placementSchema } from '../model/migration.ts';
import { nodeIdSchema } from '../model/node.ts';
import { processInfoSchema, processRefSchema } from '../model/process.ts';
import { problemSchema } from './problem-schema.ts';

const nothing = z.object({}).strict();
const keySchema = z.string().min(1).max(300);
const timeSchema = z.number().min(0).max(8.64e15);

/** One moving of processes that balancing would do: `count` standard processes from one node to another. */
export const expectedMoveSchema = z.object({
  from: nodeIdSchema,
  to: nodeIdSchema,
  count: z.int().min(1),
});

export const controlCalls = {
  /** Whether changes are allowed now. */
  control: { input: nothing, output: controlStateSchema },
  /** Allows changes for so many minutes; goes into the audit log. Problems: disk-full, history-damaged (audit log). */
  unlock: { input: z.object({ minutes: z.int().min(1).max(480) }).strict(), output: controlStateSchema },
  /** Ends that at once. */
  lock: { input: nothing, output: controlStateSchema },
  /** Looks at the nodes and says what an order would do; nothing is written. Problems: bad-input, not-found. */
  plan: { input: z.object({ order: orderSchema }).strict(), output: planSchema },
  /** Carries a plan out; answered when it has begun and is recorded. Problems: locked, not-found (too old), disk-full. */
  apply: { input: z.object({ plan: z.string().max(100) }).strict(), output: actionSchema },
  /** Actions, newest first, of those begun in [from, to) where given. Problems: history-damaged. */
  actions: {
    input: z
      .object({
        before: z.int().min(1).optional(),
        from: timeSchema.optional(),
        to: timeSchema.optional(),
        limit: z.int().min(1).max(1000),
      })
      .strict(),
    output: z.object({ actions: z.array(actionSchema) }),
  },
  /** The audit log, newest first, and whether its chain of hashes holds; `broken` says in words where it does not. */
  audit: {
    input: z.object({ before: z.int().min(1).optional(), limit: z.int().min(1).max(10_000) }).strict(),
    output: z.object({ entries: z.array(auditEntrySchema), broken: z.string() }),
  },
  /** What balancing would do if nodes had other speeds: 10000 is the standard CPU. */
  previewSpeeds: {
    input: z
      .object({
        speeds: z.array(z.object({ key: keySchema, speed: z.int().min(1).max(MOST_SPEED) })).max(2000),
      })
      .strict(),
    output: z.object({
      /** Efficiency now and when the moves are done, 0..100. */
      now: z.number(),
      after: z.number(),
      moves: z.array(expectedMoveSchema),
    }),
  },
  /** Starts or ends the flow of `processes` pushes of a node to this window. Problems: not-found. */
  watchProcesses: { input: z.object({ key: keySchema, on: z.boolean() }).strict(), output: nothing },
  /** Starts or ends the flow of `placements` pushes to this window. */
  watchPlacements: { input: z.object({ on: z.boolean() }).strict(), output: nothing },
  /** All groups of processes. */
  groups: { input: nothing, output: z.object({ groups: z.array(groupSchema) }) },
  /** Makes a group, or changes the one of that name. Problems: disk-full, permission-denied. */
  saveGroup: { input: z.object({ group: groupSchema }).strict(), output: nothing },
  /** Problems: not-found. */
  removeGroup: { input: z.object({ name: z.string().max(100) }).strict(), output: nothing },
  /** A group's processes now, on every node that can be asked. Problems: not-found. */
  groupMembers: {
    input: z.object({ name: z.string().max(100) }).strict(),
    output: z.object({
      members: z.array(z.object({ ref: processRefSchema, nodeName: z.string(), info: processInfoSchema })),
      /** Nodes that could not be asked, with the reason in words. */
      missing: z.array(z.string()),
    }),
  },
  /** Starts a program on a node. Problems: locked, not-found, not-available (dialect), connection-lost. */
  run: {
    input: z
      .object({ key: keySchema, command: z.string().min(1).max(4000), placement: placementRuleSchema })
      .strict(),
    output: programRunSchema,
  },
  /** Programs started since this program began, newest first. */
  runs: { input: nothing, output: z.object({ runs: z.array(programRunSchema) }) },
  /** Ends a program that was started here: its channel is closed. Problems: not-found. */
  stopRun: { input: z.object({ number: z.int().min(1) }).strict(), output: nothing },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export const controlPushes = {
  /** Whether changes are allowed, whenever that or the running actions change. */
  control: controlStateSchema,
  /** An action that began, went on or ended. */
  action: z.object({ action: actionSchema }),
  /** A node's processes, every two seconds while they are watched; `problem` in place of the list where it fails. */
  processes: z.object({
    key: keySchema,
    time: timeSchema,
    processes: z.array(processInfoSchema),
    problem: problemSchema.nullable(),
  }),
  /** Every process that is not at home, once a second while it is watched. */
  placements: z.object({ time: timeSchema, placements: z.array(placementSchema) }),
  /** Migrations as they are seen, and once more when something became known of them. */
  migrations: z.object({ migrations: z.array(migrationSchema) }),
  /** A program that was started here, whenever it prints or ends. */
  run: z.object({ run: programRunSchema }),
} as const satisfies Record<string, z.ZodType>;
