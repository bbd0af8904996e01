/** How a view fills its window. */
import type { Component } from 'solid-js';
import { render } from 'solid-js/web';

/** What shows a view in the window; a view of a node, or that begins at one, is given its key. */
export function shows(
  View: Component<{ readonly nodeKey: string }>,
): (root: Element, nodeKey: string) => void {
  return (root, nodeKey) => void render(() => <View nodeKey={nodeKey} />, root);
}
