/** The form that starts a program: on which home node, which command line, and where it may run. */
import { createMemo, For, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { capabilitiesOf } from '../../common/model/capability.ts';
import type { PlacementRule } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count } from '../words/format.ts';
import type { Draft } from './draft.ts';
import { DECAYS, idsInRange, idsWords, JOBS, WHERE, type Where } from './placement.ts';

/** Why no program can be started on a node, in words; empty where it can. */
function cannotStart(node: NodeInfo): string {
  if (node.connection.kind !== 'connected') return 'not connected';
  const { placement, why } = capabilitiesOf(node.dialect);
  return placement ? '' : why;
}

export function RunForm(props: {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly cluster: Cluster;
  /** Nodes that a program can be sent to, by id. */
  readonly targets: readonly NodeInfo[];
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  readonly onStart: () => void;
}): JSX.Element {
  const set = (change: Partial<Draft>): void => props.onDraft({ ...props.draft, ...change });
  const homes = createMemo(() => props.cluster.nodes().toSorted((a, b) => a.id - b.id));
  const copies = createMemo(() =>
    idsInRange(
      props.targets.map((node) => node.id),
      props.draft.first,
      props.draft.last,
      props.draft.inverse,
    ),
  );
  const notUp = createMemo(() => {
    const wanted = new Set(copies());
    const { block } = props.cluster.second();
    return props.targets.filter((node) => wanted.has(node.id) && block.state(node.slot) !== 'up').length;
  });

  return (
    <form
      class="run-form"
      aria-label="Start a program"
      onSubmit={(event) => {
        event.preventDefault();
        props.onStart();
      }}
    >
      <label class="field">
        <span>Command line</span>
        <input
          type="text"
          class="fixed"
          aria-label="Command line"
          autofocus
          maxLength={4000}
          spellcheck={false}
          autocomplete="off"
          placeholder="./simulate --steps 1000"
          value={props.draft.command}
          onInput={(event) => set({ command: event.currentTarget.value })}
        />
        <span class="hint">The login shell of the home node reads it, as you would type it there.</span>
      </label>
      <label class="field">
        <span>Home node</span>
        <select
          aria-label="Home node"
          value={props.draft.home}
          onChange={(event) => set({ home: event.currentTarget.value })}
        >
          <option value="">Choose a node …</option>
          <For each={homes()}>
            {(node) => {
              const why = () => cannotStart(node);
              return (
                <option value={node.key} disabled={why() !== ''} selected={node.key === props.draft.home}>
                  {node.id} {node.name}
                  {why() === '' ? '' : ` (${why()})`}
                </option>
              );
            }}
          </For>
        </select>
        <span class="hint">It is started there, and its files are those of that node.</span>
      </label>
      <fieldset class="meanings">
        <legend>Where it runs</legend>
        <For each={Object.keys(WHERE) as Where[]}>
          {(where) => (
            <>
              <label class="meaning">
                <input
                  type="radio"
                  name="where"
                  checked={props.draft.where === where}
                  onChange={() => set({ where })}
                />
                <span>{WHERE[where].title}</span>
                <span class="muted">{WHERE[where].about}</span>
              </label>
              <Show when={where === 'node' && props.draft.where === 'node'}>
                <div class="meaning-more">
                  <select
                    aria-label="Node it runs on"
                    onChange={(event) => set({ node: Number(event.currentTarget.value) })}
                  >
                    <option value="NaN">Choose a node …</option>
                    <For each={props.targets}>
                      {(node) => (
                        <option value={node.id} selected={node.id === props.draft.node}>
                          {node.id} {node.name}
                        </option>
                      )}
                    </For>
                  </select>
                </div>
              </Show>
              <Show when={where === 'each' && props.draft.where === 'each'}>
                <div class="meaning-more run-range">
                  <IdField label="First node" value={props.draft.first} onValue={(first) => set({ first })} />
                  <IdField label="Last node" value={props.draft.last} onValue={(last) => set({ last })} />
                  <label class="check">
                    <input
                      type="checkbox"
                      checked={props.draft.inverse}
                      onChange={(event) => set({ inverse: event.currentTarget.checked })}
                    />
                    Inverse: all other nodes
                  </label>
                  <p class="muted" role="status">
                    {copiesWords(copies(), notUp())}
                  </p>
                </div>
              </Show>
            </>
          )}
        </For>
      </fieldset>
      <Segments
        title="Kind of job"
        name="job"
        choices={JOBS}
        value={props.draft.job}
        onValue={(job) => set({ job })}
      />
      <Segments
        title="Decay of what is known of it"
        name="decay"
        choices={DECAYS}
        value={props.draft.decay}
        onValue={(decay) => set({ decay })}
      />
      <div class="run-end">
        <InlineProblem problem={props.problem} />
        <button type="submit" class="primary" disabled={props.busy}>
          {props.draft.where === 'each' && copies().length > 1
            ? `Start on ${count(copies().length)} nodes`
            : 'Start'}
        </button>
      </div>
    </form>
  );
}

function IdField(props: {
  readonly label: string;
  readonly value: number;
  readonly onValue: (value: number) => void;
}): JSX.Element {
  return (
    <label class="id-field">
      {props.label}
      <input
        type="number"
        min={1}
        max={65_535}
        value={Number.isNaN(props.value) ? '' : props.value}
        onInput={(event) => props.onValue(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

function copiesWords(ids: readonly number[], notUp: number): string {
  if (ids.length === 0) return 'No node of the cluster is in that range.';
  const nodes = ids.length === 1 ? '1 node' : `${count(ids.length)} nodes`;
  const warning = notUp === 0 ? '' : ` ${count(notUp)} of them not up now.`;
  return `${nodes}: ${idsWords(ids)}.${warning}`;
}

type Kind = PlacementRule['job'] | PlacementRule['decay'];

/** One of a few choices side by side, with the meaning of the chosen one below. */
function Segments<Value extends Kind>(props: {
  readonly title: string;
  readonly name: string;
  readonly choices: Readonly<Record<Value, { readonly title: string; readonly about: string }>>;
  readonly value: Value;
  readonly onValue: (value: Value) => void;
}): JSX.Element {
  return (
    <fieldset class="segments">
      <legend>{props.title}</legend>
      <div class="ranges">
        <For each={Object.keys(props.choices) as Value[]}>
          {(each) => (
            <label title={props.choices[each].about}>
              <input
                type="radio"
                name={props.name}
                checked={props.value === each}
                onChange={() => props.onValue(each)}
              />
              {props.choices[each].title}
            </label>
          )}
        </For>
      </div>
      <p class="hint">{props.choices[props.value].about}</p>
    </fieldset>
  );
}
