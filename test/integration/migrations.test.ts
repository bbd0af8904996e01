/** The migration log against the truth: a simulated cluster, sampled once a second as over a network, in simulated time. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Migration } from '../../common/model/migration.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Machine } from '../../main/demo/machine.ts';
import { randomFrom, wholeBetween, type Random } from '../../common/model/random.ts';
import { Simulation, type SimulatedMigration } from '../../main/demo/simulation.ts';
import { openHistory, type History } from '../../main/history/index.ts';
import { MigrationLog } from '../../main/migrations/log.ts';
import type { Places } from '../../main/migrations/types.ts';
import { newKernelFolder } from '../harness/kernel.ts';

const MOVES = 1000;
const PROCESSES_PER_NODE = 6;
const START = 1_800_000_000_000;
/** A step of the simulation in milliseconds; everything happens at one. */
const STEP = 100;
/** A sample is taken up to so many milliseconds after the second, and arrives up to so many after that. */
const LATEST_SAMPLE = 400;
const LONGEST_WAY = 300;
/** Between two samples of a node at most, and until the second one has arrived. */
const LONGEST_GAP = 1000 + LATEST_SAMPLE;
const LONGEST_WAIT = LONGEST_GAP + LONGEST_WAY + STEP;

/** Nodes that are always sampled, those that are lost for a while, and those that have no connection. */
const STEADY = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const LOSABLE = [144, 233, 377, 610, 987];
const UNREACHED = [1597, 2584, 4181];
/** Seconds until the next one of LOSABLE is lost, and for how long. */
const LOSS_PERIOD = 30;
const LOSS_SECONDS = 20;

interface Sample {
  readonly id: number;
  readonly places: Places;
  readonly status: number;
  readonly arrival: number;
}

/** A migration of the truth, with how long the process stayed where it went and had been where it came from. */
interface TrueMove extends SimulatedMigration {
  readonly arrived: number;
  readonly stayed: number;
  readonly stayedBefore: number;
  /** Whether it came back to where it had been a moment ago: no place changed, only the counter grew. */
  readonly backAtOnce: boolean;
  /** Whether its home was sampled all the time around it, or never. */
  readonly homeState: 'sampled' | 'lost' | 'changing';
}

let folder: string;
let history: History;
let problems: Problem[];

beforeEach(async () => {
  folder = newKernelFolder();
  problems = [];
  const opened = await openHistory({ folder, onProblem: (problem) => problems.push(problem) });
  if (!opened.ok) throw new Error(opened.problem.message);
  history = opened.value;
});

