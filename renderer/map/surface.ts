/**
 * The two canvases of the map: the picture below, drawn only when something on it changed, and the overlay above it. At
 * most one drawing per frame, none in a hidden window.
 */
import { drawPicture, type Picture } from './draw.ts';
import type { Size } from './layout.ts';
import { drawOverlay, isOver, type Flight, type Overlay } from './overlay.ts';
import { readTheme, type Theme } from './theme.ts';

/** What is to be drawn; the flights are the surface's own. */
export type OverlayInput = Omit<Overlay, 'flights'>;

/** More migrations at once than this are not animated: their lines are there anyway. */
const MOST_FLIGHTS = 60;

/** Draws the map. Whoever makes it disposes it. */
export class Surface {
  readonly #below: HTMLCanvasElement;
  readonly #above: HTMLCanvasElement;
  #theme: Theme;
  #picture: Picture | undefined;
  #overlay: OverlayInput | undefined;
  #flights: readonly Flight[] = [];
  #frame = 0;
  #pictureStale = false;

  constructor(below: HTMLCanvasElement, above: HTMLCanvasElement) {
    this.#below = below;
    this.#above = above;
    this.#theme = readTheme(below);
  }

  /** Fits both canvases to a size in CSS pixels at the screen's own resolution. */
  resize(size: Size): void {
    for (const canvas of [this.#below, this.#above]) {
      canvas.width = Math.round(size.width * devicePixelRatio);
      canvas.height = Math.round(size.height * devicePixelRatio);
    }
    this.#redraw();
  }

  /** Draws again in the colours the window has now. */
  recolour(): void {
    this.#theme = readTheme(this.#below);
    this.#redraw();
  }

  showPicture(picture: Picture): void {
    this.#picture = picture;
    this.#redraw();
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
    if (this.#pictureStale && this.#picture !== undefined) {
      this.#pictureStale = false;
      performance.mark('map picture begins');
      drawPicture(emptied(this.#below), this.#picture, this.#theme);
      performance.measure('map picture', 'map picture begins');
    }
    this.#flights = this.#flights.filter((flight) => !isOver(flight, now));
    if (this.#overlay !== undefined) {
      drawOverlay(emptied(this.#above), { ...this.#overlay, flights: this.#flights }, this.#theme, now);
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
