/**
 * `npm run bench -- NAME [--json]`: measures what the project promises, as ratios within one run where it can. Prints a
 * table for people; with --json one object {bench, figures}.
 */
import { existsSync, readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { ensureBuilt } from './build.mjs';
import { ensureCiphers } from './ciphers.mjs';
import { ensurePrograms } from './debian.mjs';
import { ensureNode, NODE_FLAGS } from './node.mjs';

const BENCHES = {
  ssh: {
    about: 'connections, streams and the sampler',
    prepare: ensureCiphers,
    goals: {
      connectSeconds: ['<', 15],
      corePercent: ['<=', 5],
      bytesPerConnection: ['<=', 80_000],
      ratioToPlainTcp: ['<=', 1.3],
      execToStream: ['>=', 6],
      streamsToObserver: ['>=', 8],
      samplerCpuMs: ['<=', 0.5],
    },
  },
  history: {
    about: 'writing, sealing and reading the history',
    goals: {
      cpuMsPerSecond: ['<=', 1],
      ratioToPrometheusBytes: ['<=', 0.5],
      hourMs: ['<', 1],
      dayMs: ['<', 50],
      weekTopMs: ['<', 100],
      momentMs: ['<', 10],
    },
  },
  window: {
    about: 'the main window with 2,000 nodes, opening the analyzer with 1,000',
    prepare: ensureBuilt,
    goals: { longestTaskMs: ['<=', 50], updateP95Ms: ['<=', 16], analyzerOpenMs: ['<', 300] },
  },
  migrate: {
    about: 'moves of running jobs between two hosts of the lab, and idle agents',
    prepare: ensurePrograms,
    goals: {
      ratioToCriu10MB: ['<=', 1.5],
      freeze1GB: ['<', 1500],
      agentIdleCpuPercent: ['<', 1],
      agentRssMB: ['<', 80],
    },
  },
};

await ensureNode();
const name = process.argv[2];
const json = process.argv.includes('--json');
const bench = Object.hasOwn(BENCHES, name ?? '') ? BENCHES[name] : undefined;
if (bench === undefined) {
  process.stderr.write(
    `Name a bench: ${Object.entries(BENCHES)
      .map(([key, { about }]) => `${key} (${about})`)
      .join(', ')}\n`,
  );
  process.exit(1);
}
bench.prepare?.();
const machineMs = deflateMs();
const before = processorTimes();
const { run } = await import(`./bench/${name}.ts`);
const { figures, lines } = await run(NODE_FLAGS);
figures.machineMs = machineMs;
const stolen = stolenPercent(before, processorTimes());
if (stolen !== undefined) figures.stolenPercent = stolen;
if (json) process.stdout.write(`${JSON.stringify({ bench: name, figures })}\n`);
else {
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.stdout.write(`\n${'figure'.padEnd(20)}${'measured'.padStart(12)}  goal\n`);
  for (const [key, value] of Object.entries(figures)) {
    const [sign, goal] = bench.goals[key] ?? ['', ''];
    const met =
      sign === '' ? '' : sign === '>=' ? value >= goal : sign === '<' ? value < goal : value <= goal;
    const word = met === '' ? '' : met ? 'met' : 'MISSED';
    process.stdout.write(`${key.padEnd(20)}${value.toPrecision(4).padStart(12)}  ${sign} ${goal}  ${word}\n`);
  }
}
process.exit(0);

/**
 * Milliseconds that 8 MB take to be deflated, the best of three: how fast this machine is now. Times of two runs can be
 * compared only where this is about the same.
 */
function deflateMs() {
  const bytes = Buffer.alloc(8 * 1024 * 1024);
  for (let at = 0, value = 1; at < bytes.length; at += 1) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = (value >>> 24) & (at & 64 ? 15 : 255);
  }
  const times = [1, 2, 3].map(() => {
    const began = performance.now();
    deflateRawSync(bytes, { level: 1 });
    return performance.now() - began;
  });
  return Math.min(...times);
}

/** Clock ticks of all processors since the start: at work, and taken by the host for others; undefined where none are told. */
function processorTimes() {
  if (!existsSync('/proc/stat')) return undefined;
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { worked: user + nice + system + interrupts + softInterrupts, stolen };
}

/** Of the time in which processors had work, the part that the host of a virtual machine gave to others. */
function stolenPercent(from, to) {
  if (from === undefined || to === undefined) return undefined;
  const stolen = to.stolen - from.stolen;
  return (100 * stolen) / Math.max(1, to.worked - from.worked + stolen);
}
