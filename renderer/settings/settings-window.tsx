/** The window of settings: what is kept and sent. */
import type { JSX } from 'solid-js';

export function SettingsWindow(): JSX.Element {
  return <main />;
}
