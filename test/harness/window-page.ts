/**
 * The window alone: as it is built for the product, served on loopback under the product's content security policy, and
 * opened with the back end of fake-bridge.ts inside the page.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { CONTENT_SECURITY_POLICY } from '../../main/window-files.ts';
import { ensureBuilt } from './build.ts';
import type { FakeOptions } from './fake-bridge.ts';

const here = import.meta.dirname;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** How a page is opened. */
export interface PageOptions extends BrowserContextOptions {
  readonly fake: FakeOptions;
  /** The address' query, `?view=main` by default. */
  readonly query?: string;
  /** The remembered order of the table, `load descending`. */
  readonly sort?: string;
}

/** The built window on loopback. */
export interface WindowSite {
  /** Where it is, without a query. */
  readonly address: string;
  /** Opens the window in a browser, in a context of its own; closing the page's context ends it. */
  open(browser: Browser, options: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Serves the built window. */
export async function startWindowSite(): Promise<WindowSite> {
  const folder = join(await ensureBuilt(), 'renderer');
  const fakeBridge = await bundle(resolve(here, 'fake-bridge.ts'));
  const server = await serve(folder);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    address,
    async open(browser, { fake, query = '?view=main', sort, ...options }) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const remembered =
        sort === undefined ? '' : `localStorage.setItem('mosview.sort', ${JSON.stringify(sort)});`;
      await page.addInitScript(`${remembered} globalThis.fakeOptions = ${JSON.stringify(fake)};`);
      await page.addInitScript(fakeBridge);
      await page.goto(address + query);
      // The view is loaded after the page.
      await page.locator('#app > *').first().waitFor({ state: 'attached' });
      return page;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A module with all it imports as one classic script. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'fakeBridge' } },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((each) =>
    'output' in each ? each.output : [],
  );
  const chunk = outputs.find((output) => output.type === 'chunk');
  if (chunk === undefined) throw new Error(`${entry} gave no script.`);
  return chunk.code;
}

async function serve(folder: string): Promise<Server> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(folder, normalize(path === '/' ? '/index.html' : path));
    const content = await readFile(file).catch(() => undefined);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': type,
      'content-security-policy': CONTENT_SECURITY_POLICY,
    });
    response.end(content);
  }
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}
