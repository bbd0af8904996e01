/**
 * A folder of flat files that root may write to: what was written is noticed, judged, handed on once, and the file put in
 * order again.
 *
 * inotify tells of writes at once; a sweep now and then finds what it missed. An own write is known by the file's time of
 * last change (see in-place.ts), so that even a text that was there before counts when somebody wrote it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  watch,
} from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { makeFolder, MOST_BYTES, writeInPlace } from './in-place.ts';
import { takenNumber, writtenText, type WriteRule } from './orders.ts';
import type { Texts } from './texts.ts';

/** A file is looked at when it was left alone this long: of two writes in a row the last one counts. */
const SETTLE_MS = 20;

/** And at the latest after this long. */
const SETTLE_MOST_MS = 200;

/** The mark of a file that could not be written; the next sweep tries again. */
const UNWRITTEN = -1n;

/** What the folder tells and asks. */
export interface FolderOwner<Name extends string> {
  /** A number within its rule was written. */
  take(name: Name, value: number): Result<void> | Promise<Result<void>>;
  /** What was written is not taken, and why. */
  refused(name: string, written: string, why: string): void;
  /** The file system failed. */
  failed(path: string, code: string): void;
}

interface OrderFile {
  readonly name: string;
  /** What it should read. */
  text: string;
  /** What this program wrote last, and the time of change that shows it. */
  held: string;
  mark: bigint;
  /** Set while a write is handed on; another one waits. */
  isTaking: boolean;
  /** Sweeps that found it touched since the last own write. */
  sweeps: number;
  settling: { readonly timer: NodeJS.Timeout; readonly since: number } | undefined;
}

export class OrderFolder<Name extends string> {
  readonly #path: string;
  readonly #rules: Readonly<Record<Name, WriteRule>>;
  readonly #owner: FolderOwner<Name>;
  readonly #files = new Map<string, OrderFile>();
  #watcher: FSWatcher | undefined;
  #isClosed = false;

  /** Makes the folder. Throws the file system's errors. Files without a rule are only read. */
  constructor(path: string, rules: Readonly<Record<Name, WriteRule>>, owner: FolderOwner<Name>) {
    this.#path = path;
    this.#rules = rules;
    this.#owner = owner;
    this.#open();
  }

  put(texts: Texts): void {
    for (const [name, text] of Object.entries(texts)) {
      const file = this.#file(name);
      if (file.text === text) continue;
      file.text = text;
      // What somebody wrote just now is judged first; then the file reads this, or what was written.
      if (this.#isTouched(file)) this.#settle(file);
      else this.#write(file);
    }
  }

  /** Finds what inotify did not tell of, and writes what could not be written. */
  sweep(): void {
    if (!existsSync(this.#path)) this.#reopen();
    for (const file of this.#files.values()) {
      if (this.#isTouched(file)) {
        file.sweeps += 1;
        this.#settle(file);
      } else if (file.mark === UNWRITTEN) {
        this.#write(file);
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#watcher?.close();
    for (const { settling } of this.#files.values()) clearTimeout(settling?.timer);
  }

  #open(): void {
    makeFolder(this.#path);
    try {
      this.#watcher = watch(this.#path, { persistent: false }, (_event, name) => {
        const file = name === null ? undefined : this.#files.get(name);
        if (file !== undefined) this.#settle(file);
      });
      this.#watcher.on('error', (error) => this.#owner.failed(this.#path, errorCode(error)));
    } catch (error) {
      // Without inotify (too many watches) the sweep still finds every write.
      this.#owner.failed(this.#path, errorCode(error));
    }
  }

  /** Somebody removed the folder. */
  #reopen(): void {
    this.#watcher?.close();
    try {
      this.#open();
    } catch (error) {
      this.#owner.failed(this.#path, errorCode(error));
    }
    for (const file of this.#files.values()) this.#write(file);
  }

  #file(name: string): OrderFile {
    const found = this.#files.get(name);
    if (found !== undefined) return found;
    const file: OrderFile = {
      name,
      text: '',
      held: '',
      mark: UNWRITTEN,
      isTaking: false,
      sweeps: 0,
      settling: undefined,
    };
    this.#files.set(name, file);
    this.#write(file);
    return file;
  }

  #write(file: OrderFile): void {
    const path = join(this.#path, file.name);
    try {
      file.mark = writeInPlace(path, file.text, 'marked');
      file.held = file.text;
      file.sweeps = 0;
    } catch (error) {
      this.#owner.failed(path, errorCode(error));
      file.mark = UNWRITTEN;
    }
  }

  /** Whether somebody else wrote, removed or replaced it since the last own write. */
  #isTouched({ name, mark }: OrderFile): boolean {
    if (mark === UNWRITTEN) return false;
    return lstatSync(join(this.#path, name), { bigint: true, throwIfNoEntry: false })?.mtimeNs !== mark;
  }

  #settle(file: OrderFile): void {
    if (this.#isClosed) return;
    const { settling } = file;
    if (settling !== undefined) {
      if (Date.now() - settling.since < SETTLE_MOST_MS) settling.timer.refresh();
      return;
    }
    const timer = setTimeout(() => {
      file.settling = undefined;
      void this.#look(file);
    }, SETTLE_MS);
    file.settling = { timer, since: Date.now() };
  }

  async #look(file: OrderFile): Promise<void> {
    if (file.isTaking || !this.#isTouched(file)) return;
    const now = this.#read(file.name);
    // Opened and emptied, but not yet written: the write tells of itself. Only if none comes it counts as written.
    if (now === '' && file.text !== '' && file.sweeps < 2) return;
    if (now === undefined) {
      rmSync(join(this.#path, file.name), { recursive: true, force: true });
      this.#write(file);
      return;
    }
    const written = writtenText(file.held, now);
    const rule = this.#ruleOf(file.name);
    const number = takenNumber(written, rule?.rule);
    const before = file.text;
    if (number.ok && rule?.rule.kind === 'setting') file.text = `${number.value}\n`;
    const after = file.text;
    this.#write(file);
    if (!number.ok) this.#owner.refused(file.name, written, number.problem.message);
    if (!number.ok || rule === undefined || (rule.rule.kind === 'setting' && after === before)) return;
    file.isTaking = true;
    const answer = await this.#owner.take(rule.name, number.value);
    file.isTaking = false;
    if (this.#isClosed) return;
    if (!answer.ok) {
      if (file.text === after) this.put({ [file.name]: before });
      this.#owner.refused(file.name, written, answer.problem.message);
    }
    if (this.#isTouched(file)) this.#settle(file);
  }

  #ruleOf(name: string): { readonly name: Name; readonly rule: WriteRule } | undefined {
    if (!Object.hasOwn(this.#rules, name)) return undefined;
    return { name: name as Name, rule: this.#rules[name as Name] };
  }

  /** The file's text; undefined where there is no file, or something that is none. */
  #read(name: string): string | undefined {
    try {
      const file = openSync(
        join(this.#path, name),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        if (!fstatSync(file).isFile()) return undefined;
        const bytes = Buffer.alloc(MOST_BYTES);
        return bytes.toString('utf8', 0, readSync(file, bytes, 0, MOST_BYTES, 0));
      } finally {
        closeSync(file);
      }
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT') this.#owner.failed(join(this.#path, name), code);
      return undefined;
    }
  }
}
