/** Brings in the rest of a cluster of which one node is there. */
import { createSignal, onCleanup, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { FindNodes } from '../welcome/find-nodes.tsx';

export function NodesSection(): JSX.Element {
  const [finding, setFinding] = createSignal(false);
  return (
    <>
      <p class="muted">From one node to its whole cluster. You choose from a list which of them are added.</p>
      <button type="button" onClick={() => setFinding(true)}>
        Find nodes …
      </button>
      <Show when={finding()}>
        <FindAmongAll onClose={() => setFinding(false)} />
      </Show>
    </>
  );
}

/** The dialog with the nodes as they are; this window has no other use for them, so that they flow only meanwhile. */
function FindAmongAll(props: { readonly onClose: () => void }): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const cluster = createCluster(setProblem);
  onCleanup(() => void call('watch', { on: false }));
  return (
    <>
      <InlineProblem problem={problem()} />
      <FindNodes nodes={cluster.nodes()} onClose={props.onClose} />
    </>
  );
}
