/** The actions, newest first, and the chosen one step by step. */
import { createMemo, createSignal, onMount, Show, type JSX } from 'solid-js';
import type { Action } from '../../common/model/control.ts';
import type { Orders } from '../control/order.tsx';
import { ACTION_WORDS, progressWords } from '../words/action-words.ts';
import { dateAndTime, plainText } from '../words/format.ts';
import { ActionDetail } from './action-detail.tsx';
import { LogTable, type LogColumn } from './log-table.tsx';

/** Actions read at a time. */
const PAGE = 200;

const COLUMNS: readonly LogColumn<Action>[] = [
  { title: 'Time', kind: 'when', cell: (action) => dateAndTime(action.time) },
  { title: 'Who', kind: 'who', cell: (action) => plainText(action.who) },
  { title: 'What', kind: 'what', cell: (action) => plainText(action.title) },
  {
    title: 'Result',
    kind: 'result',
    cell: (action) => (
      <>
        <span class="action-state" data-action-state={action.state}>
          {ACTION_WORDS[action.state]}
        </span>{' '}
        <span class="muted">{progressWords(action)}</span>
      </>
    ),
  },
  {
    title: 'Undone by',
    kind: 'undone',
    cell: (action) => (action.undoneBy === null ? '' : `no. ${action.undoneBy}`),
  },
];

export function ActionList(props: { readonly orders: Orders }): JSX.Element {
  const { control } = props.orders;
  const [chosen, setChosen] = createSignal<number>();
  const [more, setMore] = createSignal(false);
  const rows = createMemo(() => [...control.actions().values()].toSorted((a, b) => b.number - a.number));
  const chosenAction = createMemo(() => control.actions().get(chosen() ?? -1));

  async function read(before?: number): Promise<void> {
    const came = await control.load(before === undefined ? { limit: PAGE } : { before, limit: PAGE });
    setMore(came === PAGE);
  }
  onMount(() => void read());

  return (
    <>
      <LogTable
        label="Actions"
        columns={COLUMNS}
        rows={rows()}
        chosen={chosen()}
        onChoose={setChosen}
        nothing="Nothing was changed yet."
        onOlder={more() ? () => void read(rows().at(-1)?.number) : undefined}
      />
      <Show when={chosenAction()}>
        {(action) => (
          <ActionDetail action={action()} orders={props.orders} onClose={() => setChosen(undefined)} />
        )}
      </Show>
    </>
  );
}
