/** `mos mon`: the loads of all nodes as bars in the terminal; `--once`, or where there is no terminal, as a table. */
import { setTimeout as wait } from 'node:timers/promises';
import { failure, success, type Result } from '../../common/model/result.ts';
import { isUp, settingsOf } from '../../common/model/status.ts';
import type { NodeLine } from '../local/protocol.ts';
import { watchCluster } from '../watch/watch.ts';
import { connectLocal, type Local } from './local.ts';
import { table } from './orders.ts';

const EVERY_MS = 1000;
const MEGABYTE = 1_000_000;

/** Answers the exit status for the shell. */
export async function monCommand(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => word !== '--once');
  if (unknown !== undefined) {
    process.stderr.write(`mos: mos mon takes --once and nothing else, not "${unknown}".\n`);
    return 2;
  }
  const local = await connectLocal();
  const isScreen = words.length === 0 && process.stdin.isTTY && process.stdout.isTTY;
  const shown = local.ok ? await (isScreen ? bars(local.value) : once(local.value)) : local;
  if (shown.ok) return 0;
  process.stderr.write(`mos: ${shown.problem.message}\n`);
  return 1;
}

/** The nodes as a table for other programs: a load as openMosix counts it, memory in MB. */
export function nodeTable(nodes: readonly NodeLine[]): string {
  const rows = nodes.map((node) => {
    const up = isUp(node.status);
    const figures = [node.load, node.speed, node.cpus, node.util, node.memoryTotal / MEGABYTE];
    const used = (node.memoryTotal - node.memoryFree) / MEGABYTE;
    return [
      `${node.id}`,
      node.name,
      up ? 'up' : 'down',
      ...[...figures, used].map((figure) => (up ? `${Math.round(figure)}` : '-')),
      settingsOf(node.status).join(' '),
    ];
  });
  const head = ['NODE', 'NAME', 'STATE', 'LOAD', 'SPEED', 'CPUS', 'UTIL', 'MB', 'USED', 'SETTINGS'];
  return table(head, rows);
}

async function once(local: Local): Promise<Result<void>> {
  const known = await local.call('status', {});
  if (!known.ok) return failure(known.problem);
  process.stdout.write(nodeTable(known.value.nodes));
  return success(undefined);
}

async function bars(local: Local): Promise<Result<unknown>> {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  process.stdin.setRawMode(true);
  try {
    const ends = { input: process.stdin, output: process.stdout, stop: stop.signal };
    const ended = await watchCluster(tables(local), ends);
    return ended ?? success(undefined);
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}

async function* tables(local: Local): AsyncGenerator<Result<readonly NodeLine[]>> {
  for (;;) {
    const known = await local.call('status', {});
    yield known.ok ? success(known.value.nodes) : failure(known.problem);
    await wait(EVERY_MS);
  }
}
