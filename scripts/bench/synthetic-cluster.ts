/**
 * A cluster made of numbers only: jobs come and go on every node, and its load, memory and CPU figures follow them the
 * way openMosix and Linux compute theirs. Repeatable for the same seed.
 */
import { METRICS, METRIC_INDEX, PAGE_BYTES } from '../../common/model/metric.ts';

/** State of one node. */
interface SyntheticNode {
  readonly cpus: number;
  readonly speed: number;
  readonly memory: number;
  /** Jobs that arrive in a second, on average; a job lasts a minute. */
  readonly arrivals: number;
  readonly pages: boolean;
  jobs: number;
  load: number;
  average: number;
  free: number;
  cache: number;
  processes: number;
}

export class SyntheticCluster {
  readonly #nodes: readonly SyntheticNode[];
  readonly #values: Float64Array;
  #state: number;
  #second = 0;

  constructor(nodes: number, seed: number) {
    this.#state = seed;
    this.#nodes = Array.from({ length: nodes }, () => this.#node());
    this.#values = new Float64Array(METRICS.length * nodes);
  }

  /** The next second: a column of model values per metric, column after column; the array is used again. */
  step(): Float64Array {
    const rows = this.#nodes.length;
    const values = this.#values;
    this.#second += 1;
    for (const [row, node] of this.#nodes.entries()) {
      const running = this.#live(node, (this.#second + row) % 5 === 0);
      const put = (name: keyof typeof METRIC_INDEX, value: number): void => {
        values[METRIC_INDEX[name] * rows + row] = value;
      };
      put('load', Math.round(node.load));
      put('speed', node.speed);
      put('cpus', node.cpus);
      put('util', node.pages && this.#random() < 0.5 ? 80 + Math.floor(this.#random() * 20) : 100);
      put('memoryTotal', node.memory * PAGE_BYTES);
      put('memoryFree', node.free * PAGE_BYTES);
      put('memoryAvailable', (node.free + node.cache) * PAGE_BYTES);
      put('status', 3);
      put('cpuBusy', this.#busy(node, running));
      put('loadAverage', node.average);
      put('running', running);
      put('processes', node.processes + node.jobs);
    }
    return values;
  }

  #node(): SyntheticNode {
    const cpus = 2 ** Math.floor(this.#random() * 4);
    const memory = 2 ** (17 + Math.floor(this.#random() * 5));
    const busy = this.#random() < 0.6;
    return {
      cpus,
      speed: 10_000 + Math.floor(this.#random() * 4) * 5000,
      memory,
      arrivals: (busy ? 0.5 + this.#random() : this.#random() * 0.1) * (cpus / 60),
      pages: this.#random() < 0.05,
      jobs: 0,
      load: 0,
      average: 0,
      free: Math.floor(memory * (0.3 + this.#random() * 0.4)),
      cache: Math.floor(memory * 0.1),
      processes: 80 + Math.floor(this.#random() * 200),
    };
  }

  /** One second in a node's life; returns its runnable processes. */
  #live(node: SyntheticNode, slowTick: boolean): number {
    const born = this.#random() < node.arrivals ? 1 : 0;
    const died = this.#random() < node.jobs / 60 ? 1 : 0;
    node.jobs += born - died;
    const jobPages = Math.floor(node.memory / 64 + this.#random() * 1000);
    node.free -= (born - died) * jobPages;
    if (this.#random() < (node.jobs > 0 ? 0.8 : 0.35)) node.free += Math.round(this.#normal() * 250);
    node.free = Math.max(500, Math.min(node.memory - 5000, node.free));
    if (slowTick) node.cache = Math.max(0, node.cache + Math.round(this.#normal() * 40));
    const running = node.jobs + (this.#random() < 0.1 ? 1 : 0);
    const goal = (100 * running * 10_000) / node.speed / node.cpus;
    node.load += (goal - node.load) / 8;
    if (slowTick) {
      node.average = Math.round((node.average * 0.92 + running * 0.08) * 100) / 100;
      if (this.#random() < 0.3) node.processes += this.#random() < 0.5 ? -1 : 1;
    }
    return running;
  }

  /** Busy share in percent, counted in hundredths of a second per CPU. */
  #busy(node: SyntheticNode, running: number): number {
    if (running >= node.cpus) return 100;
    const ticks = running * 100 + Math.abs(Math.round(this.#normal() * 1.5));
    return Math.min(100, Math.round((ticks / node.cpus) * 10) / 10);
  }

  /** Uniform in [0, 1): Marsaglia's xorshift over 32 bits. */
  #random(): number {
    let state = (this.#state ^ 0x9e37_79b9) | 0;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = (state ^ 0x9e37_79b9) | 0;
    return (state >>> 0) / 2 ** 32;
  }

  #normal(): number {
    return (this.#random() + this.#random() + this.#random() + this.#random() - 2) * Math.sqrt(3);
  }
}
