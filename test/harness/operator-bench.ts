/** resources/operator.sh in the shells that nodes have, over pipes or a session, its answers read by the program's own. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { Result } from '../../common/model/result.ts';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import { ReplyReader } from '../../main/nodes/operator-replies.ts';
import { operate } from '../../main/nodes/operator.ts';
import type { SshSession } from '../../main/ssh/index.ts';

/** The operator's text. */
export const OPERATOR_TEXT = readFileSync(new URL('../../resources/operator.sh', import.meta.url), 'utf8');

/** The shells that nodes have: name, and the command that reads commands from standard input. */
export const SHELL_COMMANDS = [
  ['dash', 'dash -s'],
  ['bash as sh', 'bash --posix -s'],
  ['busybox ash', 'busybox ash -s'],
] as const;

/** What a shell answers over pipes about the files below a root; `environment` is added to the own. */
export function repliesIn(
  command: string,
  root: string,
  operations: readonly Operation[],
  environment: NodeJS.ProcessEnv = {},
): readonly OperationReply[] {
  const [program = '', ...words] = command.split(' ');
  const { stdout } = spawnSync(program, words, {
    input: operatorInput('abc', root, OPERATOR_TEXT, operations),
    encoding: 'latin1',
    env: { ...process.env, ...environment },
  });
  const reader = new ReplyReader('abc', operations);
  reader.feed(stdout);
  reader.end();
  return reader.result();
}

/** Does operations over a session, on the files below a root, with more settings of the node where they matter. */
export function operateAt(
  session: SshSession,
  root: string,
  operations: readonly Operation[],
  more: Partial<NodeEntry> = {},
): Promise<Result<readonly OperationReply[]>> {
  const entry = { name: 'n1', host: 'n1', root, ...more };
  return operate(session, { entry, operatorText: OPERATOR_TEXT, name: 'n1' }, operations);
}

/** The replies to operations over a session; throws where they were not begun or got lost. */
export async function repliesOver(
  session: SshSession,
  root: string,
  operations: readonly Operation[],
): Promise<readonly OperationReply[]> {
  const result = await operateAt(session, root, operations);
  if (!result.ok) throw new Error(`${result.problem.message} ${result.problem.detail}`);
  return result.value;
}
