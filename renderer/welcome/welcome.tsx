/** What a window without nodes shows: the three ways to see something. */
import { createSignal, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { AddByHand } from './add-by-hand.tsx';
import type { AddWay } from './add-dialogs.tsx';

export function Welcome(props: { readonly onAdd: (way: AddWay) => void }): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const [starting, setStarting] = createSignal(false);

  async function startDemo(): Promise<void> {
    setStarting(true);
    setProblem(undefined);
    const result = await call('startDemo', {});
    if (!result.ok) {
      setProblem(result.problem);
      setStarting(false);
    }
  }

  return (
    <main class="welcome">
      <h1>No nodes yet</h1>
      <p class="muted">
        mosview shows the load of every node of a cluster, live and back through its history. It logs in over
        SSH and installs nothing.
      </p>
      <ol class="ways">
        <li>
          <h2>Look at a demo</h2>
          <p>A small cluster of stand-in nodes on this machine, reached over SSH like a real one.</p>
          <button type="button" class="primary" disabled={starting()} onClick={() => void startDemo()}>
            {starting() ? 'Starting …' : 'Start the demo'}
          </button>
          <InlineProblem problem={problem()} />
        </li>
        <li>
          <h2>Import your hosts</h2>
          <p>From ~/.ssh/config, with its jump hosts and keys. You choose from a preview.</p>
          <button type="button" onClick={() => props.onAdd('ssh-config')}>
            Import from ~/.ssh/config …
          </button>
        </li>
        <li>
          <h2>Add a node by hand</h2>
          <AddByHand onAdded={() => undefined} />
          <p>Or the whole cluster from its openMosix map file.</p>
          <button type="button" onClick={() => props.onAdd('map')}>
            Import an openMosix map …
          </button>
        </li>
      </ol>
    </main>
  );
}
