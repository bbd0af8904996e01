/** The range in the window's head: back and forward, named ranges, live or not, and its two ends as they can be typed. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import { between, last, PRESETS } from '../time/range.ts';
import { timeText, typedSpan } from '../time/typed.ts';
import type { Timeline } from './timeline.ts';

export function RangeTools(props: { readonly timeline: Timeline }): JSX.Element {
  const { timeline } = props;
  const chosen = (milliseconds: number): boolean => {
    const range = timeline.range();
    return range.kind === 'last' && range.milliseconds === milliseconds;
  };
  return (
    <>
      <div class="steps-back" role="group" aria-label="Ranges visited">
        <button
          type="button"
          aria-label="Back"
          title="The range before (Alt+←)"
          disabled={!timeline.canBack()}
          onClick={() => timeline.back()}
        >
          ←
        </button>
        <button
          type="button"
          aria-label="Forward"
          title="The range after (Alt+→)"
          disabled={!timeline.canForward()}
          onClick={() => timeline.forward()}
        >
          →
        </button>
      </div>
      <div class="ranges" role="radiogroup" aria-label="Range of time">
        <For each={PRESETS}>
          {(preset) => (
            <label>
              <input
                type="radio"
                name="range"
                checked={chosen(preset.milliseconds)}
                onChange={() => timeline.go(last(preset.milliseconds))}
              />
              {preset.name}
            </label>
          )}
        </For>
      </div>
      <button
        type="button"
        aria-pressed={!timeline.live()}
        title={
          timeline.live()
            ? 'Hold the range where it is; recording goes on'
            : 'The same length, up to now (End)'
        }
        onClick={() => (timeline.live() ? timeline.pause() : timeline.goLive())}
      >
        {timeline.live() ? 'Pause' : 'Go on live'}
      </button>
    </>
  );
}

interface Draft {
  readonly from: string;
  readonly to: string;
}

/** The two ends: they show the range, and what is typed into them becomes it. */
export function RangeEnds(props: { readonly timeline: Timeline }): JSX.Element {
  const { timeline } = props;
  const [draft, setDraft] = createSignal<Draft>();
  const [wrong, setWrong] = createSignal<{ readonly end: 'from' | 'to'; readonly words: string }>();

  const text = (end: 'from' | 'to'): string => draft()?.[end] ?? timeText(timeline.scale()[end]);

  function drop(): void {
    setDraft(undefined);
    setWrong(undefined);
  }

  function show(): void {
    const typed = typedSpan(text('from'), text('to'), Math.max(Date.now(), timeline.now()));
    if ('wrong' in typed) {
      setWrong({ end: typed.end, words: typed.wrong });
      return;
    }
    const live = text('to').trim().toLowerCase() === 'now';
    drop();
    timeline.go(live ? last(typed.to - typed.from) : between(typed.from, typed.to));
  }

  const field = (end: 'from' | 'to', label: string): JSX.Element => (
    <label>
      {label}{' '}
      <input
        type="text"
        size={19}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={wrong()?.end === end}
        aria-describedby={wrong()?.end === end ? 'range-wrong' : undefined}
        value={text(end)}
        onInput={(event) =>
          setDraft({ from: text('from'), to: text('to'), [end]: event.currentTarget.value })
        }
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || draft() === undefined) return;
          event.preventDefault();
          drop();
        }}
      />
    </label>
  );

  return (
    <form
      class="range-ends"
      aria-label="Range between two times"
      onSubmit={(event) => {
        event.preventDefault();
        show();
      }}
    >
      {field('from', 'From')}
      {field('to', 'to')}
      <Show when={draft() !== undefined}>
        <button type="submit" class="primary">
          Show
        </button>
      </Show>
      <div role="alert" class="range-wrong-place">
        <Show when={wrong()}>
          {(now) => (
            <p id="range-wrong" class="range-wrong">
              {now().words}
            </p>
          )}
        </Show>
      </div>
    </form>
  );
}
