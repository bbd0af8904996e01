/**
 * Carries an action out: one batch of writes per node, many nodes at the same time, each node's failure its own. Moves on
 * MattX come after all that, on each node one after the other.
 */
import type { Problem } from '../../common/contract/problem.ts';
import { assertNever } from '../../common/model/result.ts';
import type { OperationReply } from '../../common/wire/operations.ts';
import { lastRefusal, refusalLine } from './agent-refusal.ts';
import { act, glance, glanced, OTHER_PROCESS, type Deed } from './deed.ts';
import type { Limiter, Turns } from './limiter.ts';
import { moveRequestOf } from './move-request.ts';
import type { ControlNode, ControlNodes, MoveRequest } from './types.ts';
import { follow } from './verify.ts';
import type { StepChange, Work } from './work.ts';

/** What carrying out and verifying need. */
export interface Tools {
  readonly nodes: ControlNodes;
  readonly limiter: Limiter;
  /** A MattX node moves one process at a time: of two at once one is lost. */
  readonly turns: Turns;
  /** Aborted when the program ends. */
  readonly closing: AbortSignal;
  onMoveRequest(request: MoveRequest): void;
}

/** Writes all waiting steps of an action and follows them until they are known. Never rejects. */
export async function carryOut(work: Work, tools: Tools): Promise<void> {
  const waiting = [...work.action.steps.keys()].filter((index) => work.step(index).state === 'waiting');
  const isSend = (index: number): boolean => work.step(index).deed?.kind === 'send';
  const writeAndFollow = async (key: string, indexes: readonly number[]): Promise<void> => {
    const refusedBefore = await tools.limiter.run(() => writeAt(key, indexes, work, tools));
    await follow(work, key, indexes, { ...tools, refusedBefore });
  };
  const byNode = (indexes: readonly number[]) => [...Map.groupBy(indexes, (index) => work.step(index).node)];
  await Promise.all(
    byNode(waiting.filter((index) => !isSend(index))).map(([key, indexes]) => writeAndFollow(key, indexes)),
  );
  await Promise.all(
    byNode(waiting.filter(isSend)).map(([key, indexes]) =>
      oneByOne(key, indexes, work, tools, writeAndFollow),
    ),
  );
}

/** Moves of one node, each once it is known what came of the one before. */
async function oneByOne(
  key: string,
  indexes: readonly number[],
  work: Work,
  tools: Tools,
  move: (key: string, indexes: readonly number[]) => Promise<void>,
): Promise<void> {
  for (const index of indexes) {
    if (tools.closing.aborted) return;
    const earlier = indexes.filter((other) => other < index && isSame(work, other, index));
    const stuck = earlier.find((other) => work.step(other).state !== 'verified');
    if (stuck === undefined) await tools.turns.run(key, () => move(key, [index]));
    else {
      const outcome = 'not written: it has not come home, and two of it would run';
      work.update(all([index], { state: 'impossible', outcome }));
    }
  }
}

function isSame(work: Work, one: number, other: number): boolean {
  return work.step(one).process?.pid === work.step(other).process?.pid;
}

/** The one batch of a node. Gives what the agent there had refused before. */
async function writeAt(
  key: string,
  indexes: readonly number[],
  work: Work,
  tools: Tools,
): Promise<string | undefined> {
  if (tools.closing.aborted) return undefined;
  const node = tools.nodes.find(key);
  if (node === undefined || !node.reachable) {
    const why = node === undefined ? 'there is no such node any more' : node.why;
    work.update(all(indexes, { state: 'impossible', outcome: `not written: ${why}` }));
    return undefined;
  }
  const parts = indexes.map((index) => {
    const deed = deedOf(work, index);
    return { index, deed, first: glance(deed) };
  });
  for (const { index, deed } of parts) announce(deed, node, work, index, tools);
  work.sending(indexes);
  const asked = lastRefusal(node);
  const replies = await node.operate([
    ...asked,
    ...parts.flatMap(({ deed, first }) => (first ? [first, act(deed)] : [act(deed)])),
  ]);
  if (!replies.ok) {
    work.update(all(indexes, refusedBatch(replies.problem)));
    return undefined;
  }
  const changes = new Map<number, StepChange>();
  let position = asked.length;
  for (const { index, deed, first } of parts) {
    const found = first ? glanced(deed, replies.value[position++]) : null;
    const isNews = found !== null && found !== work.step(index).before;
    // Undo writes back what stood there right before the write, not what the plan saw.
    changes.set(index, {
      ...(isNews ? { before: found, undo: found } : {}),
      ...written(replies.value[position++]),
    });
  }
  work.update(changes);
  return asked.length === 0 ? undefined : refusalLine(replies.value[0]);
}

function deedOf(work: Work, index: number): Deed {
  const { deed } = work.step(index);
  if (deed === null) throw new Error('a waiting step has a deed');
  return deed;
}

function all(indexes: readonly number[], change: StepChange): ReadonlyMap<number, StepChange> {
  return new Map(indexes.map((index) => [index, change]));
}

/** Tells the migration log what is about to move, right before it does. */
function announce(deed: Deed, node: ControlNode, work: Work, index: number, tools: Tools): void {
  const request = moveRequestOf(deed, node.id, work.step(index).before, {
    action: work.action.number,
    time: Date.now(),
  });
  if (request !== undefined) tools.onMoveRequest(request);
}

/** What a batch that failed as a whole means for each of its steps. */
function refusedBatch({ code, message, detail }: Problem): StepChange {
  const words = message.includes(detail) ? message : `${message} (${detail})`;
  switch (code) {
    case 'connection-lost':
      return { state: 'impossible', outcome: `not written: ${words}` };
    case 'permission-denied':
    case 'no-shell':
      return { state: 'refused', outcome: words };
    default:
      return { state: 'unknown', outcome: `it is not known whether it was written: ${words}` };
  }
}

/** What the reply to a write means. */
function written(reply: OperationReply | undefined): StepChange {
  switch (reply?.kind) {
    case 'done':
    case 'text':
    case 'list':
      return { state: 'written', outcome: '' };
    case 'missing':
      return { state: 'impossible', outcome: 'the node has no such file' };
    case 'refused':
      return { state: 'refused', outcome: reply.words };
    case 'gone':
      return { state: 'impossible', outcome: 'it has ended, or left this node' };
    case 'other':
      return { state: 'impossible', outcome: OTHER_PROCESS };
    case undefined:
    case 'unanswered':
      return {
        state: 'unknown',
        outcome: 'the connection was cut before the answer: it is not known whether it was written',
      };
    default:
      return assertNever(reply);
  }
}
