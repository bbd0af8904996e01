/** The questions that a command for processes asks before it can be ordered. */
import { Match, Switch, type JSX } from 'solid-js';
import type { ProcessChange } from '../../common/model/control.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Question } from './process-commands.ts';
import { ReniceDialog } from './renice-dialog.tsx';
import { SendDialog } from './send-dialog.tsx';

export function ChangeQuestions(props: {
  readonly asking: Question | undefined;
  /** What is changed, in words: `3 processes`. */
  readonly what: string;
  /** The priority now, of the first one. */
  readonly nice: number;
  readonly cluster: Cluster;
  readonly onChange: (change: ProcessChange) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  return (
    <Switch>
      <Match when={props.asking === 'node'}>
        <SendDialog
          what={props.what}
          cluster={props.cluster}
          onSend={(id) => props.onChange({ kind: 'move', to: id })}
          onCancel={props.onCancel}
        />
      </Match>
      <Match when={props.asking === 'nice'}>
        <ReniceDialog
          what={props.what}
          nice={props.nice}
          onRenice={(nice) => props.onChange({ kind: 'renice', nice })}
          onCancel={props.onCancel}
        />
      </Match>
    </Switch>
  );
}
