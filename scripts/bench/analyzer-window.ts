/**
 * How long the analyzer takes to open on the last 24 hours of 1,000 nodes: from the navigation until the cluster, every
 * strip in view and the statistics are painted. The back end in the page answers from prepared formulas, so that the
 * figure is the window's own; `--history DIR` measures it on a real history through `mosview serve`.
 */
import type { Browser, Page } from 'playwright-core';
import type { WindowSite } from '../../test/harness/window-page.ts';

const NODES = 1000;
const TIMES = 7;
/** Set by the window when everything in view is painted. */
const MARK = 'analyzer painted';

/** The median over several openings, in milliseconds. */
export async function analyzerOpenMs(
  browser: Browser,
  site: WindowSite,
): Promise<{ readonly median: number; readonly all: readonly number[] }> {
  const all: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await site.open(browser, {
      fake: { nodes: NODES, period: 0 },
      query: '?view=analyzer',
      viewport: { width: 1180, height: 780 },
    });
    all.push(await paintedAt(page));
    await page.context().close();
  }
  return { median: all.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)] ?? NaN, all };
}

/** Milliseconds from the navigation to the mark. */
async function paintedAt(page: Page): Promise<number> {
  return page.evaluate(
    (mark) =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list, observer) => {
          const [entry] = list.getEntriesByName(mark);
          if (entry === undefined) return;
          observer.disconnect();
          resolve(entry.startTime);
        }).observe({ type: 'mark', buffered: true });
      }),
    MARK,
  );
}
