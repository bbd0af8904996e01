/**
 * Looks whether what was written took effect: reads back until it shows, or until patience ends. Steps that a cut
 * connection left open are looked at again when the node is back; nothing is ever written here.
 */
import { assertNever } from '../../common/model/result.ts';
import type { Tools } from './apply.ts';
import { mustHold, patience, type DeedStep, type Sight } from './deed.ts';
import { lookAt, whyNotMoved, type Eyes } from './sights.ts';
import type { StepChange, Work } from './work.ts';

const LOOK_MILLISECONDS = 300;
/** What takes longer than this is looked at once a second. */
const HASTE_MILLISECONDS = 6000;
const SLOW_LOOK_MILLISECONDS = 1000;
/** So long a setting must stay: some kernels take it back. */
const HOLD_MILLISECONDS = 1000;
/** Until a node that is not back is given up. */
const GIVE_UP_MILLISECONDS = 10 * 60_000;

/** What following needs: the tools, and as `Eyes` what was refused before. */
type Following = Tools & Pick<Eyes, 'refusedBefore'>;

/** Follows the written and unknown steps of one node until they are known, or the node is given up. */
export async function follow(
  work: Work,
  key: string,
  indexes: readonly number[],
  { refusedBefore, ...tools }: Following,
): Promise<void> {
  const giveUp = Date.now() + GIVE_UP_MILLISECONDS;
  const thatAre = (...states: readonly string[]) =>
    indexes.filter((index) => states.includes(work.step(index).state));
  await watch(work, key, thatAre('written'), { ...tools, refusedBefore });
  while (thatAre('unknown').length > 0 && Date.now() < giveUp) {
    if (!(await pause(SLOW_LOOK_MILLISECONDS, tools))) return;
    if (tools.nodes.find(key)?.reachable === true) await watch(work, key, thatAre('unknown'), tools);
  }
}

/** Waits; false when the program ends meanwhile. */
async function pause(milliseconds: number, { closing }: Tools): Promise<boolean> {
  if (closing.aborted) return false;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    closing.addEventListener('abort', end);
  });
  return !closing.aborted;
}

/** What is remembered of a step from look to look. */
interface Watched {
  readonly index: number;
  /** Since when it has been so; undefined while it is not. */
  since: number | undefined;
  /** It was so once, and is not any more. */
  wavered: boolean;
}

/** What a look comes to: how the step changes, and whether it needs no further look. */
interface Verdict {
  readonly over: boolean;
  readonly change: StepChange;
}

/** Looks at steps of a node until each shows its effect, or does not in time. Without an answer they are unknown. */
async function watch(work: Work, key: string, indexes: readonly number[], tools: Following): Promise<void> {
  const begun = Date.now();
  let open: readonly Watched[] = indexes.map((index) => ({ index, since: undefined, wavered: false }));
  while (open.length > 0) {
    const steps = open.map(({ index }) => work.step(index));
    const sights = await lookAt(key, steps, tools);
    if (tools.closing.aborted) return;
    const elapsed = Date.now() - begun;
    const verdicts = await Promise.all(
      open.map(async (watched, place): Promise<Verdict> => {
        const step = work.step(watched.index);
        if (typeof sights === 'string') return unanswered(step, sights);
        return judge(step, sights[place] ?? { kind: 'unanswered' }, watched, elapsed, tools);
      }),
    );
    if (tools.closing.aborted) return;
    work.update(new Map(open.map(({ index }, place) => [index, verdicts[place]?.change ?? {}])));
    open = open.filter((_, place) => verdicts[place]?.over === false);
    const wait = elapsed < HASTE_MILLISECONDS ? LOOK_MILLISECONDS : SLOW_LOOK_MILLISECONDS;
    if (open.length > 0 && !(await pause(wait, tools))) return;
  }
}

/** What one sight of a step means, `elapsed` milliseconds after the first look. */
async function judge(
  step: DeedStep,
  seen: Sight,
  watched: Watched,
  elapsed: number,
  tools: Tools,
): Promise<Verdict> {
  const { deed } = step;
  if (deed === null) throw new Error('a step that is looked at has a deed');
  switch (seen.kind) {
    case 'so': {
      watched.since ??= elapsed;
      const holds = !mustHold(deed) || elapsed - watched.since >= HOLD_MILLISECONDS;
      if (!holds) return { over: false, change: {} };
      return { over: true, change: { state: 'verified', now: seen.now, outcome: seen.words } };
    }
    case 'not-so': {
      watched.wavered ||= watched.since !== undefined;
      watched.since = undefined;
      if (elapsed < patience(deed)) return { over: false, change: progress(step, seen) };
      const isMove = deed.kind === 'move' || deed.kind === 'send' || deed.kind === 'where';
      const why = seen.said ?? (isMove ? await whyNotMoved(step.node, deed, seen.words, tools) : seen.words);
      const outcome = inVain(step, seen.now, watched.wavered, why);
      return { over: true, change: { state: 'no-effect', now: seen.now, outcome } };
    }
    case 'refused':
      return { over: true, change: { state: 'refused', now: seen.now, outcome: seen.words } };
    case 'ended':
      return { over: true, change: { state: 'impossible', now: null, outcome: seen.words } };
    case 'left':
    case 'unanswered':
      return unanswered(step, 'the connection was cut');
    default:
      return assertNever(seen);
  }
}

/** How far a deed is that takes its time: guests left. */
function progress(step: DeedStep, { now, words }: Extract<Sight, { kind: 'not-so' }>): StepChange {
  return step.deed?.kind === 'clear' && now !== step.now ? { now, outcome: words } : {};
}

/** The words for a deed whose effect did not come in time. */
function inVain(
  { deed, state, before }: DeedStep,
  now: string | null,
  wavered: boolean,
  why: string,
): string {
  if (deed?.kind === 'clear' && now !== before) return `not all went: ${why}`;
  if (wavered) return `accepted, then taken back: ${why}`;
  return `${state === 'unknown' ? 'not written, or no effect' : 'accepted, no effect'}: ${why}`;
}

/** A step whose effect cannot be looked at now. */
function unanswered({ state }: DeedStep, why: string): Verdict {
  if (state === 'unknown') return { over: true, change: {} };
  const outcome = `written; whether it took effect is not known: ${why}`;
  return { over: true, change: { state: 'unknown', outcome } };
}
