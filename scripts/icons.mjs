/** `node scripts/icons.mjs`: draws the PNG icons from resources/icons/icon.svg with Chromium. Run it after the SVG changed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from '../test/harness/browser.ts';
import { root } from './node.mjs';

/** The sizes that desktops ask for, in pixels. */
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512];

const folder = join(root, 'resources', 'icons');
const svg = await readFile(join(folder, 'icon.svg'), 'utf8');
const browser = await startBrowser();
try {
  const page = await browser.newPage();
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${svg}`,
  );
  for (const size of SIZES) {
    await page.setViewportSize({ width: size, height: size });
    await writeFile(join(folder, `${size}x${size}.png`), await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}
