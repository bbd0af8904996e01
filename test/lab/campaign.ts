/** The whole counts of what test/lab does a tenth of: every kind of job moved, and moves with faults, counted in a table. */
import { createHash, randomBytes } from 'node:crypto';
import type { Lab } from '../harness/lab/lab.ts';
import { Chance } from './chance.ts';
import { leftBehind, startCluster } from './cluster.ts';
import { FAULTS, strike } from './faults.ts';
import { startRelayedCluster } from './flipper.ts';
import { Endless, Job, type Fault } from './jobs.ts';
import { PROGRAMS, READER, TICKER, type Program } from './programs.ts';

export interface CampaignOptions {
  readonly seed: number;
  /** Moves of the counter; every other program makes a tenth of them. */
  readonly moves: number;
  /** Moves with a fault each. */
  readonly faults: number;
  /** Told how far it is. */
  readonly say: (sentence: string) => void;
}

/** What came of the moves of one kind. */
export interface Row {
  readonly kind: string;
  attempts: number;
  moved: number;
  /** How often each reason was given for not moving. */
  readonly refused: Map<string, number>;
  lost: number;
  doubled: number;
  /** Jobs that ended with the criu that was killed while it read them. */
  ended: number;
  bytesWrong: number;
  /** Things that were on nodes after the jobs had ended. */
  leftBehind: number;
  /** What was lost, doubled, wrong or left, in words. */
  readonly faults: string[];
}

/** Runs everything; the rows in their order. */
export async function campaign(options: CampaignOptions): Promise<readonly Row[]> {
  const chance = new Chance(options.seed);
  return [...(await moves(options, chance)), ...(await faults(options, chance))];
}

async function moves({ moves: count, say }: CampaignOptions, chance: Chance): Promise<readonly Row[]> {
  if (count === 0) return [];
  const lab = await startCluster({ nodes: [{}, {}, {}] });
  const rows: Row[] = [];
  try {
    for (const program of [TICKER, ...PROGRAMS]) {
      const row = emptyRow(program.name);
      rows.push(row);
      const times = program === TICKER ? count : Math.ceil(count / 10);
      await movesOf(lab, program, chance.tour(lab.nodes.length, times, 1), row);
      say(`${row.kind}: ${row.moved} of ${row.attempts} moves.`);
    }
    const row = emptyRow('standard input');
    rows.push(row);
    await readerMoves(lab, chance.tour(lab.nodes.length, Math.ceil(count / 10), 1), row);
  } finally {
    await lab.dispose();
  }
  return rows;
}

/** A reader gets bytes by chance before and while it moves, and tells their hash. */
async function readerMoves(lab: Lab, tour: readonly number[], row: Row): Promise<void> {
  const before = new Set(lab.left());
  const reader = await Job.start(lab, 1, READER.command(''));
  const hash = createHash('sha256');
  let length = 0;
  for (const to of tour) {
    const bytes = randomBytes(200_000);
    hash.update(bytes);
    length += bytes.length;
    reader.deputy.entry.stdin?.write(bytes);
    await order(reader, to, row);
  }
  reader.deputy.entry.stdin?.end();
  const { code, stdout } = await reader.deputy.finished;
  if (code !== READER.status) count(row, [`lost: it ended with ${code}`]);
  else if (stdout !== `${length} ${hash.digest('hex')}\n`) count(row, [`wrong bytes: ${stdout}`]);
  await countLeft(lab, before, row);
}

async function order(job: Job, to: number, row: Row): Promise<void> {
  row.attempts += 1;
  const { code, stderr } = await job.migrate(to);
  if (code === 0) row.moved += 1;
  else refuse(row, stderr);
}

async function movesOf(lab: Lab, program: Program, tour: readonly number[], row: Row): Promise<void> {
  const before = new Set(lab.left());
  const endless = await Endless.start(lab, 1, program);
  for (const to of tour) {
    if (to === endless.job.place) continue;
    await order(endless.job, to, row);
    if (endless.job.deputy.ended) break;
    await endless.job.alive();
  }
  count(row, await endless.finish());
  await countLeft(lab, before, row);
}

async function faults({ faults: wanted, say }: CampaignOptions, chance: Chance): Promise<readonly Row[]> {
  if (wanted === 0) return [];
  const { lab, flipper } = await startRelayedCluster();
  const rows = new Map(FAULTS.map((kind) => [kind, emptyRow(kind.name)]));
  const before = new Set(lab.left());
  const end = emptyRow('all jobs with faults, at their end');
  const start = (): Promise<Endless> => Endless.start(lab, chance.one([1, 2, 3]), TICKER);
  try {
    let ticker = await start();
    for (let done = 0; done < wanted; done += 1) {
      const kind = FAULTS[done % FAULTS.length];
      const row = kind === undefined ? undefined : rows.get(kind);
      if (kind === undefined || row === undefined) continue;
      const struck = await strike(lab, flipper, ticker, kind, chance);
      row.attempts += 1;
      if (struck.ended) row.ended += 1;
      if (struck.moved) row.moved += 1;
      else if (struck.faults.length === 0) refuse(row, struck.why);
      count(row, struck.faults);
      if (struck.faults.length > 0 || struck.ended) {
        if (!ticker.job.deputy.ended) await ticker.job.deputy.kill('SIGKILL');
        ticker = await start();
      } else if (done % 25 === 24) {
        count(end, await ticker.finish());
        await countLeft(lab, before, end);
        ticker = await start();
        say(`${done + 1} of ${wanted} faults.`);
      }
    }
    count(end, await ticker.finish());
    await countLeft(lab, before, end);
  } finally {
    await lab.dispose();
  }
  return [...rows.values(), end];
}

function emptyRow(kind: string): Row {
  const none = { attempts: 0, moved: 0, lost: 0, doubled: 0, ended: 0, bytesWrong: 0, leftBehind: 0 };
  return { kind, ...none, refused: new Map(), faults: [] };
}

function refuse(row: Row, words: string): void {
  const reason = (words.split('\n')[0] ?? '').replace(/^mos: /, '').replace(/\d+(\.\d+)*/g, 'N');
  row.refused.set(reason, (row.refused.get(reason) ?? 0) + 1);
}

function count(row: Row, found: readonly Fault[]): void {
  row.faults.push(...found);
  if (found.some((fault) => fault.startsWith('doubled'))) row.doubled += 1;
  else if (found.some((fault) => fault.startsWith('wrong'))) row.bytesWrong += 1;
  else if (found.length > 0) row.lost += 1;
}

async function countLeft(lab: Lab, before: ReadonlySet<string>, row: Row): Promise<void> {
  const left = await leftBehind(lab, before);
  row.leftBehind += left.length;
  row.faults.push(...left.map((thing) => `left behind: ${thing}`));
}
