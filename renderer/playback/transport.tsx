/**
 * The controls of playback: the time that is shown and how long ago it was, the slider over the range, steps, play and
 * pause, the speed. Their keys work anywhere in the window, but where text is typed.
 */
import { createSignal, For, onCleanup, onMount, type JSX } from 'solid-js';
import { takesText } from '../keys.ts';
import { Choice } from '../parts/choice.tsx';
import { exactTime } from '../words/format.ts';
import { agoWords, otherSpeed, secondOf, SPEEDS, within, type Speed, type Stretch } from './clock.ts';
import { findStep, noStepWords, type StepKind } from './steps.ts';

/** The steps from the left to the right, the way back first, with the keys of both ways. */
const STEPS: readonly {
  readonly kind: StepKind;
  readonly label: string;
  readonly back: string;
  readonly on: string;
}[] = [
  { kind: 'checkpoint', label: 'Checkpoint', back: 'C', on: 'c' },
  { kind: 'migration', label: 'Migration', back: 'M', on: 'm' },
  { kind: 'second', label: '1 s', back: ',', on: '.' },
];

/** A key as it is written: with Shift where it needs it. */
function keyWords(key: string): string {
  return /[A-Z]/.test(key) ? `Shift ${key}` : key.toUpperCase();
}

const SPEED_CHOICES = SPEEDS.map((speed) => ({
  value: String(speed),
  label: `${speed}×`,
  about: speed === 1 ? 'As it was' : `${speed} seconds of the past in one`,
}));

export function Transport(props: {
  readonly stretch: Stretch;
  readonly time: number;
  /** Whether the end of the stretch is the present, which goes on. */
  readonly live: boolean;
  readonly playing: boolean;
  readonly speed: Speed;
  readonly nameOf: (id: number) => string;
  readonly onTime: (time: number) => void;
  readonly onPlay: (playing: boolean) => void;
  readonly onSpeed: (speed: Speed) => void;
}): JSX.Element {
  const [said, setSaid] = createSignal('');
  /** Counts the steps, so that one that is overtaken by another is left. */
  let steps = 0;

  async function step(kind: StepKind, forward: boolean): Promise<void> {
    props.onPlay(false);
    steps += 1;
    const mine = steps;
    const result = await findStep(kind, forward, props.time, props.stretch, props.nameOf);
    if (mine !== steps) return;
    const landing = result.ok ? result.value : undefined;
    if (landing === undefined) setSaid(noStepWords(kind, forward, result.ok ? undefined : result.problem));
    else {
      setSaid(landing.words);
      props.onTime(within(landing.time, props.stretch));
    }
  }

  function scrub(time: number): void {
    steps += 1;
    setSaid('');
    props.onTime(within(time, props.stretch));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (takesText(event.target) || document.querySelector('dialog[open]') !== null) return;
    const kind = STEPS.find(({ back, on }) => event.key === back || event.key === on);
    if (kind !== undefined) void step(kind.kind, event.key === kind.on);
    else if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) props.onPlay(!props.playing);
    else if (event.key === '>' || event.key === '<')
      props.onSpeed(otherSpeed(props.speed, event.key === '>'));
    else return;
    event.preventDefault();
  }
  onMount(() => document.addEventListener('keydown', onKeyDown));
  onCleanup(() => document.removeEventListener('keydown', onKeyDown));

  const ago = (): string => agoWords(props.time, Date.now());
  const caughtUp = (): boolean => props.playing && props.live && props.time >= props.stretch.to;

  return (
    <section class="transport" aria-label="Playback">
      <p class="transport-time">
        <span class="past-mark">Past</span>
        <time>{exactTime(props.time)}</time>
      </p>
      <input
        class="transport-slider"
        type="range"
        aria-label="Time"
        aria-valuetext={`${exactTime(props.time)}, ${ago()}`}
        min={secondOf(props.stretch.from)}
        max={props.stretch.to}
        step={1000}
        value={props.time}
        onInput={(event) => scrub(event.currentTarget.valueAsNumber)}
      />
      <span class="transport-ago muted">{caughtUp() ? 'follows the present' : ago()}</span>
      <div class="transport-buttons">
        <For each={STEPS}>
          {({ kind, label, back }) => (
            <button
              type="button"
              aria-label={`Back to the ${kind} before`}
              title={`Back to the ${kind} before (${keyWords(back)})`}
              onClick={() => void step(kind, false)}
            >
              ◂ {label}
            </button>
          )}
        </For>
        <button
          type="button"
          class="primary transport-play"
          aria-label={props.playing ? 'Pause playback' : 'Play'}
          title="Play or pause (Space)"
          onClick={() => props.onPlay(!props.playing)}
        >
          {props.playing ? 'Pause' : 'Play'}
        </button>
        <For each={STEPS.toReversed()}>
          {({ kind, label, on }) => (
            <button
              type="button"
              aria-label={`On to the next ${kind}`}
              title={`On to the next ${kind} (${keyWords(on)})`}
              onClick={() => void step(kind, true)}
            >
              {label} ▸
            </button>
          )}
        </For>
        <span title="Speed: > is faster, < is slower">
          <Choice
            label="Speed"
            options={SPEED_CHOICES}
            value={String(props.speed)}
            onChoose={(value) => props.onSpeed(SPEEDS.find((each) => String(each) === value) ?? 1)}
          />
        </span>
        <span class="transport-said" role="status">
          {said()}
        </span>
      </div>
    </section>
  );
}
