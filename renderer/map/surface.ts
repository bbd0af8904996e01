/**
 * The three canvases of the map: the lines between nodes, the nodes with their dots, and the overlay. Each is drawn only
 * when something on it changed, at most once a frame, and never in a hidden window.
 */
import { drawBundles, drawPicture, sameBundles, type Picture } from './draw.ts';
import type { Size } from './layout.ts';
import { drawOverlay, isOver, type Flight, type Overlay } from './overlay.ts';
import { readTheme, type Theme } from './theme.ts';

/** What is to be drawn; the flights are the surface's own. */
export type OverlayInput = Omit<Overlay, 'flights'>;

/** The canvases from the lowest to the highest. */
export interface Canvases {
  readonly lines: HTMLCanvasElement;
  readonly picture: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
}

/** More migrations at once than this are not animated: their lines are there anyway. */
const MOST_FLIGHTS = 60;

/** Draws the map. Whoever makes it disposes it. */
export class Surface {
  readonly #canvases: Canvases;
  #theme: Theme;
  #picture: Picture | undefined;
  #overlay: OverlayInput | undefined;
  #flights: readonly Flight[] = [];
  #frame = 0;
  #linesStale = false;
  #pictureStale = false;

  constructor(canvases: Canvases) {
    this.#canvases = canvases;
    this.#theme = readTheme(canvases.overlay);
  }

  /** Fits both canvases to a size in CSS pixels at the screen's own resolution. */
  resize(size: Size): void {
    const { lines, picture, overlay } = this.#canvases;
    for (const canvas of [lines, picture, overlay]) {
      canvas.width = Math.round(size.width * devicePixelRatio);
      canvas.height = Math.round(size.height * devicePixelRatio);
    }
    this.#redraw();
  }

  /** Draws again in the colours the window has now. */
  recolour(): void {
    this.#theme = readTheme(this.#canvases.overlay);
    this.#redraw();
  }

  showPicture(picture: Picture): void {
    this.#linesStale ||= !sameBundles(this.#picture, picture);
    this.#picture = picture;
    this.#pictureStale = true;
    this.#schedule();
  }

  showOverlay(overlay: OverlayInput): void {
    this.#overlay = overlay;
    this.#schedule();
  }

  /** Shows migrations on their way, from and to the nodes of the given ids. */
  fly(moves: readonly { readonly from: number; readonly to: number }[]): void {
    const start = performance.now();
    const flights = moves.map(({ from, to }) => ({ from, to, start }));
    this.#flights = [...this.#flights, ...flights].slice(-MOST_FLIGHTS);
    this.#schedule();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
  }

  #redraw(): void {
    this.#linesStale = true;
    this.#pictureStale = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      this.#draw(now);
    });
  }

  #draw(now: number): void {
    const picture = this.#picture;
    if (this.#pictureStale && picture !== undefined) {
      performance.mark('map picture begins');
      if (this.#linesStale) drawBundles(emptied(this.#canvases.lines), picture, this.#theme);
      drawPicture(emptied(this.#canvases.picture), picture, this.#theme);
      performance.measure('map picture', 'map picture begins');
      this.#linesStale = false;
      this.#pictureStale = false;
    }
    this.#flights = this.#flights.filter((flight) => !isOver(flight, now));
    if (this.#overlay !== undefined) {
      drawOverlay(
        emptied(this.#canvases.overlay),
        { ...this.#overlay, flights: this.#flights },
        this.#theme,
        now,
      );
    }
    if (this.#flights.length > 0) this.#schedule();
  }
}

/** The context of a canvas without anything on it, in CSS pixels. */
function emptied(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser draws no canvas.');
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}
