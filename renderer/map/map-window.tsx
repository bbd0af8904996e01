/** The window of the migration map: the map, the chosen node's processes beside it, and the orders given on it. */
import { createMemo, createSignal, Show, type JSX } from 'solid-js';
import type { View } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { createNotices, Notices } from '../overview/notices.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { SendDialog } from '../processes/send-dialog.tsx';
import { shows } from '../view.tsx';
import { count } from '../words/format.ts';
import { MapCanvas, type Choice } from './map-canvas.tsx';
import { createMapState } from './map-state.ts';
import { dialectOf, moveOrder, processWords, refusal, type MapProcess } from './processes.ts';
import { Legend, NodeSide } from './side.tsx';

export const show = shows(MapWindow);

function MapWindow(): JSX.Element {
  const notices = createNotices();
  const told = (problem: Problem): void => notices.add(problem);
  const cluster = createCluster(told);
  const orders = createOrders(told);
  const [choice, setChoice] = createSignal<Choice>();
  const [moves, setMoves] = createSignal<readonly Migration[]>([]);
  const [asking, setAsking] = createSignal<MapProcess>();
  const state = createMapState(cluster, () => choice()?.node, setMoves, told);
  document.title = 'Map – mosview';

  const processes = createMemo(() => [...state.away(), ...state.atHome()]);
  const chosenNode = createMemo(() => state.nodes().get(choice()?.node ?? 0));

  /** Orders a move, or says why it cannot be. */
  function move(process: MapProcess, to: number): void {
    const why = refusal(process, to, state.nodes());
    const order = moveOrder(process, to, state.nodes());
    if (why === '' && order !== undefined) void orders.order(order);
    else told({ code: 'bad-input', message: `${processWords(process)} was not moved. ${why}`, detail: '' });
  }

  async function open(view: View, node?: number): Promise<void> {
    const key = node === undefined ? undefined : state.nodes().get(node)?.info.key;
    const result = await call('openWindow', key === undefined ? { view } : { view, key });
    if (!result.ok) told(result.problem);
  }

  const summary = (): string => {
    const away = state.away().length;
    const nodes = `${count(state.ids().length)} ${state.ids().length === 1 ? 'node' : 'nodes'}`;
    if (away === 0) return `${nodes}, every process is at home`;
    return `${nodes}, ${count(away)} ${away === 1 ? 'process' : 'processes'} away from home`;
  };

  return (
    <div class="overview map-window">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <header class="head map-head">
        <h1>Migration map</h1>
        <span class="muted">{cluster.known() ? summary() : ''}</span>
        <div class="tools">
          <LockButton control={orders.control} onProblem={told} />
        </div>
      </header>
      <main class="map-stage" classList={{ lost: !cluster.connected() }}>
        <MapCanvas
          state={state}
          processes={processes()}
          choice={choice()}
          moves={moves}
          onChoose={setChoice}
          onMove={move}
          onAsk={setAsking}
          onOpen={(node) => void open('node', node)}
        />
        <Show when={chosenNode()} fallback={<Legend state={state} onOpen={(view) => void open(view)} />}>
          {(node) => (
            <NodeSide
              state={state}
              node={node()}
              chosen={choice()?.process}
              onChoose={(process) => setChoice({ node: node().info.id, process: process.key })}
              onAsk={setAsking}
              onHome={(process) => move(process, process.home)}
              onOpen={(view) => void open(view, node().info.id)}
              onClose={() => setChoice()}
            />
          )}
        </Show>
      </main>
      <Notices list={notices} />
      <OrderLayer orders={orders} />
      <Show when={asking()} keyed>
        {(process) => (
          <SendDialog
            what={processWords(process)}
            home={dialectOf(process.home, state.nodes())}
            cluster={cluster}
            onSend={(id) => {
              setAsking();
              move(process, id);
            }}
            onCancel={() => setAsking()}
          />
        )}
      </Show>
    </div>
  );
}
