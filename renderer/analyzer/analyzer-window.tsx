/** The window of analyzer: the past of the cluster. */
import type { JSX } from 'solid-js';

export function AnalyzerWindow(): JSX.Element {
  return <main />;
}
