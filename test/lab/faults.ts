/** What can go wrong while a job moves: each is done at a moment by chance, undone, and the job looked at. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PATHS } from '../../agent/paths.ts';
import type { Finished, Lab, LabNode } from '../harness/lab/lab.ts';
import type { Chance } from './chance.ts';
import { outerPid, textOf, until } from './cluster.ts';
import type { Flipper } from './flipper.ts';
import type { Endless, Fault } from './jobs.ts';

/** A move that is about to be hurt. */
interface Attempt {
  readonly lab: Lab;
  readonly flipper: Flipper;
  readonly chance: Chance;
  readonly ticker: Endless;
  readonly source: LabNode;
  readonly target: LabNode;
  readonly home: LabNode;
  /** Whether the order to move has been answered. */
  isAnswered(): boolean;
}

/** What was done, and undoes it. */
type Undo = () => Promise<void>;

interface FaultKind {
  readonly name: string;
  /** Done before the order to move, where there is something to prepare. */
  prepare?(attempt: Attempt): Promise<Undo>;
  /** Whether the job can end with it: a criu that has its code in a job cannot be killed without harm. */
  readonly mayEnd?: boolean;
  /** Done while it moves. */
  hurt?(attempt: Attempt): Promise<Undo>;
}

/** What came of one move with a fault. */
export interface Strike {
  readonly kind: string;
  readonly moved: boolean;
  /** Why it did not move. */
  readonly why: string;
  /** The job ended with the criu that was killed while its code was in the job, which nobody can help. */
  readonly ended: boolean;
  /** What must never be; empty when all is well. */
  readonly faults: readonly Fault[];
}

const nothing: Undo = () => Promise.resolve();
const MOST_DELAY_MILLISECONDS = 60;
/**
 * As a shell tells the end by SIGTRAP: criu's code was in the job and criu was not there any more. Where it was the job's
 * first process, nobody is left to tell, and the deputy ends as if it was killed.
 */
const TRAPPED: readonly (number | null)[] = [133, 137];

/** Stages of a move, as the records of both nodes show them. */
const STAGES: readonly ((attempt: Attempt) => boolean)[] = [
  () => true,
  ({ target, ticker }) => recordOn(target, ticker).includes('"arriving"'),
  ({ source, ticker }) => recordOn(source, ticker).includes('"leaving"'),
  ({ source, ticker }) => existsSync(join(folderOn(source, ticker), 'images/1/dump.log')),
  ({ target, ticker }) => textOf(join(folderOn(target, ticker), 'images/1/inventory.img')) !== '',
  ({ source, ticker }) => recordOn(source, ticker).includes('"gone":true'),
  ({ target, ticker }) => recordOn(target, ticker).includes('"go":true'),
];

function folderOn(node: LabNode, { job }: Endless): string {
  return join(node.root, PATHS.jobs, job.id);
}

function recordOn(node: LabNode, ticker: Endless): string {
  return textOf(join(folderOn(node, ticker), 'record.json'));
}

/** Waits for one of the stages by chance, or until the order is answered, and then a moment by chance. */
async function moment(
  attempt: Attempt,
  stages: readonly number[] = STAGES.map((_, index) => index),
): Promise<void> {
  const stage = STAGES[attempt.chance.one(stages)];
  const delay = attempt.chance.one([0, attempt.chance.number() * MOST_DELAY_MILLISECONDS]);
  const isNow = (): boolean => attempt.isAnswered() || stage?.(attempt) === true;
  while (!isNow()) await wait(1);
  await wait(delay);
}

function killAgent(which: 'source' | 'target' | 'home'): FaultKind {
  return {
    name: `agent of the ${which} killed`,
    async hurt(attempt) {
      await moment(attempt);
      const node = attempt[which];
      await node.killAgent();
      return () => node.startAgent();
    },
  };
}

function cutLink(which: 'source' | 'target', stages?: readonly number[]): FaultKind {
  return {
    name: `link of the ${which} cut${stages === undefined ? '' : ' after the word go'}`,
    async hurt(attempt) {
      await moment(attempt, stages);
      const node = attempt[which];
      await node.cutLink();
      await wait(attempt.chance.one([100, 1500, 7500]));
      await node.mendLink();
      return nothing;
    },
  };
}

