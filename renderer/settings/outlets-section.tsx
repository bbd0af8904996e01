/** What leaves the program for Prometheus and what is read back from there, as it stands; set in the settings file. */
import { createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { RemoteWriteStatus } from '../../common/contract/outlet-calls.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { count, dateAndTime, plainText, span, timeOfDay } from '../words/format.ts';

const REFRESH_MILLISECONDS = 2000;

export function OutletsSection(): JSX.Element {
  const [outlets, setOutlets] = createSignal<CallOutput<'outlets'>>();
  const [problem, setProblem] = createSignal<Problem>();
  async function read(): Promise<void> {
    const result = await call('outlets', {});
    if (result.ok) setOutlets(result.value);
    setProblem(result.ok ? undefined : result.problem);
  }
  onMount(() => void read());
  const timer = setInterval(() => void read(), REFRESH_MILLISECONDS);
  onCleanup(() => clearInterval(timer));
  return (
    <>
      <InlineProblem problem={problem()} />
      <Show when={outlets()}>
        {(known) => (
          <>
            <dl class="facts">
              <dt>Endpoint</dt>
              <dd>{known().metricsUrl ?? 'off; start with --metrics 127.0.0.1:9464'}</dd>
              <dt>Remote-write</dt>
              <dd>
                <Show
                  when={known().remoteWrite}
                  fallback="off; the settings name no server under prometheus.remoteWrite"
                >
                  {(status) => `${plainText(status().url)}, every ${status().intervalSeconds} s`}
                </Show>
              </dd>
              <Show when={known().remoteWrite}>{(status) => <Progress status={status()} />}</Show>
              <dt>Read back</dt>
              <dd>
                {plainText(known().read?.url ?? 'off; the settings name no server under prometheus.read')}
              </dd>
            </dl>
            <InlineProblem problem={known().remoteWrite?.problem ?? undefined} />
            <InlineProblem problem={known().remoteWrite?.refusal ?? undefined} />
            <InlineProblem problem={known().read?.problem ?? undefined} />
          </>
        )}
      </Show>
    </>
  );
}

function Progress(props: { readonly status: RemoteWriteStatus }): JSX.Element {
  const isCurrent = (): boolean => props.status.behindSeconds < 2 * props.status.intervalSeconds;
  return (
    <>
      <dt>Sent up to</dt>
      <dd>
        {dateAndTime(props.status.sentTo)}
        {isCurrent() ? '' : `, ${span(props.status.behindSeconds)} behind`}
        <Show when={props.status.retryAt}>{(time) => `, tried again at ${timeOfDay(time())}`}</Show>
      </dd>
      <dt>Samples</dt>
      <dd>
        {count(props.status.samplesTaken)} taken, {count(props.status.samplesRefused)} refused
      </dd>
    </>
  );
}
