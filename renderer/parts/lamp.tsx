/** The lamp of a node: a state by shape, colour and word. */
import { Show, type JSX } from 'solid-js';
import type { NodeState } from '../../common/contract/block.ts';

/** `age` is what is said behind the word; empty for nothing. */
export function Lamp(props: { readonly state: NodeState; readonly age: string }): JSX.Element {
  return (
    <span class="lamp" data-state={props.state}>
      <span class="lamp-shape" aria-hidden="true" />
      <span class="lamp-word">{props.state}</span>
      <Show when={props.age !== ''}>
        <span class="lamp-age">{props.age}</span>
      </Show>
    </span>
  );
}
