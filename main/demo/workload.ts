/**
 * What a demo cluster is made of: machines of several generations and the programs people run on them. Pure; every
 * choice comes from the given random source.
 */
import { happenings, heavyTailed, oneOf, wholeBetween, type Random } from '../../common/model/random.ts';

/** A machine as it was bought. */
export interface Hardware {
  /** Speed its kernel measured, 10000 is the standard CPU. */
  readonly speed: number;
  readonly cpus: number;
  /** Memory in 4096-byte pages. */
  readonly pages: number;
}

/** How much a node's users ask for. */
export interface Demand {
  /** Processes started a second, on average over a period. */
  readonly birthRate: number;
  /** Seconds from one busy time to the next, and where in it the node begins. */
  readonly period: number;
  readonly phase: number;
}

/** A program that can be started. */
export interface Program {
  /** Its short name, at most 15 bytes, and its command line as /proc shows it: each word is followed by a NUL. */
  readonly command: string;
  readonly cmdline: string;
  /** True for what the system started. */
  readonly daemon: boolean;
  /** Share of its life that it wants the CPU, 0..1. */
  readonly duty: number;
  /** True where it waits for a disk when it does not run. */
  readonly disk: boolean;
  /** CPU seconds on a standard CPU until it is done. */
  readonly work: number;
  readonly pages: number;
  /** True for a process that must not migrate by itself. */
  readonly locked: boolean;
  /** Why it cannot migrate at all, openMosix' word; empty when it can. */
  readonly cantMove: string;
}

const PAGES_PER_MEGABYTE = 256;
const SHAPE = 1.1;
const SHORTEST = 1.5;
const LONGEST = 900;

/** CPU seconds a program needs on average: the mean of the bounded Pareto distribution above. */
const MEAN_WORK =
  (SHORTEST ** SHAPE / (1 - (SHORTEST / LONGEST) ** SHAPE)) *
  (SHAPE / (SHAPE - 1)) *
  (SHORTEST ** (1 - SHAPE) - LONGEST ** (1 - SHAPE));

interface Kind {
  /** Name and arguments. */
  readonly line: string;
  readonly duty: number;
  readonly disk: boolean;
  readonly megabytes: number;
  readonly cantMove: string;
}

const KINDS: readonly [Kind, ...Kind[]] = [
  { line: 'cc1 -quiet -O2 main.c -o /tmp/main.s', duty: 1, disk: false, megabytes: 14, cantMove: '' },
  { line: 'povray +Ikitchen.pov +W1024 +H768', duty: 1, disk: false, megabytes: 24, cantMove: '' },
  { line: 'lame --preset standard track07.wav', duty: 0.95, disk: false, megabytes: 3, cantMove: '' },
  { line: 'octave -q simulate.m', duty: 0.9, disk: false, megabytes: 40, cantMove: '' },
  { line: 'blastall -p blastn -d nt -i query.fa', duty: 0.9, disk: true, megabytes: 60, cantMove: '' },
  { line: 'perl collect.pl --all', duty: 0.7, disk: true, megabytes: 6, cantMove: '' },
  { line: 'tar -czf home.tar.gz /home', duty: 0.4, disk: true, megabytes: 2, cantMove: '' },
  { line: 'sort -u words', duty: 0.5, disk: true, megabytes: 30, cantMove: '' },
  { line: 'gcc -O2 -c main.c', duty: 0.9, disk: false, megabytes: 9, cantMove: '' },
  { line: 'mpg123 -s -r 44100 song.mp3', duty: 0.2, disk: false, megabytes: 2, cantMove: '' },
  { line: 'java -jar server.jar', duty: 0.5, disk: false, megabytes: 48, cantMove: 'clone_vm' },
  { line: 'postgres -D /var/lib/pgsql', duty: 0.3, disk: true, megabytes: 16, cantMove: 'monkey' },
];

const DAEMONS: readonly Program[] = [
  daemon('sshd', '/usr/sbin/sshd', 420, ''),
  daemon('crond', 'crond', 180, ''),
  daemon('xfs', 'xfs -droppriv -daemon', 900, 'mmap_dev'),
];

/** A machine of one of several generations; in a cluster that grew over years they stand side by side. */
export function someHardware(random: Random): Hardware {
  const generation = wholeBetween(random, 0, 3);
  const speed = [7_600, 10_000, 12_000, 16_000][generation] ?? 10_000;
  const cpus = random() < 0.25 ? 2 : random() < 0.1 ? 4 : 1;
  const megabytes = ([255, 511, 511, 1011][generation] ?? 511) * (cpus > 1 ? 2 : 1);
  return { speed: speed + wholeBetween(random, -400, 400), cpus, pages: megabytes * PAGES_PER_MEGABYTE };
}

/**
 * How much is asked of a node: most nodes' users want little, a few want much more than their machine can do, and
 * together they want a third to a half of what the cluster can do.
 */
export function someDemand(random: Random, hardware: Hardware): Demand {
  const appetite = heavyTailed(random, 1.1, 0.15, 3.5);
  const capacity = (hardware.cpus * hardware.speed) / 10_000;
  return {
    birthRate: (appetite * capacity) / MEAN_WORK,
    period: 60 + 600 * random(),
    phase: random() * 2 * Math.PI,
  };
}

/** The programs started within `seconds` at the time `now`: now and then a whole batch at once. */
export function startedPrograms(
  random: Random,
  demand: Demand,
  now: number,
  seconds: number,
): readonly Program[] {
  const tide = 1 + 0.8 * Math.sin((now / demand.period) * 2 * Math.PI + demand.phase);
  let count = happenings(random, demand.birthRate * tide * seconds * 0.9);
  if (count > 0 && random() < 0.02) count += wholeBetween(random, 2, 8);
  return count === 0 ? [] : Array.from({ length: count }, () => someProgram(random));
}

/** What every node runs from its start on; it sleeps all the time. */
export function daemons(): readonly Program[] {
  return DAEMONS;
}

/** Words as /proc/PID/cmdline shows them. */
export function cmdlineOf(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join('');
}

function daemon(command: string, line: string, pages: number, cantMove: string): Program {
  const cmdline = cmdlineOf(line.split(' '));
  // Daemons are started under `mosrun -h`, which locks them.
  return {
    command,
    cmdline,
    daemon: true,
    duty: 0,
    disk: false,
    work: Infinity,
    pages,
    locked: true,
    cantMove,
  };
}

function someProgram(random: Random): Program {
  const kind = oneOf(random, KINDS);
  const words = kind.line.split(' ');
  return {
    command: words[0] ?? '',
    cmdline: cmdlineOf(words),
    daemon: false,
    duty: kind.duty,
    disk: kind.disk,
    work: heavyTailed(random, SHAPE, SHORTEST, LONGEST),
    pages: Math.round(kind.megabytes * PAGES_PER_MEGABYTE * (0.5 + random())),
    locked: random() < 0.05,
    cantMove: kind.cantMove,
  };
}
