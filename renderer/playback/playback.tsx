/** The playback of the past below the time line of the analyzer. */
import type { JSX } from 'solid-js';

/** Shows the cluster at `time`, which lies within [from, to]; `onTime` hears where the operator goes. */
export function Playback(_props: {
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly onTime: (time: number) => void;
  /** Whether `to` is the present, so that the end of the range is live. */
  readonly live: boolean;
}): JSX.Element {
  return <section aria-label="Playback" />;
}
