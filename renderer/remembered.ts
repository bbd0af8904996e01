/** Small choices kept between starts. Where the browser keeps nothing, a choice lasts as long as the window. */

/** The remembered text, `null` where there is none. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`mosview.${name}`);
  } catch {
    return null;
  }
}

/** Remembers a text. */
export function remember(name: string, text: string): void {
  try {
    localStorage.setItem(`mosview.${name}`, text);
  } catch {
    // A full or forbidden store costs the memory of a choice, nothing else.
  }
}
