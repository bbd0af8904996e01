/** The window's entry: the address says which view it is, the overview or one that has a window of its own. */
import type { JSX } from 'solid-js';
import { render } from 'solid-js/web';
import type { View } from '../common/contract/contract.ts';
import { ActionsWindow } from './actions/actions-window.tsx';
import { AnalyzerWindow } from './analyzer/analyzer-window.tsx';
import { GroupsWindow } from './groups/groups-window.tsx';
import { MapWindow } from './map/map-window.tsx';
import { MigrationsWindow } from './migrations/migrations-window.tsx';
import { NodeWindow } from './node/node-window.tsx';
import { Overview } from './overview/overview.tsx';
import { ProcessesWindow } from './processes/processes-window.tsx';
import { ReportsWindow } from './reports/reports-window.tsx';
import { RunWindow } from './run/run-window.tsx';
import { SettingsWindow } from './settings/settings-window.tsx';
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

/** Every view by its name in the address; those of a node, or that begin at one, get its key. */
const VIEWS: Readonly<Record<View, (key: string) => JSX.Element>> = {
  node: (key) => <NodeWindow nodeKey={key} />,
  processes: (key) => <ProcessesWindow nodeKey={key} />,
  map: () => <MapWindow />,
  migrations: () => <MigrationsWindow />,
  actions: () => <ActionsWindow />,
  groups: () => <GroupsWindow />,
  run: () => <RunWindow />,
  analyzer: (key) => <AnalyzerWindow nodeKey={key} />,
  reports: () => <ReportsWindow />,
  settings: () => <SettingsWindow />,
};

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no place for the window.');
const query = new URLSearchParams(location.search);
const view = query.get('view') ?? '';
const show = Object.hasOwn(VIEWS, view) ? VIEWS[view as View] : undefined;
render(() => (show === undefined ? <Overview /> : show(query.get('key') ?? '')), root);
