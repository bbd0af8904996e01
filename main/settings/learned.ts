/** What nodes said of themselves the last time (their cluster's id), so that at the next start a row is one row. */
import { join } from 'node:path';
import { z } from 'zod';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { readFileIfThere, writeFileWhole } from './files.ts';

const fileSchema = z.record(z.string(), z.int().min(1).max(MAX_NODE_ID));

/** Ids by the node's name in the settings. A lost or damaged file only costs a row its place for a moment. */
export class Learned {
  readonly #file: string;
  readonly #ids: Map<string, number>;
  #writing: Promise<unknown> = Promise.resolve();
  #planned = false;

  private constructor(file: string, ids: Map<string, number>) {
    this.#file = file;
    this.#ids = ids;
  }

  static async open(folder: string): Promise<Learned> {
    const file = join(folder, 'nodes.json');
    const text = await readFileIfThere(file);
    const content = fileSchema.safeParse(parse(text.ok ? text.value : undefined));
    return new Learned(file, new Map(content.success ? Object.entries(content.data) : []));
  }

  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  /** Remembers an id, or that there is none; written soon after. */
  remember(name: string, id: number | undefined): void {
    if (this.#ids.get(name) === id) return;
    if (id === undefined) this.#ids.delete(name);
    else this.#ids.set(name, id);
    if (this.#planned) return;
    this.#planned = true;
    this.#writing = this.#writeAfter(this.#writing);
  }

  /** Resolves when everything remembered is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeAfter(before: Promise<unknown>): Promise<void> {
    await before;
    // Nodes introduce themselves in a crowd at start; one write serves them all.
    await new Promise((resolve) => setImmediate(resolve));
    this.#planned = false;
    await writeFileWhole(this.#file, `${JSON.stringify(Object.fromEntries(this.#ids), null, 2)}\n`);
  }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
}
