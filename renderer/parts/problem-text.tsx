/** A problem in words: what happened, what can be done, and the raw text behind it. */
import { Show, type JSX } from 'solid-js';
import { PROBLEMS, type Problem } from '../../common/contract/problem.ts';
import { plainLines, plainText } from '../words/format.ts';

export function ProblemText(props: { readonly problem: Problem }): JSX.Element {
  return (
    <>
      <p class="problem-message">{plainText(props.problem.message)}</p>
      <p class="problem-advice">{PROBLEMS[props.problem.code]}</p>
      <Show when={props.problem.detail !== ''}>
        <pre class="problem-detail">{plainLines(props.problem.detail)}</pre>
      </Show>
    </>
  );
}

/** A problem beside the field or button it belongs to; read aloud when it appears. */
export function InlineProblem(props: { readonly problem: Problem | undefined }): JSX.Element {
  return (
    <div role="alert">
      <Show when={props.problem}>
        {(problem) => (
          <div class="inline-problem">
            <ProblemText problem={problem()} />
          </div>
        )}
      </Show>
    </div>
  );
}
