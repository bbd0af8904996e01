/** What the tables of plans and of actions have in common: a step's process, and what becomes of it with the reason. */
import { Show, type JSX } from 'solid-js';
import type { PlanStep } from '../../common/model/control.ts';
import { plainText } from '../words/format.ts';

/** A process by its number and command; nothing for a step of a node. */
export function ProcessCell(props: { readonly step: PlanStep }): JSX.Element {
  return (
    <Show when={props.step.process}>
      {(process) => (
        <span class="process" title={plainText(process().command)}>
          <span class="pid">{process().pid}</span> {plainText(process().command)}
        </span>
      )}
    </Show>
  );
}

/** A verdict or a state in one word, and why, where there is something to say. */
export function OutcomeCell(props: { readonly word: string; readonly why: string }): JSX.Element {
  return (
    <>
      <span class="verdict-word">
        {props.word}
        {props.why === '' ? '' : ':'}
      </span>{' '}
      <span class="why">{plainText(props.why)}</span>
    </>
  );
}
