/** What an installation does on a node over its session, as root: scripts, files, and the steps of the enrolment. */
import type { Readable } from 'node:stream';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { shownText } from '../nodes/node-text.ts';
import type { SshSession } from '../ssh/index.ts';
import { enrolCommandLine, receiveCommand, type NodeFile } from './script.ts';

const ANSWER_BYTES = 1024 * 1024;
/** systemd ends each of the two services by force when it has not stopped for 90 s. */
export const SCRIPT_MILLISECONDS = 240_000;
/** A runtime of 120 MB over a slow line. */
const COPY_MILLISECONDS = 30 * 60_000;
const WORDS_LENGTH = 2000;

/** A node that is connected. */
export interface RemoteNode {
  readonly entry: NodeEntry;
  readonly session: SshSession;
}

/**
 * Runs a script as root and gives what it printed, as Latin-1. Problems: not-available (it failed, with its own words), and those of
 * the session.
 */
export function runScript(
  node: RemoteNode,
  script: string,
  timeoutMilliseconds = SCRIPT_MILLISECONDS,
): Promise<Result<string>> {
  return run(node, '/bin/sh', script, timeoutMilliseconds);
}

/** Copies a content beside the place of a file. Problems: as `runScript`, file-unreadable. */
export async function copyFile(node: RemoteNode, file: NodeFile, content: Readable): Promise<Result<void>> {
  const copied = await run(node, receiveCommand(file), content, COPY_MILLISECONDS);
  return copied.ok ? success(undefined) : copied;
}

/** Takes a step of the enrolment; `input` is what it reads. Problems: as `runScript`. */
export function enrolStep(
  node: RemoteNode,
  step: 'request' | 'accept' | 'map',
  input = '',
): Promise<Result<string>> {
  return run(node, enrolCommandLine(step), input, SCRIPT_MILLISECONDS);
}

/** The address at which the node was reached, as its own SSH server saw it; undefined where it does not say. */
export async function reachedAddress({ session }: RemoteNode): Promise<Result<string | undefined>> {
  // Not as root: sudo takes the variable away.
  const printed = await session.exec('/bin/sh', {
    input: 'printf "%s" "$SSH_CONNECTION"\n',
    timeoutMilliseconds: SCRIPT_MILLISECONDS,
    maxBytes: 1000,
  });
  if (!printed.ok) return printed;
  return success(printed.value.stdout.toString('latin1').split(' ')[2]);
}

async function run(
  { entry, session }: RemoteNode,
  command: string,
  input: string | Readable,
  timeoutMilliseconds: number,
): Promise<Result<string>> {
  const prefix = entry.writePrefix === undefined ? '' : `${entry.writePrefix} `;
  const answer = await session.exec(prefix + command, { input, timeoutMilliseconds, maxBytes: ANSWER_BYTES });
  if (!answer.ok) return answer;
  const { exitCode, stdout, stderr } = answer.value;
  if (exitCode === 0) return success(stdout.toString('latin1'));
  const words = shownText(stderr.toString('latin1'), WORDS_LENGTH).trim();
  const how = exitCode === undefined ? 'was ended by a signal' : `ended with ${exitCode}`;
  return failure(problem('not-available', `${entry.name}: ${words || `a command ${how}`}`));
}
