/** Reports that were saved from here or are being saved: how far they are, where they lie, or why they failed. */
import { For, Match, Show, Switch, type JSX } from 'solid-js';
import { InlineProblem } from '../parts/problem-text.tsx';
import { bytes, count, dateAndTime, percent, plainText } from '../words/format.ts';
import { inOrder, type Job } from './job-order.ts';

export function ReportJobs(props: {
  readonly jobs: readonly Job[];
  /** Whether a file can be brought to this machine: in a browser, which may be on another one. */
  readonly canDownload: boolean;
  readonly onCancel: (id: number) => void;
  readonly onDownload: (job: Job) => void;
}): JSX.Element {
  return (
    <ul class="report-jobs" aria-label="Saved reports">
      <For each={inOrder(props.jobs)}>
        {(job) => (
          <li data-state={job.state}>
            <Switch>
              <Match when={job.state === 'running'}>
                <div class="report-job">
                  <progress value={job.progress.share} aria-label={`Report ${job.id}`} />
                  <span class="number">{percent(100 * job.progress.share)}</span>
                  <span class="muted report-file">{progressWords(job)}</span>
                  <button type="button" onClick={() => props.onCancel(job.id)}>
                    Cancel
                  </button>
                </div>
              </Match>
              <Match when={job.state === 'done'}>
                <div class="report-job">
                  <span class="done">Saved</span>
                  <span class="muted">{dateAndTime(job.ended ?? job.started)}</span>
                  <span class="fixed report-file">{plainText(job.file)}</span>
                  <span class="muted">{bytes(job.bytes)}</span>
                  <Show when={props.canDownload}>
                    <button type="button" onClick={() => props.onDownload(job)}>
                      Download
                    </button>
                  </Show>
                </div>
              </Match>
              <Match when={job.state === 'cancelled'}>
                <p class="muted">Cancelled {dateAndTime(job.ended ?? job.started)}; nothing is left of it.</p>
              </Match>
              <Match when={job.state === 'failed'}>
                <p class="muted">Failed {dateAndTime(job.ended ?? job.started)}.</p>
                <InlineProblem problem={job.problem ?? undefined} />
              </Match>
            </Switch>
          </li>
        )}
      </For>
    </ul>
  );
}

function progressWords({ progress: { done, total } }: Job): string {
  if (total === 0) return 'Counting what there is …';
  return `${count(done)} of ${count(total)} migrations`;
}
