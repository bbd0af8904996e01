/** The window's entry: the address says which view it is, the overview or one that has a window of its own. */
import type { Component } from 'solid-js';
import { render } from 'solid-js/web';
import type { View } from '../common/contract/contract.ts';
import './style/tokens.css';
import './style/parts.css';
import './style/overview.css';
import './style/table.css';
import './style/dialogs.css';
import './style/node.css';
import './style/control.css';
import './style/actions.css';
import './style/processes.css';
import './style/groups.css';
import './style/run.css';
import './style/reports.css';
import './style/map.css';
import './style/heat-map.css';
import './style/playback.css';
import './style/settings.css';
import './style/analyzer.css';
import './style/strips.css';
import './style/comparison.css';

/** What a window shows; views of a node, or that begin at one, take its key. */
type ViewOf = Component<{ readonly nodeKey: string }>;

/** Every view by its name in the address. A window loads only its own. */
const VIEWS: Readonly<Record<View, () => Promise<ViewOf>>> = {
  node: async () => (await import('./node/node-window.tsx')).NodeWindow,
  processes: async () => (await import('./processes/processes-window.tsx')).ProcessesWindow,
  map: async () => (await import('./map/map-window.tsx')).MapWindow,
  migrations: async () => (await import('./migrations/migrations-window.tsx')).MigrationsWindow,
  actions: async () => (await import('./actions/actions-window.tsx')).ActionsWindow,
  groups: async () => (await import('./groups/groups-window.tsx')).GroupsWindow,
  run: async () => (await import('./run/run-window.tsx')).RunWindow,
  analyzer: async () => (await import('./analyzer/analyzer-window.tsx')).AnalyzerWindow,
  reports: async () => (await import('./reports/reports-window.tsx')).ReportsWindow,
  settings: async () => (await import('./settings/settings-window.tsx')).SettingsWindow,
};

async function overview(): Promise<ViewOf> {
  return (await import('./overview/overview.tsx')).Overview;
}

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no place for the window.');
const query = new URLSearchParams(location.search);
const view = query.get('view') ?? '';
const loading = (Object.hasOwn(VIEWS, view) ? VIEWS[view as View] : overview)();
// The first formatter of a process costs 20 ms, which pass while the view's file is on its way.
void new Intl.DateTimeFormat();
const Shown = await loading;
render(() => <Shown nodeKey={query.get('key') ?? ''} />, root);
