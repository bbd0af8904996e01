/** Everything that was changed: the actions with their way back, and the audit log with its chain of hashes. */
import { createSignal, Match, Switch, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { shows } from '../view.tsx';
import { ActionList } from './action-list.tsx';
import { AuditLog } from './audit-log.tsx';

const TABS = ['Actions', 'Audit log'] as const;

export const show = shows(ActionsWindow);

function ActionsWindow(): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const [tab, setTab] = createSignal<(typeof TABS)[number]>('Actions');
  const orders = createOrders(setProblem);
  document.title = 'Actions – mosview';

  return (
    <div class="log-window">
      <header class="log-head">
        <h1 class="unseen">Actions</h1>
        <Tabs names={TABS} chosen={tab()} onChoose={setTab} />
        <LockButton control={orders.control} onProblem={setProblem} />
      </header>
      <InlineProblem problem={problem()} />
      <Switch>
        <Match when={tab() === 'Actions'}>
          <ActionList orders={orders} />
        </Match>
        <Match when={tab() === 'Audit log'}>
          <AuditLog control={orders.control} onProblem={setProblem} />
        </Match>
      </Switch>
      <OrderLayer orders={orders} />
    </div>
  );
}
