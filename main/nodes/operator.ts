/**
 * Does operations on a node: one command over its session, made of resources/operator.sh and the operations, whose
 * answers are read as common/wire/operations.ts says. Nothing is ever done twice by itself.
 */
import { randomBytes } from 'node:crypto';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import type { SshSession } from '../ssh/index.ts';
import { shownText } from './node-text.ts';
import { ReplyReader } from './operator-replies.ts';

/** Waiting ends after this long without an answer; a long list of operations may take longer as a whole. */
export const OPERATE_MILLISECONDS = 20_000;
/** Answers, banner and all. */
const MAX_BYTES = 8 * 1024 * 1024;
const WORDS_LENGTH = 500;

/** Operations that only look; every other one changes something and takes the entry's writePrefix. */
const LOOKS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'read',
  'count',
  'place',
  'list',
  'settings',
]);

export interface OperateOptions {
  readonly entry: NodeEntry;
  /** The text of resources/operator.sh. */
  readonly operatorText: string;
  /** The node in words, for problems. */
  readonly name: string;
}

/**
 * Does operations in their order; every one gets its reply. When the connection ends in the middle, or no answer comes in
 * time, the replies that came are given and the rest are `unanswered`, unless nothing was to be changed and nothing came.
 * Problems: connection-lost, permission-denied (the prefix refused), no-shell, timeout, protocol-error.
 */
export async function operate(
  session: SshSession,
  options: OperateOptions,
  operations: readonly Operation[],
): Promise<Result<readonly OperationReply[]>> {
  const { entry, operatorText, name } = options;
  const nonce = randomBytes(9).toString('hex');
  const changes = operations.some((operation) => !LOOKS.has(operation.kind));
  const prefix = changes ? entry.writePrefix : undefined;
  const input = operatorInput(nonce, entry.root ?? '/proc', operatorText, operations);
  const replies = new ReplyReader(nonce, operations);
  const ended = Promise.withResolvers<Problem | undefined>();
  let errorText = '';
  let bytes = 0;
  const silence: { timer?: NodeJS.Timeout } = {};
  const opened = await session.openChannel(`exec ${prefix === undefined ? '' : `${prefix} `}/bin/sh -s`, {
    onData: (chunk) => {
      silence.timer?.refresh();
      bytes += chunk.length;
      if (bytes <= MAX_BYTES) replies.feed(chunk.toString('latin1'));
      else ended.resolve(problem('protocol-error', `${name} answered with more than ${MAX_BYTES} bytes`));
    },
    onErrorData: (chunk) => {
      if (errorText.length < 4000) errorText += chunk.toString('latin1');
    },
    onClose: ({ code, signal }) => {
      replies.end();
      const words = shownText(errorText.trim() || replies.preamble.trim(), WORDS_LENGTH);
      if (code === undefined && signal === undefined)
        ended.resolve(problem('connection-lost', `The connection to ${name} ended before it had answered`));
      else if (!replies.greeted) ended.resolve(notBegun(name, prefix, words));
      else ended.resolve(undefined);
    },
  });
  if (!opened.ok) return opened;
  silence.timer = setTimeout(() => {
    const seconds = OPERATE_MILLISECONDS / 1000;
    ended.resolve(problem('timeout', `${name} has not answered for ${seconds} s`));
  }, OPERATE_MILLISECONDS);
  opened.value.write(input);
  opened.value.end();
  const trouble = await ended.promise;
  clearTimeout(silence.timer);
  opened.value.close();
  if (trouble === undefined) return success(replies.result());
  const isCertain = trouble.code === 'permission-denied' || trouble.code === 'no-shell';
  return isCertain || (!changes && !replies.any) ? failure(trouble) : success(replies.result());
}

/** The shell ended and its program never began, so nothing was done. */
function notBegun(name: string, prefix: string | undefined, words: string): Problem {
  const said = words === '' ? 'it said nothing' : words;
  return prefix === undefined
    ? problem('no-shell', `${name}: the login shell did not run /bin/sh`, words)
    : problem(
        'permission-denied',
        `${name}: "${prefix}" did not run /bin/sh: ${said}. Allow this login to run /bin/sh with it there, or log in as root.`,
        words,
      );
}
