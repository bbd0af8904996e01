/** Reads the present values that a plan needs, one batch per node. Nothing is written. */
import type { ProcessInfo } from '../../common/model/process.ts';
import type { AdminFile, Operation, OperationReply } from '../../common/wire/operations.ts';
import { numberIn } from './deed.ts';
import { subjectOf, type Intent } from './intent.ts';
import type { Limiter } from './limiter.ts';
import type { ControlNode, ControlNodes } from './types.ts';

/** What was read on one node. */
export interface NodeFacts {
  readonly node: ControlNode;
  /** Why nothing could be read, in words; empty where it could. */
  readonly why: string;
  /** Replies by the name of what was asked: the file, `guests` or `away`. */
  readonly replies: ReadonlyMap<string, OperationReply>;
  /** Its processes by number; empty where they were not needed. */
  readonly processes: ReadonlyMap<number, ProcessInfo>;
}

/** All that a plan is made from, by the key of the node. */
export type Facts = ReadonlyMap<string, NodeFacts>;

/** A read gives an empty text at times; it is asked again so often. */
const READ_ATTEMPTS = 3;

/** The name of the status file of node `id`. */
export function statusFile(id: number): `nodes/${number}/status` {
  return `nodes/${id}/status`;
}

/** Reads what the intents need; nodes that nobody knows are left out. */
export async function gatherFacts(
  nodes: ControlNodes,
  intents: readonly Intent[],
  limiter: Limiter,
): Promise<Facts> {
  const facts = new Map<string, NodeFacts>();
  const byNode = Map.groupBy(intents, (intent) => (intent.kind === 'node' ? intent.node : intent.ref.node));
  await readAll(byNode.keys(), (node) => factsOf(node, byNode.get(node.key) ?? []));
  // A guest's identity is kept at its home; its host alone could not say later whether it is still the same.
  await readAll(homesOfGuests(nodes, intents, facts), (node) => factsOf(node, []));
  return facts;

  async function readAll(
    keys: Iterable<string>,
    read: (node: ControlNode) => Promise<NodeFacts>,
  ): Promise<void> {
    const known = [...keys].flatMap((key) => nodes.find(key) ?? []);
    const all = await Promise.all(known.map((node) => limiter.run(() => read(node))));
    for (const fact of all) facts.set(fact.node.key, fact);
  }
}

/** Keys of the homes of all guests the intents name, as far as they can be asked and were not. */
function homesOfGuests(
  nodes: ControlNodes,
  intents: readonly Intent[],
  facts: ReadonlyMap<string, NodeFacts>,
): ReadonlySet<string> {
  const homes = intents.flatMap((intent) => {
    if (intent.kind === 'node') return [];
    const place = facts.get(intent.ref.node)?.processes.get(intent.ref.pid)?.place;
    const home = place?.kind === 'guest' && place.pid > 0 ? nodes.ofId(place.id) : undefined;
    return home !== undefined && home.reachable && !facts.has(home.key) ? [home.key] : [];
  });
  return new Set(homes);
}

/** Reads one node: what the intents need, or without any just its processes. */
async function factsOf(node: ControlNode, intents: readonly Intent[]): Promise<NodeFacts> {
  const nothing = { node, replies: new Map(), processes: new Map() };
  if (!node.reachable) return { ...nothing, why: node.why };
  const needsList = intents.length === 0 || intents.some(({ kind }) => kind === 'process');
  const replies = await readFiles(node, neededOperations(node.id, intents));
  if (typeof replies === 'string') return { ...nothing, why: replies };
  if (!needsList) return { node, why: '', replies, processes: new Map() };
  const processes = await node.processes();
  if (!processes.ok) return { ...nothing, why: processes.problem.message };
  return { node, why: '', replies, processes: new Map(processes.value.map((info) => [info.pid, info])) };
}

function neededOperations(id: number, intents: readonly Intent[]): ReadonlyMap<string, Operation> {
  const needed = new Map<string, Operation>();
  for (const intent of intents) {
    if (intent.kind !== 'node') continue;
    const { change } = intent;
    if (change.kind === 'expel') needed.set('guests', { kind: 'count', what: 'guests' });
    else if (change.kind === 'bring') needed.set('away', { kind: 'count', what: 'away' });
    else {
      const file = `admin/${subjectOf(change)}` as AdminFile;
      needed.set(file, { kind: 'read', file });
    }
    needed.set(statusFile(id), { kind: 'read', file: statusFile(id) });
  }
  return needed;
}

/** The replies by name, or in words why there are none. Files that were read empty are read again. */
async function readFiles(
  node: ControlNode,
  operations: ReadonlyMap<string, Operation>,
): Promise<Map<string, OperationReply> | string> {
  const replies = new Map<string, OperationReply>();
  let asked = [...operations];
  for (let attempt = 0; attempt < READ_ATTEMPTS && asked.length > 0; attempt += 1) {
    const answer = await node.operate(asked.map(([, operation]) => operation));
    if (!answer.ok) return answer.problem.message;
    for (const [index, [name]] of asked.entries()) {
      replies.set(name, answer.value[index] ?? { kind: 'unanswered' });
    }
    asked = asked.filter(([name]) => isUnreadable(replies.get(name)));
  }
  return replies;
}

function isUnreadable(reply: OperationReply | undefined): boolean {
  return reply?.kind === 'text' && numberIn(reply.texts[0]) === null;
}
