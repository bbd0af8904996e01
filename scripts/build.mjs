/** Builds the program when the built files are missing or older than their sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const SOURCES = [
  'agent',
  'common',
  'main',
  'preload',
  'renderer',
  'agent.vite.config.ts',
  'electron.vite.config.ts',
  'package.json',
];
const BUILT = [
  'agent/mosview-agent.mjs',
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
  const modules = join(root, 'node_modules');
  if (oldest > newest(SOURCES.map((name) => join(root, name))) || !existsSync(join(modules, 'vite'))) return;
  process.stderr.write('Building mosview ...\n');
  run([join(modules, 'electron-vite/bin/electron-vite.js'), 'build']);
  run([join(modules, 'vite/bin/vite.js'), 'build', '--config', 'agent.vite.config.ts']);
}

function run([tool, ...args]) {
  const build = spawnSync(process.execPath, [tool, ...args, '--logLevel', 'warn'], {
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
