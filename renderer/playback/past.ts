/**
 * The past as this window shows it: what the history says of one second, asked for at most ten times a second and only
 * while the window can be seen.
 */
import { batch, createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Placement } from '../../common/model/migration.ts';
import type { Resolution } from '../../common/model/retention.ts';
import { call } from '../back-end.ts';
import { onVisibility } from '../visibility.ts';
import { secondOf } from './clock.ts';
import { NewestQuestion } from './newest-question.ts';
import { createPastCluster, type PastCluster } from './past-cluster.ts';

/** The second that is shown. */
export interface ShownSecond {
  /** The second asked for. */
  readonly asked: number;
  /** The recorded second that stands for it; undefined where nothing was recorded. */
  readonly found: number | undefined;
  /** Seconds that one value stands for. */
  readonly resolution: Resolution;
}

/** A node's list of processes as it was recorded. */
export interface PastList extends HistoryAnswer<'pastProcesses'> {
  readonly key: string;
}

export interface Past {
  readonly cluster: PastCluster;
  /** Undefined before the first answer. */
  readonly shown: Accessor<ShownSecond | undefined>;
  readonly placements: Accessor<readonly Placement[]>;
  /** The list of the node that was asked for. */
  readonly list: Accessor<PastList | undefined>;
  /** Why what is shown is not the second asked for. */
  readonly problem: Accessor<Problem | undefined>;
}

/** Ten questions a second show every second at ten times the pace of time, and more than the eye follows beyond. */
const GAP_MS = 100;

/** What is to be shown: a second, and the key of the node whose processes are. */
interface Wish {
  readonly second: number;
  readonly key: string | undefined;
}

/** Follows a time, and a node whose processes are shown as well; ends with the owner. */
export function createPast(time: Accessor<number>, key: Accessor<string | undefined>): Past {
  const cluster = createPastCluster();
  const [shown, setShown] = createSignal<ShownSecond>();
  const [placements, setPlacements] = createSignal<readonly Placement[]>([]);
  const [list, setList] = createSignal<PastList>();
  const [problem, setProblem] = createSignal<Problem>();

  const wish = createMemo((): Wish => ({ second: secondOf(time()), key: key() }), undefined, {
    equals: (a, b) => a.second === b.second && a.key === b.key,
  });

  async function ask({ second, key: node }: Wish): Promise<void> {
    const [moment, processes] = await Promise.all([
      call('moment', { time: second }),
      node === undefined ? undefined : call('pastProcesses', { key: node, time: second }),
    ]);
    batch(() => {
      setProblem(!moment.ok ? moment.problem : processes?.ok === false ? processes.problem : undefined);
      if (moment.ok) {
        const { time: found, resolution } = moment.value;
        cluster.take(moment.value);
        setPlacements(found === null ? [] : moment.value.placements);
        setShown({ asked: second, found: found ?? undefined, resolution });
      }
      if (node !== undefined && processes?.ok === true) setList({ ...processes.value, key: node });
    });
  }

  const question = new NewestQuestion(ask, GAP_MS);
  onCleanup(() => question.dispose());
  onVisibility((visible) => question.setOpen(visible));
  createEffect(
    on([wish, cluster.connected], ([wanted, connected]) => {
      if (connected) question.want(wanted);
    }),
  );

  return { cluster, shown, placements, list, problem };
}
