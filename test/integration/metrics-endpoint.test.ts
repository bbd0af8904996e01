/** The metrics endpoint of the built program, with a demo cluster, scraped by a real Prometheus. */
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveMetrics } from '../../main/prometheus/endpoint.ts';
import { HOSTILE, snapshot } from '../../main/prometheus/fixture.ts';
import { Program, temporaryFolder } from '../harness/program.ts';
import { PrometheusServer } from '../harness/prometheus.ts';

const folder = temporaryFolder('metrics');
let program: Program;
let url: string;

beforeAll(async () => {
  const args = ['serve', '--demo', '3', '--data', join(folder.path, 'data'), '--metrics', '127.0.0.1:0'];
  program = await Program.start(args);
  ({ metrics: url } = JSON.parse(await program.firstLine()) as { metrics: string });
});

afterAll(async () => {
  await program?.stop();
  folder.remove();
});

/** Status of a request with another method, path or Host. */
function statusOf(options: { method?: string; path?: string; host?: string }): Promise<number> {
  const { hostname, port, pathname, host } = new URL(url);
  const { method = 'GET', path = pathname } = options;
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path, headers: { Host: options.host ?? host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the endpoint', () => {
  test('is scraped by Prometheus, every node with its values, whatever a node calls itself', async () => {
    const hostile = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => snapshot([[HOSTILE, 'up']]));
    if (!hostile.ok) throw new Error(hostile.problem.message);
    const server = await PrometheusServer.start({
      scrape: [new URL(url).host, new URL(hostile.value.url).host],
    });
    try {
      const ofProgram = `instance="${new URL(url).host}"`;
      const series = await server.eventually(`mosview_node_load{${ofProgram}}`);
      expect(new Set(series.map(({ metric }) => metric['key']))).toEqual(new Set(['id:1', 'id:2', 'id:3']));
      const up = await server.eventually(`mosview_cluster_nodes{${ofProgram},state="up"}`);
      expect(up[0]?.values.at(-1)?.[1]).toBe(3);
      const [named] = await server.eventually(
        `mosview_node_load{instance="${new URL(hostile.value.url).host}"}`,
      );
      expect(named?.metric['node']).toBe('a"b\\c\nd\uFFFDe\uFFFD[31m{x="1"} # é \uFFFD');
    } finally {
      await server.close();
      await hostile.value.close();
    }
  });

  test('gives OpenMetrics to who asks for it, and plain text to all others', async () => {
    const plain = await fetch(url);
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const asked = await fetch(url, { headers: { Accept: 'application/openmetrics-text; version=1.0.0' } });
    expect(asked.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0');
    expect(await asked.text()).toMatch(/# EOF\n$/);
  });

  test('answers only GET /metrics, and only under the name of loopback', async () => {
    expect(await statusOf({})).toBe(200);
    expect(await statusOf({ method: 'POST' })).toBe(405);
    expect(await statusOf({ path: '/' })).toBe(404);
    expect(await statusOf({ host: 'evil.example' })).toBe(403);
  });
});

test('an address that is taken ends the program with a sentence', async () => {
  const { host } = new URL(url);
  const args = ['serve', '--demo', '1', '--data', join(folder.path, 'other'), '--metrics', host];
  const { code, stderr } = await (await Program.start(args)).finished;
  expect(code).toBe(1);
  expect(stderr).toContain(`The metrics endpoint could not be opened at ${host}`);
});
