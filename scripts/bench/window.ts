/**
 * What an update costs the window: 2,000 nodes at 1 Hz in the built window, sorted by load so that the rows change
 * places every second, measured from Chromium's own trace of the page's main thread. Script and layout wait for
 * nothing, so their cost is told as processor time; a task blocks the window for as long as the clock says.
 */
import type { Browser, CDPSession } from 'playwright-core';
import { startBrowser } from '../../test/harness/browser.ts';
import { startWindowSite } from '../../test/harness/window-page.ts';
import { openAnalyzer } from './analyzer-window.ts';

const NODES = 2000;
const WARM_UP_MS = 5000;
const MEASURED_MS = 30_000;

/** Categories of the trace: tasks and what they are made of, and the marks the back end in the page sets. */
const CATEGORIES = ['toplevel', 'devtools.timeline', 'blink.user_timing', '__metadata'];

/** The mark before each second's block is handed over. */
const UPDATE_MARK = 'block';
const TASK = 'ThreadControllerImpl::RunTask';
const SCRIPT = new Set([
  'FunctionCall',
  'EvaluateScript',
  'TimerFire',
  'FireAnimationFrame',
  'EventDispatch',
]);
const LAYOUT = new Set(['UpdateLayoutTree', 'Layout']);
const PAINT = new Set(['PrePaint', 'Paint', 'Layerize', 'Commit']);

/** One event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Processor time, which says whether others took the processor away. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Measures; figures in milliseconds. Takes about a minute. */
export async function run(): Promise<{ figures: Record<string, number>; lines: readonly string[] }> {
  const site = await startWindowSite();
  try {
    const browser = await startBrowser();
    try {
      const page = await site.open(browser, {
        fake: { nodes: NODES, troubleEvery: 40, past: 120, period: 1000 },
        sort: 'load descending',
      });
      await page.locator('.layer .row').first().waitFor();
      await page.waitForTimeout(WARM_UP_MS);
      const events = await trace(browser, () => page.waitForTimeout(MEASURED_MS));
      await page.context().close();
      const { figures, lines } = report(events);
      const opened = await openAnalyzer(browser);
      return {
        figures: {
          ...figures,
          analyzerOpenMs: round(opened.cold),
          analyzerOpenWarmMs: round(opened.warm),
          emptyPageMs: round(opened.empty),
        },
        lines: [...lines, opened.line],
      };
    } finally {
      await browser.close();
    }
  } finally {
    await site.close();
  }
}

async function trace(browser: Browser, work: () => Promise<void>): Promise<readonly TraceEvent[]> {
  const session: CDPSession = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] },
  });
  await work();
  await session.send('Tracing.end');
  await complete;
  return events;
}

function report(events: readonly TraceEvent[]): {
  figures: Record<string, number>;
  lines: readonly string[];
} {
  const mark = events.find((event) => event.name === UPDATE_MARK);
  if (mark === undefined) throw new Error('The trace has no update; the page did not run.');
  const own = events.filter((event) => event.pid === mark.pid && event.tid === mark.tid);
  const marks = own.filter((event) => event.name === UPDATE_MARK).map((event) => event.ts);
  const tasks = own.filter((event) => event.name === TASK);
  const updates = updateCosts(
    own,
    marks.toSorted((a, b) => a - b),
  );
  const longestTaskMs = round(Math.max(...tasks.map(wallMs)));
  const updateP95Ms = round(
    percentile(
      updates.map((cost) => cost.processor),
      0.95,
    ),
  );
  const wall = round(
    percentile(
      updates.map((cost) => cost.script + cost.layout),
      0.95,
    ),
  );
  const median = (part: (cost: UpdateCost) => number): string =>
    `${percentile(updates.map(part), 0.5).toFixed(1)} ms`;
  return {
    figures: { longestTaskMs, updateP95Ms },
    lines: [
      `${NODES} nodes at 1 Hz, sorted by load so that every row in view changes, ${updates.length} updates`,
      `longest task             ${longestTaskMs} ms by the clock (goal 50), ${round(Math.max(...tasks.map(processorMs)))} ms of processor`,
      `update, 95th percentile  ${updateP95Ms} ms of processor for script and layout (goal 16), ${wall} ms by the clock`,
      `update, median           script ${median((cost) => cost.script)}, style and layout ${median((cost) => cost.layout)}, ` +
        `paint ${median((cost) => cost.paint)} by the clock`,
    ],
  };
}

function wallMs(event: TraceEvent): number {
  return (event.dur ?? 0) / 1000;
}

function processorMs(event: TraceEvent): number {
  return (event.tdur ?? 0) / 1000;
}

/** What one update took, in milliseconds. */
interface UpdateCost {
  script: number;
  layout: number;
  paint: number;
  /** Processor time of script and layout. */
  processor: number;
}

/**
 * What happened from each mark to the next one. Of nested events only the outermost counts; the call that sets a
 * mark began before it, and belongs to the update it starts.
 */
function updateCosts(events: readonly TraceEvent[], marks: readonly number[]): readonly UpdateCost[] {
  const costs = marks.slice(0, -1).map((): UpdateCost => ({ script: 0, layout: 0, paint: 0, processor: 0 }));
  let busyUntil = 0;
  const counted = events
    .filter((event) => event.ph === 'X' && partOf(event) !== undefined)
    .toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  for (const event of counted) {
    const end = event.ts + (event.dur ?? 0);
    const part = partOf(event);
    if (end <= busyUntil || part === undefined) continue;
    busyUntil = end;
    const cost = costs[marks.findLastIndex((mark) => mark <= end)];
    if (cost === undefined) continue;
    cost[part] += wallMs(event);
    if (part !== 'paint') cost.processor += processorMs(event);
  }
  return costs;
}

function partOf(event: TraceEvent): 'script' | 'layout' | 'paint' | undefined {
  if (SCRIPT.has(event.name)) return 'script';
  if (LAYOUT.has(event.name)) return 'layout';
  return PAINT.has(event.name) ? 'paint' : undefined;
}

/** The value that a share of the values does not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
