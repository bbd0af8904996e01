/**
 * How long the analyzer takes to open on the last 24 hours of 1,000 nodes: from the navigation until the cluster, every
 * strip in view and the statistics are painted. The back end is the one in the page, whose answers are formulas: the figure
 * is the window's own. Measured cold, in a process of the browser that begins with it; and warm, in one that has shown the
 * overview before.
 */
import type { Browser, Page } from 'playwright-core';
import type { WindowSite } from '../../test/harness/window-page.ts';

const NODES = 1000;
const TIMES = 9;
/** Set by the window when everything in view is painted. */
const MARK = 'analyzer painted';
const OPTIONS = { fake: { nodes: NODES, period: 0 }, viewport: { width: 1180, height: 780 } };

/** The medians over several openings in milliseconds, and a line about all of them. */
export async function openAnalyzer(
  browser: Browser,
  site: WindowSite,
): Promise<{ readonly cold: number; readonly warm: number; readonly line: string }> {
  const cold: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await site.open(browser, { ...OPTIONS, query: '?view=analyzer' });
    cold.push(await paintedAt(page));
    await page.context().close();
  }
  const page = await site.open(browser, OPTIONS);
  const warm: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    await page.goto(`${site.address}?view=main`);
    await page.locator('.layer .row').first().waitFor();
    await page.goto(`${site.address}?view=analyzer`);
    warm.push(await paintedAt(page));
  }
  await page.context().close();
  return {
    cold: medianOf(cold),
    warm: medianOf(warm),
    line:
      `analyzer opens on 24 h of ${NODES} nodes in ${medianOf(cold).toFixed(0)} ms (goal 300; ${ends(cold)}), ` +
      `after the overview in ${medianOf(warm).toFixed(0)} ms (${ends(warm)}), ${TIMES} openings each`,
  };
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function ends(times: readonly number[]): string {
  return `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
}

/** Milliseconds from the navigation to the mark. */
export async function paintedAt(page: Page): Promise<number> {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, MARK);
  return page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? NaN, MARK);
}
