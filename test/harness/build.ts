/** The built program for tests that run what is built; made once, and only when a source is newer than the last build. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const project = resolve(import.meta.dirname, '../..');

let built: Promise<string> | undefined;

/** The folder of an up-to-date build. */
export function ensureBuilt(): Promise<string> {
  built ??= build();
  return built;
}

/** Before the first test of a kind, so that files that run side by side never build at the same time. */
export async function setup(): Promise<void> {
  await ensureBuilt();
}

/** Builds in a process of its own, as the scripts do; a failed build rejects with its words. */
async function build(): Promise<string> {
  const script = `import(${JSON.stringify(join(project, 'scripts/build.mjs'))}).then((it) => it.ensureBuilt())`;
  await promisify(execFile)(process.execPath, ['--eval', script], { cwd: project });
  return join(project, 'out');
}
