/** The pointer on the map: what it points at, and dragging a process from its dot onto a node. */
import { createSignal, type Accessor } from 'solid-js';
import { dotAt, nodeAt } from './hit.ts';
import type { Dot, Seating } from './dots.ts';
import type { Places, Point } from './layout.ts';
import type { Drag } from './overlay.ts';
import type { MapProcess } from './processes.ts';

/** What the pointer is on. */
export interface Pointed {
  readonly at: Point;
  readonly dot: Dot | undefined;
  /** Id of the node. */
  readonly node: number | undefined;
}

export interface Hand {
  readonly pointed: Accessor<Pointed | undefined>;
  readonly drag: Accessor<Drag | undefined>;
  readonly down: (event: PointerEvent) => void;
  readonly move: (event: PointerEvent) => void;
  readonly up: (event: PointerEvent) => void;
  readonly leave: () => void;
  /** A double click: brings a process home that is away, opens a node. */
  readonly twice: () => void;
  /** Leaves a drag; says whether there was one. */
  readonly cancel: () => boolean;
}

/** So far the pointer must go before a press is a drag, in CSS pixels. */
const DRAG_BEGINS = 4;

export function createHand(world: {
  readonly places: Accessor<Places>;
  readonly seating: Accessor<Seating>;
  readonly refuses: (process: MapProcess, to: number) => boolean;
  readonly onChoose: (node: number | undefined) => void;
  /** Left out where nothing can be moved: then nothing can be dragged either. */
  readonly onMove: ((process: MapProcess, to: number) => void) | undefined;
  readonly onOpen: (node: number) => void;
}): Hand {
  const [pointed, setPointed] = createSignal<Pointed>();
  const [drag, setDrag] = createSignal<Drag>();
  let pressed: Pointed | undefined;
  /** What the last two presses were on: a double click means what its first press met. */
  let presses: readonly Pointed[] = [];

  function look(event: PointerEvent): Pointed {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    const node = nodeAt(world.places(), at)?.id;
    return { at, dot: dotAt(world.places(), world.seating(), at), node };
  }

  function cancel(): boolean {
    pressed = undefined;
    return drag() !== undefined && (setDrag(), true);
  }

  return {
    pointed,
    drag,
    cancel,
    down(event) {
      if (event.button !== 0) return;
      pressed = look(event);
      presses = [...presses.slice(-1), pressed];
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    },
    move(event) {
      const now = look(event);
      setPointed(now);
      const dot = pressed?.dot;
      if (pressed === undefined || dot === undefined || world.onMove === undefined) return;
      const far = Math.hypot(now.at.x - pressed.at.x, now.at.y - pressed.at.y);
      if (drag() === undefined && far < DRAG_BEGINS) return;
      const taken = now.node !== undefined && !world.refuses(dot.process, now.node);
      setDrag({ dot, at: now.at, target: now.node === dot.node ? undefined : now.node, taken });
    },
    up(event) {
      const dropped = drag();
      const began = pressed;
      cancel();
      if (dropped !== undefined) {
        if (dropped.target !== undefined && dropped.taken)
          world.onMove?.(dropped.dot.process, dropped.target);
      } else if (began !== undefined) {
        world.onChoose(look(event).node);
      }
    },
    leave() {
      if (drag() === undefined) setPointed();
    },
    twice() {
      const first = presses[0];
      const process = first?.dot?.process;
      if (process !== undefined) {
        if (process.home !== process.at) world.onMove?.(process, process.home);
      } else if (first?.node !== undefined) {
        world.onOpen(first.node);
      }
    },
  };
}
