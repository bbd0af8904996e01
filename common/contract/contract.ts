/**
 * The contract between a window and the back end: every call and every push, as one schema each. Main checks what it
 * receives against these schemas; windows take only the types. Times are milliseconds since 1970 (UTC) throughout.
 */
import { z } from 'zod';
import { MOST_SPEED } from '../model/metric.ts';
import { nodeIdSchema, nodeInfoSchema } from '../model/node.ts';
import { agentCalls, agentPushes } from './agent-calls.ts';
import { controlCalls, controlPushes } from './control-calls.ts';
import { historyCalls, historyPushes } from './history-calls.ts';
import { outletCalls } from './outlet-calls.ts';
import { problemSchema } from './problem-schema.ts';
import { reportCalls, reportPushes } from './report-calls.ts';
import { totalsSchema } from './totals.ts';

const nothing = z.object({}).strict();
const keySchema = z.string().min(1).max(300);
const timeSchema = z.number().min(0).max(8.64e15);

/** A node as the settings hold it: how to reach it, and where its files are. */
export const nodeEntrySchema = z.object({
  /** What the window calls it; unique in the settings. */
  name: z.string().min(1).max(253),
  /** Name or address that `ssh` would be given; may be an alias of ~/.ssh/config. */
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/, 'is no host name or address'),
  user: z.string().min(1).max(64).optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** Folder of the cluster's files on the node (`/proc/hpc`), or the folder that holds it. Default `/proc`. */
  root: z
    .string()
    .max(400)
    .regex(/^\/[A-Za-z0-9_.,+@%/-]*$/, 'must be an absolute path of plain characters')
    .optional(),
  /** Jump hosts in order, `[user@]host[:port],...`; overrides ~/.ssh/config. */
  jump: z.string().max(1000).optional(),
  /** Private key files to offer instead of those of ~/.ssh/config. */
  identityFiles: z.array(z.string().max(1000)).max(20).optional(),
  /** Speed of a plain Linux node for the load formula, 10000 is the standard CPU. */
  speed: z.int().min(1).max(MOST_SPEED).optional(),
  /** Words before every command that changes something, for logins that are not root: `sudo -n`. */
  writePrefix: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_./-]+(?: [A-Za-z0-9_./=-]+)*$/, 'must be plain words, such as "sudo -n"')
    .optional(),
  /** The node's id where its kernel has none; the lowest free one by default. */
  id: nodeIdSchema.optional(),
});
export type NodeEntry = z.infer<typeof nodeEntrySchema>;

/** A node found in a file, offered for choosing. */
export const candidateSchema = z.object({
  entry: nodeEntrySchema,
  /** Where it goes, in words: `root@10.0.0.3:22 through gate`. */
  about: z.string(),
  /** True where the settings already have it. */
  known: z.boolean(),
});
export type Candidate = z.infer<typeof candidateSchema>;

/** A line of a node's connection log. */
export const connectionEventSchema = z.object({ time: timeSchema, text: z.string() });
export type ConnectionEvent = z.infer<typeof connectionEventSchema>;

/** What an operator is asked before a connection can go on. Everything in it that a host sent is untrusted text. */
export const promptSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('host-key'),
    id: z.string(),
    /** Name of the host as shown, and the address the key belongs to, `host:port`. */
    name: z.string(),
    address: z.string(),
    keyType: z.string(),
    /** `SHA256:...`, as `ssh-keygen -l` prints it. */
    fingerprint: z.string(),
    /** Command that prints the fingerprint on the host itself. */
    command: z.string(),
  }),
  z.object({
    /** Passwords, passphrases and keyboard-interactive questions. */
    kind: z.literal('secret'),
    id: z.string(),
    /** `root@node3:22`, or the key file. */
    name: z.string(),
    title: z.string(),
    instruction: z.string(),
    fields: z.array(z.object({ label: z.string(), echo: z.boolean() })).min(1),
  }),
]);
export type Prompt = z.infer<typeof promptSchema>;

/** The views that have windows of their own; `node` and `processes` are of one node. */
export const viewSchema = z.enum([
  'node',
  'processes',
  'map',
  'migrations',
  'actions',
  'groups',
  'run',
  'analyzer',
  'reports',
  'settings',
]);
export type View = z.infer<typeof viewSchema>;

/**
 * A range of time as the address of a window writes it, in milliseconds: `last-600000` ends now, `FROM-TO` is between two
 * times since 1970.
 */
const rangeTextSchema = z.string().regex(/^(?:last|\d{1,16})-\d{1,16}$/, 'is no range of time');

