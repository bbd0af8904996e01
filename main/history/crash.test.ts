/** Writers that are killed at any moment lose at most the second they were at, and their roll-ups agree with what is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import { expectedLoad, everySecond, temporaryFolder, valueAt } from './fixture.ts';
import { HistoryWriter } from './writer.ts';

const KILLS = 200;
/** Folders that are worked on at the same time. */
const LANES = 4;
/** Seven minutes before the end of an hour. */
const BEGIN = 500_000 * 3600 - 420;

/** Repeatable numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Builds the program that is killed as one file, so that a round is little more than its own work. */
async function buildProgram(folder: string): Promise<string> {
  symlinkSync(new URL('../../node_modules', import.meta.url), join(folder, 'node_modules'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: {
      ssr: new URL('crash-writer.ts', import.meta.url).pathname,
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  });
  return join(folder, 'program.mjs');
}

/** Lets a writer go on from a second and kills it after some milliseconds; returns the second after the last written. */
async function recordAndKill(
  program: string,
  folder: string,
  from: number,
  milliseconds: number,
): Promise<number> {
  const child = spawn(process.execPath, [program, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: `${program}.cache` },
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), milliseconds);
    text += bytes.toString('utf8');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  const lines = text.split('\n').slice(0, -1);
  return lines.length === 0 ? from : Number(lines.at(-1)) + 1;
}

function history(writer: HistoryWriter, from: number, to: number, width: number): HistoryAnswer<'history'> {
  const asked = { ...everySecond('id:2', from, to), pixels: Math.ceil((to - from) / width) };
  const steps = writer.ask('history', asked);
  for (;;) {
    const step = steps.next();
    if (!step.done) continue;
    if (!step.value.ok) throw new Error(step.value.problem.message);
    return step.value.value as HistoryAnswer<'history'>;
  }
}

/** Compares a lane's history with what was written to it, second by second and rolled up. */
function compare(folder: string, end: number): void {
  const opened = HistoryWriter.open(folder, ({ message }) => expect.unreachable(message), 20);
  if (!opened.ok) throw new Error(opened.problem.message);
  const writer = opened.value;
  for (let from = BEGIN; from < end; from += 9000) {
    const to = Math.min(end, from + 9000);
    const series = history(writer, from, to, 1).nodes[0]?.series[0];
    const found = [...(series?.times ?? [])].map((time, index) => [time / 1000, series?.mean[index]]);
    expect(found).toEqual(expectedLoad(1, from, to));
  }
  for (const width of [10, 60, 3600]) {
    const from = Math.ceil(BEGIN / width) * width;
    const to = Math.floor(end / width) * width;
    if (to <= from) continue;
    const { nodes: answered, resolution } = history(writer, from, to, width);
    expect(resolution).toBe(width);
    const series = answered[0]?.series[0];
    expect(series?.times).toHaveLength((to - from) / width);
    for (const [index, time] of (series?.times ?? []).entries()) {
      const values = Array.from({ length: width }, (_, second) => valueAt(time / 1000 + second, 1, 0));
      const mean = values.reduce((sum, value) => sum + value) / width;
      expect([time, series?.min[index], series?.max[index]]).toEqual([
        time,
        Math.min(...values),
        Math.max(...values),
      ]);
      expect(Math.abs((series?.mean[index] ?? NaN) - mean)).toBeLessThanOrEqual(0.051);
    }
  }
  writer.close();
}

test(`${KILLS} kills lose no second that was written`, { timeout: 300_000 }, async () => {
  const built = temporaryFolder();
  const program = await buildProgram(built.path);
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const folder = temporaryFolder();
    const next = random(lane + 1);
    let end = BEGIN;
    for (let kill = 0; kill < KILLS / LANES; kill += 1) {
      end = await recordAndKill(program, folder.path, end, Math.floor(next() * 30));
    }
    expect(end).toBeGreaterThan(BEGIN + KILLS / LANES);
    compare(folder.path, end);
    folder.dispose();
    return end - BEGIN;
  });
  const seconds = await Promise.all(lanes);
  expect(Math.max(...seconds)).toBeGreaterThan(100);
  built.dispose();
});
