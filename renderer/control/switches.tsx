/** Every switch of openMosix with its true present state on the chosen nodes; a click orders the change. */
import { createMemo, For, type JSX } from 'solid-js';
import type { NodeSetting } from '../../common/model/status.ts';
import { SWITCH_WORDS, switchState, type NodeNow } from '../words/control-words.ts';

/** In the order an operator thinks of them: guests, leaving, information. */
const SETTINGS: readonly NodeSetting[] = ['block', 'stay', 'lstay', 'quiet', 'nomfs'];

export function Switches(props: {
  readonly nodes: readonly NodeNow[];
  /** Why none of the nodes can change a switch; empty where some can. */
  readonly why: (setting: NodeSetting) => string;
  readonly onOrder: (setting: NodeSetting, on: boolean) => void;
}): JSX.Element {
  return (
    <div class="switches" role="group" aria-label="Switches">
      <For each={SETTINGS}>
        {(setting) => {
          const state = createMemo(() => switchState(props.nodes, setting));
          /** Between on and off for those who cannot see it, too, where no node tells. */
          const checked = () => {
            const known = state().checked;
            return known === 'unknown' ? 'mixed' : known;
          };
          return (
            <button
              type="button"
              class="switch"
              role="checkbox"
              aria-label={setting}
              aria-description={`${state().words}; ${SWITCH_WORDS[setting]}`}
              aria-checked={checked()}
              data-checked={state().checked}
              aria-disabled={props.why(setting) !== ''}
              title={props.why(setting)}
              onClick={() => {
                if (props.why(setting) === '') props.onOrder(setting, state().checked !== 'true');
              }}
            >
              <span class="switch-track" aria-hidden="true" />
              <span class="switch-name">{setting}</span>
              <span class="switch-state">{state().words}</span>
              <span class="switch-about">{SWITCH_WORDS[setting]}</span>
            </button>
          );
        }}
      </For>
    </div>
  );
}
