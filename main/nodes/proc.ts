/**
 * A machine's own /proc in the model's units: CPU use from the counters' differences, memory, run queue, and from these
 * the load on openMosix' scale for machines whose kernel has none.
 */
import { STANDARD_LOAD, STANDARD_SPEED } from '../../common/model/metric.ts';
import type { Table } from '../../common/wire/reader.ts';
import { noValues, setValue, type Values } from './decoder.ts';

const KILOBYTE = 1024;

/** Order of the columns in the table `cpu`; idle and iowait are the ones that are not busy. */
const IDLE = 3;
const IOWAIT = 4;

/**
 * The load a node shows to others: it rises at once and falls by an eighth a second, so that one quiet moment draws no
 * stampede. Source: the MOSIX values in Kerrighed's probe (mosix_probe.c).
 */
export function exportedLoad(before: number, now: number): number {
  return Number.isNaN(before) || now >= before ? now : (7 * before + now) / 8;
}

/**
 * The load on openMosix' scale: 100 is one runnable process on one CPU of standard speed.
 * `runnable` counts processes, `speed` is 10000 for the standard CPU.
 */
export function loadOf(runnable: number, cpus: number, speed: number): number {
  return (runnable * STANDARD_LOAD * STANDARD_SPEED) / (speed * Math.max(1, cpus));
}

/**
 * Busy share of all CPUs between two readings of the counters in percent; NaN where there is no reading before, or
 * where a counter went back (a restarted machine).
 */
export function busyPercent(before: Values | undefined, now: Values): number {
  if (before === undefined) return NaN;
  let total = 0;
  let idle = 0;
  for (let index = 0; index < now.length; index += 1) {
    const difference = (now[index] ?? NaN) - (before[index] ?? NaN);
    if (Number.isNaN(difference)) continue;
    if (difference < 0) return NaN;
    total += difference;
    if (index === IDLE || index === IOWAIT) idle += difference;
  }
  return total === 0 ? NaN : (100 * (total - idle)) / total;
}

/** Reads the tables `cpu`, `load`, `memory` and `machine`; keeps what differences need. */
export class ProcReader {
  readonly #tables: ReadonlyMap<string, Table>;
  #cpuBefore: Values | undefined;
  #busy = NaN;
  #load = NaN;

  constructor(tables: ReadonlyMap<string, Table>) {
    this.#tables = tables;
  }

  /** The machine's figures; `speed` is the one the load is computed for. */
  read(speed: number): Values {
    const values = noValues();
    const cpus = this.#cell('machine', 'cpus');
    setValue(values, 'cpus', cpus);
    setValue(values, 'speed', speed);
    setValue(values, 'cpuBusy', this.#cpuBusy());
    setValue(values, 'loadAverage', this.#cell('load', 'one'));
    setValue(values, 'processes', this.#cell('load', 'processes'));
    // The reading shell itself is one of the runnable processes.
    const runnable = Math.max(0, this.#cell('load', 'running') - 1);
    setValue(values, 'running', runnable);
    this.#load = exportedLoad(this.#load, loadOf(runnable, cpus, speed));
    setValue(values, 'load', Math.round(this.#load));
    const free = this.#cell('memory', 'free');
    const available = this.#cell('memory', 'available');
    const reclaimable = free + this.#cell('memory', 'buffers') + this.#cell('memory', 'cached');
    setValue(values, 'memoryTotal', this.#cell('memory', 'total') * KILOBYTE);
    setValue(values, 'memoryFree', (Number.isNaN(available) ? reclaimable : available) * KILOBYTE);
    return values;
  }

  #cpuBusy(): number {
    const counters = this.#tables.get('cpu')?.rows.get(0);
    if (counters === undefined) return NaN;
    const busy = busyPercent(this.#cpuBefore, counters);
    // Two ticks within one jiffy show no difference; the last share is then still the true one.
    if (!Number.isNaN(busy) || this.#cpuBefore === undefined) this.#busy = busy;
    this.#cpuBefore = counters.slice();
    return this.#busy;
  }

  #cell(tableName: string, column: string): number {
    const table = this.#tables.get(tableName);
    const index = table?.columns.findIndex((candidate) => candidate.name === column) ?? -1;
    return table?.rows.get(0)?.[index] ?? NaN;
  }
}
