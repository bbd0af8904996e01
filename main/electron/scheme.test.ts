/** What the scheme serves, and what it refuses. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../window-files.ts';
import { REPORT_STYLE_SOURCE } from '../report/style.ts';
import { locate, SCHEME, serve } from './scheme.ts';

const folder = join('/program', 'out', 'renderer');

describe('the content security policy', () => {
  it('lets a page run and reach only what came with it', () => {
    expect(CONTENT_SECURITY_POLICY).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' ${REPORT_STYLE_SOURCE}; img-src 'self' data:; ` +
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('is not bypassed by the scheme', () => {
    expect(SCHEME).toEqual({
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    });
  });
});

describe('locate', () => {
  it.each([
    ['app://mosview/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['app://mosview/index.html?view=node&key=../../x', 'index.html', 'text/html; charset=utf-8'],
    ['app://mosview/assets/index-B_x1.js', 'assets/index-B_x1.js', 'text/javascript; charset=utf-8'],
    ['app://mosview/assets/a.css', 'assets/a.css', 'text/css; charset=utf-8'],
  ])('finds %s', (url, path, contentType) => {
    expect(locate(folder, url)).toEqual({ path: join(folder, path), contentType });
  });

  it('cannot be led out of the folder by dots, which the address itself resolves', () => {
    expect(locate(folder, 'app://mosview/../../secret.json')?.path).toBe(join(folder, 'secret.json'));
    expect(locate(folder, 'app://mosview/a/%2e%2e/%2E%2e/secret.json')?.path).toBe(
      join(folder, 'secret.json'),
    );
  });

  it.each([
    'app://mosview/..%2f..%2fpackage.json',
    'app://mosview/%2e%2e%2f%2e%2e%2fpackage.json',
    'app://mosview/..%5c..%5cpackage.json',
    'app://mosview//etc/hosts.json%00.html',
    'app://mosview/a%252e%252e/x.html',
    'app://mosview/%E0%A4%A',
    'app://mosview/',
    'app://mosview/index',
    'app://mosview/program.exe',
    'app://mosview.evil/index.html',
    'app://other/index.html',
    'file:///etc/hosts.html',
    'https://mosview/index.html',
  ])('refuses %s', (url) => {
    expect(locate(folder, url)).toBeUndefined();
  });
});

describe('serve', () => {
  let served = '';

  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), 'mosview-scheme-'));
    served = join(root, 'renderer');
    await mkdir(served);
    await writeFile(join(served, 'index.html'), '<p>here</p>');
    await writeFile(join(root, 'secret.json'), '{}');
  });

  afterAll(() => rm(join(served, '..'), { recursive: true }));

  it('sends a file with its type and the policy', async () => {
    const response = await serve(served, new Request('app://mosview/index.html?view=main'));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    expect(await response.text()).toBe('<p>here</p>');
  });

  it.each(['app://mosview/..%2fsecret.json', 'app://mosview/missing.html'])(
    'answers 404 to %s',
    async (url) => {
      const response = await serve(served, new Request(url));
      expect(response.status).toBe(404);
      expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    },
  );

  it('takes nothing but GET', async () => {
    const response = await serve(served, new Request('app://mosview/index.html', { method: 'POST' }));
    expect(response.status).toBe(404);
  });
});
