/** A real Chromium for tests, measurements and screenshots: Debian's own, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/**
 * Where Debian and Ubuntu put it. The shell is the same engine without the browser around it, which costs a fifth of the
 * processor for each page that is opened.
 */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** What makes it run as root, in a container, without a graphics card and without talking to anybody. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of the browser; CHROMIUM in the environment wins. Throws a sentence that says what to install. */
export function chromiumPath(): string {
  const path = [process.env['CHROMIUM'], ...PLACES].find((each) => each !== undefined && existsSync(each));
  if (path === undefined) {
    throw new Error(
      'No Chromium was found. Install it with "apt-get install chromium-headless-shell", or set CHROMIUM to its path.',
    );
  }
  return path;
}

/** Starts the browser, headless, with a profile of its own that is gone when it is closed. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: FLAGS, headless: true });
}
