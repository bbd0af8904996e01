/** The window of reports: one to look at and save, and those that are made by themselves. */
import { createSignal, Match, onCleanup, onMount, Show, Switch, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { knownNodes, shortNames } from '../../common/model/known-node.ts';
import { call } from '../back-end.ts';
import { createNotices, Notices } from '../overview/notices.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { shows } from '../view.tsx';
import type { Choice } from './choose-many.tsx';
import { download } from './download.ts';
import { EMPTY_DRAFT, requestOf, type Draft } from './draft.ts';
import { ReportForm } from './report-form.tsx';
import type { Job } from './job-order.ts';
import { ReportJobs } from './report-jobs.tsx';
import { Schedules } from './schedules.tsx';

const TABS = ['Report', 'Scheduled'] as const;
type Tab = (typeof TABS)[number];

export const show = shows(ReportsWindow);

function ReportsWindow(): JSX.Element {
  const notices = createNotices();
  const tell = (problem: Problem): void => notices.add(problem);
  const [tab, setTab] = createSignal<Tab>('Report');
  const [connected, setConnected] = createSignal(true);
  const [draft, setDraft] = createSignal<Draft>(EMPTY_DRAFT);
  const [nodes, setNodes] = createSignal<readonly Choice[]>([]);
  const [groups, setGroups] = createSignal<readonly Choice[]>([]);
  const [place, setPlace] = createSignal<Pick<CallOutput<'reports'>, 'folder' | 'machine' | 'zone'>>();
  const [jobs, setJobs] = createSignal<readonly Job[]>([]);
  const [canDownload, setCanDownload] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem>();
  const [looking, setLooking] = createSignal(false);
  const [page, setPage] = createSignal('');
  document.title = 'Reports – mosview';

  async function read(): Promise<void> {
    const [program, recorded, grouped, reports] = await Promise.all([
      call('program', {}),
      call('recorded', {}),
      call('groups', {}),
      call('reports', {}),
    ]);
    for (const result of [program, recorded, grouped, reports]) if (!result.ok) tell(result.problem);
    if (program.ok) setCanDownload(program.value.host === 'headless');
    if (recorded.ok) {
      const known = knownNodes(recorded.value.nodes);
      const values = shortNames(known);
      setNodes(
        known.map(({ id, name, key }, at) => {
          const value = values[at] ?? key;
          return { value, label: value === key ? `${id} ${name} (${key})` : `${id} ${name}` };
        }),
      );
    }
    if (grouped.ok) setGroups(grouped.value.groups.map(({ name }) => ({ value: name, label: name })));
    if (reports.ok) {
      setPlace(reports.value);
      setJobs(reports.value.jobs);
      if (draft().folder === '') setDraft({ ...draft(), folder: reports.value.folder });
    }
  }

  async function preview(): Promise<void> {
    const request = requestOf(draft(), Date.now());
    setProblem(request.ok ? undefined : request.problem);
    if (!request.ok) return;
    setLooking(true);
    const result = await call('previewReport', { request: request.value });
    setLooking(false);
    if (result.ok) setPage(result.value.html);
    else setProblem(result.problem);
  }

  async function save(): Promise<void> {
    const request = requestOf(draft(), Date.now());
    setProblem(request.ok ? undefined : request.problem);
    if (!request.ok) return;
    const { format, table, folder } = draft();
    const result = await call('makeReport', { request: request.value, format, table, folder: folder.trim() });
    if (result.ok) take(result.value, false);
    else setProblem(result.problem);
  }

  /** Takes what is newest of a report; an answer is never newer than what was pushed. */
  function take(job: Job, pushed: boolean): void {
    const isKnown = jobs().some(({ id }) => id === job.id);
    if (!isKnown) setJobs([job, ...jobs()]);
    else if (pushed) setJobs(jobs().map((other) => (other.id === job.id ? job : other)));
  }

  async function cancel(id: number): Promise<void> {
    const result = await call('cancelReport', { id });
    if (!result.ok) tell(result.problem);
  }

  async function fetchFile(job: Job): Promise<void> {
    const trouble = await download(job);
    if (trouble !== undefined) tell(trouble);
  }

  onMount(() => void read());
  onCleanup(window.mosview.on('report', ({ job }) => take(job, true)));
  onCleanup(
    window.mosview.onConnection((now) => {
      setConnected(now);
      if (now) void read();
    }),
  );

  return (
    <div class="log-window">
      <LostStrip connected={connected()} time={0} />
      <header class="log-head">
        <h1 class="unseen">Reports</h1>
        <Tabs names={TABS} chosen={tab()} onChoose={setTab} />
      </header>
      <Switch>
        <Match when={tab() === 'Report'}>
          <main class="report-stage">
            <ReportForm
              draft={draft()}
              onDraft={setDraft}
              nodes={nodes()}
              groups={groups()}
              zone={place()?.zone ?? ''}
              machine={place()?.machine ?? 'the machine'}
              problem={problem()}
              looking={looking()}
              onPreview={() => void preview()}
              onSave={() => void save()}
            />
            <div class="report-results">
              <ReportJobs
                jobs={jobs()}
                canDownload={canDownload()}
                onCancel={(id) => void cancel(id)}
                onDownload={(job) => void fetchFile(job)}
              />
              <Show
                when={page() !== ''}
                fallback={
                  <p class="nothing">
                    A preview shows the report with its first hundred migrations. What is saved has them all.
                  </p>
                }
              >
                {/* Without scripts, forms and an origin: the page is only looked at. */}
                <iframe class="report-page" title="Preview of the report" sandbox="" srcdoc={page()} />
              </Show>
            </div>
          </main>
        </Match>
        <Match when={tab() === 'Scheduled'}>
          <Schedules
            nodes={nodes()}
            groups={groups()}
            folder={place()?.folder ?? ''}
            machine={place()?.machine ?? 'the machine'}
            onProblem={tell}
          />
        </Match>
      </Switch>
      <Notices list={notices} />
    </div>
  );
}
