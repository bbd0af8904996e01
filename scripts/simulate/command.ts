/** The command line of the simulator: what to run, and the tables or the one JSON object it prints. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, figuresOf, meanOf, POLICIES, type Comparison } from './compare.ts';
import { parseTrace, type TraceLine } from './trace.ts';
import { WORKLOADS, type WorkloadName } from './workloads.ts';

/** What is to be simulated. */
export interface Options {
  readonly json: boolean;
  readonly sizes: readonly number[];
  readonly workload: WorkloadName;
}

const SIZES = [100, 1000, 10_000];
const LARGEST = 10_000;
/** Seconds of the run at which the imbalance is printed, each in the middle. */
const MOMENTS = [0, 2, 5, 10, 20, 30, 45, 60, 90, 119];

const NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];

/** Runs the simulator with its arguments. Returns the exit code. */
export function command(words: readonly string[]): number {
  const options = parseOptions(words);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n`);
    return 1;
  }
  const trace = options.workload === 'recorded' ? readTrace() : [];
  const figures: Record<string, object> = {};
  if (!options.json) process.stdout.write(`${options.workload}: ${WORKLOADS[options.workload]}\n`);
  for (const nodes of options.sizes) {
    const comparison = compare(options.workload, nodes, trace);
    if (!options.json) process.stdout.write(`\n${tableOf(comparison)}\n`);
    figures[nodes] = rounded(figuresOf(comparison));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  return 0;
}

/** The options, or a sentence on what is wrong with them. */
export function parseOptions(words: readonly string[]): Options | string {
  let given;
  try {
    given = parseArgs({
      args: [...words],
      options: {
        json: { type: 'boolean', default: false },
        nodes: { type: 'string', default: SIZES.join(',') },
        workload: { type: 'string', default: 'open' },
      },
    }).values;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}. Known are --json, --nodes and --workload.`;
  }
  const sizes = given.nodes.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 2 && size <= LARGEST))
    return `--nodes takes whole numbers from 2 to ${LARGEST} with commas between them, not "${given.nodes}".`;
  const workload = NAMES.find((name) => name === given.workload);
  if (workload === undefined)
    return `There is no workload "${given.workload}". Take one of ${NAMES.join(', ')}.`;
  return { json: given.json, sizes, workload };
}

function readTrace(): readonly TraceLine[] {
  const file = fileURLToPath(new URL('build.trace', import.meta.url));
  return parseTrace(readFileSync(file, 'utf8'), file);
}

function rounded(figures: object): object {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, Math.round(Number(value) * 10_000) / 10_000]),
  );
}

/** The comparison for people. */
export function tableOf({ nodes, workload, outcomes }: Comparison): string {
  const seeds = outcomes.gossip.length;
  const lines = [
    `${nodes} nodes, ${seeds === 1 ? '1 seed' : `mean of ${seeds} seeds`}`,
    row('', 'response s', 'makespan', 'imbalance', 'moves each', 'messages'),
    row('', '', '/ shortest', '/ optimum', '', '/ node s'),
  ];
  const ends = workload === 'batch' || workload === 'recorded';
  const endless = workload === 'static' || workload === 'hot';
  for (const policy of POLICIES) {
    const mean = (key: Parameters<typeof meanOf>[1]): number => meanOf(outcomes[policy], key);
    lines.push(
      row(
        policy,
        endless ? '-' : mean('response').toFixed(3),
        ends ? (mean('makespan') / mean('shortestMakespan')).toFixed(2) : '-',
        mean('imbalance').toFixed(2),
        mean('movesPerProcess').toFixed(3),
        mean('messagesPerNodeSecond').toFixed(2),
      ),
    );
  }
  lines.push('', 'imbalance / optimum over time, first seed');
  const moments = MOMENTS.filter((moment) => moment < (outcomes.gossip[0]?.imbalances.length ?? 0));
  lines.push(row('second', ...moments.map(String)));
  for (const policy of POLICIES) {
    const imbalances = outcomes[policy][0]?.imbalances ?? [];
    lines.push(row(policy, ...moments.map((moment) => wordOf(imbalances[moment]))));
  }
  return lines.join('\n');
}

/** A ratio; infinite where nothing but an exact spread would have been the optimum. */
function wordOf(ratio: number | undefined): string {
  if (ratio === undefined) return 'done';
  return ratio === Infinity ? '∞' : ratio.toFixed(1);
}

function row(name: string, ...cells: readonly string[]): string {
  const width = cells.length > 5 ? 7 : 12;
  return name.padEnd(8) + cells.map((cell) => cell.padStart(width)).join('');
}
