/**
 * The process that is moved: it has so much memory, sleeps almost all of its time, and writes down whenever it stood still,
 * by the wall clock, because its monotonic clock is moved along with it and sees no gap.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** A time in which it did not run, in milliseconds since 1970. */
interface Gap {
  readonly start: number;
  readonly end: number;
}

const READY_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 20;
/** Any move stops it for longer: criu alone takes 27 ms. */
const LEAST_MILLISECONDS = 20;
const TEXT = `
use Time::HiRes qw(time sleep);
my ($bytes, $log) = @ARGV;
my $memory = 'x' x $bytes;
my $before = 0;
while (1) {
  my $now = time;
  if ($now - $before > 0.005) {
    open my $file, '>>', $log or die;
    printf $file "%.3f %.3f\\n", $before * 1000, $now * 1000;
    close $file;
    $now = time;
  }
  $before = $now;
  sleep 0.001;
}
`;

/** Its command; the first line in `log` says that it has its memory. */
export function memoryHolder(bytes: number, log: string): readonly string[] {
  return ['perl', '-e', TEXT, String(bytes), log];
}

/** Resolves when it has its memory; `log` as this machine sees it. */
export async function untilReady(log: string): Promise<void> {
  const deadline = performance.now() + READY_MILLISECONDS;
  while (gapsIn(log).length === 0) {
    if (performance.now() > deadline) throw new Error('The process to be moved did not start.');
    await wait(LOOK_MILLISECONDS);
  }
}

/** The longest time in milliseconds that it stood still and that ended after `since`; waits until it has gone on. */
export async function longestGap(log: string, since: number): Promise<number> {
  const deadline = performance.now() + READY_MILLISECONDS;
  for (;;) {
    // It looks a thousand times a second, and then has the file to write.
    await wait(LOOK_MILLISECONDS);
    const lengths = gapsIn(log)
      .filter(({ end }) => end > since)
      .map(({ start, end }) => end - start)
      .filter((length) => length > LEAST_MILLISECONDS);
    if (lengths.length > 0) return Math.max(...lengths);
    if (performance.now() > deadline) throw new Error('The moved process did not go on.');
  }
}

function gapsIn(log: string): readonly Gap[] {
  try {
    const lines = readFileSync(log, 'latin1').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [start = 0, end = 0] = line.split(' ').map(Number);
      return { start, end };
    });
  } catch {
    return [];
  }
}
