/**
 * How long the analyzer takes to open on the last 24 hours of 1,000 nodes: from the navigation until the cluster, every
 * strip in view and the statistics are painted. The back end is the one in the page, whose answers are formulas: the figure
 * is the window's own.
 */
import type { Browser, Page } from 'playwright-core';
import type { WindowSite } from '../../test/harness/window-page.ts';

const NODES = 1000;
const TIMES = 9;
/** Set by the window when everything in view is painted. */
const MARK = 'analyzer painted';

/** The median over several openings in milliseconds, and a line about all of them. */
export async function openAnalyzer(
  browser: Browser,
  site: WindowSite,
): Promise<{ readonly median: number; readonly line: string }> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await site.open(browser, {
      fake: { nodes: NODES, period: 0 },
      query: '?view=analyzer',
      viewport: { width: 1180, height: 780 },
    });
    times.push(await paintedAt(page));
    await page.context().close();
  }
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(TIMES / 2)] ?? NaN;
  const ends = `${Math.round(sorted[0] ?? NaN)} to ${Math.round(sorted.at(-1) ?? NaN)}`;
  return {
    median,
    line: `analyzer opens on 24 h of ${NODES} nodes in ${Math.round(median)} ms (goal 300), ${ends} in ${TIMES} openings`,
  };
}

/** Milliseconds from the navigation to the mark. */
export async function paintedAt(page: Page): Promise<number> {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, MARK);
  return page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? NaN, MARK);
}
