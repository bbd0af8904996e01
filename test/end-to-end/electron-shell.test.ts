/**
 * What the desktop program's shell promises of every page, shown with a small page and a small desk: the real shell and
 * bridge on the stand-in electron, in a real Chromium.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../common/contract/bridge.ts';
import { CONTENT_SECURITY_POLICY } from '../../main/window-files.ts';
import { ensureBuilt } from '../harness/build.ts';
import { runElectron, until, type ElectronRun } from '../harness/electron/run.ts';

/** What the page and the stand-in have put into a page's world. */
interface PageWorld {
  readonly mosview: Bridge;
  blocks: { readonly columns: Float64Array }[];
  stopBlocks: () => void;
  readonly inlineScriptRan?: boolean;
  readonly moduleScriptRan?: boolean;
  readonly document: {
    createElement(name: string): { contentWindow: PageWorld };
    body: { append(element: unknown): void };
  };
  standInInvoke(channel: string, values: readonly unknown[]): Promise<unknown>;
}

const program = join(import.meta.dirname, '../harness/electron/small/program.ts');
let preloadFile = '';
let dataFolder = '';
let run: ElectronRun;
let page: Page;

beforeAll(async () => {
  preloadFile = join(await ensureBuilt(), 'preload/electron.cjs');
});

async function start(): Promise<void> {
  dataFolder = await mkdtemp(join(tmpdir(), 'mosview-shell-'));
  await startAgain();
}

async function startAgain(): Promise<void> {
  run = runElectron(program, [dataFolder, preloadFile]);
  page = await run.page('view=main');
}

async function stop(): Promise<void> {
  await run.stop();
  await rm(dataFolder, { recursive: true });
}

describe('a running program:', () => {
  beforeAll(start);
  afterAll(stop);

  it('has a menu', async () => {
    const labels = (await run.ask('menu')).map(({ label }) => label);
    expect(labels).toEqual(['&File', '&Edit', '&View', '&Window', '&Help']);
  });

  describe('a window', () => {
    it('is shown once its page is ready, under the title the program gives it', async () => {
      expect(await run.window('view=main')).toMatchObject({
        title: 'The small program',
        url: 'app://mosview/index.html?view=main',
      });
    });

    it('is sandboxed, isolated and without Node', async () => {
      const { options } = await run.window('view=main');
      expect(options.webPreferences).toEqual({
        preload: preloadFile,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: true,
      });
    });
  });

  describe('the policy', () => {
    it('comes with every answer', async () => {
      const headers = await page.evaluate(async () => [...(await fetch('/index.html')).headers]);
      expect(headers).toContainEqual(['content-security-policy', CONTENT_SECURITY_POLICY]);
      expect(headers).toContainEqual(['x-content-type-options', 'nosniff']);
    });

    it("runs the program's scripts and no others", async () => {
      const ran = await page.evaluate(() => {
        const { moduleScriptRan, inlineScriptRan } = globalThis as unknown as PageWorld;
        return [moduleScriptRan, inlineScriptRan];
      });
      expect(ran).toEqual([true, undefined]);
    });

    it('lets a page reach nothing else', async () => {
      const violated = await page.evaluate<string>(`new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
        fetch('https://example.invalid/').catch(() => {});
      })`);
      expect(violated).toBe('connect-src');
    });

    it('serves nothing from outside the folder', async () => {
      const status = await page.evaluate(
        async () => (await fetch('/..%2f..%2f..%2f..%2fpackage.json')).status,
      );
      expect(status).toBe(404);
    });
  });

  describe('a page', () => {
    it('cannot navigate away', async () => {
      const denied = await denials(() => page.evaluate('document.querySelector("#elsewhere").click()'));
      expect(denied).toEqual(['navigation']);
      expect((await run.window('view=main')).url).toBe('app://mosview/index.html?view=main');
    });

    it.each(['window.open("https://example.invalid/")', 'document.querySelector("#outside").click()'])(
      'cannot open a window with %s',
      async (script) => {
        const denied = await denials(() => page.evaluate(`void ${script}`));
        expect(denied).toEqual(['window']);
        expect(await run.ask('windows')).toHaveLength(1);
      },
    );

    it('has no right but to write to the clipboard', async () => {
      const states = await page.evaluate(async () => {
        const { permissions } = navigator as unknown as {
          permissions: { query(descriptor: { name: string }): Promise<{ state: string }> };
        };
        const names = ['geolocation', 'notifications', 'midi', 'clipboard-read', 'clipboard-write'];
        return Promise.all(names.map(async (name) => [name, (await permissions.query({ name })).state]));
      });
      expect(Object.fromEntries(states)).toEqual({
        geolocation: 'denied',
        notifications: 'denied',
        midi: 'denied',
        'clipboard-read': 'denied',
        'clipboard-write': 'granted',
      });
    });
  });

  describe('the bridge', () => {
    it('has three functions and nothing of Electron', async () => {
      expect(await page.evaluate(() => Object.keys((globalThis as unknown as PageWorld).mosview))).toEqual([
        'call',
        'on',
        'onConnection',
      ]);
    });

    it('carries the code and words of a problem', async () => {
      const answer = await page.evaluate(() =>
        (globalThis as unknown as PageWorld).mosview.call('reconnect', { key: 'a' }),
      );
      expect(answer).toEqual({
        problem: { code: 'not-found', message: 'There is no such node', detail: 'raw words' },
      });
    });

    it('answers a call that cannot be sent with a problem', async () => {
      const answer = await page.evaluate(() =>
        (globalThis as unknown as PageWorld).mosview.call('program', { trick: () => {} } as never),
      );
      expect(answer).toMatchObject({ problem: { code: 'internal-error' } });
    });

    it('carries columns of numbers bit for bit, until the page stops listening', async () => {
      await page.evaluate(() => {
        const world = globalThis as unknown as PageWorld;
        world.blocks = [];
        world.stopBlocks = world.mosview.on('block', (block) => world.blocks.push(block));
      });
      const watch = () =>
        page.evaluate(() => (globalThis as unknown as PageWorld).mosview.call('watch', { on: true }));
      const blocks = () => page.evaluate(() => (globalThis as unknown as PageWorld).blocks);
      await watch();
      const [block] = await until('a block', async () => {
        const received = await blocks();
        return received.length > 0 ? received : undefined;
      });
      expect(block).toMatchObject({ time: 7, columns: new Float64Array([1.5, NaN, -0, Infinity]) });
      await page.evaluate(() => (globalThis as unknown as PageWorld).stopBlocks());
      await watch();
      expect(await blocks()).toHaveLength(1);
    });

    it('tells that the way to main is there', async () => {
      const connected = await page.evaluate(
        () =>
          new Promise((resolve) => {
            (globalThis as unknown as PageWorld).mosview.onConnection(resolve);
          }),
      );
      expect(connected).toBe(true);
    });
  });

  describe('a call', () => {
    it('is refused to a frame inside our own page', async () => {
      const answer = await page.evaluate(() => {
        const { document } = globalThis as unknown as PageWorld;
        const frame = document.createElement('iframe');
        document.body.append(frame);
        return frame.contentWindow.standInInvoke('mosview:call', ['program', {}]);
      });
      expect(answer).toEqual({ error: 'Error: A call from about:blank was refused.' });
    });
  });
});

