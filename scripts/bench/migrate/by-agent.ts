/** A job of `mos run` that its agents move, asked as `mos migrate` does, but over a connection that is there already. */
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DEPUTY_NOTICES, LOCAL_METHODS } from '../../../agent/local/protocol.ts';
import { PATHS } from '../../../agent/paths.ts';
import { Peer } from '../../../agent/wire/peer.ts';
import { success } from '../../../common/model/result.ts';
import type { Lab, LabNode, LabProcess } from '../../../test/harness/lab/lab.ts';
import { valueOf } from '../../../test/harness/value-of.ts';
import { longestGap, memoryHolder, untilReady } from './memory-holder.ts';

type Local = Peer<typeof DEPUTY_NOTICES, typeof LOCAL_METHODS>;

const LOOK_MILLISECONDS = 20;
const MOVE_MILLISECONDS = 120_000;

/** What a move took, in milliseconds: standing still as the agent and as the job saw it, and from the order to its answer. */
export interface ByAgent {
  readonly freeze: number;
  readonly seen: number;
  readonly whole: number;
}

export class AgentMoved {
  readonly #log: string;
  readonly #deputy: LabProcess;
  readonly #local: Local;
  readonly #pid: number;

  private constructor(log: string, deputy: LabProcess, local: Local, pid: number) {
    this.#log = log;
    this.#deputy = deputy;
    this.#local = local;
    this.#pid = pid;
  }

  /** Starts it with node 1 as its home; `name` is its own. */
  static async start(lab: Lab, bytes: number, name: string): Promise<AgentMoved> {
    const home = lab.node(1);
    const local = await connectTo(home);
    const deputy = home.spawn('mos', ['run', '-h', '-L', ...memoryHolder(bytes, `/srv/${name}`)]);
    for (;;) {
      const { jobs } = valueOf(await local.call('list', {}));
      const job = jobs.find(({ command }) => command.includes(name));
      if (job !== undefined) {
        const log = join(lab.shared, name);
        await untilReady(log);
        return new AgentMoved(log, deputy, local, job.pid);
      }
      if (deputy.ended) throw new Error(`The job to be moved did not start: ${deputy.stderr}`);
      await wait(LOOK_MILLISECONDS);
    }
  }

  async move(to: number): Promise<ByAgent> {
    const since = Date.now();
    const start = performance.now();
    const order = { pid: this.#pid, to, cause: 'operator' } as const;
    const moved = valueOf(await this.#local.call('migrate', order, { milliseconds: MOVE_MILLISECONDS }));
    const whole = performance.now() - start;
    return { freeze: moved.freezeSeconds * 1000, seen: await longestGap(this.#log, since), whole };
  }

  async end(): Promise<void> {
    await this.#deputy.kill('SIGTERM');
    await this.#deputy.finished;
    this.#local.close();
  }
}

/** Speaks with the agent of a node as root of that node. */
async function connectTo(node: LabNode): Promise<Local> {
  const nobody = () => success({});
  const handlers = {
    output: nobody,
    inputTaken: nobody,
    inputAgain: nobody,
    inputClosed: nobody,
    finished: nobody,
    lost: nobody,
  };
  const socket = connect(join(node.root, PATHS.socket));
  const local = new Peer(node.name, socket, DEPUTY_NOTICES, handlers, LOCAL_METHODS);
  const { file } = valueOf(await local.call('claim', {}));
  closeSync(openSync(join(node.root, file), 'wx', 0o600));
  valueOf(await local.call('prove', { pid: 1 }));
  return local;
}
