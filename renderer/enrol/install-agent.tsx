/**
 * The wizard that puts the agent on nodes, or takes it off: choose nodes, read what would be done on each, allow it, and
 * see how far each is until its end.
 */
import { createMemo, createSignal, For, Match, onCleanup, Show, Switch, type JSX } from 'solid-js';
import type { CallOutput, PushPayload } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { UnlockDialog } from '../control/unlock-dialog.tsx';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, plainText } from '../words/format.ts';

type Planned = CallOutput<'agentPlan'>;
type NodePlan = Planned['plan']['nodes'][number];
type Progress = PushPayload<'agentProgress'>['progress'];
type Outcome = PushPayload<'agentOutcome'>['outcome'];
type Kind = Planned['plan']['kind'];

export function InstallAgent(props: {
  readonly nodes: readonly NodeInfo[];
  readonly onClose: () => void;
}): JSX.Element {
  const [planned, setPlanned] = createSignal<Planned>();
  const [begun, setBegun] = createSignal(false);
  const [progress, setProgress] = createSignal<ReadonlyMap<string, Progress>>(new Map());
  const [outcome, setOutcome] = createSignal<Outcome>();
  const [problem, setProblem] = createSignal<Problem>();
  const [locked, setLocked] = createSignal(false);
  const isOurs = (number: number): boolean => planned()?.number === number;
  onCleanup(
    window.mosview.on('agentProgress', (push) => {
      if (isOurs(push.number)) setProgress(new Map(progress()).set(push.progress.name, push.progress));
    }),
  );
  onCleanup(
    window.mosview.on('agentOutcome', (push) => {
      if (isOurs(push.number)) setOutcome(push.outcome);
    }),
  );

  async function look(kind: Kind, keys: string[], cluster: string): Promise<void> {
    setProblem(undefined);
    const result = await call('agentPlan', cluster === '' ? { kind, keys } : { kind, keys, cluster });
    if (result.ok) setPlanned(result.value);
    else setProblem(result.problem);
  }

  async function begin({ number }: Planned): Promise<void> {
    setProblem(undefined);
    const result = await call('agentInstall', { number });
    if (result.ok) setBegun(true);
    else if (result.problem.code === 'locked') setLocked(true);
    else setProblem(result.problem);
  }

  async function unlock(minutes: number): Promise<void> {
    setLocked(false);
    const [result, plan] = [await call('unlock', { minutes }), planned()];
    if (!result.ok) setProblem(result.problem);
    else if (plan !== undefined) await begin(plan);
  }

  return (
    <>
      <Dialog title="The agent on nodes" wide onClose={props.onClose}>
        <Show
          when={planned()}
          fallback={<Choice nodes={props.nodes} problem={problem()} onLook={look} onCancel={props.onClose} />}
        >
          {(plan) => (
            <Show
              when={begun()}
              fallback={
                <PlanView
                  planned={plan()}
                  problem={problem()}
                  onBegin={() => void begin(plan())}
                  onBack={() => setPlanned(undefined)}
                  onCancel={props.onClose}
                />
              }
            >
              <ProgressView
                nodes={plan().plan.nodes}
                progress={progress()}
                outcome={outcome()}
                onClose={props.onClose}
              />
            </Show>
          )}
        </Show>
      </Dialog>
      <Show when={locked()}>
        <UnlockDialog
          waiting={planned()?.plan.kind === 'remove' ? 'removing the agent' : 'installing the agent'}
          onUnlock={(minutes) => void unlock(minutes)}
          onCancel={() => setLocked(false)}
        />
      </Show>
    </>
  );
}

