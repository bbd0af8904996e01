/** Runs programs with a placement, as openMosix' mosrun and its wrappers do, and shows what they print and how they end. */
import { createMemo, createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { capabilitiesOf } from '../../common/model/capability.ts';
import type { ProgramRun } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { createControl } from '../control/control.ts';
import { LockButton } from '../control/lock-button.tsx';
import { UnlockDialog } from '../control/unlock-dialog.tsx';
import { createNotices, Notices } from '../overview/notices.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { shows } from '../view.tsx';
import { plainText, timeOfDay } from '../words/format.ts';
import { draftOf, EMPTY_DRAFT, startOf, type Draft } from './draft.ts';
import { RunForm } from './run-form.tsx';
import { RunOutput, runTone, runWords } from './run-output.tsx';

export const show = shows(RunWindow);

function RunWindow(): JSX.Element {
  const notices = createNotices();
  const tell = (problem: Problem): void => notices.add(problem);
  const cluster = createCluster(tell);
  const control = createControl(tell);
  const [draft, setDraft] = createSignal<Draft>(EMPTY_DRAFT);
  const [problem, setProblem] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);
  const [unlocking, setUnlocking] = createSignal(false);
  const [runs, setRuns] = createSignal<readonly ProgramRun[]>([]);
  const [number, setNumber] = createSignal<number>();

  const shown = createMemo(() => runs().find((run) => run.number === number()));
  /** Nodes a program can be sent to as it starts; what has not said yet what it speaks may be one. */
  const targets = createMemo(() =>
    cluster
      .nodes()
      .filter(({ dialect }) => dialect === null || capabilitiesOf(dialect).placement)
      .sort((a, b) => a.id - b.id),
  );

  /** Takes what is newest of some programs; an answer is never newer than what was pushed. */
  function take(given: readonly ProgramRun[], pushed: boolean): void {
    const known = new Map(runs().map((run) => [run.number, run]));
    for (const run of given) if (pushed || !known.has(run.number)) known.set(run.number, run);
    setRuns([...known.values()].sort((a, b) => b.number - a.number));
  }

  async function read(): Promise<void> {
    const result = await call('runs', {});
    if (!result.ok) {
      tell(result.problem);
      return;
    }
    take(result.value.runs, false);
    setNumber((before) => before ?? result.value.runs[0]?.number);
  }

  async function start(): Promise<void> {
    const wanted = startOf(
      draft(),
      targets().map((node) => node.id),
    );
    setProblem(wanted.ok ? undefined : wanted.problem);
    if (!wanted.ok) return;
    if (!control.unlocked()) {
      setUnlocking(true);
      return;
    }
    setBusy(true);
    const result = await call('run', wanted.value);
    setBusy(false);
    if (result.ok) {
      take([result.value], false);
      setNumber(result.value.number);
    } else if (result.problem.code === 'locked') {
      await control.refresh();
      setUnlocking(true);
    } else {
      setProblem(result.problem);
    }
  }

  async function unlock(minutes: number): Promise<void> {
    setUnlocking(false);
    const result = await control.unlock(minutes);
    if (result.ok) await start();
    else setProblem(result.problem);
  }

  async function stop(run: ProgramRun): Promise<void> {
    const result = await call('stopRun', { number: run.number });
    if (!result.ok) tell(result.problem);
  }

  onCleanup(window.mosview.on('run', (push) => take([push.run], true)));
  onMount(() => {
    document.title = 'Run a program – mosview';
    void read();
  });

  return (
    <div class="run-window">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <header class="window-head">
        <h1>Run a program</h1>
        <div class="detail-actions">
          <LockButton control={control} onProblem={tell} />
        </div>
      </header>
      <main class="run-stage">
        <RunForm
          draft={draft()}
          onDraft={setDraft}
          cluster={cluster}
          targets={targets()}
          problem={problem()}
          busy={busy()}
          onStart={() => void start()}
        />
        <div class="run-results">
          <nav class="run-list" aria-label="Programs started here">
            <For
              each={runs().map((run) => run.number)}
              fallback={<p class="muted group-none">No program was started here yet.</p>}
            >
              {(each) => (
                <Show when={runs().find((run) => run.number === each)}>
                  {(run) => (
                    <button
                      type="button"
                      class="run-entry"
                      aria-current={each === number()}
                      onClick={() => setNumber(each)}
                    >
                      <span class="run-state" data-tone={runTone(run())}>
                        {runWords(run())}
                      </span>
                      <span class="fixed run-command">{plainText(run().command)}</span>
                      <span class="muted">{plainText(run().nodeName)}</span>
                      <time class="muted">{timeOfDay(run().started)}</time>
                    </button>
                  )}
                </Show>
              )}
            </For>
          </nav>
          <Show when={shown()}>
            {(run) => (
              <RunOutput
                run={run()}
                onStop={() => void stop(run())}
                onAgain={() => setDraft(draftOf(run()))}
              />
            )}
          </Show>
        </div>
      </main>
      <Notices list={notices} />
      <Show when={unlocking()}>
        <UnlockDialog
          waiting={`Run ${draft().command.trim()}`}
          onUnlock={(minutes) => void unlock(minutes)}
          onCancel={() => setUnlocking(false)}
        />
      </Show>
    </div>
  );
}
