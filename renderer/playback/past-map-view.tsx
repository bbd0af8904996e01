/** The migration map of a past second. */
import { createSignal, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { MapCanvas, type Choice } from '../map/map-canvas.tsx';
import { Legend, NodeSide } from '../map/side.tsx';
import { createPastMap } from './past-map.ts';
import type { Past } from './past.ts';

export function PastMapView(props: {
  readonly past: Past;
  /** The processes of the node with this key are wanted. */
  readonly onProcesses: (key: string) => void;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [choice, setChoice] = createSignal<Choice>();
  const state = createPastMap(props.past, (problem) => props.onProblem(problem));
  const chosenNode = () => state.nodes().get(choice()?.node ?? 0);

  function openProcesses(node: number): void {
    const info = state.nodes().get(node)?.info;
    if (info !== undefined) props.onProcesses(info.key);
  }

  return (
    <div class="map-stage">
      <MapCanvas
        state={state}
        processes={state.away()}
        choice={choice()}
        moves={state.moves}
        onChoose={setChoice}
        onOpen={openProcesses}
      />
      <Show when={chosenNode()} fallback={<Legend state={state} />}>
        {(node) => (
          <NodeSide
            state={state}
            node={node()}
            chosen={choice()?.process}
            onChoose={(process) => setChoice({ node: node().info.id, process: process.key })}
            onOpen={() => openProcesses(node().info.id)}
            onClose={() => setChoice()}
          />
        )}
      </Show>
    </div>
  );
}
