/**
 * The real files of the emulated kernel: brought up to date in one step each, watched for what clients wrote into them,
 * and able to misbehave.
 */
import { spawn, execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assertNever } from '../../common/model/result.ts';
import type { Files } from '../../main/demo/process-text.ts';

/**
 * What a file does wrong. `empty` and `text` are what a read gives; `slow` lets a read wait until the fault is taken
 * back (a FIFO without a writer); `refuse` reads as it did before and fails every write, for root too; `ignore` accepts
 * writes and does nothing; `delay` accepts a write, reads as before, and lets it take effect `steps` (1 or more) steps
 * later than usual. What is written to a file that ignores or delays can be read back for some milliseconds.
 */
export type FileFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'slow' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'delay'; readonly steps: number }
  | { readonly kind: 'text'; readonly text: string };

/** A fault that is on. */
interface Fault {
  readonly kind: FileFault['kind'];
  /** Makes the file well again. */
  end(): void;
  /** Steps that a write waits. */
  readonly steps: number;
  /** A number that waits. */
  waiting: { readonly value: number; stepsLeft: number } | undefined;
}

/** Faults under which a client's write still succeeds. */
const WRITABLE: ReadonlySet<FileFault['kind'] | undefined> = new Set([undefined, 'ignore', 'delay']);

/** All files of an emulated cluster, by their whole paths. */
export class KernelFiles {
  readonly #staging: string;
  /** What each file holds by our own writing; a difference on disk is a client's write. */
  readonly #written = new Map<string, string>();
  readonly #faults = new Map<string, Fault>();
  #staged = 0;

  /** `staging` is an empty folder on the file system of the files. */
  constructor(staging: string) {
    this.#staging = staging;
    mkdirSync(staging, { recursive: true });
  }

  putAll(folder: string, files: Files): void {
    for (const [path, text] of Object.entries(files)) this.put(join(folder, path), text);
  }

  /** Brings a file up to date; one that misbehaves stays as it is until its fault is taken back. */
  put(file: string, text: string): void {
    if (this.#written.get(file) === text) return;
    const isNew = !this.#written.has(file);
    this.#written.set(file, text);
    if (!WRITABLE.has(this.#faults.get(file)?.kind)) return;
    if (isNew) mkdirSync(dirname(file), { recursive: true });
    this.#replace(file, text);
  }

  /**
   * The whole number that a client wrote into the file and that takes effect now, at a step; anything else is put back as
   * it was.
   */
  takeNumber(file: string): number | undefined {
    const fault = this.#faults.get(file);
    const written = this.#clientNumber(file);
    if (fault?.kind !== 'delay') return written;
    if (fault.waiting === undefined) return undefined;
    fault.waiting.stepsLeft -= 1;
    if (fault.waiting.stepsLeft >= 0) return undefined;
    const { value } = fault.waiting;
    fault.waiting = undefined;
    return value;
  }

  /** What a client wrote into the file, whatever it is; the file is put back as it was. */
  takeText(file: string): string | undefined {
    const before = this.#written.get(file);
    if (before === undefined || this.#faults.has(file)) return undefined;
    const text = readFileSync(file, 'latin1');
    if (text === before || text === '') return undefined;
    this.#replace(file, before);
    return text;
  }

  /** Lets a file misbehave, or behave again. */
  setFault(file: string, fault: FileFault): void {
    this.#endFault(file);
    if (fault.kind === 'none') return;
    const steps = fault.kind === 'delay' ? fault.steps : 0;
    this.#faults.set(file, { kind: fault.kind, steps, waiting: undefined, end: this.#begin(file, fault) });
  }

  /** Removes a folder with everything in it. */
  remove(folder: string): void {
    for (const file of this.#written.keys()) {
      if (!file.startsWith(`${folder}/`)) continue;
      this.#endFault(file);
      this.#written.delete(file);
    }
    rmSync(folder, { recursive: true, force: true });
  }

  /** Ends all faults, waiting readers of slow files too. */
  close(): void {
    for (const file of this.#faults.keys()) this.#endFault(file);
  }

  /** Sets a fault up; what is returned ends it. */
  #begin(file: string, fault: FileFault): () => void {
    switch (fault.kind) {
      case 'none':
        return () => undefined;
      case 'empty':
      case 'text':
        this.#replace(file, fault.kind === 'text' ? fault.text : '');
        return () => this.#restore(file);
      case 'slow': {
        const fifo = this.#stagedName();
        execFileSync('mkfifo', [fifo]);
        renameSync(fifo, file);
        return () => {
          // Readers that wait get its end when it is closed, and find the new file at their next look.
          const writer = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
          this.#restore(file);
          closeSync(writer);
        };
      }
      case 'refuse':
        return this.#refuse(file);
      case 'ignore':
      case 'delay': {
        // A client's write is put back at once, not at the next step only, because clients read back what they wrote.
        const watcher = watch(dirname(file), { persistent: false }, (event, name) => {
          if (event === 'change' && name === basename(file)) this.#clientNumber(file);
        });
        return () => watcher.close();
      }
      default:
        return assertNever(fault);
    }
  }

  /** A file that root cannot write either: the kernel's own, the first words of a waiting shell's command line. */
  #refuse(file: string): () => void {
    const shell = spawn('/bin/sh', [], {
      argv0: this.#written.get(file) ?? '',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    shell.unref();
    const link = this.#stagedName();
    symlinkSync(`/proc/${shell.pid}/cmdline`, link);
    renameSync(link, file);
    return () => {
      this.#restore(file);
      shell.stdin?.end();
    };
  }

  /** What a client wrote, where it is a whole number and counts now; kept where it is to wait. */
  #clientNumber(file: string): number | undefined {
    const before = this.#written.get(file);
    const fault = this.#faults.get(file);
    if (before === undefined || !WRITABLE.has(fault?.kind)) return undefined;
    const text = readFileSync(file, 'latin1');
    // An empty file is a client between its truncating and its writing.
    if (text === before || text === '') return undefined;
    const isNumber = /^-?\d{1,9}\s*$/.test(text);
    if (isNumber && fault === undefined) {
      this.#written.set(file, text);
      return Number(text);
    }
    this.#replace(file, before);
    if (isNumber && fault?.kind === 'delay') fault.waiting = { value: Number(text), stepsLeft: fault.steps };
    return undefined;
  }

  /** Replaces a file in one step, so that nobody reads half of it. */
  #replace(file: string, text: string): void {
    const staged = this.#stagedName();
    writeFileSync(staged, text, 'latin1');
    renameSync(staged, file);
  }

  #stagedName(): string {
    this.#staged += 1;
    return join(this.#staging, String(this.#staged));
  }

  #restore(file: string): void {
    this.#replace(file, this.#written.get(file) ?? '');
  }

  #endFault(file: string): void {
    this.#faults.get(file)?.end();
    this.#faults.delete(file);
  }
}
