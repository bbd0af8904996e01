#!/usr/bin/env node
/**
 * The command `mosview` inside the project: finds a Node that is new enough, builds what is not built, then starts the
 * desktop program (`mosview app`) or hands the command to the host without Electron. Plain JavaScript for any Node.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureCiphers } from './ciphers.mjs';
import { ensureNode, root } from './node.mjs';

await ensureNode();
ensureBuilt();
ensureCiphers();
const args = process.argv.slice(2);
const electron = args[0] === 'app' ? findElectron() : undefined;
if (electron === undefined) await import('../out/main/headless.js');
else await runElectron(electron, args.slice(1));

/** The Electron program, or undefined after a sentence that says why the same window is served on loopback instead. */
function findElectron() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return unavailable('there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)');
  }
  const folder = join(root, 'node_modules', 'electron');
  if (!existsSync(join(folder, 'install.js'))) return unavailable('its package is not installed');
  if (!existsSync(join(folder, 'path.txt'))) {
    process.stderr.write('Fetching the Electron runtime (once) ...\n');
    const fetched = spawnSync(process.execPath, [join(folder, 'install.js')], {
      stdio: 'ignore',
      timeout: 300_000,
    });
    if (fetched.status !== 0) return unavailable('its runtime is not installed and could not be downloaded');
  }
  const program = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
  return existsSync(program) ? program : unavailable(`${program} is missing`);
}

function unavailable(why) {
  process.stderr.write(
    `Electron cannot be used, because ${why}; the same program is served on loopback instead.\n`,
  );
  return undefined;
}

/** Runs the desktop program until it ends. Chromium refuses its sandbox to root, so root is told and goes without. */
async function runElectron(program, rest) {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (asRoot) {
    process.stderr.write(
      'You are root, for whom Chromium has no sandbox; better start mosview as an ordinary user.\n',
    );
  }
  const child = spawn(program, [...(asRoot ? ['--no-sandbox'] : []), root, ...rest], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`Electron did not start: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
