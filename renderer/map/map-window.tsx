/** Placeholder while its view is being built. */
import type { JSX } from 'solid-js';

export function MapWindow(): JSX.Element {
  return <p />;
}
