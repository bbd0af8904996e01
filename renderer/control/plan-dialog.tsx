/** The dry run: step by step what would be written where, what stands there now, and what is impossible and why. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import type { Plan, PlanStep } from '../../common/model/control.ts';
import { Dialog } from '../parts/dialog.tsx';
import { OutcomeCell, ProcessCell } from './step-cells.tsx';
import { planCounts, VERDICT_WORDS } from '../words/action-words.ts';
import { count, dateAndTime, plainText } from '../words/format.ts';

const VERDICT_ORDER: readonly PlanStep['verdict'][] = ['impossible', 'change', 'same'];

export function PlanDialog(props: {
  readonly plan: Plan;
  /** Said above the table; empty for nothing. */
  readonly notice: string;
  readonly onApply: (reason: string) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [reason, setReason] = createSignal(props.plan.order.reason);
  const steps = VERDICT_ORDER.flatMap((verdict) =>
    props.plan.steps.filter((step) => step.verdict === verdict),
  );
  const changes = steps.filter((step) => step.verdict === 'change');
  const withProcess = steps.some((step) => step.process !== null);
  const until = untilOf(props.plan);
  return (
    <Dialog title={plainText(props.plan.title)} wide onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (changes.length > 0) props.onApply(reason().trim());
        }}
      >
        <div class="dialog-body plan">
          <Show when={props.notice !== ''}>
            <p class="inline-problem quiet" role="alert">
              {props.notice}
            </p>
          </Show>
          <ul class="counts" aria-label="Steps">
            <For each={planCounts(props.plan)}>
              {(each) => (
                <li data-verdict={each.verdict}>
                  {count(each.steps)} {VERDICT_WORDS[each.verdict]}
                </li>
              )}
            </For>
            <Show when={changes.length === 0}>
              <li class="muted">Nothing would be written.</li>
            </Show>
          </ul>
          <For each={props.plan.notes}>{(note) => <p>{plainText(note)}</p>}</For>
          <Show when={until !== null}>
            <p>It is undone by itself at {dateAndTime(until ?? 0)}.</p>
          </Show>
          <div class="steps" tabIndex={0} role="group" aria-label="What would be done">
            <table>
              <thead>
                <tr>
                  <th scope="col">Node</th>
                  <Show when={withProcess}>
                    <th scope="col">Process</th>
                  </Show>
                  <th scope="col">What</th>
                  <th scope="col">File</th>
                  <th scope="col">Now → then</th>
                  <th scope="col">Verdict</th>
                </tr>
              </thead>
              <tbody>
                <For each={steps}>
                  {(step) => (
                    <tr data-verdict={step.verdict}>
                      <th scope="row" title={plainText(step.nodeName)}>
                        {plainText(step.nodeName)}
                      </th>
                      <Show when={withProcess}>
                        <td>
                          <ProcessCell step={step} />
                        </td>
                      </Show>
                      <td class="what">{plainText(step.what)}</td>
                      <td class="file">{plainText(step.file)}</td>
                      <td class="values">
                        <Show when={step.verdict !== 'impossible'}>
                          {plainText(step.before ?? '?')} → {plainText(step.after)}
                        </Show>
                      </td>
                      <td>
                        <OutcomeCell word={VERDICT_WORDS[step.verdict]} why={step.why} />
                      </td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </div>
          <Show when={changes.length > 0}>
            <label class="field">
              <span>Reason</span>
              <input
                type="text"
                maxLength={500}
                placeholder="Kept in the audit log; may be left out"
                autocomplete="off"
                value={reason()}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
          </Show>
        </div>
        <div class="dialog-buttons">
          <Show
            when={changes.length > 0}
            fallback={
              <button type="button" class="primary" autofocus onClick={() => props.onCancel()}>
                Close
              </button>
            }
          >
            <span class="muted more">{undoWords(changes)}</span>
            <button type="submit" class="primary" autofocus>
              Apply
            </button>
            <button type="button" onClick={() => props.onCancel()}>
              Cancel
            </button>
          </Show>
        </div>
      </form>
    </Dialog>
  );
}

function untilOf({ order }: Plan): number | null {
  return order.kind === 'nodes' || order.kind === 'drain' ? order.until : null;
}

function undoWords(changes: readonly PlanStep[]): string {
  const lasting = changes.filter((step) => step.undo === null).length;
  if (lasting === 0) return 'It can be undone.';
  return lasting === changes.length
    ? 'It cannot be undone.'
    : `${count(lasting)} of ${count(changes.length)} cannot be undone.`;
}
