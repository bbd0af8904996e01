/** Says that nothing was recorded at the second shown, from when to when, and leads on to what was. */
import { createEffect, createSignal, on, Show, type Accessor, type JSX } from 'solid-js';
import { call } from '../back-end.ts';
import { dateAndTime } from '../words/format.ts';
import type { Stretch } from './clock.ts';
import { gapAround, liesIn, type Gap } from './gap.ts';

export function NothingRecorded(props: {
  /** A second in which nothing was recorded. */
  readonly second: number;
  /** Where recordings are looked for. */
  readonly stretch: Stretch;
  readonly onTime: (time: number) => void;
}): JSX.Element {
  const gap = createGap(
    () => props.second,
    () => props.stretch,
  );
  const words = (): string => {
    const known = gap();
    if (known === undefined) return 'Nothing was recorded at this time.';
    const from = known.from === undefined ? '' : ` from ${dateAndTime(known.from)}`;
    const to = known.to === undefined ? '' : ` to ${dateAndTime(known.to)}`;
    return `Nothing was recorded${from}${to}${from + to === '' ? ' in this range' : ''}.`;
  };
  return (
    <div class="nothing-recorded" role="status">
      <p>{words()}</p>
      <Show when={gap()?.to}>
        {(to) => (
          <button type="button" onClick={() => props.onTime(Math.ceil(to() / 1000) * 1000)}>
            On to where recording began again
          </button>
        )}
      </Show>
    </div>
  );
}

/** The gap a second lies in; asked again only when the time left the one that is known. */
function createGap(second: Accessor<number>, stretch: Accessor<Stretch>): Accessor<Gap | undefined> {
  const [gap, setGap] = createSignal<Gap>();
  async function look(time: number): Promise<void> {
    const { from, to } = stretch();
    const result = await call('states', { from, to, limit: 1 });
    if (second() === time) setGap(result.ok ? gapAround(result.value.recordings, time) : undefined);
  }
  createEffect(
    on(second, (time) => {
      const known = gap();
      if (known === undefined || !liesIn(known, time)) void look(time);
    }),
  );
  return gap;
}
