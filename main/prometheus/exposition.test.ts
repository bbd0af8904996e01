/** The text of both formats, and which one is given out. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { METRIC_INDEX, METRICS, type MetricName } from '../../common/model/metric.ts';
import { fromPrometheus, NODE_METRICS, toPrometheus } from './catalogue.ts';
import { exposition, formatFor, labelText } from './exposition.ts';
import { families } from './families.ts';
import { HOSTILE, snapshot } from './fixture.ts';

function lines(text: string, start: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(start));
}

describe('the text', () => {
  test('gives every metric of a node that is up in base units', () => {
    const text = exposition(families(snapshot([['alpha', 'up']])), 'prometheus');
    const labels = '{node="alpha",key="id:1"}';
    for (const { name } of NODE_METRICS) expect(lines(text, `${name}{`)).toHaveLength(1);
    const number = (name: MetricName): number => METRIC_INDEX[name] + 1;
    expect(text).toContain(`\nmosview_node_load${labels} ${number('load')}\n`);
    expect(text).toContain(`\nmosview_node_memory_free_bytes${labels} ${number('memoryFree')}\n`);
    expect(text).toContain(`\nmosview_node_cpu_busy_ratio${labels} ${number('cpuBusy') / 100}\n`);
    expect(text).toContain('\nmosview_node_info{node="alpha",key="id:1",id="1",dialect="openmosix"} 1\n');
  });

  test('leaves out the values of nodes that are not up, not their state and age', () => {
    const text = exposition(
      families(
        snapshot([
          ['alpha', 'up'],
          ['beta', 'stale'],
        ]),
      ),
      'prometheus',
    );
    for (const { name } of NODE_METRICS) expect(text).not.toContain(`${name}{node="beta"`);
    const labels = 'node="beta",key="id:2"';
    expect(text).toContain(`\nmosview_node_state{${labels},state="stale"} 1\n`);
    expect(text).toContain(`\nmosview_node_state{${labels},state="up"} 0\n`);
    expect(text).toContain(`\nmosview_node_age_seconds{${labels}} 90\n`);
    expect(text).toContain('\nmosview_cluster_nodes{state="stale"} 1\n');
  });

  test('tells the cluster, the migrations by cause, and the health of mosview itself', () => {
    const text = exposition(families(snapshot([])), 'prometheus');
    for (const line of [
      'mosview_cluster_efficiency_ratio 0.87',
      'mosview_cluster_cpus 8',
      'mosview_migrations_total{cause="operator"} 3',
      'mosview_migrations_total{cause="balancer"} 0',
      'mosview_connections{state="connected"} 2',
      'mosview_history_bytes 4096',
      'mosview_history_behind_seconds 1',
      'mosview_build_info{version="1.2.3"} 1',
      'process_cpu_seconds_total 1.5',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
  });

  test('names units and counters as each format wants it', () => {
    const all = families(snapshot([['alpha', 'up']]));
    const [prometheus, openmetrics] = [exposition(all, 'prometheus'), exposition(all, 'openmetrics')];
    expect(prometheus).toContain('\n# TYPE mosview_migrations_total counter\n');
    expect(openmetrics).toContain('\n# TYPE mosview_migrations counter\n');
    expect(openmetrics).toContain('\n# UNIT mosview_node_memory_free_bytes bytes\n');
    expect(openmetrics.endsWith('\n# EOF\n')).toBe(true);
    expect(prometheus).not.toMatch(/# (UNIT|EOF)/);
  });

  test('has nothing that promtool complains about, whatever nodes call themselves', () => {
    const text = exposition(
      families(
        snapshot([
          [HOSTILE, 'up'],
          ['', 'down'],
          ['#', 'failed'],
        ]),
      ),
      'prometheus',
    );
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });
});

test('label values are escaped, and control characters replaced', () => {
  expect(labelText({ node: HOSTILE })).toBe('{node="a\\"b\\\\c\\nd\uFFFDe\uFFFD[31m{x=\\"1\\"} # é \uD800"}');
});

test.each([
  // What Prometheus 2.42 sends.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'prometheus'],
  ['application/openmetrics-text;q=0.2,text/plain', 'prometheus'],
  ['text/html,*/*', 'prometheus'],
  ['', 'prometheus'],
])('for the Accept header %j the format is %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

test('every value that the history can hold comes back from its ratio as it was', () => {
  for (const metric of METRICS.filter(({ unit }) => unit === 'percent')) {
    for (let steps = 0; steps <= 1000; steps += 1) {
      const value = steps / Math.round(1 / metric.quantum);
      expect(fromPrometheus(toPrometheus(value, metric), metric)).toBe(value);
    }
  }
});
