/** Steps of the playhead: to the second beside it, and to the next or last migration or checkpoint of a range. */
import type { Problem } from '../../common/contract/problem.ts';
import { success, type Result } from '../../common/model/result.ts';
import { call } from '../back-end.ts';
import { commandWords, wayWords } from '../migrations/migration-words.ts';
import { plainText } from '../words/format.ts';
import { secondOf, type Stretch } from './clock.ts';

/** What the playhead can step to. */
export type StepKind = 'second' | 'migration' | 'checkpoint';

/** Where a step ends; undefined where there is nothing further. */
export type Landing = { readonly time: number; readonly words: string } | undefined;

/** The step from a time, forward or back. `nameOf` names nodes by id. Problems: those of the history. */
export function findStep(
  kind: StepKind,
  forward: boolean,
  time: number,
  stretch: Stretch,
  nameOf: (id: number) => string,
): Promise<Result<Landing>> {
  const part = beside(time, forward, stretch);
  if (kind === 'second') return Promise.resolve(success(secondBeside(time, forward, stretch)));
  if (part.from >= part.to) return Promise.resolve(success(undefined));
  return kind === 'migration' ? toMigration(forward, part, nameOf) : toCheckpoint(forward, part);
}

/** The part of a stretch after the second of a time, or before it. */
export function beside(time: number, forward: boolean, stretch: Stretch): Stretch {
  const second = secondOf(time);
  return forward
    ? { from: Math.max(stretch.from, second + 1000), to: stretch.to }
    : { from: stretch.from, to: Math.min(stretch.to, second) };
}

/** The second after the one of a time, or before it; undefined where the stretch ends. */
export function secondBeside(time: number, forward: boolean, stretch: Stretch): Landing {
  const next = secondOf(time) + (forward ? 1000 : -1000);
  return next < secondOf(stretch.from) || next > stretch.to ? undefined : { time: next, words: '' };
}

async function toMigration(
  forward: boolean,
  { from, to }: Stretch,
  nameOf: (id: number) => string,
): Promise<Result<Landing>> {
  const order = forward ? { after: 0 } : {};
  const result = await call('migrations', { from, to, limit: 1, ...order });
  if (!result.ok) return result;
  const [found] = result.value.migrations;
  if (found === undefined) return success(undefined);
  return success({ time: found.time, words: `${commandWords(found)}: ${wayWords(found, nameOf)}` });
}

async function toCheckpoint(forward: boolean, { from, to }: Stretch): Promise<Result<Landing>> {
  const result = await call('marks', { from, to, pixels: 1 });
  if (!result.ok) return result;
  const found = result.value.checkpoints.toSorted((a, b) => a.time - b.time).at(forward ? 0 : -1);
  if (found === undefined) return success(undefined);
  const words = plainText(found.text === '' ? `Checkpoint ${found.number}` : found.text);
  return success({ time: found.time, words: `${words} (${plainText(found.who)})` });
}

/** What is said of a step that was not made. */
export function noStepWords(kind: StepKind, forward: boolean, problem: Problem | undefined): string {
  if (problem !== undefined) return plainText(problem.message);
  return `There is no ${forward ? 'later' : 'earlier'} ${kind} in this range.`;
}
