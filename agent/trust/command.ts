/** `mos enrol`: what `mosview agent install` runs on a node over SSH. Answers are JSON on standard output. */
import { text } from 'node:stream/consumers';
import type { Readable, Writable } from 'node:stream';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { PATHS } from '../paths.ts';
import { acceptEnrolment, acceptMap, createRequest } from './enrol.ts';
import { loadIdentity, type Identity } from './identity.ts';

const HELP = `mos enrol request    makes a new key for this node and prints the request for its certificate
mos enrol accept     takes the answer to it from standard input
mos enrol map        takes a newer map of the cluster from standard input
mos enrol show       who this node is
`;

/** Where the command works. */
export interface EnrolSurroundings {
  readonly folder: string;
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
}

/** Carries `mos enrol ...` out (`args` without `enrol`); gives the exit status: 0, or 1 with the reason on standard error. */
export async function enrolCommand(
  args: readonly string[],
  surroundings: EnrolSurroundings = {
    folder: PATHS.identity,
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
  },
): Promise<number> {
  const { output, errors } = surroundings;
  const done = await carryOut(args, surroundings).catch((error: unknown) => failure(fileProblem(error)));
  if (!done.ok) {
    const { message, detail } = done.problem;
    errors.write(`mos enrol: ${[message, detail].filter(Boolean).join('\n')}\n`);
    return 1;
  }
  output.write(done.value);
  return 0;
}

async function carryOut(
  args: readonly string[],
  { folder, input }: EnrolSurroundings,
): Promise<Result<string>> {
  const [word = '', ...more] = args;
  if (more.length > 0) return failure(problem('bad-input', `There is a word too many.\n${HELP}`));
  switch (word) {
    case 'request':
      return success(await createRequest(folder));
    case 'accept':
      return shown(await acceptEnrolment(folder, await text(input)));
    case 'map':
      return shown(await acceptMap(folder, await text(input)));
    case 'show':
      return shown(await loadIdentity(folder));
    default:
      return failure(problem('bad-input', `There is no "${word}".\n${HELP}`));
  }
}

function shown(identity: Result<Identity>): Result<string> {
  if (!identity.ok) return identity;
  const { node, map, until } = identity.value;
  const { cluster, version } = map;
  return success(`${JSON.stringify({ id: node, cluster, version, nodes: map.nodes.length, until })}\n`);
}

function fileProblem(error: unknown): Problem {
  return problem('file-unreadable', error instanceof Error ? error.message : String(error));
}
