/** Formatters and collators are made when they are first used: one costs milliseconds, and a window needs few of them. */

/** What is made once, when it is first asked for. */
export function atFirstUse<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
