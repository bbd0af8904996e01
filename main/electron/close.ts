/** The end of the program: everything is closed, but no longer than it may take. */

/**
 * Closes everything.
 * @param dispose Closes it; may reject.
 * @param milliseconds How long that may take.
 * @returns The exit code: 0, or 1 after a sentence on standard error.
 */
export async function closeWithin(dispose: () => Promise<void>, milliseconds: number): Promise<0 | 1> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    await Promise.race([dispose(), tooLate]);
    return 0;
  } catch (error) {
    console.error(`mosview did not close cleanly: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    clearTimeout(timer);
  }
}
