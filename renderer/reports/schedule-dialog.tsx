/** Asks for a schedule: its name, when, what it is about, as what and into which folder. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import type { CallInput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { ReportFormat, Weekday } from '../../common/model/report-kinds.ts';
import { call } from '../back-end.ts';
import { Dialog } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { plainText } from '../words/format.ts';
import { ChooseMany, type Choice } from './choose-many.tsx';
import { FORMATS } from './draft.ts';
import { WEEK, weekdayName } from './schedule-words.ts';

export type Schedule = CallInput<'saveReportSchedule'>['schedule'];

export function ScheduleDialog(props: {
  /** The schedule to change; undefined for a new one. */
  readonly schedule: Schedule | undefined;
  readonly nodes: readonly Choice[];
  readonly groups: readonly Choice[];
  /** Proposed for a new one. */
  readonly folder: string;
  readonly machine: string;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  // The dialog is of one schedule as long as it is open.
  const before = props.schedule;
  const [schedule, setSchedule] = createSignal<Schedule>(
    before ?? { name: '', every: 'daily', at: '06:00', format: 'html', folder: props.folder },
  );
  const [problem, setProblem] = createSignal<Problem>();
  const set = (change: Partial<Schedule>): void => {
    setSchedule({ ...schedule(), ...change });
  };

  async function save(): Promise<void> {
    const { name, folder, ...rest } = schedule();
    const result = await call('saveReportSchedule', {
      schedule: { ...rest, name: name.trim(), folder: folder.trim() },
      replaces: before?.name ?? null,
    });
    if (result.ok) props.onDone();
    else setProblem(result.problem);
  }

  return (
    <Dialog title={before === undefined ? 'New schedule' : 'Change the schedule'} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="dialog-body">
          <label class="field">
            <span>Name</span>
            <input
              type="text"
              aria-label="Name"
              required
              autofocus
              maxLength={60}
              value={schedule().name}
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
            <span class="hint">The names of its files begin with it.</span>
          </label>
          <div class="field-row">
            <label class="field">
              <span>Every</span>
              <select aria-label="Every" onChange={(event) => set(everyOf(event.currentTarget.value))}>
                <option value="daily" selected={schedule().every === 'daily'}>
                  day
                </option>
                <For each={WEEK}>
                  {(day) => (
                    <option
                      value={day}
                      selected={schedule().every === 'weekly' && (schedule().weekday ?? 'monday') === day}
                    >
                      {weekdayName(day)}
                    </option>
                  )}
                </For>
              </select>
            </label>
            <label class="field">
              <span>At</span>
              <input
                type="time"
                aria-label="At"
                required
                value={schedule().at}
                onInput={(event) => set({ at: event.currentTarget.value })}
              />
            </label>
            <label class="field">
              <span>As</span>
              <select
                aria-label="As"
                onChange={(event) => set({ format: event.currentTarget.value as ReportFormat })}
              >
                <For each={Object.keys(FORMATS) as ReportFormat[]}>
                  {(format) => (
                    <option value={format} selected={format === schedule().format}>
                      {FORMATS[format].title}
                    </option>
                  )}
                </For>
              </select>
            </label>
          </div>
          <p class="hint">
            By the clock of {plainText(props.machine)}; about the{' '}
            {schedule().every === 'daily' ? '24 hours' : 'week'} up to then.
          </p>
          <ChooseMany
            title="Nodes"
            all="all nodes"
            choices={props.nodes}
            chosen={schedule().nodes ?? []}
            onChosen={(nodes) => set({ nodes: [...nodes] })}
          />
          <Show when={props.groups.length > 0}>
            <ChooseMany
              title="Groups of processes"
              all="all processes"
              choices={props.groups}
              chosen={schedule().groups ?? []}
              onChosen={(groups) => set({ groups: [...groups] })}
            />
          </Show>
          <label class="field">
            <span>Folder</span>
            <input
              type="text"
              aria-label="Folder"
              class="fixed"
              required
              maxLength={1000}
              spellcheck={false}
              value={schedule().folder}
              onInput={(event) => set({ folder: event.currentTarget.value })}
            />
            <span class="hint">On {plainText(props.machine)}, where mosview runs.</span>
          </label>
          <InlineProblem problem={problem()} />
        </div>
        <div class="dialog-buttons">
          <button type="button" onClick={() => props.onCancel()}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A choice of the first list as the fields of a schedule. */
function everyOf(value: string): Pick<Schedule, 'every' | 'weekday'> {
  return value === 'daily' ? { every: 'daily' } : { every: 'weekly', weekday: value as Weekday };
}
