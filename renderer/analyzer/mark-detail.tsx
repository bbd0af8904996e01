/** What a mark stands for: those migrations, the operator's action, the text of a checkpoint. */
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js';
import type { Action } from '../../common/model/control.ts';
import { ActionDetail } from '../actions/action-detail.tsx';
import { call } from '../back-end.ts';
import type { Orders } from '../control/order.tsx';
import {
  CAUSE_WORDS,
  commandWords,
  durationWords,
  wayWords,
  type NameOfId,
} from '../migrations/migration-words.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { ACTION_WORDS, progressWords } from '../words/action-words.ts';
import { count, dateAndTime, plainText } from '../words/format.ts';
import type { HappenedMark, Opened } from './mark-lanes.tsx';

/** Migrations listed of one place on the line. */
const MOST_MIGRATIONS = 200;

interface Props {
  readonly orders: Orders;
  readonly nameOf: NameOfId;
  readonly onClose: () => void;
  readonly onLog: () => void;
}

export function MarkDetail(props: Props & { readonly opened: Opened }): JSX.Element {
  const [chosen, setChosen] = createSignal<Action>();
  const single = (): Action | undefined => {
    const { opened } = props;
    const only = opened.kind === 'marks' && opened.marks.length === 1 ? opened.marks[0] : undefined;
    return chosen() ?? (only?.kind === 'action' ? only.action : undefined);
  };
  return (
    <Switch>
      <Match when={single()}>
        {(action) => <ActionDetail action={action()} orders={props.orders} onClose={props.onClose} />}
      </Match>
      <Match when={props.opened.kind === 'marks' && props.opened}>
        {(opened) => <Marks {...props} marks={opened().marks} onAction={setChosen} />}
      </Match>
      <Match when={props.opened.kind === 'migrations' && props.opened}>
        {(opened) => <Migrations {...props} opened={opened()} />}
      </Match>
    </Switch>
  );
}

function Panel(props: {
  readonly title: string;
  readonly about: string;
  readonly onClose: () => void;
  readonly children: JSX.Element;
  readonly more?: JSX.Element;
}): JSX.Element {
  return (
    <section
      class="detail mark-detail time-less"
      aria-label={props.title}
      tabIndex={-1}
      ref={(element) => queueMicrotask(() => element.focus())}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="detail-head">
        <h2>{props.title}</h2>
        <span class="muted">{props.about}</span>
        <div class="detail-actions">
          {props.more}
          <button type="button" class="quiet" onClick={() => props.onClose()}>
            Close
          </button>
        </div>
      </div>
      {props.children}
    </section>
  );
}

function Marks(
  props: Props & { readonly marks: readonly HappenedMark[]; readonly onAction: (action: Action) => void },
): JSX.Element {
  const title = (): string => {
    const only = props.marks.length === 1 ? props.marks[0] : undefined;
    return only === undefined
      ? `${count(props.marks.length)} marks`
      : `Checkpoint of ${dateAndTime(only.time)}`;
  };
  return (
    <Panel title={title()} about="" onClose={props.onClose}>
      <ul class="marks">
        <For each={props.marks}>
          {(mark) => (
            <li>
              <span class="muted">{dateAndTime(mark.time)}</span>
              {mark.kind === 'checkpoint' ? (
                <span>
                  Checkpoint by {plainText(mark.checkpoint.who)}:{' '}
                  <strong>{plainText(mark.checkpoint.text) || 'without a text'}</strong>
                </span>
              ) : (
                <span>
                  <button type="button" class="link" onClick={() => props.onAction(mark.action)}>
                    Action {mark.action.number}: {plainText(mark.action.title)}
                  </button>{' '}
                  <span class="muted">
                    by {plainText(mark.action.who)}, {ACTION_WORDS[mark.action.state]},{' '}
                    {progressWords(mark.action)}
                  </span>
                </span>
              )}
            </li>
          )}
        </For>
      </ul>
    </Panel>
  );
}

function Migrations(
  props: Props & { readonly opened: Extract<Opened, { kind: 'migrations' }> },
): JSX.Element {
  const [listed] = createResource(
    () => ({ from: props.opened.from, to: props.opened.to }),
    ({ from, to }) =>
      call('migrations', { from: Math.floor(from), to: Math.ceil(to), limit: MOST_MIGRATIONS }),
  );
  const migrations = () => {
    const result = listed();
    return result?.ok === true ? result.value.migrations : [];
  };
  const problem = () => {
    const result = listed();
    return result?.ok === false ? result.problem : undefined;
  };
  const about = (): string => {
    if (listed.loading) return 'Reading …';
    const shown = migrations().length;
    return shown === MOST_MIGRATIONS
      ? `The newest ${count(shown)} of ${count(props.opened.count)}`
      : count(shown);
  };
  return (
    <Panel
      title={`Migrations from ${dateAndTime(props.opened.from)} to ${dateAndTime(props.opened.to)}`}
      about={about()}
      onClose={props.onClose}
      more={
        <button type="button" onClick={() => props.onLog()}>
          Open the log
        </button>
      }
    >
      <InlineProblem problem={problem()} />
      <div class="mark-rows" tabIndex={0} role="group" aria-label="Migrations of this time">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Process</th>
              <th scope="col">Way</th>
              <th scope="col">Cause</th>
              <th scope="col" class="number">
                Duration
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={migrations()}>
              {(migration) => (
                <tr>
                  <td class="muted">{dateAndTime(migration.time)}</td>
                  <td>
                    <strong>{commandWords(migration)}</strong>{' '}
                    <span class="muted">{migration.pid > 0 ? migration.pid : ''}</span>
                  </td>
                  <td>{wayWords(migration, props.nameOf)}</td>
                  <td>
                    {CAUSE_WORDS[migration.cause]}
                    <Show when={migration.action !== null}>, action {migration.action}</Show>
                  </td>
                  <td class="number">{durationWords(migration.duration)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
