/** Remote-write from a real history file into a real Prometheus, and into servers that will not have it. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import { METRICS } from '../../common/model/metric.ts';
import { openHistory, type History } from '../../main/history/index.ts';
import { fromPrometheus, NODE_METRICS } from '../../main/prometheus/catalogue.ts';
import { HOSTILE } from '../../main/prometheus/fixture.ts';
import { RemoteWriter } from '../../main/prometheus/remote-write.ts';
import { temporaryFolder } from '../harness/program.ts';
import { PrometheusServer } from '../harness/prometheus.ts';

const NODES = [
  { key: 'id:7', id: 7, name: 'alpha' },
  { key: 'host:gate', id: 1, name: HOSTILE },
];

const folder = temporaryFolder('remote-write');
let history: History;
let problems: Problem[] = [];
const writers: RemoteWriter[] = [];

beforeAll(async () => {
  const opened = await openHistory({ folder: folder.path, onProblem: (problem) => problems.push(problem) });
  if (!opened.ok) throw new Error(opened.problem.message);
  history = opened.value;
  history.setNodes(NODES);
});

afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.close();
  problems = [];
});

afterAll(async () => {
  await history?.close();
  folder.remove();
});

/** The value of a metric and row at a second; memory in whole pages. */
function valueAt(second: number, metric: number, row: number): number {
  const { quantum, unit } = METRICS[metric] as (typeof METRICS)[number];
  const steps = unit === 'percent' ? (second * 7 + row) % 900 : (second % 100) * 10 + metric + row;
  return quantum < 1 ? steps / Math.round(1 / quantum) : steps * quantum;
}

/** Records the seconds [from, to); the nodes in `down` have no values. */
async function record(from: number, to: number, down: readonly number[] = []): Promise<void> {
  for (let second = from; second < to; second += 1) {
    const values = new Float64Array(METRICS.length * NODES.length).fill(NaN);
    for (const metric of METRICS.keys()) {
      for (const row of NODES.keys()) {
        if (!down.includes(row)) values[metric * NODES.length + row] = valueAt(second, metric, row);
      }
    }
    history.append(second * 1000, values, NODES.length);
    if (second % 300 === 0) await history.flush();
  }
}

