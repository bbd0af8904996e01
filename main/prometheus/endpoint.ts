/**
 * The endpoint that Prometheus scrapes: GET /metrics and nothing else, on loopback unless the operator names another
 * address. The text is made when it is asked for, at most once a second.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { hostText, isLoopback, type ListenAddress } from './address.ts';
import { CONTENT_TYPES, exposition, formatFor, type Format } from './exposition.ts';
import { families, type Snapshot } from './families.ts';

/** How long a text is given out, in milliseconds. */
const TEXT_MILLISECONDS = 1000;

/** Scrapers at the same time; more are turned away. */
const MOST_CONNECTIONS = 32;

/** A running endpoint. */
export interface MetricsEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts listening. Problems: bad-input when the address cannot be opened. */
export function serveMetrics(
  address: ListenAddress,
  snapshot: () => Snapshot,
): Promise<Result<MetricsEndpoint>> {
  const texts = new Map<Format, { readonly made: number; readonly text: string }>();
  const textIn = (format: Format): string => {
    const kept = texts.get(format);
    const now = performance.now();
    if (kept !== undefined && now - kept.made < TEXT_MILLISECONDS) return kept.text;
    const text = exposition(families(snapshot()), format);
    texts.set(format, { made: now, text });
    return text;
  };
  const server = createServer((request, response) => answer(request, response, address, textIn));
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve) => {
    server.on('error', ({ message }) => {
      const place = `${hostText(address)}:${address.port}`;
      resolve(
        failure(problem('bad-input', `The metrics endpoint could not be opened at ${place}: ${message}`)),
      );
    });
    server.listen(address.port, address.host, () => {
      const { port } = server.address() as AddressInfo;
      resolve(
        success({
          url: `http://${hostText(address)}:${port}/metrics`,
          close: async () => {
            server.closeAllConnections();
            await new Promise((closed) => server.close(closed));
          },
        }),
      );
    });
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  address: ListenAddress,
  textIn: (format: Format) => string,
): void {
  const path = request.url?.split('?', 1)[0];
  if (path !== '/metrics') return refuse(response, 404, 'There is only /metrics here.');
  if (request.method !== 'GET') {
    response.setHeader('Allow', 'GET');
    return refuse(response, 405, 'The metrics can only be read.');
  }
  // A foreign name that resolves to loopback would let any web page read them in the operator's browser.
  if (isLoopback(address) && !isLoopbackName(request.headers.host ?? '')) {
    return refuse(response, 403, 'This endpoint answers only under the name of loopback.');
  }
  const format = formatFor(request.headers.accept ?? '');
  const body = Buffer.from(textIn(format));
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPES[format],
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${words}\n`);
}
