import { describe, expect, test } from 'vitest';
import { NODE_DOWN, STATUS } from '../../common/model/status.ts';
import type { Machine } from './machine.ts';
import type { SimulatedProcess } from './process.ts';
import { ROW_COLUMNS } from './news.ts';
import { Simulation, type SimulatedMigration } from './simulation.ts';

const IDS = [3, 12, 700, 2780, 65_535];
const OLDEST_NEWS_SECONDS = 3;

function column(row: readonly number[], name: (typeof ROW_COLUMNS)[number]): number {
  return row[ROW_COLUMNS.indexOf(name)] ?? NaN;
}

function run(simulation: Simulation, seconds: number): void {
  for (let step = 0; step < seconds * 2; step += 1) simulation.step(0.5);
}

function allRows(simulation: Simulation): readonly (readonly number[])[] {
  return simulation.ids.map((id) => simulation.row(id, id));
}

function machines(simulation: Simulation): readonly Machine[] {
  return simulation.ids.map((id) => simulation.machine(id));
}

function guests(machine: Machine): readonly SimulatedProcess[] {
  return machine.processes.filter((process) => process.home !== machine);
}

/** Runs until the condition holds; a simulation that never gets there fails the test. */
function runUntil(simulation: Simulation, condition: () => boolean): void {
  for (let second = 0; second < 600; second += 1) {
    if (condition()) return;
    run(simulation, 1);
  }
  throw new Error('It did not happen within ten simulated minutes');
}

/** Processes at a node that compute for ever and may go where they like. */
function load(simulation: Simulation, id: number, count: number, pages = 500): readonly SimulatedProcess[] {
  return Array.from({ length: count }, () => simulation.startProcess(id, { command: 'fft', pages }).process);
}

/** The migrations that are done within so many seconds. */
function movesOf(simulation: Simulation, seconds: number): readonly SimulatedMigration[] {
  const moves: SimulatedMigration[] = [];
  simulation.onMigration = (move) => moves.push(move);
  run(simulation, seconds);
  simulation.onMigration = undefined;
  return moves;
}

describe('the simulated cluster', () => {
  test('is the same for the same seed and another for another', () => {
    const [first, same, other] = [7, 7, 8].map((seed) => new Simulation({ ids: IDS, seed }));
    for (const simulation of [first, same, other]) if (simulation) run(simulation, 30);
    expect(same && allRows(same)).toEqual(first && allRows(first));
    expect(other && allRows(other)).not.toEqual(first && allRows(first));
  });

  test('has the given ids in order, gaps and all', () => {
    expect(new Simulation({ ids: IDS.toReversed() }).ids).toEqual(IDS);
  });

  test('refuses an id that is given twice', () => {
    expect(() => new Simulation({ ids: [1, 2, 1] })).toThrow('twice');
  });

  test('moves every node within a minute', () => {
    const simulation = new Simulation({ ids: Array.from({ length: 12 }, (_, index) => index + 1) });
    const before = allRows(simulation);
    const moved = new Set<number>();
    for (let second = 0; second < 60; second += 1) {
      run(simulation, 1);
      for (const [index, row] of allRows(simulation).entries()) {
        if (column(row, 'load') !== column(before[index] ?? [], 'load')) moved.add(index);
      }
    }
    expect(moved.size).toBe(12);
  });

  test('migrates processes, and every process is at one place only', () => {
    const simulation = new Simulation({ ids: IDS });
    run(simulation, 60);
    const everywhere = machines(simulation).flatMap((machine) => machine.processes);
    expect(everywhere.some((process) => process.migrations > 0)).toBe(true);
    expect(new Set(everywhere).size).toBe(everywhere.length);
    for (const machine of machines(simulation)) {
      for (const process of machine.processes) expect(process.place).toBe(machine);
      for (const process of machine.away) expect(process.place).not.toBe(machine);
    }
  });

  test('exports a load that rises at once and falls by at most an eighth a second', () => {
    const simulation = new Simulation({ ids: IDS });
    let before = allRows(simulation).map((row) => column(row, 'load'));
    for (let second = 0; second < 120; second += 1) {
      run(simulation, 1);
      const now = allRows(simulation).map((row) => column(row, 'load'));
      for (const [index, load] of now.entries()) {
        expect(load).toBeGreaterThanOrEqual(Math.floor(((before[index] ?? 0) * 7) / 8) - 1);
      }
      before = now;
    }
  });

  test('tells a node about the others what was true at most two seconds ago', () => {
    const simulation = new Simulation({ ids: IDS });
    const told: (readonly number[])[] = [];
    for (let second = 0; second < 20; second += 1) {
      run(simulation, 1);
      told.push(simulation.row(3, 3));
      if (told.length < OLDEST_NEWS_SECONDS) continue;
      expect(told.slice(-OLDEST_NEWS_SECONDS)).toContainEqual(simulation.row(700, 3));
    }
  });

  test('never counts its own /proc counters back', () => {
    const simulation = new Simulation({ ids: IDS });
    let before = IDS.map((id) => simulation.own(id).cpu);
    for (let second = 0; second < 60; second += 1) {
      run(simulation, 1);
      const now = IDS.map((id) => simulation.own(id).cpu);
      for (const [index, counters] of now.entries()) {
        for (const [counter, ticks] of counters.entries()) {
          expect(ticks).toBeGreaterThanOrEqual(before[index]?.[counter] ?? NaN);
        }
      }
      before = now;
    }
  });

  test('accounts for all of the time of all CPUs', () => {
    const simulation = new Simulation({ ids: IDS });
    const sum = (id: number) =>
      simulation
        .own(id)
        .cpu.slice(0, 5)
        .reduce((total, ticks) => total + ticks, 0);
    const before = IDS.map(sum);
    run(simulation, 100);
    for (const [index, id] of IDS.entries()) {
      const expected = 100 * 100 * simulation.machine(id).hardware.cpus;
      expect(Math.abs(sum(id) - (before[index] ?? NaN) - expected)).toBeLessThan(expected * 0.02);
    }
  });

  test('gives every process that is listed at one machine another number', () => {
    const simulation = new Simulation({ ids: IDS });
    run(simulation, 120);
    for (const machine of machines(simulation)) {
      const own = machine.list().map((process) => process.pid);
      expect(new Set(own).size).toBe(own.length);
    }
  });
});

