/** What the demo's operators share: the form of a batch's answer, and the users of every node. */
import { OPERATIONS_VERSION } from '../../common/wire/operations.ts';
import type { Files } from './process-text.ts';
import type { ProgramCall } from './shell.ts';

/** Ticks of a second in /proc/PID/stat. */
export const TICKS_PER_SECOND = 100;

/** As the node's /etc/passwd has them. */
const USERS = ['root:x:0', 'anna:x:1000', 'bela:x:1001', 'chen:x:1002', 'dora:x:1003', 'emil:x:1004'];

/** The lines of `list` that name the users. */
export const USER_LINES: readonly string[] = USERS.map((user) => `file passwd:${user}`);

/**
 * The whole output for the lines of a batch; a line that is no operation is answered with nothing. `folder` is the
 * cluster's, below the root.
 */
export function batchAnswer(
  { nonce, root }: ProgramCall,
  folder: string,
  lines: readonly string[],
  operate: (kind: string, words: readonly string[], root: string) => readonly string[],
): string {
  const head = [`mosview-operator ${OPERATIONS_VERSION} ${nonce}`, `root ${root}/${folder}`];
  const answers = lines.flatMap((line) => {
    const [kind = '', sequence = '', ...words] = line.split(' ');
    return operate(kind, words, root).map((answer) => `${sequence} ${answer}`);
  });
  return [...head, ...answers, ''].join('\n');
}

/** Every line of the files behind its path, as grep gives them; a NUL becomes a blank. */
export function fileLines(folder: string, files: Files): readonly string[] {
  return Object.entries(files).flatMap(([name, text]) => {
    const lines = text.replaceAll('\0', ' ').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.map((line) => `file ${folder}/${name}:${line}`);
  });
}
