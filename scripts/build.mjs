/** Builds the program when the built files are missing or older than their sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const SOURCES = ['common', 'main', 'preload', 'renderer', 'electron.vite.config.ts', 'package.json'];
const BUILT = [
  'main/electron.js',
  'main/headless.js',
  'main/history-worker.js',
  'preload/electron.cjs',
  'preload/web.cjs',
  'renderer/index.html',
];

/** Leaves an up-to-date `out/`, or ends the process with the build's own words. */
export function ensureBuilt() {
  const built = BUILT.map((file) => join(root, 'out', file));
  const oldest = built.every((file) => existsSync(file)) ? Math.min(...built.map(modified)) : 0;
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  if (oldest > newest(SOURCES.map((name) => join(root, name))) || !existsSync(tool)) return;
  process.stderr.write('Building mosview ...\n');
  const build = spawnSync(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (build.status === 0) return;
  process.stderr.write(`${build.stdout}${build.stderr}\nThe build failed; its words are above.\n`);
  process.exit(1);
}

function modified(path) {
  return statSync(path).mtimeMs;
}

/** The latest change in files and folders, tests left out. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path) || path.endsWith('.test.ts')) continue;
    const time = statSync(path).isDirectory()
      ? newest(readdirSync(path).map((name) => join(path, name)))
      : modified(path);
    latest = Math.max(latest, time);
  }
  return latest;
}
