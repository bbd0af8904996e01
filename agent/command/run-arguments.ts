/** The words of `mos run`, as openMosix' mosrun takes them. Source: MAN-mosrun (facts 3.3). */
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Wanted } from '../local/protocol.ts';

export const RUN_USAGE = `mos run [-h | -ID | -jLIST] [-l | -L] [-c | -i] [-v] COMMAND [ARGUMENT...]
  -h      run at home            -ID     run on node ID
  -jLIST  run on one of LIST, such as -j1-4,7
  -l      may move by itself     -L      locked: stays where it is put
          (locked is usual with -h, -ID and -j)
  -c      will use much CPU: begins where it is best   -i  much input and output: stays at home
  -v      say where it runs`;

export interface RunArguments {
  readonly command: readonly string[];
  readonly locked: boolean;
  readonly wanted: Wanted | undefined;
  readonly verbose: boolean;
}

/** `random` is 0..1 and chooses of a list. Problem: bad-input with what is wrong. */
export function parseRun(words: readonly string[], random: number): Result<RunArguments> {
  let wanted: Wanted | undefined;
  let locked: boolean | undefined;
  let verbose = false;
  let place = false;
  for (const [index, word] of words.entries()) {
    if (word === '--' || word === '-' || !word.startsWith('-')) {
      const command = words.slice(word === '--' ? index + 1 : index);
      if (command.length === 0) break;
      const where = wanted ?? (place ? 'best' : undefined);
      return success({ command, locked: locked ?? wanted !== undefined, wanted: where, verbose });
    }
    const id = /^-(\d{1,5})$/.exec(word)?.[1];
    const list = /^-j(.+)$/.exec(word)?.[1];
    if (word === '-h' || word === '-i') wanted = 0;
    else if (word === '-c') place = true;
    else if (word === '-v') verbose = true;
    else if (word === '-l' || word === '-L') locked = word === '-L';
    else if (id !== undefined && isNode(Number(id))) wanted = Number(id);
    else if (list !== undefined) {
      const nodes = nodesOf(list);
      if (nodes === undefined)
        return failure(problem('bad-input', `-j takes nodes such as -j1-4,7, not ${list}.`));
      wanted = nodes[Math.floor(random * nodes.length)];
    } else return failure(problem('bad-input', `mos run does not know ${word}.\n${RUN_USAGE}`));
  }
  return failure(problem('bad-input', `mos run needs a command.\n${RUN_USAGE}`));
}

function isNode(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= MAX_NODE_ID;
}

function nodesOf(list: string): readonly number[] | undefined {
  const nodes: number[] = [];
  for (const part of list.split(',')) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (range === null || !isNode(first) || !isNode(last) || last < first) return undefined;
    for (let id = first; id <= last; id += 1) nodes.push(id);
  }
  return nodes;
}
