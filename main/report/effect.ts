/** What an action did to the cluster: the efficiency before it began and after it ended. */
import type { HistoryReader } from '../history/types.ts';
import { answerIfAny } from './source.ts';

/** How long before and after an action is looked at, in milliseconds. */
export const EFFECT_MILLISECONDS = 5 * 60_000;

/** Values of each side: one per ten seconds, which history keeps for a month; older ones are coarser. */
const PIXELS = EFFECT_MILLISECONDS / 10_000;

/** Mean efficiency of the whole cluster, 0..100; NaN where nothing was recorded or the time is not over yet. */
export interface Effect {
  readonly before: number;
  readonly after: number;
}

/** The spans that are compared: up to the begin of an action, and from its end on; none after it where it has no end. */
export function effectSpans(
  begun: number,
  ended: number | null,
): { readonly before: readonly [number, number]; readonly after: readonly [number, number] | null } {
  return {
    before: [begun - EFFECT_MILLISECONDS, begun],
    after: ended === null ? null : [ended, ended + EFFECT_MILLISECONDS],
  };
}

/** The mean of the values that are there; NaN for none. */
export function meanOf(values: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? NaN : sum / count;
}

/** Reads the effect of an action from the history. Throws ProblemError. */
export async function effectOf(reader: HistoryReader, begun: number, ended: number | null): Promise<Effect> {
  const efficiency = async (span: readonly [number, number] | null): Promise<number> => {
    if (span === null) return NaN;
    const [from, to] = [Math.max(0, span[0]), span[1]];
    const answer = await answerIfAny(
      reader.ask('clusterHistory', { metrics: ['load'], from, to, pixels: PIXELS }),
    );
    return meanOf(answer?.efficiency ?? []);
  };
  const { before, after } = effectSpans(begun, ended);
  return { before: await efficiency(before), after: await efficiency(after) };
}
