/**
 * Our metrics in Prometheus' words, for the endpoint, for remote-write and for reading back: names by its conventions
 * (base units, ratios from 0 to 1), and the labels that say whose a value is.
 */
import type { ClusterTotals } from '../../common/model/cluster.ts';
import { METRICS, type Metric, type MetricName } from '../../common/model/metric.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Labels } from './exposition.ts';

/** A metric as Prometheus knows it. */
export interface PrometheusMetric {
  /** `mosview_node_memory_free_bytes` */
  readonly name: string;
  readonly help: string;
  /** Base unit that ends the name; empty for plain numbers. */
  readonly unit: 'bytes' | 'ratio' | '';
}

/** The metric, always 1, whose labels tell a node's id and dialect. */
export const NODE_INFO = 'mosview_node_info';

const PERCENT = 100;

/** Every metric of the catalogue under its Prometheus name, in the catalogue's order. */
export const NODE_METRICS: readonly PrometheusMetric[] = METRICS.map((metric: Metric) => {
  const unit = { bytes: 'bytes', percent: 'ratio', load: '', speed: '', count: '', bits: '' }[
    metric.unit
  ] as PrometheusMetric['unit'];
  const words = metric.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { name: `mosview_node_${words}${unit === '' ? '' : `_${unit}`}`, help: metric.about, unit };
});

/** The Prometheus metric of one of the catalogue. */
export function prometheusMetric(name: MetricName): PrometheusMetric {
  const found = NODE_METRICS[METRICS.findIndex((metric) => metric.name === name)];
  if (found === undefined) throw new Error(`there is no metric ${name}`);
  return found;
}

/** A value of the model in Prometheus' unit: percent become ratios, without the digits that a division adds. */
export function toPrometheus(value: number, { unit, quantum }: Metric): number {
  if (unit !== 'percent') return value;
  return Math.round(value / quantum) / Math.round(PERCENT / quantum);
}

/** A value in Prometheus' unit in that of the model; the exact inverse for values that the history can hold. */
export function fromPrometheus(value: number, { unit, quantum }: Metric): number {
  if (unit !== 'percent') return value;
  const steps = value * Math.round(PERCENT / quantum);
  const rounded = Math.round(steps);
  // A mean lies between two steps and stays there.
  const exact = Math.abs(steps - rounded) < 1e-6 ? rounded : steps;
  return exact / Math.round(1 / quantum);
}

/**
 * The labels of everything that belongs to a node: its name for people, and its lasting key (`id:5`, `host:gate`), which
 * alone identifies it. Id and dialect are in NODE_INFO, so that a new id makes no new series.
 */
export function nodeLabels({ name, key }: Pick<NodeInfo, 'name' | 'key'>): Labels {
  return { node: name, key };
}

/** The totals of the cluster as metrics with their values. */
export function totalsMetrics(
  totals: ClusterTotals,
): readonly (readonly [metric: PrometheusMetric, value: number])[] {
  return [
    [
      {
        name: 'mosview_cluster_efficiency_ratio',
        help: 'How evenly the load is spread over the nodes that take part; 1 when nothing could be spread better',
        unit: 'ratio',
      },
      totals.efficiency / 100,
    ],
    [
      {
        name: 'mosview_cluster_load_ratio',
        help: 'Mean share of the capacity of the nodes that are up which their load fills',
        unit: 'ratio',
      },
      totals.loadPercent / 100,
    ],
    [
      {
        name: 'mosview_cluster_memory_total_bytes',
        help: 'Physical memory of the nodes that are up',
        unit: 'bytes',
      },
      totals.memoryTotal,
    ],
    [
      {
        name: 'mosview_cluster_memory_used_bytes',
        help: 'Memory of the nodes that are up which Linux calls neither free nor reclaimable',
        unit: 'bytes',
      },
      totals.memoryUsed,
    ],
    [{ name: 'mosview_cluster_cpus', help: 'CPUs of the nodes that are up', unit: '' }, totals.cpus],
  ];
}
