/** A node's connection in full sentences; a host key that is not the known one is styled and read as an alert. */
import { Show, type JSX } from 'solid-js';
import type { NodeInfo } from '../../common/model/node.ts';
import { plainLines } from '../words/format.ts';
import { connectionExplanation, connectionProblem } from '../words/node-words.ts';

export function Explanation(props: { readonly info: NodeInfo }): JSX.Element {
  const trouble = () => connectionProblem(props.info.connection);
  const alarming = () => trouble()?.code === 'changed-host-key' || trouble()?.code === 'revoked-host-key';
  return (
    <div class="explanation" classList={{ alarming: alarming() }} role={alarming() ? 'alert' : undefined}>
      <p>{connectionExplanation(props.info)}</p>
      <Show when={trouble()?.detail}>
        {(detail) => <pre class="problem-detail">{plainLines(detail())}</pre>}
      </Show>
    </div>
  );
}
