/** A canvas that fills its box and is painted again whenever what it shows, its size or the system's colours change. */
import { createEffect, createSignal, onCleanup, onMount, type Accessor, type JSX } from 'solid-js';
import { readTheme, type Theme } from '../map/theme.ts';
import { onColoursChanged } from '../table/sparklines.ts';

/** The colours of the window, read anew when the system changes them. Ends with the owner. */
export function createTheme(element: Accessor<HTMLElement | undefined>): Accessor<Theme | undefined> {
  const [theme, setTheme] = createSignal<Theme>();
  onMount(() => {
    const from = element();
    if (from === undefined) return;
    const probe = document.createElement('canvas');
    setTheme(readTheme(from));
    onCleanup(onColoursChanged(probe, () => setTheme(readTheme(from))));
  });
  return theme;
}

export function Painted(props: {
  /** In CSS pixels; 0 for a box that is not laid out yet. */
  readonly width: number;
  readonly height: number;
  /**
   * Reads what is to be seen, which is followed, and gives what paints it on a context that is empty, in CSS pixels. It is
   * painted once a frame, however often what is read changes.
   */
  readonly paint: () => (context: CanvasRenderingContext2D) => void;
}): JSX.Element {
  let canvas: HTMLCanvasElement | undefined;
  let frame = 0;
  onMount(() => {
    createEffect(() => {
      const { width, height } = props;
      const paint = props.paint();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => canvas !== undefined && show(canvas, width, height, paint));
    });
  });
  onCleanup(() => cancelAnimationFrame(frame));
  return (
    <canvas
      ref={(node) => (canvas = node)}
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      aria-hidden="true"
    />
  );
}

function show(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  paint: (context: CanvasRenderingContext2D) => void,
): void {
  const ratio = devicePixelRatio;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d');
  if (context === null || columns === 0 || rows === 0) return;
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  paint(context);
}
