/** Puts chosen processes into a group: one that was made by hand, a new one, or a process with all its descendants. */
import { createMemo, createSignal, For, onMount, Show, type JSX } from 'solid-js';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, plainText } from '../words/format.ts';
import { entryId, type ProcessEntry } from './process-entry.ts';

/** Most processes that a group made by hand may name. */
const MOST_BY_HAND = 2000;

type Way = 'existing' | 'new' | 'tree';

export function AddToGroup(props: {
  readonly entries: readonly ProcessEntry[];
  /** What is added, in words: `3 processes`. */
  readonly what: string;
  /** The group that was saved, by name. */
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [groups, setGroups] = createSignal<readonly Group[]>([]);
  const [way, setWay] = createSignal<Way>('new');
  const [existing, setExisting] = createSignal('');
  const [name, setName] = createSignal('');
  const [trouble, setTrouble] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);

  const byHand = createMemo(() => groups().filter((group) => group.rule.kind === 'hand'));

  onMount(() => void read());
  async function read(): Promise<void> {
    const result = await call('groups', {});
    if (!result.ok) {
      setTrouble(result.problem);
      return;
    }
    setGroups(result.value.groups);
    const [first] = byHand();
    if (first === undefined) return;
    setExisting(first.name);
    setWay('existing');
  }

  /** The group to save; a problem where there can be none. */
  function wanted(): Group | Problem {
    const refs = props.entries.map((entry) => entry.ref);
    if (way() === 'existing') {
      const group = byHand().find((each) => each.name === existing());
      if (group?.rule.kind !== 'hand') return problem('not-found', 'That group does not exist any more.');
      const known = new Set(group.rule.processes.map(entryId));
      const processes = [...group.rule.processes, ...refs.filter((ref) => !known.has(entryId(ref)))];
      return processes.length > MOST_BY_HAND
        ? problem('bad-input', `A group made by hand holds at most ${count(MOST_BY_HAND)} processes.`)
        : { name: group.name, rule: { kind: 'hand', processes } };
    }
    const title = name().trim();
    if (title === '') return problem('bad-input', 'Give the group a name.');
    if (groups().some((group) => group.name === title)) {
      return problem('bad-input', `There is a group "${title}" already. Choose another name.`);
    }
    const [root] = refs;
    if (way() === 'tree' && root !== undefined) return { name: title, rule: { kind: 'tree', root } };
    return { name: title, rule: { kind: 'hand', processes: refs } };
  }

  async function save(): Promise<void> {
    const group = wanted();
    if ('code' in group) {
      setTrouble(group);
      return;
    }
    setBusy(true);
    const result = await call('saveGroup', { group });
    setBusy(false);
    if (result.ok) props.onDone(group.name);
    else setTrouble(result.problem);
  }

  function Choice(choice: {
    readonly way: Way;
    readonly title: string;
    readonly about: string;
    readonly disabled?: boolean;
  }): JSX.Element {
    return (
      <label class="meaning" classList={{ disabled: choice.disabled ?? false }}>
        <input
          type="radio"
          name="group-way"
          checked={way() === choice.way}
          disabled={choice.disabled ?? false}
          onChange={() => setWay(choice.way)}
        />
        <span>{choice.title}</span>
        <span class="muted">{choice.about}</span>
      </label>
    );
  }

  return (
    <Dialog title={`Add ${props.what} to a group`} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="dialog-body">
          <div class="meanings" role="radiogroup" aria-label="Which group">
            <Choice
              way="existing"
              title="An existing group"
              about={byHand().length === 0 ? 'None was made by hand yet.' : 'One that was made by hand.'}
              disabled={byHand().length === 0}
            />
            <Choice way="new" title="A new group" about="Holds exactly these processes." />
            <Choice
              way="tree"
              title="A new group with all descendants"
              about={
                props.entries.length === 1
                  ? 'The process and whatever it starts, now and later.'
                  : 'Choose a single process for this.'
              }
              disabled={props.entries.length !== 1}
            />
          </div>
          <Show
            when={way() === 'existing'}
            fallback={
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
            }
          >
            <label class="field">
              <span>Group</span>
              <select
                aria-label="Group"
                value={existing()}
                onChange={(event) => setExisting(event.currentTarget.value)}
              >
                <For each={byHand()}>
                  {(group) => <option value={group.name}>{plainText(group.name)}</option>}
                </For>
              </select>
            </label>
          </Show>
          <InlineProblem problem={trouble()} />
        </div>
        <FormButtons submit="Add" disabled={busy()} onCancel={props.onCancel} />
      </form>
    </Dialog>
  );
}
