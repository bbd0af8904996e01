/** Placeholder while its view is being built. */
import type { JSX } from 'solid-js';

export function ActionsWindow(): JSX.Element {
  return <p />;
}
