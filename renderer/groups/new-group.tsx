/** Makes a group by a rule: a process with its descendants, all of a user, or a pattern of command lines. */
import { createMemo, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import type { ProcessRef } from '../../common/model/process.ts';
import { assertNever } from '../../common/model/result.ts';
import { call } from '../back-end.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { ProcessPicker } from './process-picker.tsx';

const RULES = {
  tree: { title: 'By tree', about: 'A process and whatever it starts, now and later.' },
  user: { title: 'By user', about: 'All processes of a user, on every node.' },
  command: { title: 'By command', about: 'Processes whose command line has a text, on every node.' },
  hand: { title: 'By hand', about: 'Exactly the processes you choose.' },
} as const;
type RuleKind = keyof typeof RULES;

export function NewGroup(props: {
  readonly cluster: Cluster;
  readonly groups: readonly Group[];
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [kind, setKind] = createSignal<RuleKind>('tree');
  const [name, setName] = createSignal('');
  const [user, setUser] = createSignal('');
  const [pattern, setPattern] = createSignal('');
  const [node, setNode] = createSignal('');
  const [picked, setPicked] = createSignal<readonly ProcessRef[]>([]);
  const [trouble, setTrouble] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);

  const nodes = createMemo(() =>
    props.cluster
      .nodes()
      .filter((each) => each.connection.kind === 'connected')
      .sort((a, b) => a.id - b.id),
  );

  function rule(): Group['rule'] | Problem {
    const wanted = kind();
    switch (wanted) {
      case 'tree': {
        const [root] = picked();
        return root === undefined
          ? problem('bad-input', 'Choose a node, and there the process at the top of the tree.')
          : { kind: 'tree', root };
      }
      case 'user':
        return user().trim() === ''
          ? problem('bad-input', 'Give the name of the user.')
          : { kind: 'user', user: user().trim() };
      case 'command':
        return pattern().trim() === ''
          ? problem('bad-input', 'Give the text that the command lines have.')
          : { kind: 'command', pattern: pattern().trim() };
      case 'hand':
        return picked().length === 0
          ? problem('bad-input', 'Choose a node, and there the processes.')
          : { kind: 'hand', processes: [...picked()] };
      default:
        return assertNever(wanted);
    }
  }

  async function save(): Promise<void> {
    const title = name().trim();
    const chosen = rule();
    const wrong =
      title === ''
        ? problem('bad-input', 'Give the group a name.')
        : props.groups.some((group) => group.name === title)
          ? problem('bad-input', `There is a group "${title}" already. Choose another name.`)
          : undefined;
    if (wrong !== undefined || 'code' in chosen) {
      setTrouble(wrong ?? ('code' in chosen ? chosen : undefined));
      return;
    }
    setBusy(true);
    const result = await call('saveGroup', { group: { name: title, rule: chosen } });
    setBusy(false);
    if (result.ok) props.onDone(title);
    else setTrouble(result.problem);
  }

  return (
    <Dialog title="New group" wide onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="dialog-body new-group">
          <label class="field">
            <span>Name</span>
            <input
              type="text"
              autofocus
              maxLength={100}
              autocomplete="off"
              value={name()}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <div>
            <div class="ranges" role="radiogroup" aria-label="Rule">
              <For each={Object.keys(RULES) as RuleKind[]}>
                {(each) => (
                  <label>
                    <input
                      type="radio"
                      name="rule"
                      checked={kind() === each}
                      onChange={() => {
                        setKind(each);
                        setPicked([]);
                        setTrouble(undefined);
                      }}
                    />
                    {RULES[each].title}
                  </label>
                )}
              </For>
            </div>
            <p class="hint rule-about">{RULES[kind()].about}</p>
          </div>
          <Switch>
            <Match when={kind() === 'user'}>
              <label class="field">
                <span>User</span>
                <input
                  type="text"
                  maxLength={64}
                  autocomplete="off"
                  spellcheck={false}
                  value={user()}
                  onInput={(event) => setUser(event.currentTarget.value)}
                />
              </label>
            </Match>
            <Match when={kind() === 'command'}>
              <label class="field">
                <span>Text of the command line</span>
                <input
                  type="text"
                  class="fixed"
                  aria-label="Text of the command line"
                  maxLength={200}
                  autocomplete="off"
                  spellcheck={false}
                  placeholder="povray *scene.pov"
                  value={pattern()}
                  onInput={(event) => setPattern(event.currentTarget.value)}
                />
                <span class="hint">It may stand anywhere in it; * stands for any characters.</span>
              </label>
            </Match>
            <Match when={kind() === 'tree' || kind() === 'hand'}>
              <label class="field">
                <span>Node</span>
                <select
                  aria-label="Node"
                  value={node()}
                  onChange={(event) => {
                    setPicked([]);
                    setNode(event.currentTarget.value);
                  }}
                >
                  <option value="">Choose a node …</option>
                  <For each={nodes()}>
                    {(each) => (
                      <option value={each.key}>
                        {each.id} {each.name}
                      </option>
                    )}
                  </For>
                </select>
              </label>
              <Show when={node()} keyed>
                {(key) => (
                  <ProcessPicker
                    nodeKey={key}
                    cluster={props.cluster}
                    single={kind() === 'tree'}
                    onPick={setPicked}
                  />
                )}
              </Show>
            </Match>
          </Switch>
          <InlineProblem problem={trouble()} />
        </div>
        <FormButtons submit="Make the group" disabled={busy()} onCancel={props.onCancel} />
      </form>
    </Dialog>
  );
}
