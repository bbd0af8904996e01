/** What keys mean where they are pressed. */

/** Whether keys are text there, or choose from a list: the window's own keys do nothing then. */
export function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['range', 'radio', 'checkbox'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
