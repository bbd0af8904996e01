/** The reports that are made by themselves: when, where, and what came of the last; with adding, changing, removing. */
import { createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { Confirmation } from '../parts/dialog.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { dateAndTime, plainText } from '../words/format.ts';
import type { Choice } from './choose-many.tsx';
import { FORMATS } from './draft.ts';
import { ScheduleDialog, type Schedule } from './schedule-dialog.tsx';
import { whenWords } from './schedule-words.ts';

type Scheduled = CallOutput<'reportSchedules'>['schedules'][number];

/** What the dialogs are about: a new schedule, one to change, one to remove. */
type Asking = { readonly kind: 'new' } | { readonly kind: 'edit' | 'remove'; readonly schedule: Schedule };

export function Schedules(props: {
  readonly nodes: readonly Choice[];
  readonly groups: readonly Choice[];
  readonly folder: string;
  readonly machine: string;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [schedules, setSchedules] = createSignal<readonly Scheduled[]>();
  const [asking, setAsking] = createSignal<Asking>();

  async function read(): Promise<void> {
    const result = await call('reportSchedules', {});
    if (result.ok) setSchedules(result.value.schedules);
    else props.onProblem(result.problem);
  }

  async function remove(name: string): Promise<void> {
    setAsking(undefined);
    const result = await call('removeReportSchedule', { name });
    if (!result.ok) props.onProblem(result.problem);
    await read();
  }

  onMount(() => void read());
  onCleanup(window.mosview.on('reportSchedules', ({ schedules: now }) => setSchedules(now)));

  const edited = (): Schedule | undefined => {
    const now = asking();
    return now?.kind === 'edit' ? now.schedule : undefined;
  };
  const removed = (): Schedule | undefined => {
    const now = asking();
    return now?.kind === 'remove' ? now.schedule : undefined;
  };

  return (
    <main class="schedules">
      <div class="schedules-head">
        <p class="muted">
          Made while mosview runs, as a window or as a collector. One whose time passed meanwhile is made
          once, late.
        </p>
        <button type="button" onClick={() => setAsking({ kind: 'new' })}>
          New schedule …
        </button>
      </div>
      <ul aria-label="Scheduled reports">
        <For
          each={schedules()}
          fallback={
            <p class="nothing">{schedules() === undefined ? 'Reading …' : 'No report is scheduled.'}</p>
          }
        >
          {({ schedule, next, last }) => (
            <li class="schedule" aria-label={plainText(schedule.name)}>
              <div class="schedule-text">
                <h2>{plainText(schedule.name)}</h2>
                <p>
                  {whenWords(schedule)}, as {FORMATS[schedule.format ?? 'html'].title} into{' '}
                  <span class="fixed">{plainText(schedule.folder)}</span>
                </p>
                <p class="muted">Next: {dateAndTime(next)}</p>
                <Show when={last} fallback={<p class="muted">Not made yet.</p>}>
                  {(outcome) => (
                    <Show
                      when={outcome().problem}
                      fallback={
                        <p>
                          <span class="done">Made</span> {dateAndTime(outcome().time)}:{' '}
                          <span class="fixed">{plainText(outcome().file)}</span>
                        </p>
                      }
                    >
                      {(problem) => (
                        <div class="inline-problem">
                          <p>Failed {dateAndTime(outcome().time)}.</p>
                          <ProblemText problem={problem()} />
                        </div>
                      )}
                    </Show>
                  )}
                </Show>
              </div>
              <div class="detail-actions">
                <button type="button" onClick={() => setAsking({ kind: 'edit', schedule })}>
                  Change …
                </button>
                <button type="button" class="danger" onClick={() => setAsking({ kind: 'remove', schedule })}>
                  Remove …
                </button>
              </div>
            </li>
          )}
        </For>
      </ul>
      <Show when={asking()?.kind === 'new' || edited() !== undefined}>
        <ScheduleDialog
          schedule={edited()}
          nodes={props.nodes}
          groups={props.groups}
          folder={props.folder}
          machine={props.machine}
          onDone={() => {
            setAsking(undefined);
            void read();
          }}
          onCancel={() => setAsking(undefined)}
        />
      </Show>
      <Show when={removed()}>
        {(schedule) => (
          <Confirmation
            title={`Remove the schedule ${plainText(schedule().name)}?`}
            action="Remove the schedule"
            onConfirm={() => void remove(schedule().name)}
            onCancel={() => setAsking(undefined)}
          >
            <p>Reports that were made stay where they are.</p>
          </Confirmation>
        )}
      </Show>
    </main>
  );
}
