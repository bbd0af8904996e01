/** The lists of processes that windows watch: each node is asked every two seconds, once for all windows. */
import { setTimeout as pause } from 'node:timers/promises';
import { problem, type Problem } from '../common/contract/problem.ts';
import type { ProcessInfo } from '../common/model/process.ts';
import type { CallDesk } from './calls.ts';
import type { ControlNodes } from './control/types.ts';
import type { OperationReply } from '../common/wire/operations.ts';
import { whoseAddress } from './nodes/addresses.ts';
import { processesFrom } from './nodes/processes.ts';

const PERIOD_MILLISECONDS = 2000;

type List = Extract<OperationReply, { kind: 'list' }>;

/** The topic that windows listen to for a node's processes. */
export function processesTopic(key: string): string {
  return `processes ${key}`;
}

/** Asks nodes as long as somebody listens. */
export class ProcessWatch {
  readonly #desk: CallDesk;
  readonly #nodes: ControlNodes;
  readonly #asked = new Set<string>();

  constructor(desk: CallDesk, nodes: ControlNodes) {
    this.#desk = desk;
    this.#nodes = nodes;
  }

  /** Begins with a node, if nobody has yet; it ends by itself when no window listens any more. */
  start(key: string): void {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    void this.#watch(key).finally(() => this.#asked.delete(key));
  }

  async #watch(key: string): Promise<void> {
    const topic = processesTopic(key);
    let before: { readonly processes: readonly ProcessInfo[]; readonly time: number } | undefined;
    while (this.#desk.isHeard(topic)) {
      const time = Date.now();
      const listed = await this.#list(key);
      if ('code' in listed) {
        this.#desk.pushTo(topic, 'processes', { key, time, processes: [], problem: listed });
      } else {
        const whose = whoseAddress(() =>
          this.#nodes.all().map(({ id, addresses = [] }) => ({ id, addresses })),
        );
        const processes = processesFrom(listed, before, this.#nodes.find(key)?.id, whose);
        before = { processes, time };
        this.#desk.pushTo(topic, 'processes', { key, time, processes: [...processes], problem: null });
      }
      await pause(Math.max(100, time + PERIOD_MILLISECONDS - Date.now()), undefined, { ref: false });
    }
  }

  async #list(key: string): Promise<List | Problem> {
    const node = this.#nodes.find(key);
    if (node === undefined) return problem('not-found', `There is no node "${key}" any more`);
    const replies = await node.operate([{ kind: 'list' }]);
    if (!replies.ok) return replies.problem;
    const [reply] = replies.value;
    return reply?.kind === 'list'
      ? reply
      : problem('connection-lost', `${node.name} did not list its processes`);
  }
}
