/** The title of a column: says what the numbers mean, and sorts by it. */
import { Show, type JSX } from 'solid-js';
import { metricNamed } from '../../common/model/metric.ts';
import type { ColumnName, Sort } from '../cluster/arrange.ts';

const TITLES: Readonly<Record<ColumnName, { readonly title: string; readonly about: string }>> = {
  state: { title: 'State', about: 'Whether the node answers, as the cluster sees it' },
  id: { title: 'Id', about: 'Number of the node in its cluster' },
  name: { title: 'Name', about: 'Name from the settings or the cluster' },
  speed: { title: 'Speed', about: metricNamed('speed').about },
  load: {
    title: 'Load',
    about: `${metricNamed('load').about}. Raw, in percent of one standard process, and the last two minutes`,
  },
  memory: { title: 'Memory used', about: 'Share, used and total; memory Linux can reclaim counts as free' },
  cpus: { title: 'CPUs', about: metricNamed('cpus').about },
  settings: {
    title: 'Settings',
    about: 'Switches that are on at the node: stay, lstay, block, quiet, nomfs',
  },
  connection: {
    title: 'Connection',
    about: "State of mosview's own connection to the node, with its reason",
  },
};

/** In the past there was a connection once, but only the reason of the state was recorded. */
const REASON = { title: 'Reason', about: 'Why the node was not up, as it was told then' };

export function HeaderCell(props: {
  readonly column: ColumnName;
  readonly past: boolean;
  readonly sort: Sort;
  readonly onSort: (column: ColumnName) => void;
}): JSX.Element {
  const direction = (): 'ascending' | 'descending' | 'none' => {
    if (props.sort.column !== props.column) return 'none';
    return props.sort.descending ? 'descending' : 'ascending';
  };
  const words = () => (props.past && props.column === 'connection' ? REASON : TITLES[props.column]);
  return (
    <div class={`cell ${props.column}`} role="columnheader" aria-sort={direction()}>
      <button type="button" class="sort" title={words().about} onClick={() => props.onSort(props.column)}>
        {words().title}
      </button>
      <Show when={props.column === 'load'}>
        <span class="spark-place" />
      </Show>
    </div>
  );
}
