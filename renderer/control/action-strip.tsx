/** One action at the window's bottom: what it is, how far, and the way back. */
import { Show, type JSX } from 'solid-js';
import type { Action } from '../../common/model/control.ts';
import { ACTION_WORDS, progressWords } from '../words/action-words.ts';
import { plainText } from '../words/format.ts';

export function ActionStrip(props: {
  readonly action: Action;
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
}): JSX.Element {
  return (
    <div class="action-strip" data-action-state={props.action.state}>
      <span class="action-state">{ACTION_WORDS[props.action.state]}</span>
      <span class="action-title">{plainText(props.action.title)}</span>
      <span class="action-progress">{progressWords(props.action)}</span>
      <span class="action-buttons">
        <Show when={props.action.undoable && props.action.state !== 'running'}>
          <button type="button" onClick={() => props.onUndo()}>
            Undo
          </button>
        </Show>
        <button
          type="button"
          class="quiet"
          aria-label={`Dismiss ${plainText(props.action.title)}`}
          onClick={() => props.onDismiss()}
        >
          Dismiss
        </button>
      </span>
    </div>
  );
}
