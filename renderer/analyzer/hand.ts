/** What pointer, wheel and keys do on the time lines: point at a time, draw a range, zoom, move. */
import { createSignal, type Accessor } from 'solid-js';
import { between } from '../time/range.ts';
import { timeAt } from './scale.ts';
import type { Timeline } from './timeline.ts';

/** Pixels the pointer goes before a press is a drag. */
const DRAG_PIXELS = 4;
/** How much more, or less, one notch of a wheel shows; browsers tell a notch as about 100 pixels. */
const WHEEL_FACTOR = 1.25;
const NOTCH_PIXELS = 100;
const KEY_FACTOR = 2;
/** Share of the range that a key moves it by. */
const KEY_SHARE = 0.25;

export interface Hand {
  /** The range being drawn, in pixels; undefined while none is. */
  readonly drawn: Accessor<{ readonly left: number; readonly width: number } | undefined>;
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerLeave(): void;
  onWheel(event: WheelEvent): void;
  /** Handles a key that is about time. */
  onKey(event: KeyboardEvent): boolean;
}

/** Whether places there mean no times. */
function isTimeless(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.time-less') !== null;
}

/**
 * @param left Where the drawings begin, in the window's pixels.
 * @param onPoint Hears a click on a time, which is not a drag.
 * @param earliest From when on there is anything; where Home goes.
 */
export function createHand(
  timeline: Timeline,
  left: () => number,
  onPoint: (time: number, target: EventTarget | null) => void,
  earliest: () => number | undefined,
): Hand {
  const [drag, setDrag] = createSignal<{ readonly from: number; readonly to: number }>();
  let pressed: number | undefined;

  const pixelOf = (event: MouseEvent): number => event.clientX - left();
  const inside = (pixel: number): boolean => pixel >= 0 && pixel <= timeline.scale().pixels;
  const held = (pixel: number): number => Math.min(timeline.scale().pixels, Math.max(0, pixel));
  const isOwn = (target: EventTarget | null): boolean =>
    target instanceof Element &&
    target.closest('button, input, select, a, label') === null &&
    !isTimeless(target);

  function end(event: PointerEvent): void {
    const drawn = drag();
    const began = pressed;
    pressed = undefined;
    setDrag(undefined);
    if (began === undefined) return;
    const scale = timeline.scale();
    if (drawn === undefined) onPoint(timeAt(scale, began), event.target);
    else {
      const [from, to] = [drawn.from, drawn.to]
        .toSorted((a, b) => a - b)
        .map((pixel) => timeAt(scale, pixel));
      timeline.go(between(from ?? 0, to ?? 0));
    }
  }

  return {
    drawn() {
      const now = drag();
      return now === undefined
        ? undefined
        : { left: Math.min(now.from, now.to), width: Math.abs(now.to - now.from) };
    },
    onPointerDown(event) {
      const pixel = pixelOf(event);
      if (event.button === 0 && inside(pixel) && isOwn(event.target)) pressed = pixel;
    },
    onPointerMove(event) {
      const pixel = pixelOf(event);
      if (pressed !== undefined) {
        if (event.buttons === 0) pressed = undefined;
        else if (Math.abs(pixel - pressed) >= DRAG_PIXELS || drag() !== undefined) {
          if (drag() === undefined && event.currentTarget instanceof Element) {
            event.currentTarget.setPointerCapture(event.pointerId);
          }
          setDrag({ from: pressed, to: held(pixel) });
        }
      }
      const points = drag() !== undefined || (inside(pixel) && !isTimeless(event.target));
      timeline.setCursor(points ? timeAt(timeline.scale(), pixel) : undefined);
    },
    onPointerUp: end,
    onPointerLeave() {
      if (drag() === undefined) timeline.setCursor(undefined);
    },
    onWheel(event) {
      const pixel = pixelOf(event);
      if (!inside(pixel) || !(event.target instanceof Element) || isTimeless(event.target)) return;
      const scrolls = event.target.closest('.strip-rows') !== null && !event.ctrlKey;
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (scrolls && !sideways) return;
      event.preventDefault();
      const notches = (sideways ? event.deltaX || event.deltaY : event.deltaY) / NOTCH_PIXELS;
      if (sideways) timeline.move(0.1 * notches);
      else timeline.zoom(WHEEL_FACTOR ** notches, timeAt(timeline.scale(), pixel));
    },
    onKey(event) {
      if (event.ctrlKey || event.metaKey) return false;
      switch (event.altKey ? `Alt ${event.key}` : event.key) {
        case 'ArrowLeft':
        case 'ArrowRight': {
          const direction = event.key === 'ArrowRight' ? 1 : -1;
          if (event.shiftKey) timeline.move(direction * KEY_SHARE);
          else timeline.stepCursor(direction);
          return true;
        }
        case '+':
        case '=':
          timeline.zoom(1 / KEY_FACTOR, timeline.cursor());
          return true;
        case '-':
          timeline.zoom(KEY_FACTOR, timeline.cursor());
          return true;
        case 'Home': {
          const { from, to } = timeline.scale();
          const first = earliest();
          if (first !== undefined && first < from) timeline.go(between(first, first + to - from));
          timeline.setCursor(undefined);
          return true;
        }
        case 'End':
          timeline.goLive();
          timeline.setCursor(undefined);
          return true;
        case 'Alt ArrowLeft':
          timeline.back();
          return true;
        case 'Alt ArrowRight':
          timeline.forward();
          return true;
        case 'Escape':
          if (timeline.cursor() === undefined && drag() === undefined) return false;
          pressed = undefined;
          setDrag(undefined);
          timeline.setCursor(undefined);
          return true;
        default:
          return false;
      }
    },
  };
}
