/**
 * The flat files: the tree of openMosix' /proc/hpc and of its files in /proc/PID under one folder, readable with cat and,
 * by root, writable with echo, so that what was written for openMosix works after one change of prefix.
 *
 *   admin/      this node and its switches, and last_error: the last write that was refused, and why
 *   nodes/ID/   every node of the cluster as this one believes it
 *   remote/PID/ guests
 *   PID/        jobs whose home is here
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import type { NodeValues } from '../../common/model/recorded.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import type { Switch } from '../settings.ts';
import { Folder } from './folder.ts';
import { isTmpfs, makeFolder, writeInPlace } from './in-place.ts';
import { OrderFolder } from './order-folder.ts';
import { ADMIN_RULES, JOB_RULES } from './orders.ts';
import { adminTexts, guestTexts, jobTexts, nodeTexts } from './texts.ts';
import type { AdminValues, GuestValues, JobValues } from './texts.ts';
export type { AdminValues, GuestValues, JobValues } from './texts.ts';

/** Whether a request was taken up; a problem's message is what the operator reads in admin/last_error. */
type Answer = Result<void> | Promise<Result<void>>;

/** What an operator asks for by writing into a file. */
export interface FileHandlers {
  onSwitch(name: Switch, on: boolean): Answer;
  /** 1..MOST_SPEED. */
  onSpeed(speed: number): Answer;
  onExpel(): Answer;
  onBring(): Answer;
  /** `target` is a node's id (not checked against the cluster), 0 for home, -1 for the best node. */
  onGoto(pid: number, target: number): Answer;
  onLock(pid: number, on: boolean): Answer;
  /** 0 is no group. */
  onGroup(pid: number, group: number): Answer;
  /** A sentence for the agent's log. */
  log(sentence: string): void;
}

type AdminFile = keyof typeof ADMIN_RULES;
type JobFile = keyof typeof JOB_RULES;

/** Seconds between two looks for writes that inotify did not tell of. */
const SWEEP_SECONDS = 5;

/** Trouble with the file system is said again after this long. */
const SAY_AGAIN_MS = 60_000;

