/** Files that every connect looks at: read and parsed again only when they have changed, and looked at once a second. */
import { readFile, stat } from 'node:fs/promises';

const FRESH_MILLISECONDS = 1000;
/** Larger files are none of the kinds read here. */
const LARGEST_BYTES = 50_000_000;

interface Cached<Value> {
  lookedAt: number;
  /** Tells when the file has changed. */
  readonly version: Promise<string>;
  readonly value: Promise<Value>;
}

/** Parsed files by their path. */
export class FileCache<Value> {
  readonly #parse: (text: string, path: string) => Value | Promise<Value>;
  readonly #files = new Map<string, Cached<Value>>();

  constructor(parse: (text: string, path: string) => Value | Promise<Value>) {
    this.#parse = parse;
  }

  /** The parsed file; rejects with what reading it throws. */
  get(path: string): Promise<Value> {
    const before = this.#files.get(path);
    if (before !== undefined && performance.now() - before.lookedAt < FRESH_MILLISECONDS) return before.value;
    const looked = this.#look(path, before);
    const cached: Cached<Value> = {
      lookedAt: performance.now(),
      version: looked.then(({ version }) => version),
      value: looked.then(({ value }) => value),
    };
    // Whoever waits is told; nobody else has to be.
    cached.version.catch(() => {});
    cached.value.catch(() => {});
    this.#files.set(path, cached);
    return cached.value;
  }

  /** Makes the next look go to the disk. */
  lookAgain(): void {
    for (const cached of this.#files.values()) cached.lookedAt = -FRESH_MILLISECONDS;
  }

  clear(): void {
    this.#files.clear();
  }

  async #look(path: string, before: Cached<Value> | undefined): Promise<{ version: string; value: Value }> {
    const { mtimeMs, size, ino } = await stat(path);
    const version = `${mtimeMs} ${size} ${ino}`;
    if (before !== undefined && version === (await before.version.catch(() => undefined))) {
      return { version, value: await before.value };
    }
    if (size > LARGEST_BYTES) throw new Error('is too large');
    return { version, value: await this.#parse(await readFile(path, 'utf8'), path) };
  }
}
