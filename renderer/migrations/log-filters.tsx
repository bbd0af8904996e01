/** The filters of the migration log: node, cause, command and time. */
import { createEffect, createMemo, createSignal, For, on, onCleanup, Show, type JSX } from 'solid-js';
import type { MigrationCause } from '../../common/model/migration.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { NO_FILTER, type LogFilter } from './entries.ts';
import { CAUSE_WORDS } from './migration-words.ts';

const HOUR = 3_600_000;
/** Spans that end now, by the name they are chosen with. */
const SPANS = [
  { name: 'any time', span: undefined },
  { name: 'last hour', span: HOUR },
  { name: 'last day', span: 24 * HOUR },
  { name: 'last week', span: 7 * 24 * HOUR },
] as const;
const BETWEEN = 'between …';

/** Typing is over when nothing came for so many milliseconds. */
const TYPED_MS = 200;
const LONGEST_TEXT = 100;

export function LogFilters(props: {
  readonly nodes: readonly NodeInfo[];
  /** Places in the order of names, by slot. */
  readonly ranks: ReadonlyMap<number, number>;
  readonly onFilter: (filter: LogFilter) => void;
}): JSX.Element {
  const [node, setNode] = createSignal(0);
  const [cause, setCause] = createSignal<MigrationCause>();
  const [text, setText] = createSignal('');
  const [time, setTime] = createSignal<string>(SPANS[0].name);
  const [from, setFrom] = createSignal<number>();
  const [to, setTo] = createSignal<number>();

  const byName = createMemo(() =>
    props.nodes.toSorted((a, b) => (props.ranks.get(a.slot) ?? 0) - (props.ranks.get(b.slot) ?? 0)),
  );

  function current(): LogFilter {
    const span = SPANS.find((each) => each.name === time())?.span;
    const between = time() === BETWEEN;
    const filter: LogFilter = {
      node: node() === 0 ? undefined : node(),
      cause: cause(),
      text: text().trim(),
      from: between ? from() : span === undefined ? undefined : Date.now() - span,
      to: between ? to() : undefined,
    };
    const free = Object.values(filter).every((value) => value === undefined || value === '');
    return free ? NO_FILTER : filter;
  }

  createEffect(on([node, cause, time, from, to], () => props.onFilter(current()), { defer: true }));
  createEffect(
    on(
      text,
      () => {
        const timer = setTimeout(() => props.onFilter(current()), TYPED_MS);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );

  return (
    <div class="log-filters" role="search">
      <label>
        Node{' '}
        <select onChange={(event) => setNode(Number(event.currentTarget.value))}>
          <option value="0">all</option>
          <For each={byName()}>
            {(info) => (
              <option value={info.id} selected={info.id === node()}>
                {info.name}
              </option>
            )}
          </For>
        </select>
      </label>
      <label>
        Cause{' '}
        <select
          onChange={(event) =>
            setCause((event.currentTarget.value || undefined) as MigrationCause | undefined)
          }
        >
          <option value="">all</option>
          <For each={Object.entries(CAUSE_WORDS)}>
            {([name, words]) => <option value={name}>{words}</option>}
          </For>
        </select>
      </label>
      <label>
        Command{' '}
        <input
          type="search"
          maxLength={LONGEST_TEXT}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label>
        Time{' '}
        <select onChange={(event) => setTime(event.currentTarget.value)}>
          <For each={[...SPANS.map((each) => each.name), BETWEEN]}>{(name) => <option>{name}</option>}</For>
        </select>
      </label>
      <Show when={time() === BETWEEN}>
        <Moment label="From" onTime={setFrom} />
        <Moment label="To" onTime={setTo} />
      </Show>
    </div>
  );
}

/** A day and time of this machine's clock; undefined while it is not whole. */
function Moment(props: {
  readonly label: string;
  readonly onTime: (time: number | undefined) => void;
}): JSX.Element {
  return (
    <label>
      {props.label}{' '}
      <input
        type="datetime-local"
        step="1"
        onChange={(event) => {
          const time = Date.parse(event.currentTarget.value);
          props.onTime(Number.isNaN(time) ? undefined : time);
        }}
      />
    </label>
  );
}
