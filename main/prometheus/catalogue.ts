/**
 * Our metrics in Prometheus' words, for the endpoint, for remote-write and for reading back: names by its conventions
 * (base units, ratios from 0 to 1), and the labels that say whose a value is.
 */
import { METRICS, type Metric, type MetricName } from '../../common/model/metric.ts';

/**
 * The labels of everything that belongs to a node: its name for people, and its lasting key (`id:5`, `host:gate`), which
 * alone identifies it. Id and dialect are in mosview_node_info, so that a new id makes no new series.
 */
export const NODE_LABELS = { name: 'node', key: 'key' } as const;

/** A metric as Prometheus knows it. */
export interface PrometheusMetric {
  /** `mosview_node_memory_free_bytes` */
  readonly name: string;
  readonly help: string;
  /** Base unit that ends the name; empty for plain numbers. */
  readonly unit: 'bytes' | 'ratio' | '';
}

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
