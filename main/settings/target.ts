/** Reads where a node is as an operator writes it: `[user@]host[:port]`, also `ssh://` and `[address]:port`. */
import { isIPv6 } from 'node:net';
import { nodeEntrySchema, type NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';

const TARGET =
  /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^\s:@]+)|([0-9a-fA-F:]*:[0-9a-fA-F:.]*:[^\s@]*))(?::(\d+))?\/?$/;

/** The entry for a written target; its name is the host. Problems: bad-input. */
export function parseTarget(text: string): Result<NodeEntry> {
  const match = TARGET.exec(text.trim());
  const host = match?.[2] ?? match?.[3] ?? match?.[4];
  if (host === undefined || (host.includes(':') && !isIPv6(host))) {
    return failure(problem('bad-input', `"${text.slice(0, 100)}" is not of the form user@host:port`));
  }
  const entry = nodeEntrySchema.safeParse({
    name: host,
    host,
    ...(match?.[1] === undefined ? {} : { user: match[1] }),
    ...(match?.[5] === undefined ? {} : { port: Number(match[5]) }),
  });
  if (entry.success) return success(entry.data);
  const issue = entry.error.issues[0];
  return failure(
    problem(
      'bad-input',
      `"${text.slice(0, 100)}": ${issue?.path.join('.') ?? 'it'} ${issue?.message ?? 'is wrong'}`,
    ),
  );
}
