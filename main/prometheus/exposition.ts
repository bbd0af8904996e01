/**
 * Prometheus' text format 0.0.4 and OpenMetrics 1.0 as pure functions from metric families to text. Sources:
 * prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics specification 1.0, "Text Format".
 */

/** The two formats of the endpoint. */
export type Format = 'prometheus' | 'openmetrics';

/** What each format is called in HTTP. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Labels by name. Names are ours; values are anything. */
export type Labels = Readonly<Record<string, string>>;

/** A metric with its series. */
export interface Family {
  /** Without `_total`, which the samples of a counter get. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** Base unit that ends the name; empty for plain numbers. */
  readonly unit: string;
  /** Series as `labelText` wrote their labels, with their values; NaN leaves one out. */
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

/** Labels as both formats write them, cleaned and escaped. */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Labels with more labels behind them. */
export function extended(labels: string, more: Labels): string {
  return `${labels.slice(0, -1)},${labelText(more).slice(1)}`;
}

/** The families as text. */
export function exposition(families: readonly Family[], format: Format): string {
  const lines: string[] = [];
  for (const { name, type, help, unit, samples } of families) {
    const sampleName = type === 'counter' ? `${name}_total` : name;
    const family = format === 'openmetrics' ? name : sampleName;
    lines.push(`# HELP ${family} ${escaped(help)}`, `# TYPE ${family} ${type}`);
    if (format === 'openmetrics' && unit !== '') lines.push(`# UNIT ${family} ${unit}`);
    for (const [labels, value] of samples) {
      if (!Number.isNaN(value)) lines.push(`${sampleName}${labels} ${value}`);
    }
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/**
 * The format for an Accept header: OpenMetrics where its version 1.0.0 (or any) is accepted at least as gladly as plain
 * text, as Prometheus asks for it.
 */
export function formatFor(accept: string): Format {
  let openmetrics = 0;
  let plain = 0;
  for (const range of accept.slice(0, 1000).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const parameter = (name: string): string | undefined =>
      parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    const quality = Number(parameter('q') ?? 1);
    if (type === 'application/openmetrics-text' && (parameter('version') ?? '1.0.0') === '1.0.0') {
      openmetrics = Math.max(openmetrics, quality);
    } else if (type === 'text/plain' || type === 'text/*') plain = Math.max(plain, quality);
  }
  return openmetrics > 0 && openmetrics >= plain ? 'openmetrics' : 'prometheus';
}

/** A label's value without control characters, which no reader needs and some trip over. */
export function cleaned(value: string): string {
  return value.replaceAll(/(?!\n)\p{Cc}/gu, '\uFFFD');
}

function escaped(text: string): string {
  return cleaned(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
