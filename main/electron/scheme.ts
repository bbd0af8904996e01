/**
 * The scheme `app://mosview/`, from which the windows load: the built renderer's folder and nothing else, under a
 * policy that lets a page run and reach only what came with it.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { CustomScheme } from 'electron';

/** Where windows come from. */
export const ORIGIN = 'app://mosview';

/** What Chromium is told of the scheme before it starts: an origin of its own, as trustworthy as https. */
export const SCHEME: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** The content security policy of every answer. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The kinds of files a built renderer consists of; others are not served. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
]);

/** A file to serve. */
export interface ServedFile {
  readonly path: string;
  readonly contentType: string;
}

/** Finds the file that a request means; undefined for whatever is not a plain path to a known kind of file inside. */
export function locate(folder: string, url: string): ServedFile | undefined {
  if (!url.startsWith(`${ORIGIN}/`)) return undefined;
  const path = decodePath(new URL(url).pathname);
  if (path === undefined || !/^\/[\w./-]+$/.test(path) || path.split('/').includes('..')) return undefined;
  const file = join(folder, path);
  const contentType = CONTENT_TYPES.get(extname(file));
  if (!file.startsWith(folder + sep) || contentType === undefined) return undefined;
  return { path: file, contentType };
}

/** Answers one request for the scheme. */
export async function serve(folder: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? locate(folder, request.url) : undefined;
  if (file === undefined) return answer(404, 'text/plain; charset=utf-8', 'There is no such file.');
  try {
    return answer(200, file.contentType, await readFile(file.path));
  } catch {
    return answer(404, 'text/plain; charset=utf-8', 'There is no such file.');
  }
}

function answer(status: number, contentType: string, body: string | Uint8Array<ArrayBuffer>): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': contentType,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  });
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