describe('a node that is down', () => {
  test('reads -101 with the bit UP clear at the others within seconds', () => {
    const simulation = new Simulation({ ids: IDS });
    simulation.setDown(12, true);
    run(simulation, OLDEST_NEWS_SECONDS);
    for (const observer of [3, 700, 65_535]) {
      const row = simulation.row(observer, 12);
      expect(row.slice(0, -1)).toEqual(Array.from({ length: ROW_COLUMNS.length - 1 }, () => NODE_DOWN));
      expect(column(row, 'status')).toBe(STATUS.configured);
    }
  });

  test('takes its processes and its guests with it', () => {
    const simulation = new Simulation({ ids: IDS });
    runUntil(simulation, () => simulation.machine(12).away.size + guests(simulation.machine(12)).length > 0);
    simulation.setDown(12, true);
    const gone = simulation.machine(12);
    expect(gone.processes).toHaveLength(0);
    for (const machine of machines(simulation)) {
      expect(machine.processes.filter((process) => process.home === gone)).toHaveLength(0);
      expect([...machine.away].filter((process) => process.place === gone)).toHaveLength(0);
    }
  });

  test('comes back with fresh counters', () => {
    const simulation = new Simulation({ ids: IDS });
    simulation.setDown(12, true);
    run(simulation, 5);
    simulation.setDown(12, false);
    expect(simulation.own(12).cpu).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    run(simulation, OLDEST_NEWS_SECONDS);
    expect(column(simulation.row(3, 12), 'status') & STATUS.up).toBe(STATUS.up);
  });
});

