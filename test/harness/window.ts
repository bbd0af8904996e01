/** The window for a file of tests: served once, with one browser; its pages are closed after each test. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startBrowser } from './browser.ts';
import { startWindowSite, type PageOptions, type WindowSite } from './window-page.ts';

/** Call at the head of a file; pages can be opened in its tests. */
export function useWindow(): { open(options: PageOptions): Promise<Page> } {
  let site: WindowSite;
  let browser: Browser;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startWindowSite(), startBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  return { open: (options) => site.open(browser, options) };
}
