/** The window's entry: the address says which view it is, the overview or one node's own window. */
import { render } from 'solid-js/web';
import { NodeWindow } from './node/node-window.tsx';
import { Overview } from './overview/overview.tsx';
import './style/tokens.css';
import './style/parts.css';
import './style/overview.css';
import './style/table.css';
import './style/dialogs.css';
import './style/node.css';

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no place for the window.');
const query = new URLSearchParams(location.search);
const key = query.get('view') === 'node' ? query.get('key') : null;
render(() => (key === null ? <Overview /> : <NodeWindow nodeKey={key} />), root);
