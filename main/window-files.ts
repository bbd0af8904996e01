/**
 * The built renderer as both hosts serve it: which file a path means, of what kind it is, and the policy that lets a
 * page run and reach only what came with it.
 */
import { extname, join, sep } from 'node:path';
import { REPORT_STYLE_SOURCE } from './report/style.ts';

/** The content security policy of every answer. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // And the fixed style of reports, which are previewed in a frame that inherits this policy.
  `style-src 'self' ${REPORT_STYLE_SOURCE}`,
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
export interface WindowFile {
  readonly path: string;
  readonly contentType: string;
}

/** Finds the file that a URL's path means; undefined for whatever is not a plain path to a known kind of file inside. */
export function windowFile(folder: string, urlPath: string): WindowFile | undefined {
  const path = decodePath(urlPath);
  if (path === undefined || !/^\/[\w./-]+$/.test(path) || path.split('/').includes('..')) return undefined;
  const file = join(folder, path);
  const contentType = CONTENT_TYPES.get(extname(file));
  if (!file.startsWith(folder + sep) || contentType === undefined) return undefined;
  return { path: file, contentType };
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
