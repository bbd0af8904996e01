/**
 * The past as this window shows it: what the history says of one second, asked for at most ten times a second and only
 * while the window can be seen.
 */
import { batch, createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Placement } from '../../common/model/migration.ts';
import type { Resolution } from '../../common/model/retention.ts';
import { success, type Result } from '../../common/model/result.ts';
import { call } from '../back-end.ts';
import { RING_SECONDS } from '../cluster/load-rings.ts';
import { onVisibility } from '../visibility.ts';
import { secondOf } from './clock.ts';
import { COURSE_MS, courseOf, type Course } from './courses.ts';
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

/** Nodes whose courses are asked for at once: as many as one question takes, and more than a window shows. */
const MOST_COURSES = 100;

/** What is to be shown. */
export interface Wish {
  readonly time: Accessor<number>;
  /** Key of the node whose processes are shown; undefined for none. */
  readonly processesOf: Accessor<string | undefined>;
  /** Keys of the nodes whose loads of the last two minutes are shown. */
  readonly coursesOf: Accessor<readonly string[]>;
}

/** Follows a wish; ends with the owner. */
export function createPast(wish: Wish): Past {
  const cluster = createPastCluster();
  const [shown, setShown] = createSignal<ShownSecond>();
  const [placements, setPlacements] = createSignal<readonly Placement[]>([]);
  const [list, setList] = createSignal<PastList>();
  const [problem, setProblem] = createSignal<Problem>();

  const wanted = createMemo(
    (): Wanted => ({
      second: secondOf(wish.time()),
      node: wish.processesOf(),
      keys: wish.coursesOf().toSorted(),
    }),
    undefined,
    { equals: sameWanted },
  );

  async function ask({ second, node, keys }: Wanted): Promise<void> {
    const [moment, processes, courses] = await Promise.all([
      call('moment', { time: second }),
      node === undefined ? undefined : call('pastProcesses', { key: node, time: second }),
      keys.length === 0 ? undefined : askCourses(keys, second),
    ]);
    batch(() => {
      const trouble = [moment, processes, courses].find((each) => each?.ok === false);
      setProblem(trouble?.ok === false ? trouble.problem : undefined);
      if (moment.ok) {
        const { time: found, resolution } = moment.value;
        cluster.take(moment.value, courses?.ok === true ? courses.value : new Map());
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
    on([wanted, cluster.connected], ([newest, connected]) => {
      if (connected) question.want(newest);
    }),
  );

  return { cluster, shown, placements, list, problem };
}

interface Wanted {
  readonly second: number;
  readonly node: string | undefined;
  readonly keys: readonly string[];
}

function sameWanted(a: Wanted, b: Wanted): boolean {
  return a.second === b.second && a.node === b.node && a.keys.join('\n') === b.keys.join('\n');
}

/** The loads of nodes over the two minutes up to a second, by key. */
async function askCourses(
  keys: readonly string[],
  second: number,
): Promise<Result<ReadonlyMap<string, Course>>> {
  const to = second + 1000;
  const result = await call('history', {
    keys: keys.slice(0, MOST_COURSES),
    metrics: ['load'],
    from: Math.max(0, to - COURSE_MS),
    to,
    pixels: RING_SECONDS,
  });
  if (!result.ok) return result;
  const { nodes, resolution } = result.value;
  return success(new Map(nodes.map(({ key, series }) => [key, courseOf(series[0], second, resolution)])));
}