/** A call: what a window sends and what it gets. Problems a call may end with are named in its doc comment. */
export const calls = {
  /** The program itself: what is running, on which files, and what went wrong before this window opened. */
  program: {
    input: nothing,
    output: z.object({
      version: z.string(),
      host: z.enum(['electron', 'headless']),
      demo: z.boolean(),
      dataFolder: z.string(),
      settingsFile: z.string(),
      nodes: z.number(),
      notices: z.array(problemSchema),
      /** What these windows are attached to, in words (`collector on head`); null where it is this program itself. */
      attachedTo: z.string().nullable(),
    }),
  },
  /**
   * Starts or ends the flow of `nodes` and `block` pushes to this window; a hidden window turns it off. The start is
   * answered with everything at once: the questions now open, the nodes and the latest second.
   */
  watch: { input: z.object({ on: z.boolean() }).strict(), output: nothing },
  /** One node in full. Problems: not-found. */
  node: {
    input: z.object({ key: keySchema }).strict(),
    output: z.object({
      info: nodeInfoSchema,
      events: z.array(connectionEventSchema),
      /** How each observer sees this node: observer's name, load, age in seconds. */
      views: z.array(z.object({ observer: z.string(), load: z.number(), age: z.number() })),
      /** Kernel release and machine as the node reports them; empty while unknown. Untrusted. */
      system: z.string(),
      /** Version of what the node speaks; empty where it does not say. Untrusted. */
      version: z.string(),
    }),
  },
  /** Hosts of the OpenSSH client configuration (`Include` followed). Problems: file-unreadable. */
  importSshConfig: {
    input: z.object({ path: z.string().max(1000).optional() }).strict(),
    output: z.object({
      path: z.string(),
      candidates: z.array(candidateSchema),
      notices: z.array(problemSchema),
    }),
  },
  /** Nodes of an openMosix map (openmosix.map), from its text. Problems: bad-input with the line's number. */
  importMap: {
    input: z.object({ text: z.string().max(1_000_000) }).strict(),
    output: z.object({ candidates: z.array(candidateSchema) }),
  },
  /**
   * The whole cluster of a node, as its own files and the SSH configuration tell it. `beside` are hosts of the SSH
   * configuration that look like nodes of it; `notes` what the operator should know, in sentences. Problems: not-found,
   * and those of the connection.
   */
  discover: {
    input: z.object({ key: keySchema }).strict(),
    output: z.object({
      name: z.string(),
      nodes: z.array(candidateSchema),
      beside: z.array(candidateSchema),
      notes: z.array(z.string()),
    }),
  },
  /** Adds a node written as `[user@]host[:port]`. Problems: bad-input. */
  addNode: {
    input: z.object({ target: z.string().max(600) }).strict(),
    output: z.object({ name: z.string() }),
  },
  /** Adds chosen candidates; those the settings already have are left as they are. Problems: bad-input, disk-full. */
  addNodes: {
    input: z.object({ entries: z.array(nodeEntrySchema).min(1).max(2000) }).strict(),
    output: z.object({ added: z.number() }),
  },
  /** Takes a node out of the settings; its history stays. Problems: not-found. */
  removeNode: { input: z.object({ key: keySchema }).strict(), output: nothing },
  /** Tries a failed or waiting connection again at once. Problems: not-found. */
  reconnect: { input: z.object({ key: keySchema }).strict(), output: nothing },
  /** Removes the stored key of a node's host, so that the next contact asks again. Problems: not-found. */
  forgetHostKey: { input: z.object({ key: keySchema }).strict(), output: nothing },
  /** Answers a prompt; `null` cancels it. Problems: not-found when it was answered elsewhere. */
  answerPrompt: {
    input: z
      .object({
        id: z.string().max(100),
        /** For a host key `['yes']`; otherwise one answer per field. */
        answer: z.array(z.string().max(10_000)).max(20).nullable(),
      })
      .strict(),
    output: nothing,
  },
  /**
   * Opens a window of its own for a view; those of a node need its key, and the analyzer may have one to begin at.
   * Problems: not-found, bad-input.
   */
  openWindow: {
    input: z
      .object({ view: viewSchema, key: keySchema.optional(), range: rangeTextSchema.optional() })
      .strict(),
    output: nothing,
  },
  /** Starts the demo cluster inside this program. Problems: bad-input when one is running. */
  startDemo: { input: z.object({ nodes: z.int().min(1).max(2000).optional() }).strict(), output: nothing },
  ...agentCalls,
  ...controlCalls,
  ...historyCalls,
  ...outletCalls,
  ...reportCalls,
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

/** What main sends by itself. */
export const pushes = {
  /** Rows of identity that are new or changed; the first push after `watch` has all, with `all` true. */
  nodes: z.object({ all: z.boolean(), changed: z.array(nodeInfoSchema), removed: z.array(z.int()) }),
  /** One second of the cluster; `columns` is read through BlockView. */
  block: z.object({ time: timeSchema, totals: totalsSchema, columns: z.instanceof(Float64Array) }),
  /** Every question now open, oldest first. */
  prompts: z.object({ prompts: z.array(promptSchema) }),
  /** The way to the program that this window is attached to was lost, or found again; what was watched goes on by itself. */
  connection: z.object({ connected: z.boolean() }),
  /** Something went wrong, or right again, that no window asked for. */
  notice: z.object({ problem: problemSchema }),
  ...agentPushes,
  ...controlPushes,
  ...historyPushes,
  ...reportPushes,
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof calls;
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;
export type PushName = keyof typeof pushes;
export type PushPayload<Name extends PushName> = z.output<(typeof pushes)[Name]>;
export type Program = CallOutput<'program'>;
export type NodeDetail = CallOutput<'node'>;
