/** Work that is not urgent enough to hold up a frame. */

/** Calls back in a task after the next frame, and so after the frame's own work, of which drawing is the largest part. */
export function afterFrame(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}
