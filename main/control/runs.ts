/** Programs started on nodes with a placement, their output as it comes, and how they ended. */
import { problem } from '../../common/contract/problem.ts';
import { capabilitiesOf } from '../../common/model/capability.ts';
import type { PlacementRule, ProgramRun } from '../../common/model/control.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { AuditLog } from './audit.ts';
import type { ControlNodes, RunningProgram } from './types.ts';

/** Characters of output kept of each program. */
const OUTPUT_KEPT = 64 * 1024;
/** Programs that ended are forgotten beyond this number, oldest first. */
const RUNS_KEPT = 200;
/** Output that comes within this time is told at once. */
const TELL_MILLISECONDS = 100;

interface Kept {
  run: ProgramRun;
  program: RunningProgram | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class Runs {
  readonly #log: AuditLog;
  readonly #who: string;
  readonly #nodes: ControlNodes;
  readonly #onRun: (run: ProgramRun) => void;
  readonly #kept = new Map<number, Kept>();
  #last = 0;

  constructor(log: AuditLog, who: string, nodes: ControlNodes, onRun: (run: ProgramRun) => void) {
    this.#log = log;
    this.#who = who;
    this.#nodes = nodes;
    this.#onRun = onRun;
  }

  /** Starts a program. Problems: not-found, not-available, connection-lost, disk-full. */
  async start(key: string, command: string, placement: PlacementRule): Promise<Result<ProgramRun>> {
    const node = this.#nodes.find(key);
    if (node === undefined) return failure(problem('not-found', `There is no node ${key}.`));
    if (!node.reachable) {
      return failure(problem('connection-lost', `${node.name} cannot be reached: ${node.why}`));
    }
    const capabilities = capabilitiesOf(node.dialect);
    if (!capabilities.placement) {
      const words = `Programs cannot be placed on ${node.name}: ${capabilities.why}.`;
      return failure(problem('not-available', words));
    }
    const text = `Run on ${node.name}: ${command}`.slice(0, 1000);
    const body = JSON.stringify({ node: key, command, placement });
    const recorded = this.#log.append(() => ({
      time: Date.now(),
      who: this.#who,
      kind: 'run',
      action: null,
      text,
      body,
    }));
    if (!recorded.ok) return recorded;
    this.#last += 1;
    const number = this.#last;
    const run: ProgramRun = {
      number,
      node: key,
      nodeName: node.name,
      command,
      placement,
      started: Date.now(),
      state: 'running',
      exitCode: null,
      why: '',
      output: '',
    };
    const kept: Kept = { run, program: undefined, timer: undefined };
    this.#kept.set(number, kept);
    const started = await node.run(command, placement, {
      onOutput: (output) => this.#change(kept, { output: (kept.run.output + output).slice(-OUTPUT_KEPT) }),
      onEnd: ({ exitCode, signal, why }) => {
        const state =
          why !== '' ? 'refused' : exitCode === undefined && signal === undefined ? 'lost' : 'ended';
        const words = why === '' && signal !== undefined ? `ended by signal ${signal}` : why;
        this.#change(kept, { state, exitCode: exitCode ?? null, why: words.slice(0, 2000) });
      },
    });
    if (!started.ok) {
      this.#change(kept, { state: 'refused', why: started.problem.message });
      return started;
    }
    kept.program = started.value;
    this.#forgetOld();
    return success(kept.run);
  }

  /** Newest first. */
  list(): readonly ProgramRun[] {
    return [...this.#kept.values()].map(({ run }) => run).toReversed();
  }

  stop(number: number): Result<void> {
    const kept = this.#kept.get(number);
    if (kept === undefined) return failure(problem('not-found', `There is no program ${number}.`));
    kept.program?.close();
    return success(undefined);
  }

  close(): void {
    for (const kept of this.#kept.values()) {
      if (kept.run.state === 'running') kept.program?.close();
      clearTimeout(kept.timer);
    }
  }

  /** Output is told in gulps, an end at once. */
  #change(kept: Kept, change: Partial<ProgramRun>): void {
    kept.run = { ...kept.run, ...change };
    if (kept.run.state === 'running') {
      kept.timer ??= setTimeout(() => this.#tell(kept), TELL_MILLISECONDS);
    } else {
      this.#tell(kept);
    }
  }

  #tell(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    this.#onRun(kept.run);
  }

  #forgetOld(): void {
    for (const [number, { run }] of this.#kept) {
      if (this.#kept.size <= RUNS_KEPT) return;
      if (run.state !== 'running') this.#kept.delete(number);
    }
  }
}
