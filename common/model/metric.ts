/**
 * The catalogue of measured values: every metric's name, unit and how it is stored. Wire, history, window and
 * command line all take their order and units from here.
 */

/** How one metric is measured, stored and shown. */
export interface Metric {
  readonly name: string;
  /** One line for tooltips and the help: what the number means. */
  readonly about: string;
  /** Unit of the value in the model. */
  readonly unit: 'load' | 'speed' | 'count' | 'percent' | 'bytes' | 'bits';
  /** The history stores `round(value / quantum)` as an integer. */
  readonly quantum: number;
}

/** Memory travels and is stored in pages of this many bytes (openMosix' unit in all but its oldest versions). */
export const PAGE_BYTES = 4096;

/** Load of one runnable process on one CPU of standard speed. */
export const STANDARD_LOAD = 100;

/** Speed of the standard CPU, openMosix' MOSIX_STD_SPEED. */
export const STANDARD_SPEED = 10_000;

/** The fastest speed that a node can be given; the slowest is 1. */
export const MOST_SPEED = 1_000_000;

/** All metrics; a metric's index in this list is its column in blocks and its number in the history. Append only. */
export const METRICS = [
  {
    name: 'load',
    about: 'load as the cluster weighs it: 100 is one runnable process on one CPU of standard speed 10000',
    unit: 'load',
    quantum: 1,
  },
  { name: 'speed', about: 'Speed the balancer uses; 10000 is the standard CPU', unit: 'speed', quantum: 1 },
  { name: 'cpus', about: 'Number of CPUs', unit: 'count', quantum: 1 },
  {
    name: 'util',
    about: 'Share of the CPU that processes can use; below 100 the node waits for paging or disks',
    unit: 'percent',
    quantum: 1,
  },
  { name: 'memoryTotal', about: 'Physical memory', unit: 'bytes', quantum: PAGE_BYTES },
  {
    name: 'memoryFree',
    about: 'Memory that Linux calls free or reclaimable',
    unit: 'bytes',
    quantum: PAGE_BYTES,
  },
  {
    name: 'memoryAvailable',
    about: 'Memory the balancer believes guests may still use',
    unit: 'bytes',
    quantum: PAGE_BYTES,
  },
  { name: 'status', about: 'status bits as openMosix numbers them', unit: 'bits', quantum: 1 },
  { name: 'cpuBusy', about: 'Busy share of all CPUs since the last sample', unit: 'percent', quantum: 0.1 },
  { name: 'loadAverage', about: "Linux' load average over one minute", unit: 'count', quantum: 0.01 },
  { name: 'running', about: 'Runnable processes', unit: 'count', quantum: 1 },
  { name: 'processes', about: 'Processes and threads', unit: 'count', quantum: 1 },
] as const satisfies readonly Metric[];

/** Name of a metric. */
export type MetricName = (typeof METRICS)[number]['name'];

/** Column of each metric. */
export const METRIC_INDEX = Object.fromEntries(
  METRICS.map((metric, index) => [metric.name, index]),
) as Readonly<Record<MetricName, number>>;

/** The catalogue entry of a metric. */
export function metricNamed(name: MetricName): Metric {
  return METRICS[METRIC_INDEX[name]] as Metric;
}

/** Whether a text names a metric. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRIC_INDEX, name);
}

/** Values of one node at one moment; a metric without a value is absent. */
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;
