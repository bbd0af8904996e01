/** Takes the agent off one node: its guests leave, it is stopped, its files go, and the map no longer has it. */
import { failure, success, type Result } from '../../common/model/result.ts';
import { problem } from '../../common/contract/problem.ts';
import { withoutNode } from './authority.ts';
import type { AuthorityBook } from './authority-book.ts';
import { runScript, type RemoteNode } from './remote.ts';
import { drainScript, NODE_FILES, IDENTITY_FOLDER, removeScript } from './script.ts';
import { sentences } from './sentences.ts';

/** Guests have this long to leave, and own jobs to come home. */
const DRAIN_SECONDS = 300;

/** The steps of a removal in words, as the operator is asked about them. */
export function removalSteps(): string[] {
  return [
    'send its guests away and bring its own jobs home; nothing more is done while jobs have their home there',
    'stop the agent and the keeper',
    `remove ${Object.values(NODE_FILES)
      .map(({ path }) => path)
      .join(', ')}, ${IDENTITY_FOLDER}, /run/mosview and /var/lib/mosview`,
  ];
}

/** Does it; gives the words of the end. Problems: those of each step; the map has the node until its files are gone. */
export async function removeNode(
  node: RemoteNode,
  id: number | null,
  book: AuthorityBook,
  step: (words: string) => void,
): Promise<Result<string>> {
  step('sending guests away and bringing own jobs home');
  const drained = await runScript(node, drainScript(DRAIN_SECONDS), (2 * DRAIN_SECONDS + 60) * 1000);
  if (!drained.ok) return drained;
  step('stopping the agent and removing its files');
  const removed = await runScript(node, removeScript());
  if (!removed.ok) {
    return failure(
      problem(
        removed.problem.code,
        sentences(removed.problem.message, 'Remove it again.'),
        removed.problem.detail,
      ),
    );
  }
  return forgetNode(id, book);
}

/** Takes a node out of the map without touching it. Problems: those of saving. */
export async function forgetNode(id: number | null, book: AuthorityBook): Promise<Result<string>> {
  if (id === null) return success('Nothing of it is left.');
  const changed = await book.change((authority) => withoutNode(authority, id));
  return changed.ok ? success(`Node ${id} is out of the map.`) : changed;
}
