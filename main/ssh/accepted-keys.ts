/**
 * The file of host keys that the operator has accepted, in known_hosts format and readable by its owner only. Each change
 * is made to what the file holds at that moment, so that nothing another has written is lost.
 */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { describeFileError, isAbsent } from './failure.ts';
import { FileCache } from './file-cache.ts';
import { formatKnownHost, parseKnownHosts, type KnownHosts } from './known-hosts.ts';

const HEADER =
  '# Host keys accepted in mosview. Keys of ~/.ssh/known_hosts are used too and are not repeated here.';

type Change = (lines: readonly string[]) => readonly string[];

/** The file. */
export class AcceptedKeys {
  readonly #file: string;
  readonly #cache = new FileCache(parseKnownHosts);
  #changes: Change[] = [];
  #writing: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  get file(): string {
    return this.#file;
  }

  /** What it holds. Problems: file-unreadable. */
  async known(): Promise<Result<KnownHosts>> {
    try {
      return success(await this.#cache.get(this.#file));
    } catch (error) {
      if (isAbsent(error)) return success(parseKnownHosts('', this.#file));
      // Going on without it would ask for every key again.
      return failure(
        problem(
          'file-unreadable',
          `The accepted host keys in ${this.#file}: it ${describeFileError(error)}.`,
        ),
      );
    }
  }

  /** Adds a key. Problems: file-unreadable. */
  add(name: string, key: Buffer): Promise<Result<void>> {
    const line = formatKnownHost(name, key);
    return this.#change((lines) => (lines.includes(line) ? lines : [...lines, line]));
  }

  /** Takes the keys of a name out. Problems: file-unreadable. */
  remove(name: string): Promise<Result<void>> {
    const names = (line: string): boolean =>
      parseKnownHosts(line, '')
        .keysFor(name)
        .some((known) => known.marker === 'none');
    return this.#change((lines) => lines.filter((line) => !names(line)));
  }

  lookAgain(): void {
    this.#cache.lookAgain();
  }

  /** Those who come while the file is written share the next writing. */
  async #change(change: Change): Promise<Result<void>> {
    this.#changes.push(change);
    try {
      await this.#writing?.catch(() => {});
      this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
      await this.#writing;
      return success(undefined);
    } catch (error) {
      return failure(
        problem('file-unreadable', `${this.#file} could not be written: ${describeFileError(error)}.`),
      );
    }
  }

  async #write(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      if (isAbsent(error)) return `${HEADER}\n`;
      throw error;
    });
    const changes = this.#changes;
    this.#changes = [];
    let lines: readonly string[] = text.split('\n').filter((line) => line !== '');
    for (const change of changes) lines = change(lines);
    const temporary = `${this.#file}.${process.pid}.new`;
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${lines.join('\n')}\n`, { mode: 0o600 });
    // An older file of that name may have had another mode.
    await chmod(temporary, 0o600);
    await rename(temporary, this.#file);
    this.#cache.lookAgain();
  }
}
