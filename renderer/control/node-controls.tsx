/** Everything that can be changed of one or several nodes, with how it stands now. */
import { createMemo, createSignal, Index, Match, Show, Switch, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Ability } from '../../common/model/capability.ts';
import type { NodeChange } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import { recall, remember } from '../remembered.ts';
import {
  drainsOf,
  nodeNames,
  unchangeable,
  whyNoChange,
  whyNone,
  type NodeNow,
} from '../words/control-words.ts';
import { DecayDialog } from './decay-dialog.tsx';
import { DrainDialog, type DrainWish } from './drain-dialog.tsx';
import { ExcludeOffer } from './exclude-offer.tsx';
import { MattxDialog } from './mattx-dialog.tsx';
import { undoOf, type Orders } from './order.tsx';
import { Speed } from './speed.tsx';
import { Switches } from './switches.tsx';

export function NodeControls(props: {
  /** At least one. */
  readonly nodes: readonly NodeInfo[];
  readonly second: Second;
  readonly orders: Orders;
  /** The name of a node by its id. */
  readonly nameOf: (id: number) => string;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [asking, setAsking] = createSignal<'decay' | 'drain' | 'mattx'>();
  const [dryRun, setDryRun] = createSignal(recall('plan-first') === 'yes');

  const now = createMemo(() => props.nodes.map((info) => nodeNow(info, props.second)));
  const keys = () => props.nodes.map((node) => node.key);
  const names = () => nodeNames(props.nodes.map((node) => node.name));
  const unable = createMemo(() => unchangeable(now()));
  const why = () => (now().every((node) => whyNoChange(node) !== '') ? unable() : '');
  const whyNot = (ability: Ability): string => whyNone(now(), ability, why());
  /** Its lists are of one node each. */
  const mattx = () => props.nodes.length === 1 && props.nodes[0]?.dialect === 'mattx';
  const drains = createMemo(() => drainsOf(props.nodes, props.orders.control.actions().values()));

  function change(changes: readonly NodeChange[], look = false): void {
    void props.orders.order(
      { kind: 'nodes', nodes: keys(), changes: [...changes] },
      { look: look || dryRun() },
    );
  }

  function drain(wish: DrainWish): void {
    setAsking(undefined);
    void props.orders.order({ kind: 'drain', nodes: keys(), ...wish }, { look: dryRun() });
  }

  return (
    <div class="node-controls">
      <Show when={unable() !== ''}>
        <p class="unable">{unable()}</p>
      </Show>
      <Show when={mattx() && props.nodes[0]}>
        {(node) => (
          <ExcludeOffer node={node()} orders={props.orders} onOrder={(changes) => change(changes, true)} />
        )}
      </Show>
      <Index each={drains()}>
        {(each) => (
          <p class="drain">
            <span class="drain-words">
              {props.nodes.length === 1 ? '' : `${nodeNames(each().nodes.map((node) => node.name))}: `}
              {each().words}
            </span>
            <button type="button" onClick={() => void props.orders.order(undoOf(each().action.number))}>
              End the drain
            </button>
          </p>
        )}
      </Index>
      <Switches
        nodes={now()}
        why={whyNot}
        onOrder={(setting, on) => change([{ kind: 'setting', setting, on }])}
      />
      <Speed
        nodes={now()}
        why={why()}
        nameOf={props.nameOf}
        onOrder={(speed) => change([{ kind: 'speed', speed }])}
        onProblem={props.onProblem}
      />
      <div class="control-buttons">
        <Button why={why()} onPress={() => setAsking('drain')}>
          Drain …
        </Button>
        <Button why={whyNot('expel')} onPress={() => change([{ kind: 'expel' }])}>
          Send guests away
        </Button>
        <Button why={whyNot('bring')} onPress={() => change([{ kind: 'bring' }])}>
          Bring own processes home
        </Button>
        <Show
          when={mattx()}
          fallback={
            <Button why={whyNot('decay')} onPress={() => setAsking('decay')}>
              Decay …
            </Button>
          }
        >
          <Button why={whyNot('pins')} onPress={() => setAsking('mattx')}>
            Lists …
          </Button>
        </Show>
        <label class="choice">
          <input
            type="checkbox"
            checked={dryRun()}
            onChange={(event) => {
              setDryRun(event.currentTarget.checked);
              remember('plan-first', event.currentTarget.checked ? 'yes' : 'no');
            }}
          />
          <span>Always show the plan first</span>
        </label>
      </div>
      <Switch>
        <Match when={asking() === 'decay'}>
          <DecayDialog
            nodes={names()}
            onOrder={(changes) => {
              setAsking(undefined);
              change(changes, true);
            }}
            onCancel={() => setAsking(undefined)}
          />
        </Match>
        <Match when={asking() === 'mattx' && props.nodes[0]}>
          {(node) => (
            <MattxDialog
              node={node().key}
              name={node().name}
              onOrder={(changes) => {
                setAsking(undefined);
                change(changes, true);
              }}
              onProblem={props.onProblem}
              onCancel={() => setAsking(undefined)}
            />
          )}
        </Match>
        <Match when={asking() === 'drain'}>
          <DrainDialog
            nodes={names()}
            mattx={props.nodes.every(({ dialect }) => dialect === 'mattx')}
            onOrder={drain}
            onCancel={() => setAsking(undefined)}
          />
        </Match>
      </Switch>
    </div>
  );
}

/** A button that stays reachable while it can do nothing, and says why. */
function Button(props: {
  readonly why: string;
  readonly onPress: () => void;
  readonly children: JSX.Element;
}): JSX.Element {
  return (
    <button
      type="button"
      aria-disabled={props.why !== ''}
      title={props.why}
      onClick={() => {
        if (props.why === '') props.onPress();
      }}
    >
      {props.children}
    </button>
  );
}

/** A node as this second has it. */
export function nodeNow(info: NodeInfo, { block }: Second): NodeNow {
  return {
    info,
    state: block.state(info.slot),
    status: block.value('status', info.slot),
    speed: block.value('speed', info.slot),
  };
}