export class FlatFiles {
  readonly #root: string;
  readonly #handlers: FileHandlers;
  readonly #sweepSeconds: number;
  readonly #nodes = new Map<number, Folder>();
  readonly #guests = new Map<number, Folder>();
  readonly #jobs = new Map<number, OrderFolder<JobFile>>();
  readonly #saidAt = new Map<string, number>();
  #admin: OrderFolder<AdminFile> | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(root: string, handlers: FileHandlers, options: { readonly sweepSeconds?: number } = {}) {
    this.#root = root;
    this.#handlers = handlers;
    this.#sweepSeconds = options.sweepSeconds ?? SWEEP_SECONDS;
  }

  /** Makes the tree anew; what an agent before left is removed. Fails when the folder cannot be made or written. */
  start(): Result<void> {
    try {
      makeFolder(this.#root);
      this.#clear();
      if (!isTmpfs(this.#root)) {
        this.#handlers.log(
          `${this.#root} is not on a tmpfs: who reads a flat file may see half a value at times.`,
        );
      }
      for (const name of ['admin', 'nodes', 'remote']) makeFolder(join(this.#root, name));
      writeInPlace(this.#errorFile, '', 'plain');
      this.#admin = new OrderFolder(join(this.#root, 'admin'), ADMIN_RULES, {
        take: (name, value) => this.#takeAdmin(name, value),
        refused: (name, written, why) => this.#refused(`admin/${name}`, written, why),
        failed: (path, code) => this.#failed(path, code),
      });
    } catch (error) {
      const code = errorCode(error);
      return failure(problem('file-unreadable', `The flat files cannot be made in ${this.#root}: ${code}.`));
    }
    this.#sweeper = setInterval(() => this.#sweep(), this.#sweepSeconds * 1000);
    this.#sweeper.unref();
    return success(undefined);
  }

  /** Removes the tree: without an agent nothing is true of what it would tell. */
  stop(): void {
    clearInterval(this.#sweeper);
    this.#admin?.close();
    this.#admin = undefined;
    for (const job of this.#jobs.values()) job.close();
    for (const known of [this.#jobs, this.#nodes, this.#guests]) known.clear();
    this.#attempt(this.#root, () => this.#clear());
  }

  setAdmin(values: Partial<AdminValues>): void {
    this.#admin?.put(adminTexts(values));
  }

  setNode(id: number, values: NodeValues): void {
    this.#put(this.#nodes, `nodes/${id}`, id, nodeTexts(values));
  }

  removeNode(id: number): void {
    this.#nodes.delete(id);
    this.#remove(`nodes/${id}`);
  }

  /** `pid` is the deputy's number here. */
  setJob(pid: number, values: JobValues): void {
    if (this.#admin === undefined) return;
    this.#attempt(`${pid}`, () => {
      const job = this.#jobs.get(pid) ?? this.#newJob(pid);
      job.put(jobTexts(values));
    });
  }

  removeJob(pid: number): void {
    this.#jobs.get(pid)?.close();
    this.#jobs.delete(pid);
    this.#remove(`${pid}`);
  }

  /** `pid` is the guest's number here. */
  setGuest(pid: number, values: GuestValues): void {
    this.#put(this.#guests, `remote/${pid}`, pid, guestTexts(values));
  }

  removeGuest(pid: number): void {
    this.#guests.delete(pid);
    this.#remove(`remote/${pid}`);
  }

  /** Tells an operator what came to nothing, in admin/last_error and the log; one sentence. */
  refuse(sentence: string): void {
    const line = sentence.replaceAll(/\s+/g, ' ').slice(0, 1000);
    this.#handlers.log(line);
    if (this.#admin === undefined) return;
    this.#attempt(this.#errorFile, () => {
      writeInPlace(this.#errorFile, `${new Date().toISOString()} ${line}\n`, 'plain');
    });
  }

  get #errorFile(): string {
    return join(this.#root, 'admin/last_error');
  }

  #newJob(pid: number): OrderFolder<JobFile> {
    const job = new OrderFolder(join(this.#root, `${pid}`), JOB_RULES, {
      take: (name, value) => this.#takeJob(pid, name, value),
      refused: (name, written, why) => this.#refused(`${pid}/${name}`, written, why),
      failed: (path, code) => this.#failed(path, code),
    });
    this.#jobs.set(pid, job);
    return job;
  }

  #takeAdmin(name: AdminFile, value: number): Answer {
    const handlers = this.#handlers;
    switch (name) {
      case 'stay':
      case 'lstay':
      case 'block':
      case 'quiet':
        return handlers.onSwitch(name, value === 1);
      case 'expel':
        return handlers.onExpel();
      case 'bring':
        return handlers.onBring();
      case 'speed':
        return handlers.onSpeed(value);
      default:
        return assertNever(name);
    }
  }

  #takeJob(pid: number, name: JobFile, value: number): Answer {
    switch (name) {
      case 'goto':
      case 'migrate':
        return this.#handlers.onGoto(pid, value);
      case 'lock':
        return this.#handlers.onLock(pid, value === 1);
      case 'miggroup':
        return this.#handlers.onGroup(pid, value);
      default:
        return assertNever(name);
    }
  }

  #refused(file: string, written: string, why: string): void {
    const shown = written === '' ? 'nothing' : JSON.stringify(written.slice(0, 40));
    this.refuse(`${file}: ${shown} was written and is refused: ${why}.`);
  }

  #put(known: Map<number, Folder>, path: string, key: number, texts: Readonly<Record<string, string>>): void {
    if (this.#admin === undefined) return;
    this.#attempt(path, () => {
      let folder = known.get(key);
      if (folder === undefined) {
        folder = new Folder(join(this.#root, path));
        known.set(key, folder);
      }
      folder.put(texts);
    });
  }

  #remove(path: string): void {
    this.#attempt(path, () => rmSync(join(this.#root, path), { recursive: true, force: true }));
  }

  /** Removes the tree's own names; anything else in the folder is left. */
  #clear(): void {
    for (const name of readdirSync(this.#root)) {
      if (!/^(admin|nodes|remote|\d+)$/.test(name)) continue;
      rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }

  #sweep(): void {
    this.#admin?.sweep();
    for (const job of this.#jobs.values()) job.sweep();
  }

  /** What fails for lack of room is tried again with the next value. */
  #attempt(path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(path, errorCode(error));
    }
  }

  #failed(path: string, code: string): void {
    const now = Date.now();
    if (now - (this.#saidAt.get(code) ?? -Infinity) < SAY_AGAIN_MS) return;
    this.#saidAt.set(code, now);
    this.#handlers.log(`The flat file ${path} could not be brought up to date: ${code}. It is tried again.`);
  }
}
