/** Finds the whole cluster of one node: choose the node, see what it knows and what should be known first, tick, add. */
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { Dialog } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { plainText } from '../words/format.ts';
import { ChooseNodes } from './choose-nodes.tsx';

export function FindNodes(props: {
  readonly nodes: readonly NodeInfo[];
  readonly onClose: () => void;
}): JSX.Element {
  const [key, setKey] = createSignal('');
  const [found, setFound] = createSignal<CallOutput<'discover'>>();
  const [problem, setProblem] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);
  /** Only a node that is connected can be asked. */
  const asked = createMemo(() =>
    props.nodes
      .filter((node) => node.connection.kind === 'connected')
      .sort((one, other) => one.id - other.id),
  );
  const chosenKey = (): string => key() || (asked()[0]?.key ?? '');

  async function find(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const result = await call('discover', { key: chosenKey() });
    setBusy(false);
    if (result.ok) setFound(result.value);
    else setProblem(result.problem);
  }

  return (
    <Dialog title="Find nodes" wide onClose={props.onClose}>
      <Show
        when={found()}
        fallback={
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void find();
            }}
          >
            <div class="dialog-body form">
              <Show
                when={asked().length > 0}
                fallback={<p class="muted">No node is connected yet. Add one by hand first.</p>}
              >
                <label class="field">
                  <span>Ask node</span>
                  <select value={chosenKey()} onChange={(event) => setKey(event.currentTarget.value)}>
                    <For each={asked()}>
                      {(node) => (
                        <option value={node.key} selected={node.key === chosenKey()}>
                          {node.name} ({node.id})
                        </option>
                      )}
                    </For>
                  </select>
                  <span class="hint">
                    What this node knows of its cluster is read: the map, setpe -r, the nodes of openMosix and
                    MattX. Nothing is changed.
                  </span>
                </label>
              </Show>
              <InlineProblem problem={problem()} />
            </div>
            <div class="dialog-buttons">
              <button type="submit" class="primary" disabled={busy() || asked().length === 0}>
                {busy() ? 'Looking …' : 'Find'}
              </button>
              <button type="button" onClick={() => props.onClose()}>
                Cancel
              </button>
            </div>
          </form>
        }
      >
        {(cluster) => (
          <>
            <Show when={cluster().notes.length > 0}>
              <div class="inline-problem quiet found-notes" role="note" aria-label="What to know first">
                <For each={cluster().notes}>{(note) => <p>{plainText(note)}</p>}</For>
              </div>
            </Show>
            <ChooseNodes
              candidates={[...cluster().nodes, ...cluster().beside]}
              source={`the cluster of ${cluster().name}`}
              chosen={cluster().nodes}
              onAdded={props.onClose}
              onCancel={props.onClose}
            />
          </>
        )}
      </Show>
    </Dialog>
  );
}
