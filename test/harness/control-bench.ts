/** Control over real SSH sessions to one sshd, each of them to another node of an emulated kernel. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { orderSchema, type Action, type OrderInput, type Plan } from '../../common/model/control.ts';
import type { Dialect } from '../../common/model/node.ts';
import { failure, success } from '../../common/model/result.ts';
import { openControl } from '../../main/control/index.ts';
import type {
  Control,
  ControlNode,
  ControlNodes,
  ControlOptions,
  MoveRequest,
} from '../../main/control/types.ts';
import { ROW_COLUMNS } from '../../main/demo/news.ts';
import { operate } from '../../main/nodes/operator.ts';
import { processesFrom } from '../../main/nodes/processes.ts';
import { runProgram } from '../../main/nodes/run.ts';
import type { SshSession } from '../../main/ssh/index.ts';
import { EmulatedKernel, type KernelOptions } from './kernel.ts';
import { AnsweringPrompter, reached, SshBench } from './ssh-fixture.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { valueOf } from './value-of.ts';

const OPERATOR = readFileSync(resolve(import.meta.dirname, '../../resources/operator.sh'), 'utf8');

interface Member {
  readonly entry: NodeEntry;
  readonly id: number;
  readonly dialect: Dialect;
  readonly session: SshSession;
}

export class ControlBench implements ControlNodes {
  readonly sshd: Sshd;
  readonly kernel: EmulatedKernel;
  readonly requests: MoveRequest[] = [];
  readonly #ssh: SshBench;
  readonly #members = new Map<string, Member>();
  #control: Control | undefined;

  private constructor(sshd: Sshd, ssh: SshBench, kernel: EmulatedKernel) {
    this.sshd = sshd;
    this.#ssh = ssh;
    this.kernel = kernel;
  }

  /** Starts a server and a live kernel, or live agents, and connects to every node but those that are `down`. */
  static async start(
    ids: readonly number[],
    down: readonly number[] = [],
    layout: NonNullable<KernelOptions['layout']> = 'kernel',
  ): Promise<ControlBench> {
    const sshd = await startSshd();
    const ssh = new SshBench();
    const folder = join(ssh.folder, 'kernel');
    const kernel = new EmulatedKernel({ folder, ids, demand: 0, live: true, layout });
    const dialect = layout === 'agent' ? 'agent' : 'openmosix';
    const bench = new ControlBench(sshd, ssh, kernel);
    const service = ssh.service({ prompter: new AnsweringPrompter(), configFile: sshd.configFile });
    for (const id of ids) {
      // Nothing listens on port 1.
      const port = down.includes(id) ? { port: 1 } : {};
      const entry = {
        name: `node${id}`,
        host: `node${id}`,
        root: kernel.node(id)[layout === 'agent' ? 'proc' : 'tree'],
        ...port,
      };
      bench.#members.set(`id:${id}`, { entry, id, dialect, session: service.open(entry) });
    }
    const here = { name: 'here', host: 'here' };
    bench.#members.set('host:here', {
      entry: here,
      id: 60_000,
      dialect: 'linux',
      session: service.open(here),
    });
    await Promise.all(
      [...bench.#members.values()].map(({ session, id }) =>
        reached(session, down.includes(id) ? 'waiting' : 'connected'),
      ),
    );
    await bench.open();
    return bench;
  }

  get control(): Control {
    if (this.#control === undefined) throw new Error('control is not open');
    return this.#control;
  }

  /** Opens control on the same data folder, unlocked; what was open before is closed. */
  async open(options: Partial<ControlOptions> = {}): Promise<void> {
    await this.#control?.close();
    const control = await openControl({
      dataFolder: join(this.#ssh.folder, 'data'),
      nodes: this,
      who: 'anna@desk',
      onState: () => undefined,
      onAction: () => undefined,
      onMoveRequest: (request) => void this.requests.push(request),
      onRun: () => undefined,
      ...options,
    });
    this.#control = valueOf(control);
    valueOf(await this.#control.unlock(60));
  }

  async close(): Promise<void> {
    await this.#control?.close();
    this.kernel.close();
    await this.#ssh.close();
    await this.sshd.close();
  }

  async plan(order: OrderInput): Promise<Plan> {
    return valueOf(await this.control.plan(orderSchema.parse(order)));
  }

  /** Applies a plan and waits until everything of it is known. */
  async apply({ id }: Plan): Promise<Action> {
    const { number } = valueOf(await this.control.apply(id));
    return this.control.finished(number, 50_000);
  }

  async carryOut(order: OrderInput): Promise<Action> {
    return this.apply(await this.plan(order));
  }

  undo(action: Action): Promise<Action> {
    return this.carryOut({ kind: 'undo', action: action.number });
  }

  /** The first line of a file below admin/ of a node. */
  admin(id: number, file: string): string {
    return readFileSync(join(this.kernel.node(id).tree, 'admin', file), 'latin1').trim();
  }

  find(key: string): ControlNode | undefined {
    const member = this.#members.get(key);
    return member && this.#nodeOf(key, member);
  }

  ofId(id: number): ControlNode | undefined {
    return this.find(`id:${id}`);
  }

  all(): readonly ControlNode[] {
    return [...this.#members].map(([key, member]) => this.#nodeOf(key, member));
  }

  #nodeOf(key: string, { entry, id, dialect, session }: Member): ControlNode {
    const { name } = entry;
    const row = this.kernel.simulation.has(id) ? this.kernel.simulation.row(id, id) : [];
    const figure = (column: (typeof ROW_COLUMNS)[number]): number => row[ROW_COLUMNS.indexOf(column)] ?? NaN;
    const reachable = session.state.kind === 'connected';
    return {
      key,
      id,
      name,
      dialect,
      reachable,
      why: reachable ? '' : 'it is not connected',
      root: dialect === 'linux' ? undefined : this.kernel.node(id).tree,
      load: figure('load'),
      speed: figure('speed'),
      cpus: figure('cpus'),
      status: figure('status'),
      ...deedsOver(session, entry, id),
      run: (command, placement, listener) =>
        runProgram(session, { entry, name }, command, placement, listener),
    };
  }
}

type Deeds = Pick<ControlNode, 'operate' | 'processes'>;

/** What is done on node `id` itself, over its session; the entry says how. */
export function deedsOver(session: SshSession, entry: NodeEntry, id: number): Deeds {
  const { name } = entry;
  const deeds: Deeds = {
    operate: (operations) => operate(session, { entry, operatorText: OPERATOR, name }, operations),
    async processes() {
      const replies = await deeds.operate([{ kind: 'list' }]);
      if (!replies.ok) return replies;
      const [list] = replies.value;
      return list?.kind === 'list'
        ? success(processesFrom(list, undefined, id))
        : failure(problem('connection-lost', `${name} did not list its processes`));
    },
  };
  return deeds;
}