async function write(
  url: string,
  intervalSeconds: number,
  cluster: string,
  more: { headers?: Record<string, string>; basicAuth?: { username: string; passwordFile: string } } = {},
): Promise<RemoteWriter> {
  const writer = await RemoteWriter.start({
    settings: { url, intervalSeconds, headers: {}, ...more },
    labels: { cluster },
    version: '1.2.3',
    dataFolder: join(folder.path, cluster),
    history,
    onNotice: (problem) => problems.push(problem),
    retryDelay: () => 20,
  });
  writers.push(writer);
  return writer;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The tests record one after the other in the last hour, each from such a multiple of 15 s on. */
const HOUR_AGO = Math.floor(Date.now() / 1000 / 15) * 15 - 3600;
let reached = HOUR_AGO;
function stretch(seconds: number): number {
  const start = reached;
  reached += Math.ceil(seconds / 15) * 15;
  return start;
}

describe('into a real Prometheus', () => {
  let server: PrometheusServer;
  let url: string;

  beforeAll(async () => {
    server = await PrometheusServer.start();
    url = `${server.url}/api/v1/write`;
  });

  afterAll(() => server?.close());

  test('what was recorded comes back equal, in every metric and of every node', async () => {
    const start = stretch(300);
    const writer = await write(url, 1, 'equal');
    writer.second((start + 1) * 1000);
    await record(start, start + 200);
    writer.second((start + 200) * 1000);
    await until(() => writer.status.sentTo === (start + 199) * 1000);
    for (const [metric, { name }] of NODE_METRICS.entries()) {
      const found = await server.samples(`${name}{cluster="equal"}`, 300, start + 250);
      expect(found).toHaveLength(NODES.length);
      for (const { metric: labels, values } of found) {
        const row = NODES.findIndex(({ key }) => key === labels['key']);
        expect(
          values.map(([time, value]) => [time, fromPrometheus(value, METRICS[metric] as never)]),
        ).toEqual(
          Array.from({ length: 199 }, (_, index) => [
            start + 1 + index,
            valueAt(start + 1 + index, metric, row),
          ]),
        );
      }
    }
    const [info] = await server.samples('mosview_node_info{cluster="equal",id="1"}', 300, start + 250);
    expect(info?.metric['node']).toBe('a"b\\c\nd\uFFFDe\uFFFD[31m{x="1"} # é \uFFFD');
    expect(
      await server.samples('mosview_cluster_efficiency_ratio{cluster="equal"}', 300, start + 250),
    ).toHaveLength(1);
    expect(writer.status).toMatchObject({ behindSeconds: 0, samplesRefused: 0, problem: null });
    expect(problems).toEqual([]);
  });

  test('a node that is not up any more ends at once', async () => {
    const start = stretch(150);
    const writer = await write(url, 15, 'stale');
    writer.second((start + 1) * 1000);
    await record(start, start + 46);
    await record(start + 46, start + 100, [0]);
    writer.second((start + 92) * 1000);
    await until(() => writer.status.sentTo === (start + 90) * 1000);
    const at = (seconds: number) => server.instant('mosview_node_load{cluster="stale"}', start + seconds);
    expect(await at(45)).toHaveLength(2);
    expect((await at(60)).map(({ metric }) => metric['key'])).toEqual(['host:gate']);
  });

  test('an outage of the server and a restart of the program lose nothing', async () => {
    const start = stretch(2100);
    const first = await write(url, 15, 'outage');
    first.second((start + 1) * 1000);
    await record(start, start + 100);
    first.second((start + 92) * 1000);
    await until(() => first.status.sentTo === (start + 90) * 1000);
    await server.stop();
    await record(start + 100, start + 1500);
    first.second((start + 1500) * 1000);
    await until(() => problems.length > 0);
    expect(problems[0]?.code).toBe('host-unreachable');
    expect(first.status).toMatchObject({ behindSeconds: 1409, sentTo: (start + 90) * 1000 });
    await first.close();
    const second = await write(url, 15, 'outage');
    await record(start + 1500, start + 2000);
    second.second((start + 2000) * 1000);
    await until(() => second.status.problem !== null);
    await server.restart();
    await until(() => second.status.sentTo === (start + 1995) * 1000);
    const found = await server.samples('mosview_node_load{cluster="outage",key="id:7"}', 2500, start + 2400);
    expect(found[0]?.values).toEqual(
      Array.from({ length: 133 }, (_, index) => start + 15 * (index + 1)).map((time) => [
        time,
        valueAt(time, 0, 0),
      ]),
    );
    expect(second.status).toMatchObject({ samplesRefused: 0, problem: null });
  });

  test('of samples that come too late only those are given up, and it is said', async () => {
    const start = stretch(300);
    const first = await write(url, 15, 'late');
    first.second((start + 1) * 1000);
    await record(start, start + 240);
    first.second((start + 122) * 1000);
    await until(() => first.status.sentTo === (start + 120) * 1000);
    await first.close();
    writeFileSync(join(folder.path, 'late', 'remote-write.json'), JSON.stringify({ [url]: start + 60 }));
    const second = await write(url, 15, 'late');
    second.second((start + 240) * 1000);
    await until(() => second.status.sentTo === (start + 225) * 1000);
    const found = await server.samples('mosview_node_load{cluster="late",key="id:7"}', 300, start + 250);
    expect(found[0]?.values.map(([time]) => time - start)).toEqual(
      Array.from({ length: 15 }, (_, index) => 15 * (index + 1)),
    );
    expect(second.status.samplesRefused).toBeGreaterThan(0);
    expect(problems.map(({ message }) => message).join()).toContain(
      'takes some samples no more, or has them already',
    );
  });
});

describe('into a server that will not have it', () => {
  let server: Server;
  let respond: (body: Buffer, headers: NodeJS.Dict<string | string[]>) => readonly [number, string, string?];
  let url: string;

  beforeEach(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const [status, text, contentType = 'text/plain'] = respond(Buffer.concat(parts), request.headers);
        response.writeHead(status, { 'Content-Type': contentType }).end(text);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/write?token=secret`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function begin(more: Parameters<typeof write>[3] = {}): Promise<RemoteWriter> {
    const start = stretch(120);
    const writer = await write(url, 15, `lab${start}`, more);
    writer.second((start + 1) * 1000);
    await record(start, start + 40);
    writer.second((start + 40) * 1000);
    return writer;
  }

  test('errors of the server are tried again until it takes the samples, and both is said', async () => {
    let answers = 0;
    respond = () => {
      answers += 1;
      if (answers <= 3) return [503, 'warming up'];
      return answers === 4 ? [429, 'slower'] : [204, ''];
    };
    const writer = await begin();
    await until(() => writer.status.behindSeconds < 15);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot take samples now (503): "warming up"'),
      expect.stringContaining('takes samples again'),
    ]);
    expect(writer.status.samplesRefused).toBe(0);
  });

  test('a request that is refused for good is given up, and the next one sent', async () => {
    let answers = 0;
    respond = () => {
      answers += 1;
      return answers === 1 ? [400, 'no such tenant'] : [200, ''];
    };
    const writer = await begin();
    await until(() => writer.status.samplesRefused > 0);
    expect(problems.map(({ message }) => message).join()).toContain(
      'refused samples for good (400): "no such tenant"',
    );
    const { sentTo } = writer.status;
    await record(sentTo / 1000 + 15, sentTo / 1000 + 60);
    writer.second(sentTo + 60_000);
    await until(() => writer.status.samplesTaken > 0);
  });

  test('a refused account is said without the password, and a new password is used without a new start', async () => {
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, 'wrong-secret\n');
    const good = `Basic ${Buffer.from('mosview:right').toString('base64')}`;
    respond = (_, headers) => (headers['authorization'] === good ? [204, ''] : [401, 'who are you?']);
    const writer = await begin({ basicAuth: { username: 'mosview', passwordFile } });
    await until(() => problems.length > 0);
    expect(problems[0]).toMatchObject({
      code: 'authentication-failed',
      message: expect.stringContaining('refused the account mosview (401): "who are you?"') as string,
    });
    expect(JSON.stringify([problems, writer.status])).not.toContain('secret');
    writeFileSync(passwordFile, 'right\n');
    await until(() => writer.status.samplesTaken > 0);
    expect(writer.status.samplesRefused).toBe(0);
  });

  test('a request has the headers of remote-write 1.0 and those of the settings', async () => {
    let seen: NodeJS.Dict<string | string[]> = {};
    respond = (_, headers) => {
      seen = headers;
      return [204, ''];
    };
    const writer = await begin({ headers: { 'X-Scope-OrgID': 'lab' } });
    await until(() => writer.status.samplesTaken > 0);
    expect(seen).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': 'mosview/1.2.3',
      'x-scope-orgid': 'lab',
    });
  });

  test('a request too large for it is sent in parts', async () => {
    respond = (body) => (body.length > 600 ? [413, 'too large'] : [204, '']);
    const writer = await begin();
    await until(() => writer.status.behindSeconds < 15);
    expect(writer.status).toMatchObject({ samplesRefused: 0, problem: null });
    // Two times of twelve metrics and an id of two nodes, and of five totals.
    expect(writer.status.samplesTaken).toBe(2 * (2 * 13 + 5));
  });
});
