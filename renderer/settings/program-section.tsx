/** Which files this program works on. */
import { createSignal, onMount, Show, type JSX } from 'solid-js';
import type { Program } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, plainText } from '../words/format.ts';

export function ProgramSection(): JSX.Element {
  const [program, setProgram] = createSignal<Program>();
  const [problem, setProblem] = createSignal<Problem>();
  async function read(): Promise<void> {
    const result = await call('program', {});
    if (result.ok) setProgram(result.value);
    else setProblem(result.problem);
  }
  onMount(() => void read());
  return (
    <>
      <InlineProblem problem={problem()} />
      <Show when={program()}>
        {(known) => (
          <dl class="facts">
            <dt>Nodes</dt>
            <dd>
              {known().demo
                ? `${count(known().nodes)}, of the demo cluster`
                : `${count(known().nodes)}, from ${plainText(known().settingsFile)}`}
            </dd>
            <dt>Settings</dt>
            <dd>{plainText(known().settingsFile)}</dd>
            <dt>Data folder</dt>
            <dd>{plainText(known().dataFolder)}</dd>
            <dt>Version</dt>
            <dd>{known().version}</dd>
          </dl>
        )}
      </Show>
    </>
  );
}
