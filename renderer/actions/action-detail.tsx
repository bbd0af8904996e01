/** One action: who ordered it and why, and every step with what was there before, what was written and what came of it. */
import { For, Show, type JSX } from 'solid-js';
import type { Action, ActionStep } from '../../common/model/control.ts';
import { undoOf, type Orders } from '../control/order.tsx';
import { OutcomeCell, ProcessCell } from '../control/step-cells.tsx';
import { ACTION_WORDS, isTrouble, progressWords, STEP_WORDS } from '../words/action-words.ts';
import { dateAndTime, plainText } from '../words/format.ts';

export function ActionDetail(props: {
  readonly action: Action;
  readonly orders: Orders;
  readonly onClose: () => void;
}): JSX.Element {
  const action = () => props.action;
  const withProcess = () => action().steps.some((step) => step.process !== null);
  return (
    <section
      class="detail log-detail"
      aria-label={`Action ${action().number}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) props.onClose();
      }}
    >
      <div class="detail-head">
        <h2>{plainText(action().title)}</h2>
        <span class="action-state" data-action-state={action().state}>
          {ACTION_WORDS[action().state]}
        </span>
        <span class="muted">{progressWords(action())}</span>
        <div class="detail-actions">
          <Show when={action().undoable}>
            <button
              type="button"
              class="primary"
              onClick={() => void props.orders.order(undoOf(action().number), { look: true })}
            >
              Undo …
            </button>
          </Show>
          <button type="button" class="quiet" onClick={() => props.onClose()}>
            Close
          </button>
        </div>
      </div>
      <p class="muted">{storyOf(action())}</p>
      <div class="steps" tabIndex={0} role="group" aria-label="Steps">
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <Show when={withProcess()}>
                <th scope="col">Process</th>
              </Show>
              <th scope="col">What</th>
              <th scope="col">Before → written</th>
              <th scope="col">Read back</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            <For each={action().steps}>
              {(step) => (
                <tr data-trouble={isTrouble(step.state)} data-step-state={step.state}>
                  <th scope="row" title={plainText(step.nodeName)}>
                    {plainText(step.nodeName)}
                  </th>
                  <Show when={withProcess()}>
                    <td>
                      <ProcessCell step={step} />
                    </td>
                  </Show>
                  <td class="what" title={plainText(step.file)}>
                    {plainText(step.what)}
                  </td>
                  <td class="values">{writtenWords(step)}</td>
                  <td class="values">{plainText(step.now ?? '–')}</td>
                  <td>
                    <OutcomeCell word={STEP_WORDS[step.state]} why={step.outcome} />
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What is known of the action as one line of sentences. */
function storyOf({ number, time, who, order, undoes, undoneBy }: Action): string {
  const until =
    (order.kind === 'nodes' || order.kind === 'drain') && order.until !== null ? order.until : undefined;
  return [
    `Action ${number}, ordered by ${plainText(who)} at ${dateAndTime(time)}.`,
    order.reason === '' ? '' : `Reason: ${plainText(order.reason)}.`,
    undoes === null ? '' : `It undoes action ${undoes}.`,
    undoneBy !== null ? `It was undone by action ${undoneBy}.` : '',
    until !== undefined && undoneBy === null ? `It is undone by itself at ${dateAndTime(until)}.` : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function writtenWords(step: ActionStep): string {
  if (step.verdict === 'impossible') return '–';
  return `${plainText(step.before ?? '?')} → ${plainText(step.after)}`;
}