function fillDisk(which: 'source' | 'target'): FaultKind {
  const fill = async (attempt: Attempt): Promise<Undo> => {
    await attempt[which].fillDisk();
    return () => attempt[which].freeDisk();
  };
  return {
    name: `disk of the ${which} full`,
    prepare: (attempt) => (attempt.chance.number() < 0.5 ? fill(attempt) : Promise.resolve(nothing)),
    async hurt(attempt) {
      await moment(attempt, [1, 2, 3, 4]);
      return fill(attempt);
    },
  };
}

/** Kills criu with all that belongs to it; `mark` is how the record names its process. */
function killCriu(
  which: 'source' | 'target',
  mark: 'dump' | 'restorer',
  stages: readonly number[],
): FaultKind {
  return {
    name: `criu of the ${which} killed`,
    mayEnd: true,
    async hurt(attempt) {
      await moment(attempt, stages);
      const [, pid] =
        new RegExp(`"${mark}":\\{"pid":(\\d+)`).exec(recordOn(attempt[which], attempt.ticker)) ?? [];
      const outer = pid === undefined ? undefined : outerPid(attempt[which], Number(pid));
      if (outer !== undefined) killGroup(outer);
      return nothing;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

export const FAULTS: readonly FaultKind[] = [
  killCriu('target', 'restorer', [1, 2, 3, 4, 5, 6]),
  killCriu('source', 'dump', [3]),
  killAgent('source'),
  killAgent('target'),
  killAgent('home'),
  cutLink('source'),
  cutLink('target'),
  cutLink('target', [5, 6]),
  fillDisk('target'),
  fillDisk('source'),
  {
    name: 'byte flipped on the way',
    async prepare({ flipper, chance }) {
      await flipper.arm(Math.floor(2000 + chance.number() * 6e6));
      return nothing;
    },
  },
];

/** Moves the ticker with one fault, and tells what came of it. It must be alive. */
export async function strike(
  lab: Lab,
  flipper: Flipper,
  ticker: Endless,
  kind: FaultKind,
  chance: Chance,
): Promise<Strike> {
  const { job } = ticker;
  const from = job.place;
  // The one whose bytes can be flipped is behind the flipper.
  const others = lab.nodes.map(({ id }) => id).filter((id) => id !== from && id !== flipper.node.id);
  const to =
    kind.prepare !== undefined && kind.hurt === undefined && from !== flipper.to
      ? flipper.to
      : chance.one(others);
  let answer: Finished | undefined;
  const attempt: Attempt = {
    lab,
    flipper,
    chance,
    ticker,
    source: lab.node(from),
    target: lab.node(to),
    home: job.home,
    isAnswered: () => answer !== undefined,
  };
  const undo = (await kind.prepare?.(attempt)) ?? nothing;
  const moving = job.migrate(to).then((finished) => (answer = finished));
  const undoToo = (await kind.hurt?.(attempt)) ?? nothing;
  // An agent that was killed must be there again before it can answer.
  await undoToo();
  const { stderr } = await moving;
  await undo();
  const faults = await settled(ticker);
  if (kind.mayEnd === true && job.deputy.ended) {
    const { code } = await job.deputy.finished;
    if (TRAPPED.includes(code))
      return { kind: kind.name, moved: false, why: stderr.trim(), ended: true, faults: [] };
  }
  const moved = faults.length === 0 && job.place === to;
  return { kind: kind.name, moved, why: moved ? '' : stderr.trim(), ended: false, faults };
}

/** Waits until exactly one copy runs, where its home knows it, and writes on; tells what is wrong. */
async function settled(ticker: Endless): Promise<readonly Fault[]> {
  const { job } = ticker;
  try {
    await until('one copy runs where its home knows it', () => {
      if (job.deputy.ended) return true;
      const { running, place, lab } = job;
      return (
        running.length === 1 &&
        running[0] === place &&
        lab.nodes.every((node) => !/"(leaving|arriving)"/.test(recordOn(node, ticker)))
      );
    });
    await job.alive();
  } catch (error) {
    const { running, place } = job;
    const why = error instanceof Error ? error.message : String(error);
    return [`lost: ${why} (home knows it at ${place}, it runs on ${running.join(', ') || 'no node'})`];
  }
  return ticker.ticksSoFar();
}
