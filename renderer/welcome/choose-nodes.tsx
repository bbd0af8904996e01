/** The preview of an import: which of the nodes found in a file are to be added. */
import { createSignal, Show, type JSX } from 'solid-js';
import type { Candidate } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { ChooseList } from '../parts/choose-list.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, plainText } from '../words/format.ts';

/** Most entries the contract takes in one call. */
const ENTRIES_PER_CALL = 2000;

export function ChooseNodes(props: {
  readonly candidates: readonly Candidate[];
  /** Where they were found. */
  readonly source: string;
  /** Which of them are chosen to begin with, where they are new. */
  readonly chosen: readonly Candidate[];
  readonly onAdded: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const unknown = props.candidates.filter((candidate) => !candidate.known);
  const [chosen, setChosen] = createSignal<ReadonlySet<Candidate>>(
    new Set(props.chosen.filter((candidate) => !candidate.known)),
  );
  const [problem, setProblem] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);

  function choose(candidates: readonly Candidate[], on: boolean): void {
    const next = new Set(chosen());
    for (const candidate of candidates) {
      if (on && !candidate.known) next.add(candidate);
      else next.delete(candidate);
    }
    setChosen(next);
  }

  async function add(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const entries = [...chosen()].map((candidate) => candidate.entry);
    for (let start = 0; start < entries.length; start += ENTRIES_PER_CALL) {
      const result = await call('addNodes', { entries: entries.slice(start, start + ENTRIES_PER_CALL) });
      if (!result.ok) {
        setProblem(result.problem);
        setBusy(false);
        return;
      }
    }
    props.onAdded();
  }

  return (
    <>
      <div class="dialog-body choose">
        <p class="muted">
          {count(props.candidates.length)} found in {plainText(props.source)}
          <Show when={unknown.length < props.candidates.length}>
            , {count(props.candidates.length - unknown.length)} already there
          </Show>
        </p>
        <ChooseList
          label="Nodes found"
          items={props.candidates}
          empty="There is no node in it."
          nameOf={({ entry }) => entry.name}
          aboutOf={({ about }) => about}
          isChosen={(candidate) => chosen().has(candidate)}
          isKnown={({ known }) => known}
          onChoose={choose}
        />
        <InlineProblem problem={problem()} />
      </div>
      <div class="dialog-buttons">
        <button
          type="button"
          class="primary"
          disabled={busy() || chosen().size === 0}
          onClick={() => void add()}
        >
          {chosen().size === 1 ? 'Add 1 node' : `Add ${count(chosen().size)} nodes`}
        </button>
        <button type="button" onClick={() => props.onCancel()}>
          Cancel
        </button>
      </div>
    </>
  );
}
