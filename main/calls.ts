/**
 * The main end of the bridge: checks every call against the contract, hands it to its handler, and keeps each window
 * supplied with what it watches.
 */
import type { Envelope } from '../common/contract/bridge.ts';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
  type Prompt,
  type PushName,
  type PushPayload,
} from '../common/contract/contract.ts';
import { problem } from '../common/contract/problem.ts';
import type { NodeInfo } from '../common/model/node.ts';
import type { Result } from '../common/model/result.ts';
import type { Second } from './cluster/cluster.ts';
import type { AttachedWindow, Desk, WindowPort } from './desk.ts';

/** What a handler knows of the window that calls. */
export interface Caller {
  readonly port: WindowPort;
  /** Turns the flow of `nodes` and `block` on or off. */
  watch(on: boolean): void;
  /** Lets the window hear a topic, or not any more; see `pushTo`. */
  listen(topic: string, on: boolean): void;
}

type ParsedInput<Name extends CallName> = (typeof calls)[Name]['input'] extends { _output: infer Output }
  ? Output
  : CallInput<Name>;

/** One handler per call of the contract. */
export type Handlers = {
  readonly [Name in CallName]: (
    input: ParsedInput<Name>,
    caller: Caller,
  ) => Promise<Result<CallOutput<Name>>> | Result<CallOutput<Name>>;
};

/** What the windows' supply comes from. */
export interface DeskSource {
  readonly handlers: Handlers;
  /** Every row of identity, for a window that begins to watch. */
  infos(): readonly NodeInfo[];
  /** The questions now open. */
  prompts(): readonly Prompt[];
}

interface OpenWindow {
  readonly port: WindowPort;
  readonly topics: Set<string>;
  watching: boolean;
  /** The window has had every row; from now on changes are enough. */
  supplied: boolean;
}

/** The desk of the program: windows come and go, pushes reach those that want them. */
export class CallDesk implements Desk {
  readonly #source: DeskSource;
  readonly #windows = new Set<OpenWindow>();
  #latest: Second | undefined;

  constructor(source: DeskSource) {
    this.#source = source;
  }

  attach(port: WindowPort): AttachedWindow {
    const window: OpenWindow = { port, topics: new Set(), watching: false, supplied: false };
    this.#windows.add(window);
    const caller: Caller = {
      port,
      watch: (on) => {
        window.watching = on;
        window.supplied = false;
        if (!on) return;
        // Not when it attached: pushes sent before the page listens are lost.
        port.push('prompts', { prompts: [...this.#source.prompts()] });
        if (this.#latest !== undefined) this.#supply(window, this.#latest);
      },
      listen: (topic, on) => {
        if (on) window.topics.add(topic);
        else window.topics.delete(topic);
      },
    };
    return {
      call: (name, input) => this.#call(name, input, caller),
      detach: () => this.#windows.delete(window),
    };
  }

  /** Sends one second to the windows that watch. */
  pushSecond(second: Second): void {
    this.#latest = second;
    for (const window of this.#windows) if (window.watching) this.#supply(window, second);
  }

  /** Sends something to every window. */
  pushAll<Name extends PushName>(name: Name, payload: PushPayload<Name>): void {
    for (const { port } of this.#windows) port.push(name, payload);
  }

  /** Sends something to the windows that listen to the topic. */
  pushTo<Name extends PushName>(topic: string, name: Name, payload: PushPayload<Name>): void {
    for (const { port, topics } of this.#windows) if (topics.has(topic)) port.push(name, payload);
  }

  /** Whether any window listens to the topic. */
  isHeard(topic: string): boolean {
    return [...this.#windows].some(({ topics }) => topics.has(topic));
  }

  #supply(window: OpenWindow, second: Second): void {
    const { port } = window;
    if (!window.supplied) {
      port.push('nodes', { all: true, changed: [...this.#source.infos()], removed: [] });
      window.supplied = true;
    } else if (second.changed.length > 0 || second.removed.length > 0) {
      port.push('nodes', { all: false, changed: [...second.changed], removed: [...second.removed] });
    }
    port.push('block', { time: second.time, totals: second.totals, columns: second.columns });
  }

  async #call(name: string, input: unknown, caller: Caller): Promise<Envelope<unknown>> {
    if (!isCallName(name)) {
      return { problem: problem('bad-input', `There is no call "${name.slice(0, 100)}"`) };
    }
    const parsed = calls[name].input.safeParse(input);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const place = [name, ...(issue?.path ?? [])].map(String).join('.');
      return { problem: problem('bad-input', `${place}: ${issue?.message ?? 'is wrong'}`) };
    }
    try {
      // The input has just been parsed by this very call's schema; the union of all handlers cannot say so.
      const handler = this.#source.handlers[name] as (
        input: unknown,
        caller: Caller,
      ) => Promise<Result<unknown>> | Result<unknown>;
      const result = await handler(parsed.data, caller);
      return result.ok ? { value: result.value } : { problem: result.problem };
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { problem: problem('internal-error', `The call ${name} failed`, text) };
    }
  }
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}
