/** Brings in the rest of a cluster of which one node is there, and puts the agent on nodes. */
import { createSignal, Match, onCleanup, Switch, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { InstallAgent } from '../enrol/install-agent.tsx';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { FindNodes } from '../welcome/find-nodes.tsx';

export function NodesSection(): JSX.Element {
  const [open, setOpen] = createSignal<'find' | 'agent'>();
  const close = (): undefined => setOpen(undefined);
  return (
    <>
      <p class="muted">From one node to its whole cluster. You choose from a list which of them are added.</p>
      <button type="button" onClick={() => setOpen('find')}>
        Find nodes …
      </button>
      <p class="muted">The agent lets plain Linux nodes move processes between them.</p>
      <button type="button" onClick={() => setOpen('agent')}>
        Install the agent …
      </button>
      <Switch>
        <Match when={open() === 'find'}>
          <WithNodes>{(nodes) => <FindNodes nodes={nodes()} onClose={close} />}</WithNodes>
        </Match>
        <Match when={open() === 'agent'}>
          <WithNodes>{(nodes) => <InstallAgent nodes={nodes()} onClose={close} />}</WithNodes>
        </Match>
      </Switch>
    </>
  );
}

/** A dialog with the nodes as they are; this window has no other use for them, so that they flow only meanwhile. */
function WithNodes(props: {
  readonly children: (nodes: () => readonly NodeInfo[]) => JSX.Element;
}): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const cluster = createCluster(setProblem);
  onCleanup(() => void call('watch', { on: false }));
  return (
    <>
      <InlineProblem problem={problem()} />
      {props.children(() => cluster.nodes())}
    </>
  );
}
