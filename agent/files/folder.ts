/** A folder of flat files that are only read: what changed is written in place, and nothing else. */
import { join } from 'node:path';
import { errorCode } from '../error-code.ts';
import { makeFolder, writeInPlace } from './in-place.ts';
import type { Texts } from './texts.ts';

export class Folder {
  readonly #path: string;
  readonly #texts = new Map<string, string>();

  /** Makes the folder. Throws the file system's errors, as `put` does. */
  constructor(path: string) {
    this.#path = path;
    makeFolder(path);
  }

  put(texts: Texts): void {
    for (const name in texts) {
      const text = texts[name] ?? '';
      if (this.#texts.get(name) === text) continue;
      this.#write(name, text);
      this.#texts.set(name, text);
    }
  }

  #write(name: string, text: string): void {
    try {
      writeInPlace(join(this.#path, name), text, 'plain');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // Somebody removed the folder; the other files are missing, too.
      makeFolder(this.#path);
      for (const [other, its] of this.#texts) writeInPlace(join(this.#path, other), its, 'plain');
      writeInPlace(join(this.#path, name), text, 'plain');
    }
  }
}
