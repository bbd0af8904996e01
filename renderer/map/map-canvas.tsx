/** The map itself: the canvases with everything the pointer and the keyboard do on them, and what is said aloud of it. */
import {
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
  onMount,
  Show,
  type Accessor,
  type JSX,
} from 'solid-js';
import type { Migration } from '../../common/model/migration.ts';
import { onColoursChanged } from '../table/sparklines.ts';
import { dateAndTime } from '../words/format.ts';
import { createHand } from './hand.ts';
import { drawLines } from './lines.ts';
import { placeNodes, type Size } from './layout.ts';
import { seatDots } from './dots.ts';
import { stepNode } from './hit.ts';
import type { MapState } from './map-state.ts';
import {
  nodeWords,
  placeWords,
  processWords,
  refusal,
  tally,
  tallyWords,
  type MapProcess,
} from './processes.ts';
import { Surface } from './surface.ts';

const LOOKING = "Arrow keys walk through the nodes, Enter goes into a node's processes, Escape leaves.";

/** What is chosen on the map: a node, and where the keyboard went into it one of its processes. */
export interface Choice {
  readonly node: number;
  /** Key of the process. */
  readonly process?: string;
}

export function MapCanvas(props: {
  readonly state: MapState;
  /** Everything that has dots: those away, and those at home of the chosen node. */
  readonly processes: readonly MapProcess[];
  readonly choice: Choice | undefined;
  /** Migrations to show on their way. */
  readonly moves: Accessor<readonly Migration[]>;
  readonly onChoose: (choice: Choice | undefined) => void;
  /** A process is to go to a node; left out where nothing can be moved. */
  readonly onMove?: (process: MapProcess, to: number) => void;
  /** The operator wants to choose where a process goes; left out where nothing can be moved. */
  readonly onAsk?: (process: MapProcess) => void;
  /** A node's own window is wanted. */
  readonly onOpen: (node: number) => void;
}): JSX.Element {
  const state = props.state;
  const [size, setSize] = createSignal<Size>({ width: 0, height: 0 }, { equals: sameSize });
  const [focused, setFocused] = createSignal(false);
  const [surface, setSurface] = createSignal<Surface>();
  let box: HTMLDivElement | undefined;
  let lowest: HTMLCanvasElement | undefined;
  let middle: HTMLCanvasElement | undefined;
  let highest: HTMLCanvasElement | undefined;

  const places = createMemo(() => placeNodes(state.ids(), size()));
  const seating = createMemo(() => seatDots(places(), props.processes));
  const lines = createMemo(() => drawLines(places(), seating(), state.away()));
  const chosen = (): number | undefined => props.choice?.node;
  const chosenProcess = createMemo(() =>
    props.processes.find((process) => process.key === props.choice?.process),
  );
  const hand = createHand({
    places,
    seating,
    refuses: (process, to) => refusal(process, to, state.nodes()) !== '',
    onChoose: (node) => props.onChoose(node === undefined ? undefined : { node }),
    onMove: props.onMove,
    onOpen: (node) => props.onOpen(node),
  });

  const refusing = createMemo((): ReadonlySet<number> => {
    const dragged = hand.drag()?.dot.process;
    if (dragged === undefined) return new Set();
    return new Set(state.ids().filter((id) => refusal(dragged, id, state.nodes()) !== ''));
  });

  createEffect(() =>
    surface()?.showPicture({
      places: places(),
      seating: seating(),
      lines: lines(),
      nodes: state.nodes(),
      chosen: chosen(),
    }),
  );
  createEffect(() =>
    surface()?.showOverlay({
      places: places(),
      seating: seating(),
      marked:
        hand.drag() === undefined ? (hand.pointed()?.dot?.process.key ?? props.choice?.process) : undefined,
      chosen: chosen(),
      focused: focused(),
      focusedProcess: props.choice?.process,
      drag: hand.drag(),
      refusing: refusing(),
    }),
  );
  createEffect(
    on(
      props.moves,
      (moves) => {
        const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
        if (still || document.visibilityState !== 'visible') return;
        surface()?.fly(moves.filter((move) => move.result === 'seen'));
      },
      { defer: true },
    ),
  );

  onMount(() => {
    if (box === undefined || lowest === undefined || middle === undefined || highest === undefined) return;
    const room = box;
    const made = new Surface({ lines: lowest, picture: middle, overlay: highest });
    function measure(): void {
      const now = { width: room.clientWidth, height: room.clientHeight };
      setSize(now);
      made.resize(now);
    }
    const observer = new ResizeObserver(measure);
    observer.observe(room);
    onCleanup(onResolutionChanged(measure));
    onCleanup(onColoursChanged(highest, () => made.recolour()));
    onCleanup(() => {
      observer.disconnect();
      made.dispose();
    });
    setSurface(made);
  });

  /** The processes of a node in the order the keyboard walks through them. */
  function processesOf(node: number): readonly MapProcess[] {
    const { away, guests } = tally(node, props.processes);
    const atHome = props.processes.filter((process) => process.home === node && process.at === node);
    return [...guests, ...away, ...atHome];
  }

  function onNodeKey(event: KeyboardEvent): boolean {
    if (event.key === 'Escape') props.onChoose(undefined);
    else if (event.key === 'Enter' && chosen() !== undefined) {
      const first = processesOf(chosen() ?? 0)[0];
      if (first !== undefined) props.onChoose({ node: chosen() ?? 0, process: first.key });
    } else {
      const nodes = places().nodes;
      const current = nodes.findIndex((place) => place.id === chosen());
      const next = stepNode(places(), current < 0 ? undefined : current, event.key);
      const place = next === undefined ? undefined : nodes[next];
      if (place === undefined) return false;
      props.onChoose({ node: place.id });
    }
    return true;
  }

  function onProcessKey(event: KeyboardEvent, process: MapProcess, node: number): boolean {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      const all = processesOf(node);
      const at = all.findIndex((each) => each.key === process.key);
      const next = all[(at + step + all.length) % all.length];
      if (next !== undefined) props.onChoose({ node, process: next.key });
    } else if (event.key === 'Escape') props.onChoose({ node });
    else if (props.onAsk !== undefined && /^(m|enter)$/i.test(event.key)) props.onAsk(process);
    else if (props.onMove !== undefined && /^h$/i.test(event.key)) props.onMove(process, process.home);
    else return false;
    return true;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape' && hand.cancel()) {
      event.preventDefault();
      return;
    }
    const process = chosenProcess();
    const node = chosen();
    const done =
      process !== undefined && node !== undefined ? onProcessKey(event, process, node) : onNodeKey(event);
    if (done) event.preventDefault();
  }

  /** What the keyboard is on, for those who hear the map. */
  const spoken = (): string => {
    const process = chosenProcess();
    if (process !== undefined) return `${processWords(process)}, ${placeWords(process, state.nodes())}`;
    const node = state.nodes().get(chosen() ?? 0);
    if (node === undefined) return '';
    return `${node.info.name}, ${nodeWords(node)}, ${tallyWords(node.info.id, state.away())}`;
  };

  return (
    <div
      ref={(element) => (box = element)}
      class="map-canvas"
      classList={{
        grabbable: props.onMove !== undefined && hand.pointed()?.dot !== undefined,
        dragging: hand.drag() !== undefined,
        chosen: chosen() !== undefined,
      }}
      role="application"
      aria-label="Map of the cluster"
      aria-description={
        props.onMove === undefined ? LOOKING : `${LOOKING} M moves a process, H brings it home.`
      }
      tabIndex={0}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        hand.cancel();
      }}
      onKeyDown={onKeyDown}
      onPointerDown={hand.down}
      onPointerMove={hand.move}
      onPointerUp={hand.up}
      onPointerCancel={() => hand.cancel()}
      onPointerLeave={hand.leave}
      onDblClick={hand.twice}
    >
      <canvas ref={(element) => (lowest = element)} />
      <canvas ref={(element) => (middle = element)} />
      <canvas ref={(element) => (highest = element)} />
      <p class="unseen" role="status">
        {focused() ? spoken() : ''}
      </p>
      <Show when={hand.pointed()}>
        {(pointed) => <Tip state={state} pointed={pointed()} drag={hand.drag()} size={size()} />}
      </Show>
    </div>
  );
}

