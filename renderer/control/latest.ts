/** A question that is asked again and again while its subject changes: one at a time, and the newest subject always wins. */

/**
 * Makes the asking. While one question is under way only the newest of those that come in is kept; it is asked when the
 * first has ended, so that the last answer is always of the last subject. `ask` must not reject.
 */
export function createLatest<Subject>(ask: (subject: Subject) => Promise<void>): (subject: Subject) => void {
  let asking = false;
  let next: { readonly subject: Subject } | undefined;

  async function run(): Promise<void> {
    asking = true;
    while (next !== undefined) {
      const { subject } = next;
      next = undefined;
      await ask(subject);
    }
    asking = false;
  }

  return (subject) => {
    next = { subject };
    if (!asking) void run();
  };
}