describe('a program of its own:', () => {
  beforeEach(start);
  afterEach(stop);

  describe('a window', () => {
    it('comes back where it was closed', async () => {
      const { id } = await run.window('view=main');
      await run.ask('setBounds', id, { x: 200, y: 100, width: 1000, height: 600 });
      await run.ask('close', id);
      expect(await run.ended).toBe(0);
      await startAgain();
      const { options } = await run.window('view=main');
      expect(options).toMatchObject({ x: 200, y: 100, width: 1000, height: 600 });
    });

    it('ends the program when it is the overview and is closed, with all windows of nodes', async () => {
      await page.evaluate(() =>
        (globalThis as unknown as PageWorld).mosview.call('openWindow', { view: 'node', key: 'a' }),
      );
      await run.window('view=node');
      await run.ask('close', (await run.window('view=main')).id);
      expect(await run.ended).toBe(0);
      expect(run.output()).toContain('detached');
    });
  });

  describe("a node's window", () => {
    it('is opened once and then brought to the front', async () => {
      const open = () =>
        page.evaluate(() =>
          (globalThis as unknown as PageWorld).mosview.call('openWindow', { view: 'node', key: 'a' }),
        );
      await open();
      const opened = await run.window('view=node');
      expect(opened).toMatchObject({
        title: 'node3',
        url: 'app://mosview/index.html?view=node&key=openmosix%3A3+%26+co',
        focused: 0,
      });
      await open();
      const windows = await run.ask('windows');
      expect(windows).toHaveLength(2);
      expect(windows.find(({ id }) => id === opened.id)?.focused).toBe(1);
    });
  });

  describe('a call', () => {
    it('attaches a page, and whatever is loaded instead of the page detaches it', async () => {
      expect(run.output()).toBe('');
      await page.evaluate(() => (globalThis as unknown as PageWorld).mosview.call('program', {}));
      const { id } = await run.window('view=main');
      await run.ask('load', id, 'app://mosview/index.html?view=main&again');
      await expect.poll(() => run.output()).toBe('attached\ndetached\n');
    });

    it('is refused to a page of another origin in our own window', async () => {
      const { port, close } = await foreignSite();
      const { id } = await run.window('view=main');
      await run.ask('load', id, `http://127.0.0.1:${port}/`);
      const answer = await (
        await run.page(`127.0.0.1:${port}`)
      ).evaluate(() => (globalThis as unknown as PageWorld).mosview.call('program', {}));
      close();
      expect(answer).toMatchObject({
        problem: {
          code: 'internal-error',
          detail: expect.stringContaining(`A call from http://127.0.0.1:${port}/ was refused.`) as string,
        },
      });
    });
  });
});

/** What is denied in consequence of an attempt. */
async function denials(attempt: () => Promise<unknown>) {
  const { length } = await run.ask('denials');
  await attempt();
  return until('a denial', async () => {
    const denied = (await run.ask('denials')).slice(length);
    return denied.length > 0 ? denied : undefined;
  });
}

/** A site that is none of ours. */
async function foreignSite(): Promise<{ port: number; close: () => void }> {
  const server = createServer((_request, response) => response.end('<p>foreign</p>'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
