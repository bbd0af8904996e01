/** The dialogs that bring nodes in: by hand, from a node, from the OpenSSH client configuration, from an openMosix map. */
import { createSignal, For, Match, onMount, Show, Switch, type JSX } from 'solid-js';
import type { Candidate } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { InlineProblem, ProblemText } from '../parts/problem-text.tsx';
import { AddByHand } from './add-by-hand.tsx';
import { ChooseNodes } from './choose-nodes.tsx';
import { FindNodes } from './find-nodes.tsx';

/** Which way of bringing nodes in is open. */
export type AddWay = 'hand' | 'cluster' | 'ssh-config' | 'map';

export function AddDialog(props: {
  readonly way: AddWay;
  /** The nodes that are there. */
  readonly nodes: readonly NodeInfo[];
  readonly onClose: () => void;
}): JSX.Element {
  return (
    <Switch>
      <Match when={props.way === 'hand'}>
        <Dialog title="Add a node" onClose={props.onClose}>
          <div class="dialog-body">
            <AddByHand onAdded={props.onClose} />
          </div>
          <CancelButton onCancel={props.onClose} />
        </Dialog>
      </Match>
      <Match when={props.way === 'cluster'}>
        <FindNodes nodes={props.nodes} onClose={props.onClose} />
      </Match>
      <Match when={props.way === 'ssh-config'}>
        <Dialog title="Import from the SSH configuration" wide onClose={props.onClose}>
          <ImportSshConfig onClose={props.onClose} />
        </Dialog>
      </Match>
      <Match when={props.way === 'map'}>
        <Dialog title="Import an openMosix map" wide onClose={props.onClose}>
          <ImportMap onClose={props.onClose} />
        </Dialog>
      </Match>
    </Switch>
  );
}

function CancelButton(props: { readonly onCancel: () => void }): JSX.Element {
  return (
    <div class="dialog-buttons">
      <button type="button" onClick={() => props.onCancel()}>
        Cancel
      </button>
    </div>
  );
}

interface Found {
  readonly path: string;
  readonly candidates: readonly Candidate[];
  readonly notices: readonly Problem[];
}

function ImportSshConfig(props: { readonly onClose: () => void }): JSX.Element {
  const [found, setFound] = createSignal<Found>();
  const [problem, setProblem] = createSignal<Problem>();
  onMount(() => void read());

  async function read(): Promise<void> {
    const result = await call('importSshConfig', {});
    if (result.ok) setFound(result.value);
    else setProblem(result.problem);
  }

  return (
    <Show
      when={found()}
      fallback={
        <>
          <div class="dialog-body">
            <Show when={problem() === undefined}>
              <p class="muted">Reading ~/.ssh/config …</p>
            </Show>
            <InlineProblem problem={problem()} />
          </div>
          <CancelButton onCancel={props.onClose} />
        </>
      }
    >
      {(result) => (
        <>
          <For each={result().notices}>
            {(notice) => (
              <div class="inline-problem quiet">
                <ProblemText problem={notice} />
              </div>
            )}
          </For>
          <ChooseNodes
            candidates={result().candidates}
            source={result().path}
            chosen={[]}
            onAdded={props.onClose}
            onCancel={props.onClose}
          />
        </>
      )}
    </Show>
  );
}

function ImportMap(props: { readonly onClose: () => void }): JSX.Element {
  const [text, setText] = createSignal('');
  const [source, setSource] = createSignal('the map');
  const [candidates, setCandidates] = createSignal<readonly Candidate[]>();
  const [problem, setProblem] = createSignal<Problem>();

  async function read(): Promise<void> {
    setProblem(undefined);
    const result = await call('importMap', { text: text() });
    if (result.ok) setCandidates(result.value.candidates);
    else setProblem(result.problem);
  }

  async function readFile(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    setSource(file.name);
    setText(await file.text());
    await read();
  }

  return (
    <Show
      when={candidates()}
      fallback={
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void read();
          }}
        >
          <div class="dialog-body form">
            <label class="field">
              <span>File</span>
              <input type="file" onChange={(event) => void readFile(event.currentTarget.files?.[0])} />
              <span class="hint">Usually /etc/openmosix.map, /etc/mosix.map or /etc/hpc.map on a node.</span>
            </label>
            <label class="field">
              <span>or its text</span>
              <textarea
                rows={8}
                spellcheck={false}
                placeholder={'1   192.168.1.1   10\n11  fileserver    1'}
                value={text()}
                onInput={(event) => {
                  setText(event.currentTarget.value);
                  setSource('the map');
                }}
              />
            </label>
            <InlineProblem problem={problem()} />
          </div>
          <FormButtons submit="Preview" disabled={text().trim() === ''} onCancel={props.onClose} />
        </form>
      }
    >
      {(found) => (
        <ChooseNodes
          candidates={found()}
          source={source()}
          chosen={found()}
          onAdded={props.onClose}
          onCancel={props.onClose}
        />
      )}
    </Show>
  );
}
