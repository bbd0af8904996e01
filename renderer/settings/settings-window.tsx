/** The settings: one section below the other, each a component that reads and saves its own part. */
import { For, type Component, type JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { createNotices, Notices } from '../overview/notices.tsx';
import { shows } from '../view.tsx';
import { NodesSection } from './nodes-section.tsx';
import { OutletsSection } from './outlets-section.tsx';
import { ProgramSection } from './program-section.tsx';
import { RetentionSection } from './retention-section.tsx';

/** A new section is a line here. */
const SECTIONS: readonly { readonly title: string; readonly section: Component }[] = [
  { title: 'History', section: RetentionSection },
  { title: 'Prometheus', section: OutletsSection },
  { title: 'Nodes', section: NodesSection },
  { title: 'This program', section: ProgramSection },
];

export const show = shows(SettingsWindow);

function SettingsWindow(): JSX.Element {
  const notices = createNotices();
  document.title = 'Settings – mosview';
  return (
    <div class="settings-window">
      <header class="window-head">
        <h1>Settings</h1>
      </header>
      <main class="settings-sections">
        <For each={SECTIONS}>
          {({ title, section }) => (
            <section aria-label={title}>
              <h2>{title}</h2>
              <Dynamic component={section} />
            </section>
          )}
        </For>
      </main>
      <Notices list={notices} />
    </div>
  );
}
