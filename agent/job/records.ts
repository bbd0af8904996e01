/**
 * What the agent must know of the jobs here after a restart of its own. Each record is replaced as a whole, in a folder of
 * root's alone that the node's restart empties with the jobs.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../error-code.ts';
import { jobIdSchema, type JobId } from '../job-id.ts';
import { causeSchema, jobFactsSchema } from '../link/protocol.ts';
import { startOf } from '../proc/process.ts';

/** A process that was ours before a restart, known again by its start. */
export const processMarkSchema = z.object({ pid: z.int(), started: z.number() });
export type ProcessMark = z.infer<typeof processMarkSchema>;

/** What is happening to a job here. */
const phaseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('running') }),
  /** On its way to `to`: the copy here is whole and stopped. After `gone` the other side may let its copy run. */
  z.object({
    kind: z.literal('leaving'),
    to: z.int(),
    cause: causeSchema,
    gone: z.boolean(),
    dump: processMarkSchema.optional(),
  }),
  /** On its way here from `from`: `go` is set before the gate is opened, so that what is not set has never run. */
  z.object({
    kind: z.literal('arriving'),
    from: z.int(),
    cause: causeSchema,
    go: z.boolean(),
    restorer: processMarkSchema,
    /** What is at the gate, as agent/move/ran.ts names it. */
    restorers: z.record(z.string(), z.string()).optional(),
  }),
  z.object({ kind: z.literal('ended'), status: z.int().nullable(), out: z.int(), err: z.int() }),
]);
export type Phase = z.infer<typeof phaseSchema>;

export const runRecordSchema = z.object({
  facts: jobFactsSchema,
  /** Moves that it has made, this one included while it is on its way here. */
  epoch: z.int().min(0),
  /** When it came here or began, in milliseconds since 1970. */
  since: z.number(),
  init: z.int(),
  phase: phaseSchema,
});
export type RunRecord = z.infer<typeof runRecordSchema>;

const RECORD = 'record.json';
/** Room for later records of the job, given up when there is no other. */
const RESERVE = 'reserve';
const PAGE = 4096;
/** Lines `JOB EPOCH` of the jobs that came here and ran, so that no later question takes them for never come. */
const RAN = 'ran';
/** Between this and twice as many lines are kept. */
const MOST_RAN = 1000;

export function markOf(pid: number): ProcessMark {
  return { pid, started: startOf(pid) ?? 0 };
}

export function isAlive({ pid, started }: ProcessMark): boolean {
  return startOf(pid) === started;
}

/** Records of one kind in a folder of folders, one a job. */
export class Records<Kept extends { readonly facts: { readonly job: JobId } }> {
  readonly #folder: string;
  readonly #schema: z.ZodType<Kept>;

  constructor(folder: string, schema: z.ZodType<Kept>) {
    this.#folder = folder;
    this.#schema = schema;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The job's own folder, made when it is not there. */
  folderOf(job: JobId): string {
    const folder = join(this.#folder, job);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Replaces the record. False when there is no room for it: then the one before is still there, if there was one. */
  save(record: Kept): boolean {
    const folder = this.folderOf(record.facts.job);
    const reserve = join(folder, RESERVE);
    const text = JSON.stringify(record);
    const saved = replace(join(folder, RECORD), text);
    if (saved && !existsSync(reserve)) replace(reserve, '.'.repeat(text.length + 2 * PAGE));
    if (saved) return true;
    rmSync(reserve, { force: true });
    return replace(join(folder, RECORD), text);
  }

  remove(job: JobId): void {
    rmSync(join(this.#folder, job), { recursive: true, force: true });
  }

  /** What was saved; `unreadable` are the folders without a record that can be read. */
  load(): { readonly records: readonly Kept[]; readonly unreadable: readonly JobId[] } {
    const records: Kept[] = [];
    const unreadable: JobId[] = [];
    for (const name of readdirSync(this.#folder)) {
      const job = jobIdSchema.safeParse(name);
      if (!job.success) continue;
      try {
        records.push(this.#schema.parse(JSON.parse(readFileSync(join(this.#folder, name, RECORD), 'utf8'))));
      } catch {
        unreadable.push(job.data);
      }
    }
    return { records, unreadable };
  }
}

/** Writes a file whole or not at all; false when there is no room. */
function replace(path: string, text: string): boolean {
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error;
    rmSync(`${path}.new`, { force: true });
    return false;
  }
}

/** Which jobs came here and ran, by their epoch; the newest of them, as nobody asks long after. */
export class Arrived {
  readonly #path: string;
  #known: Set<string>;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, RAN);
    let text = '';
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      // Nothing came here since the node started.
    }
    this.#known = new Set(text.split('\n').filter(Boolean));
    this.#shorten();
  }

  add(job: JobId, epoch: number): void {
    this.#known.add(`${job} ${epoch}`);
    if (this.#known.size > 2 * MOST_RAN) return this.#shorten();
    try {
      writeFileSync(this.#path, `${job} ${epoch}\n`, { flag: 'a', mode: 0o600 });
    } catch (error) {
      // As long as this agent runs it knows without the file.
      if (errorCode(error) !== 'ENOSPC') throw error;
    }
  }

  has(job: JobId, epoch: number): boolean {
    return this.#known.has(`${job} ${epoch}`);
  }

  #shorten(): void {
    this.#known = new Set([...this.#known].slice(-MOST_RAN));
    replace(this.#path, [...this.#known].map((line) => `${line}\n`).join(''));
  }
}