describe('the switches', () => {
  test('show in the status bits', () => {
    const simulation = new Simulation({ ids: IDS });
    simulation.setSetting(700, 'stay', true);
    simulation.setSetting(700, 'block', true);
    run(simulation, OLDEST_NEWS_SECONDS);
    const expected = STATUS.configured | STATUS.up | STATUS.stay | STATUS.block;
    expect(column(simulation.row(3, 700), 'status')).toBe(expected);
    simulation.setSetting(700, 'stay', false);
    expect(simulation.machine(700).status).toBe(expected & ~STATUS.stay);
  });

  test('block keeps new guests out', () => {
    const simulation = new Simulation({ ids: IDS });
    for (const id of IDS) simulation.setSetting(id, 'block', true);
    for (const id of IDS) simulation.expel(id);
    runUntil(simulation, () => IDS.every((id) => !simulation.isExpelling(id)));
    for (let second = 0; second < 60; second += 1) {
      run(simulation, 1);
      expect(machines(simulation).flatMap(guests)).toEqual([]);
    }
  });

  test('stay keeps processes from leaving by themselves', () => {
    const simulation = new Simulation({ ids: IDS });
    for (const id of IDS) simulation.setSetting(id, 'stay', true);
    for (const id of IDS) simulation.bring(id);
    runUntil(simulation, () => IDS.every((id) => !simulation.isBringing(id)));
    run(simulation, 60);
    expect(machines(simulation).flatMap((machine) => [...machine.away])).toEqual([]);
  });

  test("lstay keeps a node's own processes from leaving, and lets its guests go on", () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    load(simulation, 3, 6);
    for (const process of load(simulation, 12, 4)) simulation.migrate(12, process.pid, 3);
    for (const id of [12, 2780, 65_535]) simulation.setSetting(id, 'block', true);
    simulation.setSetting(3, 'lstay', true);
    const moves = movesOf(simulation, 60);
    const leaving = moves.filter((move) => move.from === 3);
    expect(leaving.map((move) => move.home)).toContain(12);
    expect(leaving.map((move) => move.home)).not.toContain(3);
  });

  test('quiet takes a node out of the balancing in both directions', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    load(simulation, 3, 8);
    load(simulation, 12, 8);
    simulation.setSetting(3, 'quiet', true);
    simulation.setSetting(700, 'quiet', true);
    const moves = movesOf(simulation, 60);
    expect(moves.length).toBeGreaterThan(0);
    expect(moves.map((move) => move.from)).not.toContain(3);
    expect(moves.map((move) => move.to)).not.toContain(700);
  });

  test('quiet lets the others see the status only', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    simulation.setSetting(3, 'quiet', true);
    run(simulation, OLDEST_NEWS_SECONDS);
    const before = simulation.row(700, 3);
    load(simulation, 3, 5);
    run(simulation, 10);
    expect(simulation.row(700, 3)).toEqual(before);
    expect(column(before, 'status') & STATUS.quiet).toBe(STATUS.quiet);
    expect(column(simulation.row(3, 3), 'load')).toBeGreaterThan(column(before, 'load'));
    simulation.setSetting(3, 'quiet', false);
    run(simulation, OLDEST_NEWS_SECONDS);
    expect(column(simulation.row(700, 3), 'load')).toBeGreaterThan(column(before, 'load'));
  });

  test('block refuses who is already on the way', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const [process] = load(simulation, 3, 1, 40_000);
    simulation.migrate(3, process?.pid ?? 0, 700);
    simulation.step(1);
    simulation.setSetting(700, 'block', true);
    run(simulation, 10);
    expect(process?.place.id).toBe(3);
    expect(process?.migrations).toBe(0);
  });

  test('expel sends guests to their homes, locked ones too', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const processes = [...load(simulation, 3, 2), ...load(simulation, 12, 2)];
    for (const process of processes) {
      process.locked = true;
      simulation.migrate(process.home.id, process.pid, 700);
    }
    runUntil(simulation, () => processes.every((process) => process.place.id === 700));
    simulation.expel(700);
    expect(simulation.isExpelling(700)).toBe(true);
    runUntil(simulation, () => !simulation.isExpelling(700));
    for (const process of processes) expect(process.place).toBe(process.home);
  });

  test("bring with lstay brings a node's processes home and keeps them", () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const processes = load(simulation, 3, 8);
    runUntil(simulation, () => simulation.machine(3).away.size > 3);
    simulation.setSetting(3, 'lstay', true);
    simulation.bring(3);
    runUntil(simulation, () => simulation.machine(3).away.size === 0);
    expect(simulation.isBringing(3)).toBe(false);
    expect(movesOf(simulation, 60)).toEqual([]);
    for (const process of processes) expect(process.place.id).toBe(3);
  });

  test('a lower speed is a higher load, and drives processes away', () => {
    const placed = [1, 1 / 8].map((factor) => {
      const simulation = new Simulation({ ids: IDS, demand: 0 });
      simulation.setSpeed(3, simulation.machine(3).hardware.speed * factor);
      const before = simulation.machine(3).processLoad;
      load(simulation, 3, 8);
      run(simulation, 120);
      return { processLoad: before, here: simulation.machine(3).runnable };
    });
    expect(placed[1]?.processLoad).toBeCloseTo((placed[0]?.processLoad ?? NaN) * 8);
    expect(placed[1]?.here).toBeLessThan(placed[0]?.here ?? 0);
  });
});

