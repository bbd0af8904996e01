/** The window of reports: reports to look at, save and schedule. */
import type { JSX } from 'solid-js';

export function ReportsWindow(): JSX.Element {
  return <main />;
}
