/** What is known of one node beside its charts: identity, settings, the observers' views, the connection's log. */
import { For, Show, type JSX, type ParentProps } from 'solid-js';
import type { NodeDetail } from '../../common/contract/contract.ts';
import { dialectTitle } from '../../common/model/dialect.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import { nodeNow } from '../control/node-controls.tsx';
import { bytes, count, dateAndTime, plainText, span } from '../words/format.ts';
import { clusterWords } from '../words/control-words.ts';

export function Facts(
  props: ParentProps<{
    readonly info: NodeInfo;
    readonly detail: NodeDetail | undefined;
    readonly second: Second;
  }>,
): JSX.Element {
  const value = (metric: 'speed' | 'cpus' | 'memoryTotal') =>
    props.second.block.value(metric, props.info.slot);
  return (
    <aside class="node-facts" aria-label="Facts">
      <dl class="facts">
        <dt>Login</dt>
        <dd>{props.info.target === '' ? 'none; seen through other nodes' : props.info.target}</dd>
        <dt>Dialect</dt>
        <dd>{plainText(dialectTitle(props.info.dialect, props.detail?.version))}</dd>
        <dt>System</dt>
        <dd>{plainText(props.detail?.system ?? '') || 'not known yet'}</dd>
        <dt>CPUs</dt>
        <dd>{count(value('cpus'))}</dd>
        <dt>Speed</dt>
        <dd>{count(value('speed'))}</dd>
        <dt>Memory</dt>
        <dd>{bytes(value('memoryTotal'))}</dd>
        <dt>Cluster</dt>
        <dd>{clusterWords(nodeNow(props.info, props.second))}</dd>
      </dl>
      <h2>Control</h2>
      {props.children}
      <Show when={(props.detail?.views.length ?? 0) > 0}>
        <h2>Seen by</h2>
        <Show when={props.info.disagreement !== ''}>
          <p class="disagreement">{props.info.disagreement}</p>
        </Show>
        <table class="views">
          <thead>
            <tr>
              <th scope="col">Observer</th>
              <th scope="col" class="number">
                Load
              </th>
              <th scope="col" class="number">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.detail?.views}>
              {(view) => (
                <tr>
                  <td>{plainText(view.observer)}</td>
                  <td class="number">{count(view.load)}</td>
                  <td class="number">{span(view.age)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
      <h2>Connection</h2>
      <ol class="events" aria-label="Connection log, newest first">
        <For each={props.detail?.events.toReversed()} fallback={<li class="muted">Nothing happened yet.</li>}>
          {(event) => (
            <li>
              <time class="muted">{dateAndTime(event.time)}</time> {plainText(event.text)}
            </li>
          )}
        </For>
      </ol>
    </aside>
  );
}
