/** The flow of a node's processes to this window: asked for while the window can be seen, the last list kept. */
import { batch, createSignal, onCleanup, type Accessor } from 'solid-js';
import type { PushPayload } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { call } from '../back-end.ts';

/** What the views read. */
export interface ProcessFeed {
  /** The last list that came. */
  readonly processes: Accessor<readonly ProcessInfo[]>;
  /** When it was made, milliseconds since 1970; 0 before the first. */
  readonly time: Accessor<number>;
  /** Why there is no newer list; undefined while all is well. */
  readonly problem: Accessor<Problem | undefined>;
}

/** Starts the flow of a node; it ends with the owner. */
export function createProcessFeed(key: string): ProcessFeed {
  const [processes, setProcesses] = createSignal<readonly ProcessInfo[]>([]);
  const [time, setTime] = createSignal(0);
  const [problem, setProblem] = createSignal<Problem>();

  function take(push: PushPayload<'processes'>): void {
    if (push.key !== key) return;
    batch(() => {
      setProblem(push.problem ?? undefined);
      if (push.problem !== null) return;
      setProcesses(push.processes);
      setTime(push.time);
    });
  }

  /** While the way to main is lost the bridge keeps the wish and tells it later. */
  async function watch(on: boolean): Promise<void> {
    const result = await call('watchProcesses', { key, on });
    if (!result.ok && result.problem.code !== 'connection-lost') setProblem(result.problem);
  }

  function visibilityChanged(): void {
    void watch(document.visibilityState === 'visible');
  }

  onCleanup(window.mosview.on('processes', take));
  document.addEventListener('visibilitychange', visibilityChanged);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', visibilityChanged);
    void watch(false);
  });
  visibilityChanged();

  return { processes, time, problem };
}
