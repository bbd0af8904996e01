/** Why there is no list of now, in words above the last one known, with its age. */
import { Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { Explanation } from '../parts/explanation.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { span, timeOfDay } from '../words/format.ts';

export function ListTrouble(props: {
  /** The reason as a sentence; empty while all is well. */
  readonly sentence: string;
  readonly problem: Problem | undefined;
  readonly node: NodeInfo | undefined;
  /** When the last list was made, 0 where there is none; its age in milliseconds. */
  readonly time: number;
  readonly age: number;
}): JSX.Element {
  const cutOff = () =>
    props.problem === undefined && props.node !== undefined && props.node.connection.kind !== 'connected'
      ? props.node
      : undefined;
  return (
    <div role="alert">
      <Show when={props.sentence !== ''}>
        <div class="list-trouble">
          <Show when={props.problem} fallback={<p>{props.sentence}</p>}>
            {(problem) => <ProblemText problem={problem()} />}
          </Show>
          <Show when={cutOff()}>{(node) => <Explanation info={node()} />}</Show>
          <Show when={props.time > 0}>
            <p>
              The list below is of {timeOfDay(props.time)}, {span(props.age / 1000)} ago.
            </p>
          </Show>
        </div>
      </Show>
    </div>
  );
}
