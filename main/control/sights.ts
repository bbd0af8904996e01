/** Looks at what deeds on one node have done, with one batch for all of them; guests that left are looked for at home. */
import { whyItStays } from '../../common/model/process-words.ts';
import type { OperationReply } from '../../common/wire/operations.ts';
import { lastRefusal, refusalLine, refusalOf } from './agent-refusal.ts';
import {
  arrived,
  look,
  numberIn,
  showsInList,
  sight,
  WHERE,
  type DeedStep,
  type Move,
  type Sight,
} from './deed.ts';
import type { Limiter } from './limiter.ts';
import { targetRefuses } from './plan-process.ts';
import type { ControlNodes } from './types.ts';

/** What looking needs. */
export interface Eyes {
  readonly nodes: ControlNodes;
  readonly limiter: Limiter;
  /** What the agent there refused last before the write, where that is known. */
  readonly refusedBefore?: string | undefined;
}

/** What is seen of each step, which all have deeds, in their order; in words why nothing could be seen. */
export async function lookAt(
  key: string,
  steps: readonly DeedStep[],
  eyes: Eyes,
): Promise<readonly Sight[] | string> {
  const node = eyes.nodes.find(key);
  if (node === undefined) return 'there is no such node any more';
  const deeds = steps.flatMap(({ deed }) => deed ?? []);
  const asked = lastRefusal(node);
  const looks = deeds.map((deed) => look(deed, node.id));
  const replies = await eyes.limiter.run(() => node.operate([...asked, ...looks.flat()]));
  if (!replies.ok) return replies.problem.message;
  const processes = deeds.some(showsInList) ? await eyes.limiter.run(() => node.processes()) : undefined;
  if (processes?.ok === false) return processes.problem.message;
  const refused = asked.length === 0 ? undefined : refusalLine(replies.value[0]);
  let position = asked.length;
  const sights = deeds.map((deed, place) => {
    const own = replies.value.slice(position, (position += looks[place]?.length ?? 0));
    const seen = sight(deed, steps[place]?.before ?? null, own, processes?.value ?? []);
    const refusal = seen.kind === 'not-so' ? refusalOf(deed, refused, eyes.refusedBefore) : undefined;
    if (seen.kind !== 'not-so' || refusal === undefined) return seen;
    const { words } = refusal;
    return refusal.isAnswer ? { kind: 'refused' as const, now: seen.now, words } : { ...seen, said: words };
  });
  return Promise.all(
    sights.map(async (seen, place) => {
      const { deed = null, before = null } = steps[place] ?? {};
      return seen.kind === 'left' && deed?.kind === 'move' ? sightAtHome(deed, before, eyes) : seen;
    }),
  );
}

/** Where a guest is that left its host, by the word of its home. */
async function sightAtHome(deed: Move, before: string | null, eyes: Eyes): Promise<Sight> {
  const ref = deed.guest?.ref ?? null;
  const home = ref === null ? undefined : eyes.nodes.find(ref.node);
  const left: Sight = { kind: 'so', now: null, words: 'it left; its home cannot be asked where it is' };
  if (ref === null || home === undefined || !home.reachable) return left;
  const { pid, started } = ref;
  const replies = await eyes.limiter.run(() => home.operate([{ kind: 'place', pid, started }]));
  if (!replies.ok) return left;
  const [reply] = replies.value as readonly (OperationReply | undefined)[];
  if (reply?.kind === 'gone' || reply?.kind === 'other') return { kind: 'ended', words: 'it has ended' };
  const now = reply?.kind === 'text' ? numberIn(reply.texts[WHERE]) : null;
  if (now === null) return left;
  return arrived(deed.to, before, now)
    ? { kind: 'so', now, words: '' }
    : { kind: 'not-so', now, words: whereInWords(now) };
}

function whereInWords(where: string): string {
  return where === '0' ? 'it is at home' : `it is at node ${where}`;
}

/** Why a process did not move, in plain words; `seen` where nothing tells. */
export async function whyNotMoved(
  key: string,
  deed: Pick<Move, 'pid' | 'started' | 'to'>,
  seen: string,
  eyes: Eyes,
): Promise<string> {
  const node = eyes.nodes.find(key);
  if (node === undefined) return seen;
  const processes = await eyes.limiter.run(() => node.processes());
  const found = processes.ok
    ? processes.value.find(({ pid, started }) => pid === deed.pid && started === deed.started)
    : undefined;
  const reasons = found === undefined ? [] : [...whyItStays(found)];
  const refusal = deed.to > 0 ? targetRefuses(node.dialect, deed.to, eyes.nodes) : '';
  if (refusal !== '') reasons.push(refusal);
  if (deed.to === -1) reasons.unshift('the cluster found no better node');
  return reasons.length === 0 ? seen : reasons.join('; ');
}
