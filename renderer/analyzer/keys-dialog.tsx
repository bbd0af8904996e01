/** The keys and gestures of the window, as a table. */
import { For, type JSX } from 'solid-js';
import { Dialog } from '../parts/dialog.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['← →', 'move the cursor; at the edge the range goes along'],
  ['Shift ← →', 'move the range'],
  ['+ −', 'zoom in and out, around the cursor'],
  ['Home, End', 'to the first record, to now'],
  ['Alt ← →', 'back and forward through the ranges visited'],
  ['Escape', 'no cursor'],
  ['↑ ↓', 'go through the strips'],
  ['Space', 'take the strip into the comparison, or out of it'],
  ['Enter', "open the strip's node; what a mark stands for"],
  ['drag', 'zoom into what is drawn over'],
  ['wheel', 'zoom around the pointer; over the strips with Ctrl, where the wheel alone scrolls'],
  ['Shift wheel', 'move the range'],
  ['Space', 'playback: play or pause'],
  ['< >', 'playback: slower, faster'],
  [', .', 'playback: a second back, a second on'],
  ['M, Shift M', 'playback: the next migration, the one before'],
  ['C, Shift C', 'playback: the next checkpoint, the one before'],
  ['?', 'these keys'],
];

export function KeysDialog(props: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keys of the analyzer" onClose={props.onClose}>
      <div class="dialog-body">
        <dl class="facts keys">
          <For each={KEYS}>
            {([key, words]) => (
              <>
                <dt>{key}</dt>
                <dd>{words}</dd>
              </>
            )}
          </For>
        </dl>
      </div>
      <div class="dialog-buttons">
        <button type="button" class="primary" autofocus onClick={() => props.onClose()}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
