/** Named groups of processes: the list of them, and the chosen one with its members on every node. */
import { createMemo, createSignal, For, onMount, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { createNotices, Notices } from '../overview/notices.tsx';
import { Confirmation } from '../parts/dialog.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { shows } from '../view.tsx';
import { plainText } from '../words/format.ts';
import { GroupView } from './group-view.tsx';
import { RULE_WORD } from './group-words.ts';
import { NewGroup } from './new-group.tsx';

export const show = shows(GroupsWindow);

function GroupsWindow(): JSX.Element {
  const notices = createNotices();
  const tell = (problem: Problem): void => notices.add(problem);
  const cluster = createCluster(tell);
  const orders = createOrders(tell);
  const [groups, setGroups] = createSignal<readonly Group[]>();
  const [name, setName] = createSignal<string>();
  const [asking, setAsking] = createSignal<'new' | 'remove'>();

  const chosen = createMemo(() => groups()?.find((group) => group.name === name()));

  async function read(): Promise<void> {
    const result = await call('groups', {});
    if (!result.ok) {
      tell(result.problem);
      return;
    }
    const sorted = result.value.groups.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
    setGroups(sorted);
    if (chosen() === undefined) setName(sorted[0]?.name);
  }

  async function remove(): Promise<void> {
    const group = chosen();
    setAsking(undefined);
    if (group === undefined) return;
    const result = await call('removeGroup', { name: group.name });
    if (!result.ok) tell(result.problem);
    await read();
  }

  onMount(() => {
    document.title = 'Groups of processes – mosview';
    void read();
  });

  return (
    <div class="groups-window">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <header class="window-head">
        <h1>Groups of processes</h1>
        <div class="detail-actions">
          <button type="button" onClick={() => setAsking('new')}>
            New group …
          </button>
          <LockButton control={orders.control} onProblem={tell} />
        </div>
      </header>
      <main class="group-stage">
        <nav class="group-list" aria-label="Groups">
          <For
            each={groups()}
            fallback={
              <p class="muted group-none">
                {groups() === undefined ? 'Reading …' : 'There is no group yet.'}
              </p>
            }
          >
            {(group) => (
              <button
                type="button"
                class="group"
                aria-current={group.name === name()}
                title={plainText(group.name)}
                onClick={() => setName(group.name)}
              >
                <span class="group-name">{plainText(group.name)}</span>
                <span class="muted">{RULE_WORD[group.rule.kind]}</span>
              </button>
            )}
          </For>
        </nav>
        <Show
          when={chosen()}
          keyed
          fallback={
            <div class="group-view group-none muted">
              <p>
                A group is a named set of processes that is locked, moved, brought home, spread or ended as
                one.
              </p>
              <p>
                Make one here by a rule, or choose processes in a node's window of processes and add them to a
                group.
              </p>
            </div>
          }
        >
          {(group) => (
            <GroupView
              group={group}
              cluster={cluster}
              orders={orders}
              onProblem={tell}
              onChanged={() => void read()}
              onRemove={() => setAsking('remove')}
            />
          )}
        </Show>
      </main>
      <Notices list={notices} />
      <OrderLayer orders={orders} />
      <Show when={asking() === 'new'}>
        <NewGroup
          cluster={cluster}
          groups={groups() ?? []}
          onDone={(made) => {
            setAsking(undefined);
            setName(made);
            void read();
          }}
          onCancel={() => setAsking(undefined)}
        />
      </Show>
      <Show when={asking() === 'remove' && chosen()}>
        {(group) => (
          <Confirmation
            title={`Remove the group ${plainText(group().name)}?`}
            action="Remove the group"
            onConfirm={() => void remove()}
            onCancel={() => setAsking(undefined)}
          >
            <p>Only the group is forgotten. Nothing happens to its processes.</p>
          </Confirmation>
        )}
      </Show>
    </div>
  );
}