afterEach(async () => {
  await history.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([1, 2, 3, 4])('1,000 random migrations, sampled once a second (seed %i)', (seed) => {
  test('are in the log exactly once', async () => {
    const { truth, alive } = await run(seed);
    expect(problems).toEqual([]);
    const read = await history.ask('migrations', { limit: 10_000 });
    const logged = read.ok ? read.value.migrations : [];
    expect(truth.length).toBeGreaterThanOrEqual(MOVES);

    // Each that lasted longer than a sample is there once, wherever somebody could see it.
    const lasting = truth.filter(isSeen);
    expect(lasting.length).toBeGreaterThan(MOVES / 2);
    for (const move of lasting) {
      const found = logged.filter((entry) => isAbout(entry, move));
      expect([move, found.length]).toEqual([move, 1]);
      const knowsFrom = move.homeState === 'sampled' && move.stayedBefore > LONGEST_GAP;
      if (knowsFrom) expect([move, found[0]?.from]).toEqual([move, move.from]);
    }

    // Together with those that only the counters show, it holds as many as there were: nothing twice, nothing made up.
    for (const { home, pid, started, migrations } of alive) {
      const own = logged.filter(
        (entry) => entry.home === home && entry.pid === pid && entry.started === started,
      );
      if (UNREACHED.includes(home)) continue;
      const early = logged.filter((entry) => entry.home === home && entry.pid === pid && entry.started === 0);
      const count = [...own, ...early].reduce((sum, entry) => sum + entry.count, 0);
      expect([home, pid, count]).toEqual([home, pid, migrations]);
    }

    // Where no counter can be read there is nothing that was not.
    for (const home of UNREACHED) {
      const moves = truth.filter((move) => move.home === home);
      for (const entry of logged.filter((each) => each.home === home)) {
        const index = moves.findLastIndex(
          ({ pid, to, arrived }) => pid === entry.pid && to === entry.to && arrived <= entry.time,
        );
        expect([entry, index >= 0]).toEqual([entry, true]);
        moves.splice(index, 1);
      }
    }
  });
});

/** Whether somebody must have seen it: its home, or while that could not be asked the host, if that is always sampled. */
function isSeen({ stayed, backAtOnce, homeState, to, home }: TrueMove): boolean {
  if (stayed <= LONGEST_GAP || backAtOnce) return false;
  return homeState === 'sampled' || (homeState === 'lost' && to !== home && STEADY.includes(to));
}

function isAbout(entry: Migration, move: TrueMove): boolean {
  return (
    entry.result === 'seen' &&
    entry.home === move.home &&
    entry.pid === move.pid &&
    entry.to === move.to &&
    (entry.started === 0 || entry.started === move.started) &&
    entry.time >= move.arrived &&
    entry.time <= move.arrived + LONGEST_WAIT
  );
}

/** Lets the cluster live until enough has moved, samples it, and gives the truth and what the processes count. */
async function run(seed: number): Promise<{
  readonly truth: readonly TrueMove[];
  readonly alive: readonly {
    readonly home: number;
    readonly pid: number;
    readonly started: number;
    readonly migrations: number;
  }[];
}> {
  const random = randomFrom(seed);
  const simulation = new Simulation({ ids: [...STEADY, ...LOSABLE, ...UNREACHED], seed, demand: 0 });
  const processes = simulation.ids.flatMap((id) => {
    simulation.setSetting(id, 'stay', true);
    return Array.from(
      { length: PROCESSES_PER_NODE },
      () => simulation.startProcess(id, { command: 'gauss' }).process,
    );
  });
  const log = new MigrationLog({
    record: (migrations) => history.record('migrations', migrations),
    onMigrations: () => {},
    onProblem: (problem) => problems.push(problem),
  });
  const moves: (SimulatedMigration & { readonly arrived: number })[] = [];
  let elapsed = 0;
  simulation.onMigration = (move) => moves.push({ ...move, arrived: START + elapsed });

  let planned: readonly { readonly id: number; readonly at: number }[] = [];
  let underway: Sample[] = [];
  const latest = new Map<number, number>();
  const live = (moving: boolean): void => {
    elapsed += STEP;
    const now = START + elapsed;
    simulation.step(STEP / 1000);
    if (moving) {
      const process = processes[wholeBetween(random, 0, processes.length - 1)];
      const target = simulation.ids[wholeBetween(random, 0, simulation.ids.length - 1)];
      if (process?.journey === undefined && target !== undefined && process !== undefined) {
        simulation.migrate(process.home.id, process.pid, random() < 0.3 ? 0 : target);
      }
    }
    if (elapsed % 1000 === 0) {
      for (const id of LOSABLE) if (isLost(id, elapsed)) log.lost(id);
      const sampled = [...STEADY, ...LOSABLE.filter((id) => !isLost(id, elapsed))];
      planned = sampled.map((id) => ({
        id,
        at: elapsed + STEP * wholeBetween(random, 0, LATEST_SAMPLE / STEP),
      }));
      log.step(now);
    }
    for (const { id, at } of planned) {
      if (at !== elapsed) continue;
      const way = STEP * wholeBetween(random, 0, LONGEST_WAY / STEP);
      // What a node sends does not overtake what it sent before.
      const arrival = Math.max(latest.get(id) ?? 0, elapsed + way);
      latest.set(id, arrival);
      const machine = simulation.machine(id);
      underway.push({ id, places: placesOf(machine), status: machine.status, arrival });
    }
    const arrived = shuffled(
      random,
      underway.filter(({ arrival }) => arrival === elapsed),
    );
    underway = underway.filter(({ arrival }) => arrival !== elapsed);
    for (const { id, places, status } of arrived) {
      if (!isLost(id, elapsed)) log.take(id, places, status, now);
    }
  };

  // Everybody is seen where it is first; in the end it is quiet until every node has been there again.
  for (let step = 0; step < 30; step += 1) live(false);
  while (moves.length < MOVES) live(true);
  for (let step = 0; step < (LOSS_PERIOD * 1000) / STEP; step += 1) live(false);
  await log.settled();

  const truth = moves.map((move, index) => {
    const same = (other: SimulatedMigration): boolean => other.home === move.home && other.pid === move.pid;
    const next = moves.slice(index + 1).find(same)?.arrived ?? Infinity;
    const earlier = moves.slice(0, index).filter(same);
    const lately = earlier.filter(({ arrived }) => move.arrived - arrived <= LONGEST_GAP);
    return {
      ...move,
      stayed: next - move.arrived,
      stayedBefore: move.arrived - (earlier.at(-1)?.arrived ?? -Infinity),
      backAtOnce: lately.some(({ from }) => from === move.to),
      homeState: homeStateAround(move.home, move.arrived - START),
    };
  });
  const alive = processes.map(({ home, pid, started, migrations }) => ({
    home: home.id,
    pid,
    started,
    migrations,
  }));
  return { truth, alive };
}

/** Whether a node is lost at that time: nobody at first, then one of LOSABLE after the other. */
function isLost(id: number, elapsed: number): boolean {
  const turn = LOSABLE.indexOf(id);
  const second = Math.floor(elapsed / 1000);
  return (
    turn >= 0 &&
    second % LOSS_PERIOD < LOSS_SECONDS &&
    Math.floor(second / LOSS_PERIOD) % (LOSABLE.length + 1) === turn + 1
  );
}

/** How the home could be asked from a while before that time until a while after it. */
function homeStateAround(home: number, elapsed: number): TrueMove['homeState'] {
  if (UNREACHED.includes(home)) return 'lost';
  const moments = Array.from({ length: 9 }, (_, index) => isLost(home, elapsed + (index - 4) * 1000));
  if (moments.every((lost) => lost)) return 'lost';
  return moments.some((lost) => lost) ? 'changing' : 'sampled';
}

/** What a node's sampler says of the processes that migrate from and to it. */
function placesOf(machine: Machine): Places {
  const own = [
    ...machine.away,
    ...machine.processes.filter((process) => process.home === machine && process.migrations > 0),
  ];
  return {
    away: own.map(({ pid, started, place, migrations, program }) => ({
      pid,
      started,
      where: place === machine ? 0 : place.id,
      migrations,
      command: program.command,
    })),
    guests: machine.processes
      .filter((process) => process.home !== machine)
      .map(({ guestPid, guestStarted, home, pid, program }) => ({
        pid: guestPid,
        started: guestStarted,
        home: home.id,
        homePid: pid,
        command: program.command,
      })),
  };
}

function shuffled<Item>(random: Random, items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}
