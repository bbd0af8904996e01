/**
 * The scheme `app://mosview/`, from which the windows load: the built renderer's folder and nothing else, under a
 * policy that lets a page run and reach only what came with it.
 */
import { readFile } from 'node:fs/promises';
import type { CustomScheme } from 'electron';
import { CONTENT_SECURITY_POLICY, windowFile, type WindowFile } from '../window-files.ts';

/** Where windows come from. */
export const ORIGIN = 'app://mosview';

/** What Chromium is told of the scheme before it starts: an origin of its own, as trustworthy as https. */
export const SCHEME: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Finds the file that a request means; undefined for other origins and for what the renderer does not have. */
export function locate(folder: string, url: string): WindowFile | undefined {
  if (!url.startsWith(`${ORIGIN}/`)) return undefined;
  return windowFile(folder, new URL(url).pathname);
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
