/** One program that was started: how it stands, and what it printed; the view follows the end unless scrolled up. */
import { createEffect, createMemo, on, Show, type JSX } from 'solid-js';
import type { ProgramRun } from '../../common/model/control.ts';
import { assertNever } from '../../common/model/result.ts';
import { dateAndTime, plainLines, plainText } from '../words/format.ts';
import { placementWords } from './placement.ts';

/** Distance from the end, in CSS pixels, within which the view follows. */
const NEAR_END = 12;

/** How a program stands, in words. */
export function runWords(run: ProgramRun): string {
  switch (run.state) {
    case 'running':
      return 'running';
    case 'ended':
      return run.exitCode === null ? 'ended' : `ended, exit status ${run.exitCode}`;
    case 'lost':
      return 'connection lost';
    case 'refused':
      return 'not started';
    default:
      return assertNever(run.state);
  }
}

/** Good, bad or neither, for the colour beside the words. */
export function runTone(run: ProgramRun): 'running' | 'well' | 'badly' {
  if (run.state === 'running') return 'running';
  return run.state === 'ended' && run.exitCode === 0 ? 'well' : 'badly';
}

export function RunOutput(props: {
  readonly run: ProgramRun;
  readonly onStop: () => void;
  readonly onAgain: () => void;
}): JSX.Element {
  const output = createMemo(() => plainLines(props.run.output));
  let screen: HTMLPreElement | undefined;
  let follows = true;

  function toEnd(): void {
    if (screen !== undefined && follows) screen.scrollTop = screen.scrollHeight;
  }
  const number = createMemo(() => props.run.number);
  createEffect(on(output, toEnd));
  createEffect(
    on(number, () => {
      follows = true;
      toEnd();
    }),
  );

  return (
    <section class="run-output" aria-label={`Program ${props.run.number}`}>
      <div class="run-output-head">
        <h2 class="fixed" title={plainText(props.run.command)}>
          {plainText(props.run.command)}
        </h2>
        <div class="detail-actions">
          <Show when={props.run.state === 'running'}>
            <button
              type="button"
              class="danger"
              title="Closes its channel, which ends the program"
              onClick={() => props.onStop()}
            >
              Stop
            </button>
          </Show>
          <button type="button" title="Fills the form with this program" onClick={() => props.onAgain()}>
            Use again
          </button>
        </div>
        <p class="muted">
          <span class="run-state" data-tone={runTone(props.run)}>
            {runWords(props.run)}
          </span>
          , home {plainText(props.run.nodeName)}, {placementWords(props.run.placement)}, started{' '}
          {dateAndTime(props.run.started)}
        </p>
        <Show when={props.run.why !== ''}>
          <p class="run-why">{plainText(props.run.why)}</p>
        </Show>
      </div>
      <pre
        ref={(element) => (screen = element)}
        class="run-screen"
        tabIndex={0}
        role="log"
        aria-label="Output"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          follows = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {output()}
      </pre>
      <Show when={props.run.output === ''}>
        <p class="nothing">
          {props.run.state === 'running' ? 'Nothing printed yet.' : 'It printed nothing.'}
        </p>
      </Show>
    </section>
  );
}
