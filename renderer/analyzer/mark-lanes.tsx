/** The two lanes under the cluster: migrations as bars, and the operator's actions and checkpoints as signs with words. */
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { Action } from '../../common/model/control.ts';
import type { Checkpoint } from '../../common/model/history.ts';
import type { Theme } from '../map/theme.ts';
import { count, dateAndTime, plainText } from '../words/format.ts';
import { Painted } from './canvas.tsx';
import { barShare, groupMarks, nearestTime, nextTime } from './marks.ts';
import { MOST_ACTIONS } from './past.ts';
import { pixelOf, pixelTime, type TimeScale } from './scale.ts';
import type { Timeline } from './timeline.ts';

/** What was opened of the marks. */
export type Opened =
  | { readonly kind: 'migrations'; readonly from: number; readonly to: number; readonly count: number }
  | { readonly kind: 'marks'; readonly marks: readonly HappenedMark[] };

/** An action or a checkpoint. */
export type HappenedMark =
  | { readonly kind: 'action'; readonly time: number; readonly action: Action }
  | { readonly kind: 'checkpoint'; readonly time: number; readonly checkpoint: Checkpoint };

const LANE_HEIGHT = 20;
/** Pixels beside a bar at which it is still hit. */
const REACH = 5;
/** Signs nearer than this are shown as one with their number. */
const SIGN_PIXELS = 18;

export function MigrationLane(props: {
  readonly timeline: Timeline;
  readonly marks: HistoryAnswer<'marks'> | undefined;
  readonly theme: Theme | undefined;
  readonly onOpen: (opened: Opened) => void;
}): JSX.Element {
  const { timeline } = props;
  const times = () => props.marks?.migrationTimes ?? new Float64Array(0);
  const countAt = (index: number): number => props.marks?.migrationCounts[index] ?? 0;
  const all = createMemo(() => props.marks?.migrationCounts.reduce((sum, each) => sum + each, 0) ?? 0);
  const toPixel = (time: number): number => pixelOf(timeline.scale(), time);

  /** The bar at the cursor: the one that covers it, or one close by. */
  const pointed = (): number => {
    const cursor = timeline.cursor();
    return cursor === undefined ? -1 : nearestTime(times(), toPixel, toPixel(cursor), REACH);
  };

  function open(index: number): void {
    const from = times()[index];
    if (from === undefined) return;
    props.onOpen({ kind: 'migrations', from, to: from + pixelTime(timeline.scale()), count: countAt(index) });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.shiftKey || event.altKey || event.ctrlKey) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const direction = event.key === 'ArrowRight' ? 1 : -1;
      const from = timeline.cursor() ?? (direction === 1 ? -Infinity : Infinity);
      const next = times()[nextTime(times(), from, direction)];
      if (next !== undefined) timeline.setCursor(next);
    } else if (event.key === 'Enter' || event.key === ' ') open(pointed());
    else return;
    event.preventDefault();
  }

  const label = (): string => {
    const index = pointed();
    const there = index < 0 ? '' : `, ${count(countAt(index))} at ${dateAndTime(times()[index] ?? 0)}`;
    return `Migrations: ${count(all())} in this range${there}. Arrow keys go from one to the next, Enter lists them`;
  };

  return (
    <div class="line lane">
      <span class="line-label">
        Migrations <span class="muted">{props.marks === undefined ? '' : count(all())}</span>
      </span>
      <div
        class="plot migrations"
        role="button"
        tabIndex={0}
        aria-label={label()}
        onKeyDown={onKeyDown}
        onClick={() => open(pointed())}
      >
        <Show when={props.theme}>
          {(theme) => (
            <Painted
              width={timeline.scale().pixels}
              height={LANE_HEIGHT}
              paint={() => {
                const { scale, marks, ink } = {
                  scale: timeline.scale(),
                  marks: props.marks,
                  ink: theme().muted,
                };
                return (context) => drawBars(context, scale, marks, ink);
              }}
            />
          )}
        </Show>
      </div>
      <span class="line-value">
        <Show when={pointed() >= 0} fallback={<span class="muted">–</span>}>
          {count(countAt(pointed()))}
        </Show>
      </span>
    </div>
  );
}

