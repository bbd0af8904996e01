/** What the window looks at: the range with the way back, the scale on the screen, the cursor; kept in the address. */
import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import {
  firstVisit,
  fitting,
  last,
  lengthOf,
  moved,
  parseRange,
  rangeText,
  shown,
  spanOf,
  step,
  visit,
  zoomed,
  type Range,
  type Span,
} from '../time/range.ts';
import { livePeriod, pixelTime, type TimeScale } from './scale.ts';

/** Gestures that follow each other within so many milliseconds are one step of the way back. */
const ONE_GESTURE_MS = 800;
/** Steps of the cursor keys across the range. */
const CURSOR_STEPS = 120;

export interface Timeline {
  readonly range: Accessor<Range>;
  readonly live: Accessor<boolean>;
  /** The range on the pixels there are; 0 pixels before they are known. Live it moves when it has moved by a pixel. */
  readonly scale: Accessor<TimeScale>;
  /** The present as far as it is shown. */
  readonly now: Accessor<number>;
  /** The time the pointer or the keyboard is at. */
  readonly cursor: Accessor<number | undefined>;
  setCursor(time: number | undefined): void;
  setPixels(pixels: number): void;
  go(range: Range): void;
  /** The record is so long: where nobody chose a range, the first one is not longer than it needs to be. */
  fit(milliseconds: number): void;
  /** Shows `factor` times as much, around a time where one is given. */
  zoom(factor: number, around?: number): void;
  /** Goes on by a share of the range; negative for back. */
  move(share: number): void;
  /** Moves the cursor by a small step; the range follows where it would leave it. */
  stepCursor(direction: 1 | -1): void;
  pause(): void;
  goLive(): void;
  back(): void;
  forward(): void;
  canBack(): boolean;
  canForward(): boolean;
}

/** Starts with the range of the address, or the last 24 hours. `time` is the newest second of the cluster, 0 before it. */
export function createTimeline(time: Accessor<number>): Timeline {
  const given = parseRange(new URLSearchParams(location.search).get('range'));
  const [visited, setVisited] = createSignal(firstVisit(given ?? fitting(Infinity)));
  let isChosen = given !== undefined;
  const [now, setNow] = createSignal(Date.now());
  const [pixels, setPixels] = createSignal(0);
  const [cursor, setCursor] = createSignal<number>();
  let gesture = -Infinity;

  const range = createMemo(() => shown(visited()), undefined, {
    equals: (a, b) => rangeText(a) === rangeText(b),
  });
  const scale = createMemo((): TimeScale => ({ ...spanOf(range(), now()), pixels: pixels() }));

  createEffect(
    on(time, (second) => {
      if (second - now() >= livePeriod(scale())) setNow(second);
    }),
  );
  createEffect(() => keepInAddress('range', rangeText(range())));

  function present(): number {
    return Math.max(now(), time());
  }

  function go(next: Range, joined = false): void {
    isChosen = true;
    if (next.kind === 'last') setNow(present());
    setVisited((before) => visit(before, next, joined));
  }

  /** A step of a gesture: together with those just before it is one range visited. */
  function gestured(next: Range): void {
    const at = performance.now();
    go(next, at - gesture < ONE_GESTURE_MS);
    gesture = at;
  }

  return {
    range,
    live: () => range().kind === 'last',
    scale,
    now,
    cursor,
    setCursor,
    setPixels,
    go: (next) => go(next),
    fit: (milliseconds) => {
      if (!isChosen) setVisited(firstVisit(fitting(milliseconds)));
    },
    zoom: (factor, around) => gestured(zoomed(range(), factor, present(), around)),
    move: (share) => gestured(moved(range(), share * lengthOf(range()), present())),
    stepCursor(direction) {
      const { from, to } = scale();
      const size = Math.max((to - from) / CURSOR_STEPS, pixelTime(scale()));
      const next = (cursor() ?? (direction === 1 ? from - size : to + size)) + direction * size;
      if (next > to && to < present()) gestured(moved(range(), next - to, present()));
      if (next < from) gestured(moved(range(), next - from, present()));
      setCursor(Math.min(scale().to, Math.max(scale().from, next)));
    },
    pause: () => go({ kind: 'between', ...whole(spanOf(range(), now())) }),
    goLive: () => go(last(lengthOf(range()))),
    back: () => setVisited((before) => step(before, -1)),
    forward: () => setVisited((before) => step(before, 1)),
    canBack: () => visited().at > 0,
    canForward: () => visited().at < visited().ranges.length - 1,
  };
}

function whole({ from, to }: Span): Span {
  return { from: Math.round(from), to: Math.round(to) };
}

/** Writes a word of the address, or takes it away, so that the window opened again at the address shows the same. */
export function keepInAddress(name: string, value: string | undefined): void {
  const query = new URLSearchParams(location.search);
  if ((query.get(name) ?? undefined) === value) return;
  if (value === undefined) query.delete(name);
  else query.set(name, value);
  history.replaceState(null, '', `${location.pathname}?${query.toString()}`);
}
