/** How the lower part of the window is looked at: what it shows, of which metric, and what counts as much. */
import { createSignal, type Accessor, type JSX } from 'solid-js';
import { Choice } from '../parts/choice.tsx';
import { recall, remember } from '../remembered.ts';
import { count } from '../words/format.ts';
import { MOST_COMPARED } from './compared.ts';
import { STRIP_METRICS, STRIP_WORDS, type StripMetric } from './strip-data.ts';

export type Tab = 'strips' | 'compare' | 'statistics';

/** What the operator chose. */
export interface Look {
  readonly tab: Accessor<Tab>;
  readonly metric: Accessor<StripMetric>;
  /** Percent above which values are red. */
  readonly threshold: Accessor<number>;
  /** Whether the top of load strips is the highest load of the range; 100 % otherwise. */
  readonly toHighest: Accessor<boolean>;
  /** Words a node's name is to contain. */
  readonly filter: Accessor<string>;
  readonly setTab: (tab: Tab) => void;
  readonly setMetric: (metric: StripMetric) => void;
  /** Takes whole percents from 1 to MOST_THRESHOLD; says whether it was one. */
  setThreshold(value: number): boolean;
  setToHighest(on: boolean): void;
  setFilter(text: string): void;
}

const DEFAULT_THRESHOLD = 75;
/** A load of a hundred processes. */
const MOST_THRESHOLD = 10_000;

const isThreshold = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= MOST_THRESHOLD;

/** The look; threshold and scale are remembered between windows. */
export function createLook(): Look {
  const remembered = Number(recall('analyzer.threshold'));
  const [tab, setTab] = createSignal<Tab>('strips');
  const [metric, setMetric] = createSignal<StripMetric>('load');
  const [threshold, setThreshold] = createSignal(isThreshold(remembered) ? remembered : DEFAULT_THRESHOLD);
  const [toHighest, setToHighest] = createSignal(recall('analyzer.scale') === 'highest');
  const [filter, setFilter] = createSignal('');
  return {
    tab,
    metric,
    threshold,
    toHighest,
    filter,
    setTab,
    setMetric,
    setThreshold(value) {
      if (!isThreshold(value)) return false;
      setThreshold(value);
      remember('analyzer.threshold', String(value));
      return true;
    },
    setToHighest(on) {
      setToHighest(on);
      remember('analyzer.scale', on ? 'highest' : '100');
    },
    setFilter,
  };
}

const METRICS = STRIP_METRICS.map((value) => ({
  value,
  label: STRIP_WORDS[value].name,
  about: STRIP_WORDS[value].about,
}));

export function LowerTools(props: {
  readonly look: Look;
  /** How many nodes are compared, and whether one more was refused. */
  readonly compared: number;
  readonly refused: boolean;
}): JSX.Element {
  const { look } = props;
  const tabs = () =>
    [
      { value: 'strips', label: 'Strips', about: 'Every node over the range' },
      {
        value: 'compare',
        label: props.compared === 0 ? 'Compare' : `Compare ${count(props.compared)}`,
        about: 'Up to eight nodes in one chart',
      },
      { value: 'statistics', label: 'Statistics', about: 'Every node in numbers' },
    ] as const;
  return (
    <div class="analyzer-tools time-less">
      <Choice label="Below the cluster" options={tabs()} value={look.tab()} onChoose={look.setTab} />
      <Choice label="Metric" options={METRICS} value={look.metric()} onChoose={look.setMetric} />
      <label class="threshold">
        Red above{' '}
        <input
          type="number"
          min={1}
          max={MOST_THRESHOLD}
          value={look.threshold()}
          onChange={(event) => {
            const taken = look.setThreshold(Math.round(event.currentTarget.valueAsNumber));
            if (!taken) event.currentTarget.value = String(look.threshold());
          }}
        />{' '}
        %
      </label>
      <label class="choice" title="The top of every strip is the highest load of the range; else it is 100 %">
        <input
          type="checkbox"
          checked={look.toHighest()}
          disabled={look.metric() !== 'load'}
          onChange={(event) => look.setToHighest(event.currentTarget.checked)}
        />
        Up to the highest
      </label>
      <span role="status" class="refused">
        {props.refused ? `${MOST_COMPARED} nodes are compared already. Take one out first.` : ''}
      </span>
      <input
        type="search"
        class="strip-filter"
        aria-label="Filter nodes by name"
        placeholder="Filter"
        spellcheck={false}
        autocomplete="off"
        value={look.filter()}
        onInput={(event) => look.setFilter(event.currentTarget.value)}
      />
    </div>
  );
}
