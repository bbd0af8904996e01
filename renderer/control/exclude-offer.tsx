/**
 * Of one MattX node where changes are allowed: that its balancer may take mosview's own processes there, as long as its
 * exclude list lacks them, with the offer to append them.
 */
import { createEffect, createMemo, createSignal, on, Show, type JSX } from 'solid-js';
import type { NodeChange } from '../../common/model/control.ts';
import { namesOfList } from '../../common/model/mattx.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { plainText } from '../words/format.ts';
import type { Orders } from './order.tsx';

const APPEND: NodeChange = { kind: 'pin-self' };

interface Lack {
  /** The node that was asked. */
  readonly node: string;
  /** Names that its list lacks, safe to show; empty where the list is not one to append to. */
  readonly names: string;
  /** Why they cannot be appended, in words; empty where they can. */
  readonly why: string;
}

export function ExcludeOffer(props: {
  readonly node: NodeInfo;
  readonly orders: Orders;
  readonly onOrder: (changes: readonly NodeChange[]) => void;
}): JSX.Element {
  const [lack, setLack] = createSignal<Lack>();
  const mayAsk = () => props.orders.control.unlocked() && props.node.connection.kind === 'connected';
  /** Grows with every order on the node that has ended: it may have changed the list. */
  const ended = createMemo(() => {
    const actions = [...props.orders.control.actions().values()];
    return actions.filter(
      ({ state, steps }) => state !== 'running' && steps.some(({ node }) => node === props.node.key),
    ).length;
  });
  createEffect(
    on([mayAsk, () => props.node.key, ended], ([may, key]) => {
      if (may) void look(key);
    }),
  );

  /** Reads what the list lacks; nothing is written. What cannot be read is no offer, and others tell of it. */
  async function look(node: string): Promise<void> {
    const result = await call('plan', { order: { kind: 'nodes', nodes: [node], changes: [APPEND] } });
    if (node !== props.node.key) return;
    const step = result.ok ? result.value.steps[0] : undefined;
    if (step === undefined || step.verdict === 'same' || step.before === null) {
      setLack();
      return;
    }
    const known = new Set(namesOfList(step.before));
    const names = namesOfList(step.after).filter((name) => !known.has(name));
    setLack({
      node,
      names: plainText(names.join(', ')),
      why: step.verdict === 'change' ? '' : plainText(step.why),
    });
  }

  return (
    <Show when={mayAsk() && lack()?.node === props.node.key && lack()}>
      {(found) => (
        <p class="exclude-offer" role="note" aria-label="Exclude list">
          <span>{wordsOf(found())}</span>
          <Show when={found().why === ''}>
            <button type="button" onClick={() => props.onOrder([APPEND])}>
              Append to its list
            </button>
          </Show>
        </p>
      )}
    </Show>
  );
}

function wordsOf({ names, why }: Lack): string {
  const danger = "The balancer may take mosview's own sampler away";
  const lacks = names === '' ? '' : `: the exclude list there lacks ${names}`;
  return why === '' ? `${danger}${lacks}.` : `${danger}${lacks}, and mosview cannot append to it: ${why}.`;
}
