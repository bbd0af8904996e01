import { describe, expect, test } from 'vitest';
import { METRIC_INDEX, type MetricName } from '../../common/model/metric.ts';
import type { Table } from '../../common/wire/reader.ts';
import { busyPercent, exportedLoad, loadOf, ProcReader } from './proc.ts';

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'],
  load: ['one', 'five', 'fifteen', 'running', 'processes'],
  memory: ['total', 'free', 'available', 'buffers', 'cached'],
  machine: ['cpus'],
};

/** The tables as the wire's reader keeps them, with what a test wants in them; NaN is not to be had. */
function machine(rows: Readonly<Record<string, readonly number[]>>): {
  readonly tables: ReadonlyMap<string, Table>;
  readonly set: (table: string, row: readonly number[]) => void;
} {
  const tables = new Map(
    Object.entries(COLUMNS).map(([name, columns]) => [
      name,
      {
        keyed: false,
        columns: columns.map((column) => ({ name: column, unit: '' })),
        rows: new Map<number, Float64Array>(),
      },
    ]),
  );
  const set = (table: string, row: readonly number[]): void => {
    tables.get(table)?.rows.set(0, Float64Array.from(row));
  };
  for (const [table, row] of Object.entries(rows)) set(table, row);
  return { tables, set };
}

function valueOf(values: Float64Array, metric: MetricName): number {
  return values[METRIC_INDEX[metric]] ?? NaN;
}

describe('the load on openMosix scale', () => {
  test('is 100 for one runnable process on one standard CPU', () => {
    expect(loadOf(1, 1, 10_000)).toBe(100);
  });

  test('is the lower, the more CPUs share it and the faster they are', () => {
    expect(loadOf(4, 2, 10_000)).toBe(200);
    expect(loadOf(1, 1, 20_000)).toBe(50);
  });

  test('does not divide by a number of CPUs that a node reports as 0', () => {
    expect(loadOf(1, 0, 10_000)).toBe(100);
  });

  test('rises at once and falls by an eighth of the difference', () => {
    expect(exportedLoad(100, 300)).toBe(300);
    expect(exportedLoad(300, 100)).toBe(275);
    expect(exportedLoad(NaN, 100)).toBe(100);
  });

  test('comes back after a reading without a figure', () => {
    expect(exportedLoad(exportedLoad(300, NaN), 100)).toBe(100);
  });
});

describe('the busy share of the CPUs', () => {
  test('is what was neither idle nor waiting for a disk since the reading before', () => {
    const before = Float64Array.of(100, 0, 50, 1000, 20, 0, 0, 0);
    const now = Float64Array.of(120, 10, 70, 1040, 30, 0, 0, 0);
    expect(busyPercent(before, now)).toBe(50);
  });

  test('is not known at the first reading', () => {
    expect(busyPercent(undefined, Float64Array.of(1, 2, 3, 4))).toBeNaN();
  });

  test('is not known where a counter went back', () => {
    expect(busyPercent(Float64Array.of(100, 0, 0, 500), Float64Array.of(5, 0, 0, 20))).toBeNaN();
  });

  test('is not known where no counter moved', () => {
    expect(busyPercent(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 2, 3, 4))).toBeNaN();
  });

  test('needs only the four counters that Linux 2.4 has', () => {
    const before = Float64Array.of(0, 0, 0, 0, NaN, NaN, NaN, NaN);
    const now = Float64Array.of(10, 0, 15, 75, NaN, NaN, NaN, NaN);
    expect(busyPercent(before, now)).toBe(25);
  });
});

describe('a machine read from its /proc', () => {
  test('does not count the shell that reads it as a runnable process', () => {
    const { tables } = machine({ load: [0.5, 0.4, 0.3, 3, 90], machine: [1] });
    const values = new ProcReader(tables).read(10_000);
    expect(valueOf(values, 'running')).toBe(2);
    expect(valueOf(values, 'load')).toBe(200);
    expect(valueOf(values, 'loadAverage')).toBe(0.5);
    expect(valueOf(values, 'processes')).toBe(90);
  });

  test('has no less than no runnable process, though the shell was not seen running', () => {
    const { tables } = machine({ load: [0, 0, 0, 0, 90], machine: [1] });
    expect(valueOf(new ProcReader(tables).read(10_000), 'running')).toBe(0);
  });

  test('has the memory that Linux calls available as free, in bytes', () => {
    const { tables } = machine({ memory: [1000, 100, 600, 50, 200] });
    const values = new ProcReader(tables).read(10_000);
    expect(valueOf(values, 'memoryTotal')).toBe(1_024_000);
    expect(valueOf(values, 'memoryFree')).toBe(614_400);
  });

  test('has free memory and caches as free where the kernel has no such line (before 3.14)', () => {
    const { tables } = machine({ memory: [1000, 100, NaN, 50, 200] });
    expect(valueOf(new ProcReader(tables).read(10_000), 'memoryFree')).toBe(350 * 1024);
  });

  test('shows the last busy share while the counters stand still, and after one went back', () => {
    const { tables, set } = machine({ cpu: [0, 0, 0, 0, 0, 0, 0, 0] });
    const proc = new ProcReader(tables);
    const busy = (): number => valueOf(proc.read(10_000), 'cpuBusy');
    expect(busy()).toBeNaN();
    set('cpu', [30, 0, 0, 70, 0, 0, 0, 0]);
    expect(busy()).toBe(30);
    expect(busy()).toBe(30);
    set('cpu', [60, 0, 0, 140, -5, 0, 0, 0]);
    expect(busy()).toBe(30);
    set('cpu', [70, 0, 0, 140, -5, 0, 0, 0]);
    expect(busy()).toBe(100);
  });

  test('has no figure for what was never sent', () => {
    const values = new ProcReader(new Map()).read(10_000);
    for (const metric of ['load', 'cpus', 'cpuBusy', 'memoryTotal', 'memoryFree', 'running'] as const) {
      expect(valueOf(values, metric)).toBeNaN();
    }
  });
});
