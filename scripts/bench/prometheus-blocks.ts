/**
 * What Prometheus' own store takes for the series of a synthetic cluster, in the units in which mosview gives them out:
 * promtool writes its blocks from a text.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../../common/model/metric.ts';
import { NODE_METRICS, nodeLabels, toPrometheus } from '../../main/prometheus/catalogue.ts';
import { labelText } from '../../main/prometheus/exposition.ts';

/** Bytes of the blocks for some seconds of values (column after column, a row per node); undefined without promtool. */
export function prometheusBytes(
  folder: string,
  start: number,
  seconds: readonly Float64Array[],
  nodes: number,
): number | undefined {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mkdirSync(folder);
  const [text, blocks] = [join(folder, 'series.txt'), join(folder, 'blocks')];
  const file = openSync(text, 'w');
  for (const [metric, description] of METRICS.entries()) {
    const name = NODE_METRICS[metric]?.name ?? '';
    writeSync(file, `# TYPE ${name} gauge\n`);
    for (let node = 0; node < nodes; node += 1) {
      const labels = labelText(nodeLabels({ name: `node${node + 1}`, key: `id:${node + 1}` }));
      const lines = seconds.map((values, second) => {
        const value = toPrometheus(values[metric * nodes + node] as number, description);
        return `${name}${labels} ${value} ${start + second}\n`;
      });
      writeSync(file, lines.join(''));
    }
  }
  writeSync(file, '# EOF\n');
  closeSync(file);
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, blocks]);
  return readdirSync(blocks, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
