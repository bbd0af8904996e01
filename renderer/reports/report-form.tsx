/** The form of a report: range, what it is about, as what and where it is saved. */
import { For, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { ReportFormat, ReportTable } from '../../common/model/report-kinds.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { plainText } from '../words/format.ts';
import { ChooseMany, type Choice } from './choose-many.tsx';
import { FORMATS, OWN_RANGE, SPANS, TABLES, type Draft } from './draft.ts';

export function ReportForm(props: {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly nodes: readonly Choice[];
  readonly groups: readonly Choice[];
  /** Zone of the clock that the report's times are of, and the machine the file is written on. */
  readonly zone: string;
  readonly machine: string;
  readonly problem: Problem | undefined;
  readonly looking: boolean;
  readonly onPreview: () => void;
  readonly onSave: () => void;
}): JSX.Element {
  const set = (change: Partial<Draft>): void => props.onDraft({ ...props.draft, ...change });
  const isOwn = (): boolean => props.draft.span === OWN_RANGE;

  return (
    <form
      class="report-form"
      aria-label="Report"
      onSubmit={(event) => {
        event.preventDefault();
        props.onPreview();
      }}
    >
      <label class="field">
        <span>Range</span>
        <select
          aria-label="Range"
          value={props.draft.span}
          onChange={(event) => set({ span: event.currentTarget.value })}
        >
          <For each={[...SPANS.map(({ name }) => name), OWN_RANGE]}>{(name) => <option>{name}</option>}</For>
        </select>
      </label>
      <Show when={isOwn()}>
        <Moment label="From" value={props.draft.from} onValue={(from) => set({ from })} />
        <Moment label="To" value={props.draft.to} onValue={(to) => set({ to })} />
      </Show>
      <p class="hint">The report's times are of {plainText(props.zone)}.</p>
      <ChooseMany
        title="Nodes"
        all="all nodes"
        choices={props.nodes}
        chosen={props.draft.nodes}
        onChosen={(nodes) => set({ nodes })}
      />
      <ChooseMany
        title="Groups of processes"
        all="all processes"
        choices={props.groups}
        chosen={props.draft.groups}
        onChosen={(groups) => set({ groups })}
      />
      <label class="field">
        <span>Processes named</span>
        <input
          type="search"
          aria-label="Processes named"
          maxLength={100}
          spellcheck={false}
          autocomplete="off"
          placeholder="any name"
          value={props.draft.command}
          onInput={(event) => set({ command: event.currentTarget.value })}
        />
        <span class="hint">Only the migrations of processes with this text in their names.</span>
      </label>
      <button type="submit" disabled={props.looking}>
        {props.looking ? 'Making the preview …' : 'Preview'}
      </button>
      <fieldset class="segments">
        <legend>Save as</legend>
        <div class="ranges">
          <For each={Object.keys(FORMATS) as ReportFormat[]}>
            {(format) => (
              <label title={FORMATS[format].about}>
                <input
                  type="radio"
                  name="format"
                  checked={props.draft.format === format}
                  onChange={() => set({ format })}
                />
                {FORMATS[format].title}
              </label>
            )}
          </For>
        </div>
        <p class="hint">{FORMATS[props.draft.format].about}</p>
      </fieldset>
      <Show when={props.draft.format === 'csv'}>
        <label class="field">
          <span>Table</span>
          <select
            aria-label="Table"
            onChange={(event) => set({ table: event.currentTarget.value as ReportTable })}
          >
            <For each={Object.keys(TABLES) as ReportTable[]}>
              {(table) => (
                <option value={table} selected={table === props.draft.table}>
                  {TABLES[table]}
                </option>
              )}
            </For>
          </select>
        </label>
      </Show>
      <label class="field">
        <span>Folder</span>
        <input
          type="text"
          aria-label="Folder"
          class="fixed"
          maxLength={1000}
          spellcheck={false}
          autocomplete="off"
          value={props.draft.folder}
          onInput={(event) => set({ folder: event.currentTarget.value })}
        />
        <span class="hint">
          On {plainText(props.machine)}, where mosview runs. The file's name says the range.
        </span>
      </label>
      <div class="report-end">
        <InlineProblem problem={props.problem} />
        <button type="button" class="primary" onClick={() => props.onSave()}>
          Save the report
        </button>
      </div>
    </form>
  );
}

/** A day and time of this window's clock. */
function Moment(props: {
  readonly label: string;
  readonly value: string;
  readonly onValue: (text: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="datetime-local"
        aria-label={props.label}
        value={props.value}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      />
    </label>
  );
}
