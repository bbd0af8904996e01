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
  /** Paints on a context that is empty, in CSS pixels. What it reads is followed. */
  readonly paint: (context: CanvasRenderingContext2D) => void;
}): JSX.Element {
  let canvas: HTMLCanvasElement | undefined;
  onMount(() => {
    createEffect(() => {
      const { width, height } = props;
      const context = canvas?.getContext('2d');
      if (canvas === undefined || context === null || context === undefined || width <= 0) return;
      const ratio = devicePixelRatio;
      const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== columns || canvas.height !== rows) {
        canvas.width = columns;
        canvas.height = rows;
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      props.paint(context);
    });
  });
  return (
    <canvas
      ref={(node) => (canvas = node)}
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      aria-hidden="true"
    />
  );
}
