/**
 * How long the analyzer takes to open on the last 24 hours of 1,000 nodes: from the navigation until the cluster, every
 * strip in view and the statistics are on the screen. The host, its frames and the bridge are the product's; the answers
 * behind them are formulas, so the figure is the window's own. Measured cold, in a process of the browser that begins with
 * it; warm, in one that has shown the overview before; and for an empty page in a process that begins with that.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Bridge } from '../../common/contract/bridge.ts';
import { serveWindows } from '../../main/headless/server.ts';
import { ensureBuilt } from '../../test/harness/build.ts';

const NODES = 1000;
const TIMES = 9;
const VIEWPORT = { width: 1180, height: 780 };
/** Set by the window when everything in view is on the screen. */
const MARK = 'analyzer painted';
/** The pushes these views hear of. */
const PUSHES = ['nodes', 'block'] as const;

const EMPTY_PAGE = `<!doctype html><title>empty</title><p>empty</p><script>
  requestAnimationFrame(() => setTimeout(() => performance.mark('${MARK}')));
</script>`;

/** The medians over several openings in milliseconds, and a line about all of them. */
export async function openAnalyzer(
  browser: Browser,
): Promise<{ readonly cold: number; readonly warm: number; readonly empty: number; readonly line: string }> {
  const host = await startHost();
  const blank = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(EMPTY_PAGE),
  );
  await new Promise<void>((ready) => blank.listen(0, '127.0.0.1', ready));
  const blankAddress = `http://127.0.0.1:${(blank.address() as AddressInfo).port}/`;
  const analyzer = new URL('/?view=analyzer', host.url).href;
  const [cold, warm, empty]: [number[], number[], number[]] = [[], [], []];
  // In turns, as the machine is not the same from one minute to the next.
  for (let time = 0; time < TIMES; time += 1) {
    await inNewProcess(browser, async (page) => empty.push(await paintedAt(page, blankAddress)));
    await inNewProcess(browser, async (page, context) => {
      await context.request.get(host.url);
      cold.push(await paintedAt(page, analyzer));
      await page.goto(new URL('/?view=main', host.url).href);
      await page.locator('.layer .row').first().waitFor();
      warm.push(await paintedAt(page, analyzer));
    });
  }
  blank.close();
  await host.close();
  return {
    cold: medianOf(cold),
    warm: medianOf(warm),
    empty: medianOf(empty),
    line:
      `analyzer opens on 24 h of ${NODES} nodes in ${medianOf(cold).toFixed(0)} ms (goal 300; ${ends(cold)}), ` +
      `after the overview in ${medianOf(warm).toFixed(0)} ms (${ends(warm)}), ` +
      `an empty page in ${medianOf(empty).toFixed(0)} ms (${ends(empty)}), ${TIMES} openings each`,
  };
}

/** The product's host with the back end of the harness behind it, here in Node. */
async function startHost() {
  const built = await ensureBuilt();
  const scope = globalThis as { fakeOptions?: unknown; mosview?: Bridge };
  scope.fakeOptions = { nodes: NODES, period: 0 };
  await import('../../test/harness/fake-bridge.ts');
  const { mosview } = scope;
  if (mosview === undefined) throw new Error('The back end of the harness did not start.');
  const served = await serveWindows({
    desk: {
      attach: (port) => {
        const ends = PUSHES.map((name) => mosview.on(name, (payload) => port.push(name, payload)));
        return {
          call: (name, input) => mosview.call(name as 'watch', input as { on: boolean }),
          detach: () => ends.forEach((end) => end()),
        };
      },
    },
    rendererFolder: join(built, 'renderer'),
    bridgeFile: join(built, 'preload/web.cjs'),
    port: 0,
  });
  if (!served.ok) throw new Error(served.problem.message);
  return served.value;
}

/** Pages of different contexts share no process. */
async function inNewProcess(
  browser: Browser,
  work: (page: Page, context: BrowserContext) => Promise<unknown>,
): Promise<void> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  await work(await context.newPage(), context);
  await context.close();
}

/**
 * Milliseconds from the navigation to the mark. What is asked of the page meanwhile is one line: playwright's own way to
 * wait brings a script that the page's thread would be busy with for 20 ms.
 */
async function paintedAt(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: 'commit' });
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', {
    awaitPromise: true,
    returnByValue: true,
    expression: `new Promise((done) => {
      const seen = (list) => list.getEntriesByName('${MARK}').forEach(({ startTime }) => done(startTime));
      new PerformanceObserver(seen).observe({ type: 'mark', buffered: true });
    })`,
  });
  await session.detach();
  return Number(result.value);
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function ends(times: readonly number[]): string {
  return `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
}
