/** The chosen node below the table: its connection and settings in full sentences, and what can be done. */
import { Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import { Lamp } from '../parts/lamp.tsx';
import { span } from '../words/format.ts';
import {
  ageMatters,
  connectionExplanation,
  connectionProblem,
  settingsExplanation,
} from '../words/node-words.ts';
import { plainLines } from '../words/format.ts';
import { NodeActions } from '../parts/node-actions.tsx';

export function Detail(props: {
  readonly info: NodeInfo;
  readonly second: Second;
  readonly onOpen: () => void;
  readonly onClose: () => void;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const state = () => props.second.block.state(props.info.slot);
  const age = () => props.second.block.age(props.info.slot);
  const trouble = () => connectionProblem(props.info.connection);
  const alarming = () => trouble()?.code === 'changed-host-key' || trouble()?.code === 'revoked-host-key';
  return (
    <section
      class="detail"
      aria-label={`Details of ${props.info.name}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) props.onClose();
      }}
    >
      <div class="detail-head">
        <h2>{props.info.name}</h2>
        <Lamp state={state()} age={ageMatters(state(), age()) ? `${span(age())} old` : ''} />
        <span class="muted">
          id {props.info.id}
          {props.info.target === '' ? '' : `, ${props.info.target}`}
        </span>
        <div class="detail-actions">
          <button type="button" class="primary" onClick={() => props.onOpen()}>
            Open
          </button>
          <NodeActions info={props.info} onProblem={props.onProblem} />
          <button type="button" class="quiet" onClick={() => props.onClose()}>
            Close
          </button>
        </div>
      </div>
      <p class="explanation" classList={{ alarming: alarming() }} role={alarming() ? 'alert' : undefined}>
        {connectionExplanation(props.info)}
      </p>
      <Show when={trouble()?.detail}>
        {(detail) => <pre class="problem-detail">{plainLines(detail())}</pre>}
      </Show>
      <p class="muted">{settingsExplanation(props.second.block.value('status', props.info.slot))}</p>
    </section>
  );
}
