/** The one Chromium behind the stand-in: its windows are pages, its requests go to the protocol handlers. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Route } from 'playwright-core';
import { chromiumPath, FLAGS } from '../browser.ts';

/** Answers every request of the stand-in's pages. */
export type RequestListener = (route: Route) => Promise<void>;

export interface RunningChromium {
  readonly context: BrowserContext;
  /** Where a second driver can join in. */
  readonly endpoint: string;
}

/** Starts Chromium on a profile of the program's own. */
export async function startChromium(userData: string, listener: RequestListener): Promise<RunningChromium> {
  const profile = join(userData, 'chromium');
  mkdirSync(profile, { recursive: true });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: [...FLAGS, '--remote-debugging-port=0'],
    viewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  await context.route('**/*', listener);
  const [port = ''] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
  return { context, endpoint: `http://127.0.0.1:${port}` };
}

/** Chromium cannot be taught a scheme from outside: `app://mosview/x` is shown as `https://mosview.app.invalid/x`. */
export function toChromium(url: string): string {
  return url.replace(/^app:\/\/([^/]+)/, 'https://$1.app.invalid');
}

/** The address as the program knows it. */
export function fromChromium(url: string): string {
  return url.replace(/^https:\/\/([^/]+)\.app\.invalid/, 'app://$1');
}
