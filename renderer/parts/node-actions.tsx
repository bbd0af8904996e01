/** What can be done about one node's connection, each action only where it applies. */
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { Confirmation } from './dialog.tsx';
import { connectionProblem } from '../words/node-words.ts';

export function NodeActions(props: {
  readonly info: NodeInfo;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [asking, setAsking] = createSignal<'forget' | 'remove'>();
  const trouble = (): Problem | undefined => connectionProblem(props.info.connection);

  async function run(name: 'reconnect' | 'forgetHostKey' | 'removeNode'): Promise<void> {
    setAsking(undefined);
    const result = await call(name, { key: props.info.key });
    if (!result.ok) props.onProblem(result.problem);
  }

  return (
    <>
      <Show when={trouble() !== undefined}>
        <button type="button" onClick={() => void run('reconnect')}>
          Try again
        </button>
      </Show>
      <Show when={trouble()?.code === 'changed-host-key'}>
        <button type="button" class="danger" onClick={() => setAsking('forget')}>
          Forget the old key …
        </button>
      </Show>
      <Show when={props.info.connection.kind !== 'none'}>
        <button type="button" onClick={() => setAsking('remove')}>
          Remove …
        </button>
      </Show>
      <Switch>
        <Match when={asking() === 'forget'}>
          <Confirmation
            title={`Forget the key of ${props.info.name}?`}
            action="Forget the old key"
            onConfirm={() => void run('forgetHostKey')}
            onCancel={() => setAsking(undefined)}
          >
            <p>
              The host at {props.info.target} shows another key than before. Only where you know that it was
              reinstalled or given a new key is this harmless; otherwise somebody may be reading along.
            </p>
            <p>The next contact shows the new fingerprint and asks again.</p>
          </Confirmation>
        </Match>
        <Match when={asking() === 'remove'}>
          <Confirmation
            title={`Remove ${props.info.name}?`}
            action="Remove"
            onConfirm={() => void run('removeNode')}
            onCancel={() => setAsking(undefined)}
          >
            <p>
              mosview ends its connection to {props.info.target} and takes the node out of the settings.
              Nothing changes on the node, and its recorded history stays.
            </p>
          </Confirmation>
        </Match>
      </Switch>
    </>
  );
}
