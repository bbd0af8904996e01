/** The questions that a command for processes asks before it can be ordered. */
import { Match, Switch, type JSX } from 'solid-js';
import type { ProcessChange } from '../../common/model/control.ts';
import type { Dialect, NodeInfo } from '../../common/model/node.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Question } from './process-commands.ts';
import type { ProcessEntry } from './process-entry.ts';
import { ReniceDialog } from './renice-dialog.tsx';
import { SendDialog } from './send-dialog.tsx';

export function ChangeQuestions(props: {
  readonly asking: Question | undefined;
  /** What is changed, in words: `3 processes`. */
  readonly what: string;
  readonly entries: readonly ProcessEntry[];
  readonly cluster: Cluster;
  readonly onChange: (change: ProcessChange) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  return (
    <Switch>
      <Match when={props.asking === 'node'}>
        <SendDialog
          what={props.what}
          at={whereAllRun(props.entries, props.cluster.nodes())}
          home={whatAllSpeak(props.entries, props.cluster.nodes())}
          cluster={props.cluster}
          onSend={(id) => props.onChange({ kind: 'move', to: id })}
          onCancel={props.onCancel}
        />
      </Match>
      <Match when={props.asking === 'nice'}>
        <ReniceDialog
          what={props.what}
          nice={props.entries[0]?.info.nice ?? 0}
          onRenice={(nice) => props.onChange({ kind: 'renice', nice })}
          onCancel={props.onCancel}
        />
      </Match>
    </Switch>
  );
}

/** The id of the node where all of these run; 0 where they run on several. */
function whereAllRun(entries: readonly ProcessEntry[], nodes: readonly NodeInfo[]): number {
  const ids = new Set(
    entries.map(({ ref, info }) =>
      info.place.kind === 'away'
        ? info.place.id
        : info.place.kind === 'elsewhere' && !info.place.guest
          ? 0
          : (nodes.find((node) => node.key === ref.node)?.id ?? 0),
    ),
  );
  const [only = 0] = ids;
  return ids.size === 1 ? only : 0;
}

/** What the nodes that list these speak; null where they differ. A cluster has one dialect, so that their homes speak it, too. */
function whatAllSpeak(entries: readonly ProcessEntry[], nodes: readonly NodeInfo[]): Dialect | null {
  const byKey = new Map(nodes.map(({ key, dialect }) => [key, dialect]));
  const dialects = new Set(entries.map(({ ref }) => byKey.get(ref.node) ?? null));
  const [only = null] = dialects;
  return dialects.size === 1 ? only : null;
}
