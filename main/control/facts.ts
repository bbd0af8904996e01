/** Reads the present values that a plan needs, one batch per node. Nothing is written. */
import type { ProcessInfo } from '../../common/model/process.ts';
import type { AdminFile, Operation, OperationReply } from '../../common/wire/operations.ts';
import { numberIn } from './deed.ts';
import { nodeOf, subjectOf, type Intent } from './intent.ts';
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
  const byNode = Map.groupBy(intents, nodeOf);
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
  const places = intents.flatMap((intent) => {
    const processes = facts.get(nodeOf(intent))?.processes;
    if (intent.kind === 'node' || processes === undefined) return [];
    if (intent.kind === 'process') return processes.get(intent.ref.pid)?.place ?? [];
    return intent.who === 'guests' ? [...processes.values()].map(({ place }) => place) : [];
  });
  const homes = places.flatMap((place) => {
    const home = place.kind === 'guest' ? nodes.ofId(place.id) : undefined;
    // MattX does not say which process of the home a guest is; its home's list does.
    const isKnown = place.kind === 'guest' && (place.pid > 0 || home?.dialect === 'mattx');
    return isKnown && home?.reachable === true && !facts.has(home.key) ? [home.key] : [];
  });
  return new Set(homes);
}

/** Reads one node: what the intents need, or without any just its processes. */
async function factsOf(node: ControlNode, intents: readonly Intent[]): Promise<NodeFacts> {
  const nothing = { node, replies: new Map(), processes: new Map() };
  if (!node.reachable) return { ...nothing, why: node.why };
  const needsList = intents.length === 0 || intents.some(needsProcesses);
  const replies = await readFiles(node, neededOperations(node, intents));
  if (typeof replies === 'string') return { ...nothing, why: replies };
  if (!needsList) return { node, why: '', replies, processes: new Map() };
  const processes = await node.processes();
  if (!processes.ok) return { ...nothing, why: processes.problem.message };
  return { node, why: '', replies, processes: new Map(processes.value.map((info) => [info.pid, info])) };
}

function needsProcesses(intent: Intent): boolean {
  return intent.kind !== 'node' || intent.change.kind === 'pin-self';
}

function neededOperations(
  { id, dialect }: ControlNode,
  intents: readonly Intent[],
): ReadonlyMap<string, Operation> {
  if (dialect === 'mattx') {
    const isAsked = intents.some(({ kind }) => kind === 'node');
    return new Map(isAsked ? [['settings', { kind: 'settings' }]] : []);
  }
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
