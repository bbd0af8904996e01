/** Re-weighting: a speed by slider or by number, what balancing would then do, and only then the order. */
import { createMemo, createSignal, Show, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { STANDARD_SPEED } from '../../common/model/metric.ts';
import { call } from '../back-end.ts';
import type { NodeNow } from '../words/control-words.ts';
import { count, percent } from '../words/format.ts';
import { createLatest } from './latest.ts';

/** The slider goes from a tenth of the standard CPU to ten times it, equal ways for equal ratios. */
const STEPS = 200;
const LEAST = 1000;
const RANGE = 100;
/** What the contract allows. */
const MOST = 1_000_000;
/** Moves told in words; the rest is counted. */
const TOLD_MOVES = 3;

type Preview = CallOutput<'previewSpeeds'>;

export function Speed(props: {
  readonly nodes: readonly NodeNow[];
  readonly why: string;
  /** The name of a node by its id. */
  readonly nameOf: (id: number) => string;
  readonly onOrder: (speed: number) => void;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [draft, setDraft] = createSignal<number>();
  const [preview, setPreview] = createSignal<Preview>();

  const speeds = createMemo(() => props.nodes.map((node) => node.speed).filter((speed) => speed > 0));
  const lowest = () => Math.min(...speeds());
  const highest = () => Math.max(...speeds());
  const shown = () =>
    draft() ?? (speeds().length === 0 ? STANDARD_SPEED : Math.round((lowest() + highest()) / 2));
  const nowWords = () => {
    if (speeds().length === 0) return 'unknown';
    return lowest() === highest() ? count(lowest()) : `${count(lowest())} to ${count(highest())}`;
  };
  const valid = () => Number.isInteger(draft()) && (draft() ?? 0) >= 1 && (draft() ?? 0) <= MOST;

  const ask = createLatest(async (speed: number) => {
    const result = await call('previewSpeeds', {
      speeds: props.nodes.map((node) => ({ key: node.info.key, speed })),
    });
    if (draft() === undefined) return;
    if (result.ok) setPreview(result.value);
    else props.onProblem(result.problem);
  });

  function drag(speed: number): void {
    setDraft(speed);
    if (valid()) ask(speed);
    else setPreview(undefined);
  }

  function reset(): void {
    setDraft(undefined);
    setPreview(undefined);
  }

  return (
    <form
      class="speed-form"
      aria-label="Speed"
      onSubmit={(event) => {
        event.preventDefault();
        const speed = draft();
        if (speed === undefined || !valid()) return;
        props.onOrder(speed);
        reset();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || draft() === undefined) return;
        event.preventDefault();
        reset();
      }}
    >
      <span class="control-name">Speed</span>
      <span class="speed-now">{nowWords()}</span>
      <input
        type="range"
        aria-label="Speed by slider"
        aria-valuetext={count(shown())}
        title={props.why}
        min={0}
        max={STEPS}
        disabled={props.why !== ''}
        value={stepOf(shown())}
        onInput={(event) => drag(speedOf(event.currentTarget.valueAsNumber))}
      />
      <input
        type="number"
        aria-label="Speed by number"
        title={props.why}
        min={1}
        max={MOST}
        disabled={props.why !== ''}
        value={Number.isNaN(shown()) ? '' : shown()}
        onInput={(event) => drag(event.currentTarget.valueAsNumber)}
      />
      <Show when={draft() !== undefined} fallback={<span class="hint">10,000 is the standard CPU</span>}>
        <button type="submit" class="primary" disabled={!valid()}>
          Apply
        </button>
        <button type="button" onClick={reset}>
          Reset
        </button>
        <p class="preview" role="status" aria-label="Preview">
          <Show when={valid()} fallback="A speed is a whole number from 1 to 1,000,000.">
            <Show when={preview()} fallback="Looking at what balancing would do …">
              {(expected) => (
                <>
                  <span class="preview-efficiency">
                    Efficiency {percent(expected().now)} → {percent(expected().after)}
                  </span>{' '}
                  <span>{movesWords(expected(), props.nameOf)}</span>
                </>
              )}
            </Show>
          </Show>
        </p>
      </Show>
    </form>
  );
}

function speedOf(step: number): number {
  const speed = LEAST * RANGE ** (step / STEPS);
  return Math.round(speed / 100) * 100;
}

function stepOf(speed: number): number {
  const step = (Math.log(Math.max(1, speed) / LEAST) / Math.log(RANGE)) * STEPS;
  return Math.max(0, Math.min(STEPS, Math.round(step) || 0));
}

function movesWords({ moves }: Preview, nameOf: (id: number) => string): string {
  if (moves.length === 0) return 'Balancing would move nothing.';
  const told = moves.slice(0, TOLD_MOVES).map(({ from, to, count: processes }) => {
    return `${count(processes)} ${processes === 1 ? 'process' : 'processes'} from ${nameOf(from)} to ${nameOf(to)}`;
  });
  const rest = moves.length - told.length;
  return `Balancing would move ${told.join(', ')}${rest === 0 ? '' : ` and ${count(rest)} more ways`}.`;
}
