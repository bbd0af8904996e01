/** Answers that are shown together, so that what they show is laid out and drawn once and not for each of them. */

/** Passes an answer on when those asked for at the same time are there too. */
export type Together = <Answer>(answer: Promise<Answer>) => Promise<Answer>;

/** Holds the first answers until all that were asked for are there, and none longer than this; later ones are not held. */
export function createTogether(longest: number): Together {
  const { promise: allThere, resolve: letGo } = Promise.withResolvers<void>();
  setTimeout(letGo, longest);
  let missing = 0;
  return async (answer) => {
    missing += 1;
    const value = await answer;
    missing -= 1;
    if (missing === 0) letGo();
    await allThere;
    return value;
  };
}
