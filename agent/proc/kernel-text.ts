/** How the kernel writes a name into a table of /proc. */

/** Blanks, tabs, line ends and backslashes are written as `\` and three octal digits. */
export function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}

const DELETED = ' (deleted)';

/** A path as links and maps show it; whether the name is gone from its folder. */
export function shownPath(text: string): { readonly path: string; readonly deleted: boolean } {
  return text.endsWith(DELETED)
    ? { path: text.slice(0, -DELETED.length), deleted: true }
    : { path: text, deleted: false };
}
