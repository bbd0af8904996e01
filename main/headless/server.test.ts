import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../common/contract/frame.ts';
import { problem } from '../../common/contract/problem.ts';
import type { Desk, WindowPort } from '../desk.ts';
import { CONTENT_SECURITY_POLICY } from '../window-files.ts';
import { serveWindows, type WindowServer } from './server.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A desk that echoes calls and keeps its windows. */
class EchoDesk implements Desk {
  readonly ports: WindowPort[] = [];
  detached = 0;
  readonly #onDetach: (() => void)[] = [];

  attach(port: WindowPort): ReturnType<Desk['attach']> {
    this.ports.push(port);
    return {
      call: async (name, input) =>
        name === 'node'
          ? { problem: problem('not-found', 'There is no such node') }
          : { value: { name, input } },
      detach: () => {
        this.detached += 1;
        for (const told of this.#onDetach) told();
      },
    };
  }

  /** Resolves when a window was detached. */
  async detach(): Promise<void> {
    if (this.detached === 0) await new Promise<void>((resolve) => this.#onDetach.push(resolve));
  }
}

let folder: string;
let desk: EchoDesk;
let server: WindowServer;
let port: number;
let token: string;
let cookie: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-server-'));
  const renderer = join(folder, 'renderer');
  await mkdir(join(renderer, 'assets'), { recursive: true });
  await mkdir(join(folder, 'renderer-other'));
  await writeFile(join(renderer, 'index.html'), '<html><head><title>mosview</title></head></html>');
  await writeFile(join(renderer, 'assets', 'app.js'), 'app();');
  await writeFile(join(folder, 'renderer-other', 'secret.js'), 'secret');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'web.cjs'), 'bridge();');
  desk = new EchoDesk();
  const served = await serveWindows({
    desk,
    rendererFolder: renderer,
    bridgeFile: join(folder, 'web.cjs'),
    port: 0,
  });
  if (!served.ok) throw new Error(served.problem.message);
  server = served.value;
  const url = new URL(server.url);
  port = Number(url.port);
  token = url.searchParams.get('token') ?? '';
  cookie = `mosview-${port}=${token}`;
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** One request, its path sent as it is. */
function ask(path: string, headers: Record<string, string> = { cookie }, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the token', () => {
  test('is long and another one at every start', () => {
    expect(Buffer.from(token, 'base64url')).toHaveLength(24);
    expect(server.url).toBe(`http://127.0.0.1:${port}/?token=${token}`);
  });

  test('becomes a cookie once and leaves the address', async () => {
    const answer = await ask(`/?token=${token}&view=node`, {});
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/?view=node');
    expect(answer.headers['set-cookie']).toEqual([`${cookie}; HttpOnly; SameSite=Strict; Path=/`]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('sends nobody to another host afterwards', async () => {
    for (const path of [`/.//evil.example/?token=${token}`, `//evil.example/?token=${token}`]) {
      const { headers } = await ask(path, {});
      expect(headers.location ?? '/').not.toMatch(/^\/\//);
    }
  });

  test.each([
    ['no cookie', '/', {}],
    ['a wrong token', '/?token=wrong', {}],
    ['another cookie', '/', { cookie: 'mosview=abc; other=1' }],
    ['the cookie of a server on another port', '/', { cookie: 'mosview-1=abc' }],
  ])('is needed: %s gets nothing', async (_case, path, headers) => {
    const answer = await ask(path, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toContain('<html>');
  });

  test('is found among other cookies', async () => {
    expect((await ask('/', { cookie: `a=1; ${cookie}; b=2` })).status).toBe(200);
  });
});

describe('a page', () => {
  test('has the policy that lets in nothing but our own files', async () => {
    const { status, headers } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    for (const open of ['unsafe-inline', 'unsafe-eval', '*', 'http:']) {
      expect(CONTENT_SECURITY_POLICY).not.toContain(open);
    }
  });

  test('has the bridge before its own scripts', async () => {
    expect((await ask('/')).body).toBe(
      '<html><head><script src="/bridge.js"></script><title>mosview</title></head></html>',
    );
    expect((await ask('/bridge.js')).body).toBe('bridge();');
  });

  test('has its files with their type', async () => {
    const { body, headers } = await ask('/assets/app.js?v=1');
    expect(body).toBe('app();');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test('is asked for anew each time, its built files are kept', async () => {
    const kept = async (path: string) => (await ask(path)).headers['cache-control'];
    expect([await kept('/'), await kept('/bridge.js')]).toEqual(['no-cache', 'no-cache']);
    expect(await kept('/assets/app.js')).toBe('private, max-age=31536000, immutable');
  });

  test.each(['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt'])(
    'has no file outside its folder: %s',
    async (path) => expect((await ask(path)).status).toBe(404),
  );

  test.each([
    ['a folder whose name begins like it', '/..%2frenderer-other/secret.js'],
    ['a folder', '/assets/'],
    ['a name with a zero byte', '/index.html%00.js'],
    ['a broken escape', '/%E0%A4%A'],
    ['nothing', '/none.js'],
  ])('has no such file as %s', async (_case, path) => expect((await ask(path)).status).toBe(404));

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is not there for %s', async (method) => {
    expect((await ask('/', { cookie }, method)).status).toBe(405);
  });
});

describe('a request', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost'])(
    'for another host (%s), as after DNS rebinding, gets nothing, not even with the cookie',
    async (host) => {
      const answer = await ask(`/?token=${token}`, { cookie, host });
      expect(answer.status).toBe(421);
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );

  test('may call the host localhost', async () => {
    expect((await ask('/', { cookie, host: `localhost:${port}` })).status).toBe(200);
  });

  test.each(['//', '///', 'http://', 'http://[', '*', '/\\'])(
    'with a path that is no address (%s) is refused, and the server goes on',
    async (path) => {
      expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
      expect((await ask('/')).status).toBe(200);
    },
  );
});

describe('a window', () => {
  interface Peer {
    readonly socket: WebSocket;
    send(message: unknown): void;
    /** The next message. */
    next(): Promise<unknown>;
  }

  function dial(headers: Record<string, string>, path = '/socket'): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  }

  function ownHeaders(): Record<string, string> {
    return { cookie, origin: `http://127.0.0.1:${port}` };
  }

  async function open(): Promise<Peer> {
    const socket = dial(ownHeaders());
    socket.binaryType = 'arraybuffer';
    const messages: unknown[] = [];
    let wake = (): void => undefined;
    socket.on('message', (data) => {
      messages.push(decodeFrame(data as ArrayBuffer));
      wake();
    });
    await once(socket, 'open');
    return {
      socket,
      send: (message) => socket.send(encodeFrame(message)),
      next: async () => {
        while (messages.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return messages.shift();
      },
    };
  }

  test('calls and gets the answer under its number', async () => {
    const window = await open();
    window.send({ id: 1, call: 'program', input: {} });
    window.send({ id: 2, call: 'node', input: { key: 'id:5' } });
    expect(await window.next()).toEqual({ id: 1, value: { name: 'program', input: {} } });
    expect(await window.next()).toEqual({ id: 2, problem: problem('not-found', 'There is no such node') });
  });

  test('gets pushes with their columns as numbers, bit by bit', async () => {
    const window = await open();
    const columns = new Float64Array([1, NaN, -101, 0.1]);
    const totals = { efficiency: 94, loadPercent: 55, memoryTotal: 0, memoryUsed: 0, cpus: 5, nodesUp: 5 };
    desk.ports[0]?.push('block', { time: 1, totals, columns });
    expect(await window.next()).toEqual({ push: 'block', payload: { time: 1, totals, columns } });
  });

  test('is detached when it closes', async () => {
    const window = await open();
    window.socket.close();
    await desk.detach();
    desk.ports[0]?.push('prompts', { prompts: [] });
    expect(desk.detached).toBe(1);
  });

  test('is attached anew each time, and each has its own answers', async () => {
    const [first, second] = [await open(), await open()];
    second.send({ id: 7, call: 'program', input: {} });
    first.send({ id: 8, call: 'program', input: {} });
    expect(await second.next()).toMatchObject({ id: 7 });
    expect(await first.next()).toMatchObject({ id: 8 });
    expect(desk.ports).toHaveLength(2);
  });

  test.each<[string, unknown]>([
    ['a text', 'hello'],
    ['bytes that are no frame', Buffer.from([1, 2, 3])],
    ['a frame that is no call', encodeFrame({ push: 'block' })],
    ['a frame that is null', encodeFrame(null)],
    ['a call whose name is no text', encodeFrame({ id: 1, call: { toString: 1 } })],
  ])('that sends %s is closed, and the server goes on', async (_case, message) => {
    const { socket } = await open();
    socket.send(message as Buffer);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1003);
    expect((await ask('/')).status).toBe(200);
  });

  test('that sends more than a window ever says is closed', async () => {
    const { socket } = await open();
    socket.send(Buffer.alloc(5_000_000));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  test.each<[string, () => Record<string, string>, string]>([
    ['no cookie', () => ({ origin: `http://127.0.0.1:${port}` }), '/socket'],
    ['a wrong cookie', () => ({ ...ownHeaders(), cookie: `mosview-${port}=x` }), '/socket'],
    ['the token in the address alone', () => ({ origin: `http://127.0.0.1:${port}` }), `/socket?token=`],
    ['the origin of another page', () => ({ ...ownHeaders(), origin: 'http://evil.example' }), '/socket'],
    [
      'the origin of a page on another port',
      () => ({ ...ownHeaders(), origin: 'http://127.0.0.1:1' }),
      '/socket',
    ],
    ['no origin', () => ({ cookie }), '/socket'],
    ['another host', () => ({ ...ownHeaders(), host: `evil.example:${port}` }), '/socket'],
    ['another path', ownHeaders, '/'],
  ])('with %s is refused', async (_case, headers, path) => {
    const socket = dial(headers(), path.endsWith('=') ? path + token : path);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(403);
    expect(desk.ports).toEqual([]);
    socket.terminate();
  });

  test.each<[string, string, () => Record<string, string>]>([
    ['breaks off while it is refused', '/socket', () => ({})],
    ['asks for a path that is no address', '//', ownHeaders],
  ])('that %s does not end the server', async (_case, path, headers) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-version': '13',
      ...headers(),
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await ask('/')).status).toBe(200);
  });
});

describe('the server', () => {
  test('says which port it could not have', async () => {
    const second = await serveWindows({ desk, rendererFolder: folder, bridgeFile: '', port });
    expect(second).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
    expect(second.ok || second.problem.message).toContain(`Port ${port} on 127.0.0.1`);
  });

  test('listens on loopback only', async () => {
    const socket = connect(port, '127.0.0.2');
    const [error] = (await once(socket, 'error')) as [{ code: string }];
    expect(error.code).toBe('ECONNREFUSED');
  });

  test('closes with windows still open, and they are detached', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, {
      headers: { cookie, origin: `http://127.0.0.1:${port}` },
    });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await server.close();
    await closed;
    await desk.detach();
    await expect(ask('/')).rejects.toThrow('ECONNREFUSED');
  });
});
