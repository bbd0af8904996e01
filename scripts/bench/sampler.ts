/**
 * What the sampler costs the node it runs on: processor time of the shell per sample, and beside it what a loop with
 * `sleep` costs. Linux only, because the time is read from /proc.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Milliseconds of user and system time per sample, and per turn of a loop that sleeps. */
export interface SamplerCost {
  readonly sampleMs: number;
  readonly sleepMs: number;
}

const SAMPLES = 3000;
const SLEEPS = 300;
/** Kernel ticks in /proc/PID/stat are hundredths of a second on every Linux. */
const TICK_MS = 10;

/** Measures resources/sampler.sh under /bin/sh on the machine's own /proc, one tick after another. */
export async function samplerCost(): Promise<SamplerCost> {
  const text = readFileSync(new URL('../../resources/sampler.sh', import.meta.url), 'latin1');
  return { sampleMs: await costOfSample(text), sleepMs: await costOfSleep() };
}

async function costOfSample(text: string): Promise<number> {
  const shell = spawn('/bin/sh', ['-s']);
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const until = async (end: string): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('The sampler ended');
      if (value === end) return;
    }
  };
  shell.stdin.write(`nonce=bench root=/proc\n${text}`);
  await until('ready');
  const before = cpuMs(shell);
  for (let sequence = 1; sequence <= SAMPLES; sequence += 1) {
    shell.stdin.write(`own ${sequence}\n`);
    await until(`end ${sequence}`);
  }
  const cost = cpuMs(shell) - before;
  shell.stdin.end();
  await once(shell, 'exit');
  return cost / SAMPLES;
}

async function costOfSleep(): Promise<number> {
  const shell = spawn('/bin/sh', ['-s']);
  shell.stdin.write(`n=0; while [ $n -lt ${SLEEPS} ]; do n=$((n + 1)); sleep 0; done; echo done\n`);
  await once(shell.stdout, 'data');
  const cost = cpuMs(shell);
  shell.stdin.end();
  await once(shell, 'exit');
  return cost / SLEEPS;
}

/** User and system time of a process and of its children that have ended. */
function cpuMs(shell: ChildProcessWithoutNullStreams): number {
  const stat = readFileSync(`/proc/${shell.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime stime cutime cstime are the fields 14 to 17; the third is the first behind the name.
  return TICK_MS * fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}
