/** Whether the window can be seen: a hidden one asks for nothing. */
import { onCleanup } from 'solid-js';

/** Calls back at once, and whenever the window comes into view or leaves it; ends with the owner. */
export function onVisibility(listener: (visible: boolean) => void): void {
  listener(document.visibilityState === 'visible');
  onVisibilityChange(listener);
}

/** Calls back whenever the window comes into view or leaves it; ends with the owner. */
export function onVisibilityChange(listener: (visible: boolean) => void): void {
  const changed = (): void => listener(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', changed);
  onCleanup(() => document.removeEventListener('visibilitychange', changed));
}