/** Which nodes, and whether they get the agent or lose it. */
function Choice(props: {
  readonly nodes: readonly NodeInfo[];
  readonly problem: Problem | undefined;
  readonly onLook: (kind: Kind, keys: string[], cluster: string) => Promise<void>;
  readonly onCancel: () => void;
}): JSX.Element {
  const [chosen, setChosen] = createSignal<ReadonlySet<string>>(new Set());
  const [kind, setKind] = createSignal<Kind>('install');
  const [cluster, setCluster] = createSignal('');
  const [busy, setBusy] = createSignal(false);
  /** Only nodes that are connected can be looked at. */
  const offered = createMemo(() =>
    props.nodes
      .filter((node) => node.connection.kind === 'connected')
      .sort((one, other) => one.id - other.id),
  );

  function choose(key: string, on: boolean): void {
    const next = new Set(chosen());
    if (on) next.add(key);
    else next.delete(key);
    setChosen(next);
  }

  async function submit(): Promise<void> {
    setBusy(true);
    await props.onLook(kind(), [...chosen()], cluster().trim());
    setBusy(false);
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="dialog-body form">
        <p class="muted">
          With the agent, plain Linux nodes move processes between them as openMosix did. It is copied over
          SSH as root, and runs as a service. First you see what would be done; nothing is changed before.
        </p>
        <fieldset class="choices">
          <legend>What to do</legend>
          <label>
            <input
              type="radio"
              name="agent-kind"
              checked={kind() === 'install'}
              onChange={() => setKind('install')}
            />
            Install or renew it
          </label>
          <label>
            <input
              type="radio"
              name="agent-kind"
              checked={kind() === 'remove'}
              onChange={() => setKind('remove')}
            />
            Remove it
          </label>
        </fieldset>
        <ul class="candidates" aria-label="Nodes">
          <For each={offered()} fallback={<li class="muted">No node is connected yet.</li>}>
            {(node) => (
              <li>
                <label>
                  <input
                    type="checkbox"
                    checked={chosen().has(node.key)}
                    onChange={(event) => choose(node.key, event.currentTarget.checked)}
                  />
                  <span class="candidate-name">{plainText(node.name)}</span>
                  <span class="muted">{plainText(node.target)}</span>
                </label>
              </li>
            )}
          </For>
        </ul>
        <label class="field">
          <span>Cluster</span>
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder="The one there is; mosview for the first"
            value={cluster()}
            onInput={(event) => setCluster(event.currentTarget.value)}
          />
        </label>
        <InlineProblem problem={props.problem} />
      </div>
      <FormButtons
        submit={busy() ? 'Looking …' : 'Show what would be done'}
        disabled={busy() || chosen().size === 0}
        onCancel={props.onCancel}
      />
    </form>
  );
}

/** What would be done on each node. */
function PlanView(props: {
  readonly planned: Planned;
  readonly problem: Problem | undefined;
  readonly onBegin: () => void;
  readonly onBack: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const fit = createMemo(() => props.planned.plan.nodes.filter(({ refusal }) => refusal === '').length);
  const action = (): string => {
    const verb = props.planned.plan.kind === 'install' ? 'Install on' : 'Remove from';
    return fit() === 1 ? `${verb} 1 node` : `${verb} ${count(fit())} nodes`;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onBegin();
      }}
    >
      <div class="dialog-body agent-plan">
        <p>
          Cluster <strong>{plainText(props.planned.plan.cluster)}</strong>
        </p>
        <For each={props.planned.plan.nodes}>
          {(node) => (
            <section aria-label={node.name}>
              <h3>
                {plainText(node.name)}
                <Show when={node.id}>{(id) => <span class="muted"> node {id()}</span>}</Show>
              </h3>
              <p class="muted">{plainText(node.there)}</p>
              <ul>
                <For each={node.steps}>{(step) => <li>{plainText(step)}</li>}</For>
              </ul>
              <For each={node.notes}>{(note) => <p class="inline-problem quiet">{plainText(note)}</p>}</For>
              <Show when={node.refusal !== ''}>
                <p class="inline-problem">Nothing is done here: {plainText(node.refusal)}</p>
              </Show>
            </section>
          )}
        </For>
        <For each={props.planned.plan.beside}>{(words) => <p>Also: {plainText(words)}.</p>}</For>
        <InlineProblem problem={props.problem} />
      </div>
      <FormButtons submit={action()} disabled={fit() === 0} onCancel={props.onCancel}>
        <button type="button" class="quiet more" onClick={() => props.onBack()}>
          Back
        </button>
      </FormButtons>
    </form>
  );
}

/** How far each node is, and at the end what came of it. It goes on when the dialog is closed. */
function ProgressView(props: {
  readonly nodes: readonly NodePlan[];
  readonly progress: ReadonlyMap<string, Progress>;
  readonly outcome: Outcome | undefined;
  readonly onClose: () => void;
}): JSX.Element {
  const done = createMemo(() => [...props.progress.values()].filter(({ state }) => state === 'done').length);
  return (
    <>
      <div class="dialog-body">
        <p role="status">
          <Switch fallback={`${count(done())} of ${count(props.nodes.length)} nodes are done.`}>
            <Match when={props.outcome === undefined}>Working; it goes on when this is closed.</Match>
            <Match when={props.outcome === null}>It could not be begun.</Match>
          </Switch>
        </p>
        <table class="agent-progress">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.nodes}>
              {(node) => (
                <tr>
                  <th scope="row">{plainText(node.name)}</th>
                  <td>{props.progress.get(node.name)?.state ?? 'waiting'}</td>
                  <td>{plainText(props.progress.get(node.name)?.words ?? '')}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
        <For each={props.outcome?.untold ?? []}>
          {(words) => (
            <p class="inline-problem quiet">
              Could not be given the new map, and gets it from the others: {plainText(words)}
            </p>
          )}
        </For>
      </div>
      <div class="dialog-buttons">
        <button type="button" class="primary" onClick={() => props.onClose()}>
          Close
        </button>
      </div>
    </>
  );
}
