/** Control over scripted nodes with the clock in hand, so that the whole way of an order takes a moment. */
import { vi } from 'vitest';
import { orderSchema, type Action, type OrderInput, type Plan } from '../../common/model/control.ts';
import { openControl } from '../../main/control/index.ts';
import type { Control, ControlOptions, MoveRequest } from '../../main/control/types.ts';
import { temporaryFolder } from './program.ts';
import { ScriptedNodes } from './scripted-nodes.ts';
import { valueOf } from './value-of.ts';

export class ScriptedControl {
  readonly nodes: ScriptedNodes;
  /** What was told of actions and of moves, in its order. */
  readonly seen: Action[] = [];
  readonly requests: MoveRequest[] = [];
  readonly #folder = temporaryFolder('control');
  #control: Control | undefined;

  private constructor(nodes: ScriptedNodes) {
    this.nodes = nodes;
  }

  /** Takes the clock in hand and opens control over nodes 1 to `count`. */
  static async start(count: number, options: Partial<ControlOptions> = {}): Promise<ScriptedControl> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const bench = new ScriptedControl(new ScriptedNodes(count));
    await bench.reopen(options);
    return bench;
  }

  get control(): Control {
    if (this.#control === undefined) throw new Error('control is not open');
    return this.#control;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** Opens control on the same data folder, locked unless `options` say otherwise, beside what is open. */
  async open(options: Partial<ControlOptions> = {}): Promise<Control> {
    return valueOf(
      await openControl({
        dataFolder: this.folder,
        nodes: this.nodes,
        who: 'anna@desk',
        onState: () => undefined,
        onAction: (action) => void this.seen.push(action),
        onMoveRequest: (request) => void this.requests.push(request),
        onRun: () => undefined,
        ...options,
      }),
    );
  }

  /** Opens control as the program does at its next start; what was open before is closed by the test. */
  async reopen(options: Partial<ControlOptions> = {}): Promise<void> {
    this.#control = await this.open(options);
  }

  async plan(order: OrderInput): Promise<Plan> {
    return valueOf(await this.control.plan(orderSchema.parse(order)));
  }

  /** Plans, applies, and lets the clock run until the action is known or `seconds` are over. */
  async carryOut(order: OrderInput, seconds = 70): Promise<Action> {
    const { number } = valueOf(await this.control.apply((await this.plan(order)).id));
    const finished = this.control.finished(number, seconds * 1000);
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return finished;
  }

  async close(): Promise<void> {
    await this.#control?.close();
    this.#folder.remove();
    vi.useRealTimers();
  }
}
