/**
 * What is said between a program that works on a data folder and one that shows windows of it: first a hello, then calls
 * and pushes of the contract. Both check: calls where they arrive, everything else here.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { calls, pushes, type CallName, type PushName } from '../../common/contract/contract.ts';
import { problemSchema } from '../../common/contract/problem-schema.ts';

/** Grows with every change that an older program could not follow. */
export const PROTOCOL = 1;

/** This run of this program, which tells it from the same program started again. */
export const THIS_RUN = randomUUID();

/** What another program on the same machine needs to go on in the place of one that ended; paths are absolute. */
const successionSchema = z.object({
  settingsFile: z.string().max(4096),
  /** Where Prometheus scrapes it. */
  metrics: z.object({ host: z.string().max(100), port: z.int().min(0).max(65_535) }).optional(),
});
export type Succession = z.infer<typeof successionSchema>;

/** What the program says first. These words never change, so that versions can always tell each other apart. */
const helloSchema = z.object({
  mosview: z.object({
    protocol: z.int(),
    version: z.string().max(100),
    /** Name of its machine. */
    host: z.string().max(300),
    /** True for `mosview collect`, which has no window of its own. */
    unattended: z.boolean(),
    /** Its run; an older version does not say. */
    run: z.string().max(100).optional(),
    /** Missing where nobody can go on in its place: its nodes are a demo, or its version is an older one. */
    succession: successionSchema.optional(),
  }),
});
export type Hello = z.infer<typeof helloSchema>['mosview'];

/** What comes after the hello. */
const messageSchema = z.union([
  z.object({ id: z.int(), problem: problemSchema }),
  z.object({ push: z.string().max(100), payload: z.unknown() }),
  z.object({ open: calls.openWindow.input, title: z.string().max(1000) }),
  // Last, because a value may be missing.
  z.object({ id: z.int(), value: z.unknown() }),
]);
export type Message = z.infer<typeof messageSchema>;

/** The hello in a message; undefined where it is none. */
export function readHello(message: unknown): Hello | undefined {
  const read = helloSchema.safeParse(message);
  return read.success ? read.data.mosview : undefined;
}

/** A message in its form; undefined where it has none. What calls and pushes carry is checked with `fits`. */
export function readMessage(message: unknown): Message | undefined {
  const read = messageSchema.safeParse(message);
  return read.success ? read.data : undefined;
}

/** The schema of what a call answers. */
export function answerSchema(name: string): z.ZodType | undefined {
  return Object.hasOwn(calls, name) ? calls[name as CallName].output : undefined;
}

/** The schema of a push; undefined for one that this version does not know. */
export function pushSchema(name: string): z.ZodType | undefined {
  return Object.hasOwn(pushes, name) ? pushes[name as PushName] : undefined;
}

/** Whether a value has the form of a schema. A number may be NaN: that is how a missing measure is written. */
export function fits(schema: z.ZodType, value: unknown): boolean {
  const parsed = schema.safeParse(value);
  return parsed.success || parsed.error.issues.every(({ path }) => Number.isNaN(valueAt(value, path)));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return at;
}
