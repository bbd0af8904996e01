/** A list of processes as a whole in words: how many there are, why it is not of now, why rows keep their places. */
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { isAway, isGuest } from '../../common/model/process-words.ts';
import { count, plainText, span } from '../words/format.ts';
import { codeWords, connectionProblem } from '../words/node-words.ts';
import type { ProcessEntry } from './process-entry.ts';
import type { ListState } from './process-table.tsx';

/** A list older than this, in milliseconds, is not of now: it is made every two seconds. */
const FRESH_MILLISECONDS = 7000;

/** Chosen processes for a title: `make (812)`, `3 processes`. */
export function whatWords(entries: readonly ProcessEntry[]): string {
  const [only] = entries;
  return entries.length === 1 && only !== undefined
    ? `${plainText(only.info.name)} (${only.info.pid})`
    : `${count(entries.length)} processes`;
}

/** What a list holds: `212 processes, 3 running, 5 away, 2 guests`. */
export function summaryWords(processes: readonly ProcessInfo[]): string {
  const number = (passes: (process: ProcessInfo) => boolean): number => processes.filter(passes).length;
  const parts: readonly (readonly [number, string])[] = [
    [number((process) => process.state === 'R'), 'running'],
    [number(isAway), 'away'],
    [number(isGuest), 'here as guests'],
  ];
  return [
    processes.length === 1 ? '1 process' : `${count(processes.length)} processes`,
    ...parts.filter(([some]) => some > 0).map(([some, word]) => `${count(some)} ${word}`),
  ].join(', ');
}

/** Why a list is not of now and nothing can be done with it, as a sentence; empty while all is well. `age` in ms. */
export function listTrouble(node: NodeInfo | undefined, problem: Problem | undefined, age: number): string {
  if (problem !== undefined) return plainText(problem.message);
  if (node !== undefined && node.connection.kind !== 'connected') {
    const why = connectionProblem(node.connection);
    return node.connection.kind === 'none'
      ? `mosview has no login of its own on ${node.name}, and only there its processes are listed.`
      : `${node.name} is not connected${why === undefined ? '' : `: ${codeWords(why.code)}`}.`;
  }
  return age > FRESH_MILLISECONDS ? `${span(age / 1000)} have gone by without a new list.` : '';
}

/** How many are chosen, and by what rule rows keep their places now. */
export function listStateWords(chosen: number, held: ListState['held']): string {
  const words = chosen === 0 ? [] : [`${count(chosen)} chosen (Esc: none).`];
  if (held !== undefined) {
    words.push(
      held === 'chosen'
        ? 'Rows keep their places while any is chosen.'
        : 'Rows keep their places while the pointer is over them.',
    );
  }
  return words.join(' ');
}

/** What an empty list says. */
export function emptyWords(time: number, trouble: string, all: number): string {
  if (time === 0) return trouble === '' ? 'Waiting for the first list …' : '';
  return all === 0 ? 'It has no processes.' : 'No process matches.';
}
