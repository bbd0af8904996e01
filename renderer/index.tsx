/** The window's entry: the address says which view it is, the overview or one that has a window of its own. */
import type { JSX } from 'solid-js';
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

/** Every view by its name in the address. A window loads only its own; those of a node, or that begin at one, get its key. */
const VIEWS: Readonly<Record<View, () => Promise<(key: string) => JSX.Element>>> = {
  node: async () => {
    const { NodeWindow } = await import('./node/node-window.tsx');
    return (key) => <NodeWindow nodeKey={key} />;
  },
  processes: async () => {
    const { ProcessesWindow } = await import('./processes/processes-window.tsx');
    return (key) => <ProcessesWindow nodeKey={key} />;
  },
  map: async () => {
    const { MapWindow } = await import('./map/map-window.tsx');
    return () => <MapWindow />;
  },
  migrations: async () => {
    const { MigrationsWindow } = await import('./migrations/migrations-window.tsx');
    return () => <MigrationsWindow />;
  },
  actions: async () => {
    const { ActionsWindow } = await import('./actions/actions-window.tsx');
    return () => <ActionsWindow />;
  },
  groups: async () => {
    const { GroupsWindow } = await import('./groups/groups-window.tsx');
    return () => <GroupsWindow />;
  },
  run: async () => {
    const { RunWindow } = await import('./run/run-window.tsx');
    return () => <RunWindow />;
  },
  analyzer: async () => {
    const { AnalyzerWindow } = await import('./analyzer/analyzer-window.tsx');
    return (key) => <AnalyzerWindow nodeKey={key} />;
  },
  reports: async () => {
    const { ReportsWindow } = await import('./reports/reports-window.tsx');
    return () => <ReportsWindow />;
  },
  settings: async () => {
    const { SettingsWindow } = await import('./settings/settings-window.tsx');
    return () => <SettingsWindow />;
  },
};

async function overview(): Promise<() => JSX.Element> {
  const { Overview } = await import('./overview/overview.tsx');
  return () => <Overview />;
}

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no place for the window.');
const query = new URLSearchParams(location.search);
const view = query.get('view') ?? '';
const show = await (Object.hasOwn(VIEWS, view) ? VIEWS[view as View] : overview)();
render(() => show(query.get('key') ?? ''), root);
