/** The head of the main window: the cluster's totals, what is wrong, the filter and the menu for nodes. */
import { Index, Show, type JSX } from 'solid-js';
import { NODE_STATES, type NodeState } from '../../common/contract/block.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { bytesOf, count, percent } from '../words/format.ts';

const EFFICIENCY =
  'How evenly the load is spread: 100 × mean load / highest load over the nodes that take part in balancing, ' +
  'and 100 % while no node has more than one standard process to give away.';
const LOAD =
  'Mean of the load percent of the nodes that are up; 100 % is one standard process or more on each.';
const MEMORY =
  'Used memory of all nodes that are up, and what they have; memory Linux can reclaim counts as free.';

/** States worth a word in the head, worst first. */
const TROUBLES: readonly NodeState[] = ['failed', 'down', 'stale', 'connecting'];

export function Totals(props: {
  readonly cluster: Cluster;
  /** Shows only the nodes that have this word. */
  readonly onFilter: (word: string) => void;
}): JSX.Element {
  /** Nothing is said of a cluster of which no node is up. */
  const totals = () => {
    const latest = props.cluster.second().totals;
    return latest !== undefined && latest.nodesUp > 0 ? latest : undefined;
  };
  const efficiency = () => totals()?.efficiency ?? NaN;
  const memoryShare = () => (100 * (totals()?.memoryUsed ?? NaN)) / (totals()?.memoryTotal ?? NaN);
  const troubles = () => countTroubles(props.cluster);
  return (
    <dl class="totals" aria-label="Cluster totals">
      <div class="total leading" title={EFFICIENCY}>
        <dt>Efficiency</dt>
        <dd>
          {percent(efficiency())}
          <span class="bar" aria-hidden="true" style={{ '--share': (efficiency() || 0) / 100 }} />
        </dd>
      </div>
      <div class="total" title={LOAD}>
        <dt>Load</dt>
        <dd>{percent(totals()?.loadPercent ?? NaN)}</dd>
      </div>
      <div class="total" title={MEMORY}>
        <dt>Memory used</dt>
        <dd>
          {percent(memoryShare())}
          <span class="aside">{bytesOf(totals()?.memoryUsed ?? NaN, totals()?.memoryTotal ?? NaN)}</span>
        </dd>
      </div>
      <div class="total">
        <dt>CPUs</dt>
        <dd>{count(totals()?.cpus ?? NaN)}</dd>
      </div>
      <div class="total">
        <dt>Nodes up</dt>
        <dd>
          {count(props.cluster.second().totals?.nodesUp ?? NaN)}
          <span class="aside">of {count(props.cluster.nodes().length)}</span>
          <Index each={troubles()}>
            {(trouble) => (
              <Show when={trouble().nodes > 0}>
                <button
                  type="button"
                  class="trouble"
                  data-state={trouble().state}
                  title={`Show only the nodes that are ${trouble().state}`}
                  onClick={() => props.onFilter(trouble().state)}
                >
                  {count(trouble().nodes)} {trouble().state}
                </button>
              </Show>
            )}
          </Index>
        </dd>
      </div>
    </dl>
  );
}

function countTroubles(cluster: Cluster): readonly { readonly state: NodeState; readonly nodes: number }[] {
  const { block } = cluster.second();
  const counts = new Map<NodeState, number>(NODE_STATES.map((state) => [state, 0]));
  for (const node of cluster.nodes()) {
    const state = block.state(node.slot);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return TROUBLES.map((state) => ({ state, nodes: counts.get(state) ?? 0 }));
}

/** The filter box; `/` anywhere in the window goes to it. */
export function Filter(props: {
  readonly text: string;
  readonly shown: number;
  readonly all: number;
  readonly onText: (text: string) => void;
  /** The operator goes on to the table. */
  readonly onLeave: () => void;
  readonly ref: (element: HTMLInputElement) => void;
}): JSX.Element {
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') props.onText('');
    else if (event.key === 'ArrowDown' || event.key === 'Enter') props.onLeave();
    else return;
    event.preventDefault();
  }
  return (
    <div class="filter" role="search">
      <input
        ref={props.ref}
        type="search"
        aria-label="Filter nodes by id, name, state, target, setting or connection"
        placeholder="Filter  ( / )"
        spellcheck={false}
        autocomplete="off"
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="filter-count muted" role="status">
        {props.text.trim() === '' ? '' : `${count(props.shown)} of ${count(props.all)}`}
      </span>
    </div>
  );
}