describe('an operator', () => {
  function someTraveller(simulation: Simulation): SimulatedProcess {
    const find = () =>
      simulation
        .machine(3)
        .processes.find(
          ({ home, program, workLeft }) => home.id === 3 && program.cantMove === '' && workLeft > 20,
        );
    runUntil(simulation, () => find() !== undefined);
    return find() as SimulatedProcess;
  }

  test('moves a process, locked or not, and takes it home again', () => {
    const simulation = new Simulation({ ids: IDS });
    const process = someTraveller(simulation);
    process.locked = true;
    expect(simulation.migrate(3, process.pid, 700)).toBe(true);
    runUntil(simulation, () => process.place.id === 700);
    expect(process.migrations).toBe(1);
    expect(simulation.migrate(3, process.pid, 0)).toBe(true);
    runUntil(simulation, () => process.place.id === 3);
  });

  test('cannot move a process to a node that is unknown, down or refuses guests', () => {
    const simulation = new Simulation({ ids: IDS });
    const process = someTraveller(simulation);
    simulation.setDown(12, true);
    simulation.setSetting(700, 'block', true);
    for (const target of [4, 12, 700]) expect(simulation.migrate(3, process.pid, target)).toBe(false);
    expect(process.place.id).toBe(3);
  });

  test('cannot move a process that has a reason to stay', () => {
    const simulation = new Simulation({ ids: IDS });
    const immovable = () =>
      simulation.machine(3).processes.find((process) => process.program.cantMove !== '');
    runUntil(simulation, () => immovable() !== undefined);
    expect(simulation.migrate(3, immovable()?.pid ?? 0, 700)).toBe(false);
  });

  test('sends a process on while it is on its way; only the arrival counts', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const [process] = load(simulation, 3, 1, 40_000);
    simulation.migrate(3, process?.pid ?? 0, 700);
    simulation.step(1);
    simulation.migrate(3, process?.pid ?? 0, 12);
    runUntil(simulation, () => process?.place.id === 12);
    expect(process?.migrations).toBe(1);
  });

  test('stops a process: it gets no CPU and counts in no load until it goes on', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const [process] = load(simulation, 3, 1);
    if (process === undefined) throw new Error('There is no process');
    simulation.setStopped(process, true);
    expect(simulation.machine(3).runnable).toBe(0);
    const before = process.cpuSeconds;
    run(simulation, 5);
    expect(process.cpuSeconds).toBe(before);
    simulation.setStopped(process, false);
    run(simulation, 5);
    expect(process.cpuSeconds).toBeGreaterThan(before + 4);
  });

  test.each(['at home', 'away', 'on its way'])('ends a process %s, and nothing of it is left', (where) => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const free = simulation.machine(700).availablePages;
    const [process] = load(simulation, 3, 1, 10_000);
    if (where !== 'at home') simulation.migrate(3, process?.pid ?? 0, 700);
    if (where === 'away') runUntil(simulation, () => process?.place.id === 700);
    expect(simulation.endProcess(3, process?.pid ?? 0)).toBe(true);
    expect(simulation.machine(3).away.size).toBe(0);
    expect(machines(simulation).map((machine) => machine.runnable)).toEqual(IDS.map(() => 0));
    expect(simulation.machine(700).availablePages).toBe(free);
    expect(simulation.endProcess(3, process?.pid ?? 0)).toBe(false);
  });

  test('a process on its way to a node that dies stays where it was', () => {
    const simulation = new Simulation({ ids: IDS, demand: 0 });
    const [process] = load(simulation, 3, 1, 40_000);
    simulation.migrate(3, process?.pid ?? 0, 700);
    simulation.setDown(700, true);
    run(simulation, 10);
    expect(process?.place.id).toBe(3);
    expect(simulation.machine(3).runnable).toBe(1);
  });
});
