/**
 * Asks every connected node for its processes once a period, evenly spread so that a thousand nodes cost no spike, and
 * gives the lists to the history. A node that does not answer is left out; the gap says so.
 */
import type { ProcessInfo } from '../../common/model/process.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import { ProcessListEncoder, type StoredProcessList } from '../history/index.ts';

/** Nodes asked at the same time at most; they are given up after 20 s each. */
const MOST_AT_ONCE = 64;

export interface ProcessRecorderOptions {
  /** The nodes that are connected now. */
  nodes(): readonly RecordedNode[];
  /** A node's processes; undefined where it does not answer. */
  list(key: string): Promise<readonly ProcessInfo[] | undefined>;
  /** Stores a list; false when it is lost. */
  store(list: StoredProcessList): Promise<boolean>;
  /** Seconds between two lists of a node; 0 for none. */
  period(): number;
}

/** What is known of a node: when it was asked last, whether it has not answered yet, and its lists so far. */
interface Asked {
  time: number;
  underway: boolean;
  readonly encoder: ProcessListEncoder;
}

export class ProcessRecorder {
  readonly #options: ProcessRecorderOptions;
  readonly #asked = new Map<string, Asked>();
  #underway = 0;

  constructor(options: ProcessRecorderOptions) {
    this.#options = options;
  }

  /** To be called once a second: asks those whose turn it is. `time` in milliseconds since 1970. */
  step(time: number): void {
    const period = this.#options.period();
    if (period === 0) return;
    const nodes = this.#options.nodes();
    const due = nodes
      .map((node) => ({ node, asked: this.#askedOf(node.key) }))
      // Half a second early, because a second is never exactly one; any distance when the clock was set back.
      .filter(({ asked }) => !asked.underway && Math.abs(time - asked.time) >= period * 1000 - 500)
      .sort((one, other) => one.asked.time - other.asked.time);
    const share = Math.min(Math.ceil(nodes.length / period), MOST_AT_ONCE - this.#underway);
    for (const { node, asked } of due.slice(0, Math.max(0, share))) void this.#ask(node, asked, time);
    if (this.#asked.size > 2 * nodes.length + MOST_AT_ONCE) this.#forgetAllBut(nodes);
  }

  async #ask(node: RecordedNode, asked: Asked, time: number): Promise<void> {
    asked.time = time;
    asked.underway = true;
    this.#underway += 1;
    try {
      const processes = await this.#options.list(node.key);
      if (processes === undefined) return;
      const second = Math.floor(Date.now() / 1000);
      const stored = await this.#options.store(asked.encoder.encode(node, second, processes));
      if (!stored) asked.encoder.forget();
    } finally {
      asked.underway = false;
      this.#underway -= 1;
    }
  }

  #askedOf(key: string): Asked {
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = { time: -Infinity, underway: false, encoder: new ProcessListEncoder() };
      this.#asked.set(key, asked);
    }
    return asked;
  }

  #forgetAllBut(nodes: readonly RecordedNode[]): void {
    const present = new Set(nodes.map(({ key }) => key));
    for (const [key, { underway }] of this.#asked) {
      if (!present.has(key) && !underway) this.#asked.delete(key);
    }
  }
}
