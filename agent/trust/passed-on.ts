/**
 * A newer map of the cluster passes from node to node: whoever hears of one asks for it. The authority's signature makes it
 * good, whoever it comes from.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../common/model/result.ts';
import { acceptMap } from './enrol.ts';
import { IDENTITY_FILES } from './identity.ts';

/** A map that cannot be had or used is heard of every second, and worth a line in the log this often. */
const SAY_AGAIN_MILLISECONDS = 60_000;

export interface NewerMapsOptions {
  /** The folder of this node's identity. */
  readonly folder: string;
  /** Asks a node for the map that it goes by. */
  readonly ask: (node: number) => Promise<Result<{ readonly text: string }>>;
  readonly log: (sentence: string) => void;
}

export class NewerMaps {
  readonly #options: NewerMapsOptions;
  #asking = false;
  #saidAt = 0;

  constructor(options: NewerMapsOptions) {
    this.#options = options;
  }

  /** The signed map that this node goes by. Throws what the file system says. */
  own(): Promise<string> {
    return readFile(join(this.#options.folder, IDENTITY_FILES.map), 'utf8');
  }

  /** Takes the map of a node that goes by a newer one. What cannot be had now is heard of again in a second. */
  async take(node: number): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const { folder, ask } = this.#options;
    try {
      const answer = await ask(node);
      const taken = answer.ok ? await acceptMap(folder, answer.value.text) : answer;
      if (!taken.ok) this.#say(`The newer map of node ${node} is not used: ${taken.problem.message}`);
    } catch (error) {
      this.#say(`The newer map of node ${node} could not be kept: ${String(error)}`);
    } finally {
      this.#asking = false;
    }
  }
  #say(sentence: string): void {
    if (Date.now() - this.#saidAt < SAY_AGAIN_MILLISECONDS) return;
    this.#saidAt = Date.now();
    this.#options.log(sentence);
  }
}
