/**
 * The window's entry: the address says which view it is, the overview or one that has a window of its own. It needs no other
 * file to run, so that all files of a view are on their way at once.
 */
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

/** Loads a view and shows it in the window; a view of a node, or that begins at one, is given its key. */
type Open = (root: Element, nodeKey: string) => Promise<void>;

/** The first formatter of a process costs 20 ms, which pass while a view's files are on their way. */
function prepareFormatters(): void {
  void new Intl.DateTimeFormat();
}

function opens(load: () => Promise<{ readonly show: (root: Element, nodeKey: string) => void }>): Open {
  return async (...place) => {
    const loading = load();
    prepareFormatters();
    (await loading).show(...place);
  };
}

/** The picture of the analyzer begins with the nodes there are, which are asked for while its files are on their way. */
async function analyzer(root: Element, nodeKey: string): Promise<void> {
  const loading = import('./analyzer/analyzer-window.tsx');
  const recorded = window.mosview.call('recorded', {});
  void recorded.then(prepareFormatters);
  (await loading).show(root, nodeKey, recorded);
}

const overview = opens(() => import('./overview/overview.tsx'));

/** Every view by its name in the address. A window loads only its own. */
const VIEWS: Readonly<Record<View, Open>> = {
  node: opens(() => import('./node/node-window.tsx')),
  processes: opens(() => import('./processes/processes-window.tsx')),
  map: opens(() => import('./map/map-window.tsx')),
  migrations: opens(() => import('./migrations/migrations-window.tsx')),
  actions: opens(() => import('./actions/actions-window.tsx')),
  groups: opens(() => import('./groups/groups-window.tsx')),
  run: opens(() => import('./run/run-window.tsx')),
  analyzer,
  reports: opens(() => import('./reports/reports-window.tsx')),
  settings: opens(() => import('./settings/settings-window.tsx')),
};

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no place for the window.');
const query = new URLSearchParams(location.search);
const view = query.get('view') ?? '';
const open = Object.hasOwn(VIEWS, view) ? VIEWS[view as View] : overview;
void open(root, query.get('key') ?? '');
