/** Placeholder while its view is being built. */
import type { JSX } from 'solid-js';

export function ProcessesWindow(props: { readonly nodeKey: string }): JSX.Element {
  return <p>{props.nodeKey}</p>;
}