/** A bar for each pixel in which migrations began. */
function drawBars(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  marks: HistoryAnswer<'marks'> | undefined,
  ink: string,
): void {
  if (marks === undefined) return;
  const highest = marks.migrationCounts.reduce((top, each) => Math.max(top, each), 0);
  context.fillStyle = ink;
  marks.migrationTimes.forEach((time, index) => {
    const height = (LANE_HEIGHT - 3) * barShare(marks.migrationCounts[index] ?? 0, highest);
    context.fillRect(Math.round(pixelOf(scale, time)), LANE_HEIGHT - height, 2, height);
  });
}

export function MarkLane(props: {
  readonly timeline: Timeline;
  readonly actions: readonly Action[];
  readonly checkpoints: readonly Checkpoint[];
  readonly onOpen: (opened: Opened) => void;
}): JSX.Element {
  const { timeline } = props;
  const [stop, setStop] = createSignal(0);
  const marks = createMemo((): readonly HappenedMark[] => [
    ...props.actions.map((action) => ({ kind: 'action', time: action.time, action }) as const),
    ...props.checkpoints.map(
      (checkpoint) => ({ kind: 'checkpoint', time: checkpoint.time, checkpoint }) as const,
    ),
  ]);
  const groups = createMemo(() => {
    const scale = timeline.scale();
    return groupMarks(marks(), (time) => pixelOf(scale, time), scale.pixels, SIGN_PIXELS);
  });

  /** The arrow keys go from sign to sign; only one of them is a stop of the Tab key. */
  function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
    if (event.shiftKey || event.altKey || event.ctrlKey) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const next = Math.min(
      groups().length - 1,
      Math.max(0, Math.min(stop(), groups().length - 1) + direction),
    );
    setStop(next);
    event.currentTarget.querySelectorAll('button')[next]?.focus();
  }

  return (
    <div class="line lane">
      <span class="line-label">
        Actions, checkpoints{' '}
        <span class="muted">
          {count(marks().length)}
          <Show when={props.actions.length >= MOST_ACTIONS}>, the newest</Show>
        </span>
      </span>
      <div class="plot signs" role="toolbar" aria-label="Actions and checkpoints" onKeyDown={onKeyDown}>
        <For each={groups()}>
          {(group, index) => (
            <button
              type="button"
              class="sign"
              data-kind={group.marks.every((mark) => mark.kind === 'action') ? 'action' : 'checkpoint'}
              style={{ transform: `translateX(${group.pixel}px)` }}
              tabIndex={index() === Math.min(stop(), groups().length - 1) ? 0 : -1}
              title={group.marks.map(markWords).join('\n')}
              aria-label={group.marks.map(markWords).join('; ')}
              onFocus={() => {
                setStop(index());
                timeline.setCursor(group.marks[0]?.time);
              }}
              onClick={() => props.onOpen({ kind: 'marks', marks: group.marks })}
            >
              <span aria-hidden="true">{signOf(group.marks)}</span>
            </button>
          )}
        </For>
      </div>
      <span class="line-value" />
    </div>
  );
}

/** A triangle for actions, a flag for checkpoints, and their number where there are several. */
function signOf(marks: readonly HappenedMark[]): string {
  const sign = [
    marks.some((mark) => mark.kind === 'checkpoint') ? '⚑' : '',
    marks.some((mark) => mark.kind === 'action') ? '▲' : '',
  ].join('');
  return marks.length === 1 ? sign : `${sign}${marks.length}`;
}

/** One mark in words: `Nov 24, 13:36:00 action 7: Block 3 nodes`. */
export function markWords(mark: HappenedMark): string {
  if (mark.kind === 'action') {
    return `${dateAndTime(mark.time)} action ${mark.action.number}: ${plainText(mark.action.title)}`;
  }
  const text = plainText(mark.checkpoint.text);
  return `${dateAndTime(mark.time)} checkpoint${text === '' ? '' : `: ${text}`}`;
}
