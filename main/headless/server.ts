/**
 * The window over loopback: serves the built renderer and carries the contract over one WebSocket per window. Loopback
 * only; a random token makes a cookie once, and Host and Origin must be our own, so that no other page and no other
 * user's browser gets in.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeFrame } from '../../common/contract/frame.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Desk } from '../desk.ts';
import { attachFramed, LARGEST_BACKLOG, LARGEST_CALL } from '../window-frames.ts';
import { CONTENT_SECURITY_POLICY, windowFile, type WindowFile } from '../window-files.ts';

const LOOPBACK = '127.0.0.1';
const COOKIE = 'mosview';

export interface ServerOptions {
  readonly desk: Desk;
  /** Folder with the built renderer. */
  readonly rendererFolder: string;
  /** The built bridge for browsers (preload/web.ts). */
  readonly bridgeFile: string;
  /** 0 for a free one. */
  readonly port: number;
}

/** A running server. */
export interface WindowServer {
  /** Address with the token; whoever has it is the operator. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts serving. Problems: bad-input when the port is taken or not allowed. */
export async function serveWindows(options: ServerOptions): Promise<Result<WindowServer>> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    void answer(request, response, options, token, origins(server));
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_CALL });
  server.on('upgrade', (request, socket, head) => {
    // From here on the socket is ours: a peer that breaks off must not end the program.
    socket.on('error', () => socket.destroy());
    const allowed =
      hasToken(request, token) &&
      isOwnHost(request, origins(server)) &&
      origins(server).includes(request.headers.origin ?? '') &&
      addressOf(request)?.pathname === '/socket';
    if (!allowed) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => attach(webSocket, options.desk));
  });
  const listening = await listen(server, options.port);
  if (!listening.ok) return listening;
  return success({
    url: `http://${LOOPBACK}:${listening.value}/?token=${token}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function listen(server: Server, port: number): Promise<Result<number>> {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(
        failure(problem('bad-input', `Port ${port} on ${LOOPBACK} could not be opened: ${error.message}`)),
      );
    });
    server.listen(port, LOOPBACK, () => resolve(success((server.address() as AddressInfo).port)));
  });
}

/** The origins that are this server; a page of any other may not talk to it. */
function origins(server: Server): readonly string[] {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return [`http://${LOOPBACK}:${port}`, `http://localhost:${port}`];
}

/** The path with its query that a request asks for; undefined where it is none (anybody can send anything). */
function addressOf({ url = '' }: IncomingMessage): URL | undefined {
  return (url.startsWith('/') ? URL.parse(`http://localhost${url}`) : null) ?? undefined;
}

/** A foreign name that resolves to loopback (DNS rebinding) shows in the Host header. */
function isOwnHost(request: IncomingMessage, own: readonly string[]): boolean {
  return own.includes(`http://${request.headers.host ?? ''}`);
}

function equal(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Cookies do not tell ports apart, so the port is part of the name: two servers do not log each other out. */
function cookieName(request: IncomingMessage): string {
  return `${COOKIE}-${request.socket.localPort ?? 0}`;
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const name = `${cookieName(request)}=`;
  return (request.headers.cookie ?? '')
    .split(/;\s*/)
    .some((cookie) => cookie.startsWith(name) && equal(cookie.slice(name.length), token));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  token: string,
  own: readonly string[],
): Promise<void> {
  const url = addressOf(request);
  if (url === undefined) return refuse(response, 400, 'This is no path.');
  const given = url.searchParams.get('token');
  if (!isOwnHost(request, own)) return refuse(response, 421, 'This is not the host you asked for.');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'Only GET is answered.');
  if (given !== null && equal(given, token)) {
    // The token leaves the address bar at once, so that it is in no history and no referrer.
    url.searchParams.delete('token');
    response.setHeader('Set-Cookie', `${cookieName(request)}=${token}; HttpOnly; SameSite=Strict; Path=/`);
    // With two slashes in front it would be the name of another host.
    const path = url.pathname.replace(/^\/+/, '/');
    response.writeHead(303, { Location: `${path}${url.search}`, 'Cache-Control': 'no-store' }).end();
    return;
  }
  if (!hasToken(request, token)) {
    return refuse(
      response,
      401,
      'Open the address that mosview printed; it holds the token for this window.',
    );
  }
  await sendFile(response, url.pathname, options);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(`${words}\n`);
}

async function sendFile(response: ServerResponse, path: string, options: ServerOptions): Promise<void> {
  const file = fileOf(path, options);
  const content = file === undefined ? undefined : await readFile(file.path).catch(() => undefined);
  if (file === undefined || content === undefined) return refuse(response, 404, 'There is no such file.');
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    // The name of a built asset says what is in it.
    'Cache-Control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  const isPage = file.contentType.startsWith('text/html');
  // The bridge must exist before the page's own scripts run; module scripts wait, a classic one does not.
  response.end(
    isPage ? content.toString('utf8').replace('<head>', '<head><script src="/bridge.js"></script>') : content,
  );
}

/** The file behind a path: the bridge, or one of the renderer's. */
function fileOf(path: string, options: ServerOptions): WindowFile | undefined {
  if (path === '/bridge.js')
    return { path: options.bridgeFile, contentType: 'text/javascript; charset=utf-8' };
  return windowFile(options.rendererFolder, path === '/' ? '/index.html' : path);
}

/** One window over its WebSocket. */
function attach(socket: WebSocket, desk: Desk): void {
  const window = attachFramed(
    desk,
    (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > LARGEST_BACKLOG) socket.terminate();
      else socket.send(encodeFrame(message));
    },
    // A browser opens its windows itself, within the click that asks for it (preload/web.ts).
    () => undefined,
  );
  socket.binaryType = 'arraybuffer';
  socket.on('message', (data) => {
    if (!(data instanceof ArrayBuffer && window.receive(data))) socket.close(1003, 'no call');
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => window.detach());
}
