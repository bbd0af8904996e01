/** The chosen nodes below the table: connection and state in full sentences, and everything that can be done. */
import { Show, type JSX } from 'solid-js';
import type { View } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import { NodeControls, nodeNow } from '../control/node-controls.tsx';
import type { Orders } from '../control/order.tsx';
import { Explanation } from '../parts/explanation.tsx';
import { Lamp } from '../parts/lamp.tsx';
import { NodeActions } from '../parts/node-actions.tsx';
import { nodeNames, clusterWords } from '../words/control-words.ts';
import { count, span } from '../words/format.ts';
import { ageMatters } from '../words/node-words.ts';

export function Panel(props: {
  /** At least one. */
  readonly nodes: readonly NodeInfo[];
  readonly second: Second;
  readonly orders: Orders;
  readonly nameOf: (id: number) => string;
  readonly onOpen: (view: View, info: NodeInfo) => void;
  readonly onClose: () => void;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const single = () => (props.nodes.length === 1 ? props.nodes[0] : undefined);
  const title = () => single()?.name ?? `${count(props.nodes.length)} nodes`;
  return (
    <section
      class="detail"
      aria-label={`Details of ${title()}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) props.onClose();
      }}
    >
      <div class="detail-head">
        <h2>{title()}</h2>
        <Show
          when={single()}
          fallback={
            <span class="muted names">
              {nodeNames(
                props.nodes.map((node) => node.name),
                8,
              )}
            </span>
          }
        >
          {(info) => <StateWords info={info()} second={props.second} />}
        </Show>
        <div class="detail-actions">
          <Show when={single()}>
            {(info) => (
              <>
                <button type="button" class="primary" onClick={() => props.onOpen('node', info())}>
                  Open
                </button>
                <button type="button" onClick={() => props.onOpen('processes', info())}>
                  Processes
                </button>
                <NodeActions info={info()} onProblem={props.onProblem} />
              </>
            )}
          </Show>
          <button type="button" class="quiet" onClick={() => props.onClose()}>
            Close
          </button>
        </div>
      </div>
      <Show when={single()}>
        {(info) => (
          <div class="story">
            <Explanation info={info()} />
            <p class="muted">{clusterWords(nodeNow(info(), props.second))}</p>
          </div>
        )}
      </Show>
      <NodeControls
        nodes={props.nodes}
        second={props.second}
        orders={props.orders}
        nameOf={props.nameOf}
        onProblem={props.onProblem}
      />
    </section>
  );
}

function StateWords(props: { readonly info: NodeInfo; readonly second: Second }): JSX.Element {
  const state = () => props.second.block.state(props.info.slot);
  const age = () => props.second.block.age(props.info.slot);
  return (
    <>
      <Lamp state={state()} age={ageMatters(state(), age()) ? `${span(age())} old` : ''} />
      <span class="muted">
        id {props.info.id}
        {props.info.target === '' ? '' : `, ${props.info.target}`}
      </span>
    </>
  );
}
