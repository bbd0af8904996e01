/**
 * The wizard that puts the agent on nodes, or takes it off: choose nodes, read what would be done on each, allow it, and
 * see how far each is until its end.
 */
import { createMemo, createSignal, For, Match, onCleanup, Show, Switch, type JSX } from 'solid-js';
import type { CallInput, CallOutput, PushPayload } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { UnlockDialog } from '../control/unlock-dialog.tsx';
import { OutcomeCell } from '../control/step-cells.tsx';
import { ChooseList } from '../parts/choose-list.tsx';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, plainText } from '../words/format.ts';

type Planned = CallOutput<'agentPlan'>;
type NodePlan = Planned['plan']['nodes'][number];
type Progress = PushPayload<'agentProgress'>['progress'];
type Outcome = PushPayload<'agentOutcome'>['outcome'];
/** What is asked for; an empty cluster is the only one there is. */
type Wish = Readonly<Required<CallInput<'agentPlan'>>>;

export function InstallAgent(props: {
  readonly nodes: readonly NodeInfo[];
  readonly onClose: () => void;
}): JSX.Element {
  const [wish, setWish] = createSignal<Wish>({ kind: 'install', keys: [], cluster: '' });
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

  async function look(): Promise<void> {
    const { kind, keys, cluster } = wish();
    setProblem(undefined);
    const result = await call('agentPlan', { kind, keys, ...(cluster !== '' && { cluster }) });
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
          fallback={
            <Choice
              nodes={props.nodes}
              wish={wish()}
              problem={problem()}
              onWish={setWish}
              onLook={look}
              onCancel={props.onClose}
            />
          }
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
  readonly wish: Wish;
  readonly problem: Problem | undefined;
  readonly onWish: (wish: Wish) => void;
  readonly onLook: () => Promise<void>;
  readonly onCancel: () => void;
}): JSX.Element {
  const [busy, setBusy] = createSignal(false);
  /** Only nodes that are connected can be looked at. */
  const offered = createMemo(() =>
    props.nodes
      .filter((node) => node.connection.kind === 'connected')
      .sort((one, other) => one.id - other.id),
  );

  function change(part: Partial<Wish>): void {
    props.onWish({ ...props.wish, ...part });
  }

  function choose(nodes: readonly NodeInfo[], on: boolean): void {
    const next = new Set(props.wish.keys);
    for (const { key } of nodes) {
      if (on) next.add(key);
      else next.delete(key);
    }
    change({ keys: [...next] });
  }

  async function submit(): Promise<void> {
    setBusy(true);
    await props.onLook();
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
              checked={props.wish.kind === 'install'}
              onChange={() => change({ kind: 'install' })}
            />
            Install or renew it
          </label>
          <label>
            <input
              type="radio"
              name="agent-kind"
              checked={props.wish.kind === 'remove'}
              onChange={() => change({ kind: 'remove' })}
            />
            Remove it
          </label>
        </fieldset>
        <ChooseList
          label="Nodes"
          items={offered()}
          empty="No node is connected yet."
          nameOf={({ name }) => name}
          aboutOf={({ target }) => target}
          isChosen={({ key }) => props.wish.keys.includes(key)}
          onChoose={choose}
        />
        <label class="field">
          <span>Cluster</span>
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder="The one there is; mosview for the first"
            value={props.wish.cluster}
            onInput={(event) => change({ cluster: event.currentTarget.value.trim() })}
          />
        </label>
        <InlineProblem problem={props.problem} />
      </div>
      <FormButtons
        submit={busy() ? 'Looking …' : 'Show what would be done'}
        disabled={busy() || props.wish.keys.length === 0}
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
                {plainText(node.name)}{' '}
                <span class="muted">
                  {node.id === null ? '' : `node ${node.id}, `}
                  {plainText(node.target)}
                </span>
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
        <div class="steps">
          <table>
            <thead>
              <tr>
                <th scope="col">Node</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              <For each={props.nodes}>
                {(node) => {
                  const of = (): Progress | undefined => props.progress.get(node.name);
                  return (
                    <tr data-trouble={of()?.state === 'failed'}>
                      <th scope="row" title={plainText(node.name)}>
                        {plainText(node.name)}
                      </th>
                      <td>
                        <OutcomeCell word={of()?.state ?? 'waiting'} why={of()?.words ?? ''} />
                      </td>
                    </tr>
                  );
                }}
              </For>
            </tbody>
          </table>
        </div>
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
