/** What went wrong with a file, as the kernel names it. */

/** The errno's name of a failed call of the system, such as ENOENT; throws faults of ours on. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