/** What the pointer is on, beside it; while a process is dragged, what would happen to it here. */
function Tip(props: {
  readonly state: MapState;
  readonly pointed: NonNullable<ReturnType<ReturnType<typeof createHand>['pointed']>>;
  readonly drag: ReturnType<ReturnType<typeof createHand>['drag']>;
  readonly size: Size;
}): JSX.Element {
  const nodes = () => props.state.nodes();
  const lines = (): readonly string[] => {
    const { drag, pointed } = props;
    if (drag !== undefined) return dragWords(props.state, drag.dot.process, drag.target);
    const process = pointed.dot?.process;
    if (process !== undefined) {
      const since = props.state.arrival(process);
      return [
        processWords(process),
        placeWords(process, nodes()),
        ...(since === undefined ? [] : [`since ${dateAndTime(since)}`]),
      ];
    }
    const node = nodes().get(pointed.node ?? 0);
    if (node === undefined) return [];
    return [node.info.name, nodeWords(node), tallyWords(node.info.id, props.state.away())];
  };
  const place = () => {
    const { x, y } = props.pointed.at;
    const left = x > props.size.width - 280;
    const above = y > props.size.height - 90;
    return {
      left: left ? 'auto' : `${x + 14}px`,
      right: left ? `${props.size.width - x + 10}px` : 'auto',
      top: above ? 'auto' : `${y + 14}px`,
      bottom: above ? `${props.size.height - y + 10}px` : 'auto',
    };
  };
  return (
    <Show when={lines().length > 0}>
      <div class="map-tip" role="tooltip" style={place()}>
        <strong>{lines()[0]}</strong>
        {lines()
          .slice(1)
          .map((line) => (
            <span>{line}</span>
          ))}
      </div>
    </Show>
  );
}

function dragWords(state: MapState, process: MapProcess, target: number | undefined): readonly string[] {
  const nodes = state.nodes();
  if (target === undefined)
    return [processWords(process), 'Drop it on a node. Escape leaves it where it is.'];
  const name = nodes.get(target)?.info.name ?? '';
  const why = refusal(process, target, nodes);
  if (why !== '') return [why];
  return [target === process.home ? `Bring home to ${name}` : `Move to ${name}`, processWords(process)];
}

/** Calls back when the window comes onto a screen of another resolution; the returned function ends it. */
function onResolutionChanged(listener: () => void): () => void {
  let query = window.matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  function changed(): void {
    query = window.matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener('change', changed, { once: true });
    listener();
  }
  query.addEventListener('change', changed, { once: true });
  return () => query.removeEventListener('change', changed);
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
