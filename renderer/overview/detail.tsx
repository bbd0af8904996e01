/** The chosen node below the table: its connection and settings in full sentences, and what can be done. */
import type { JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import { Explanation } from '../parts/explanation.tsx';
import { Lamp } from '../parts/lamp.tsx';
import { span } from '../words/format.ts';
import { ageMatters, settingsExplanation } from '../words/node-words.ts';
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
      <Explanation info={props.info} />
      <p class="muted">{settingsExplanation(props.second.block.value('status', props.info.slot))}</p>
    </section>
  );
}
