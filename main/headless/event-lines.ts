/** Turns what windows are told into lines for a log: what changed, and where somebody is needed, what to do. */
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { Prompt, PushName, PushPayload } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Action } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { assertNever } from '../../common/model/result.ts';
import type { WindowPort } from '../desk.ts';
import type { WriteLine } from './journal.ts';

/** What a node is said to be; the rest is said by its connection. */
const SAID_STATES: readonly NodeState[] = ['up', 'down', 'stale'];

/** A problem in one line. */
export function problemLine({ message, detail }: Problem): string {
  return [message, detail].filter(Boolean).join(': ');
}

/** A window that writes lines in place of showing anything. */
export class EventLines implements WindowPort {
  readonly #write: WriteLine;
  /** How an operator opens a window on this program. */
  readonly #windowCommand: string;
  readonly #nodes = new Map<number, NodeInfo>();
  /** What was last said of each slot's connection and state. */
  readonly #connections = new Map<number, string>();
  readonly #states = new Map<number, NodeState>();
  readonly #asked = new Set<string>();
  readonly #running = new Set<number>();
  #unlocked = false;

  constructor(write: WriteLine, windowCommand: string) {
    this.#write = write;
    this.#windowCommand = windowCommand;
  }

  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void {
    // What is not named here is no event: numbers, and lists that were asked for.
    const takers: { readonly [Each in PushName]?: (payload: PushPayload<Each>) => void } = {
      nodes: ({ changed, removed }) => {
        const gone = removed.flatMap((slot) => this.#forget(slot));
        for (const info of changed) this.#takeNode(info);
        this.#sayGone(gone);
      },
      block: ({ columns }) => this.#takeStates(new BlockView(columns)),
      prompts: ({ prompts }) => this.#takePrompts(prompts),
      notice: ({ problem }) => this.#write('warning', problemLine(problem)),
      control: ({ unlockedUntil }) => this.#takeControl(unlockedUntil),
      action: ({ action }) => this.#takeAction(action),
      checkpoint: ({ checkpoint: { who, text } }) => this.#write('notice', `checkpoint by ${who}: ${text}`),
    };
    takers[name]?.(payload);
  }

  openWindow(): void {
    // Nobody asks it to.
  }

  #takeNode(info: NodeInfo): void {
    const { slot, name, connection } = info;
    this.#nodes.set(slot, info);
    switch (connection.kind) {
      case 'connected':
        return this.#sayConnection(slot, () => this.#write('info', `${name}: connected`), 'connected');
      case 'waiting':
      case 'failed': {
        const words = problemLine(connection.problem);
        const next = connection.kind === 'failed' ? 'not tried again by itself' : 'tried again by itself';
        return this.#sayConnection(slot, () => this.#write('warning', `${name}: ${words} (${next})`), words);
      }
      case 'none':
      case 'queued':
      case 'connecting':
      case 'asking':
        return;
      default:
        return assertNever(connection);
    }
  }

  /** A connection that is tried again and again in vain is one event. */
  #sayConnection(slot: number, say: () => void, words: string): void {
    if (this.#connections.get(slot) === words) return;
    this.#connections.set(slot, words);
    say();
  }

  #takeStates(block: BlockView): void {
    for (const [slot, { name, reason }] of this.#nodes) {
      const state = block.state(slot);
      const before = this.#states.get(slot);
      if (state === before || !SAID_STATES.includes(state)) continue;
      this.#states.set(slot, state);
      if (state !== 'up') this.#write('warning', `${name} is ${state}${reason === '' ? '' : `: ${reason}`}`);
      else if (before !== undefined) this.#write('info', `${name} is up again`);
    }
  }

  /** A node whose host turns out to be one of the cluster's nodes has one row less, and is not gone. */
  #sayGone(names: readonly string[]): void {
    const left = new Set([...this.#nodes.values()].map(({ name }) => name));
    for (const name of names) if (!left.has(name)) this.#write('info', `${name} was taken out`);
  }

  /** The name of the node that a slot had. */
  #forget(slot: number): readonly string[] {
    const info = this.#nodes.get(slot);
    this.#nodes.delete(slot);
    this.#connections.delete(slot);
    this.#states.delete(slot);
    return info === undefined ? [] : [info.name];
  }

  #takePrompts(prompts: readonly Prompt[]): void {
    for (const prompt of prompts) {
      if (this.#asked.has(prompt.id)) continue;
      this.#asked.add(prompt.id);
      this.#write('warning', this.#promptLine(prompt));
    }
  }

  /** Who is to do what where nobody can be asked here. */
  #promptLine(prompt: Prompt): string {
    const open = `open a window (${this.#windowCommand})`;
    switch (prompt.kind) {
      case 'host-key':
        return `${prompt.name}: ${prompt.address} shows the ${prompt.keyType} key ${prompt.fingerprint}, which nobody has accepted yet. Compare it with "${prompt.command}" there, then ${open} and accept it, or put it into known_hosts and reconnect.`;
      case 'secret':
        return `${prompt.name}: ${prompt.title}. Nobody can be asked here: ${open} and answer, or let it in with a key that needs no answer.`;
      default:
        return assertNever(prompt);
    }
  }

  #takeControl(unlockedUntil: number | null): void {
    const unlocked = unlockedUntil !== null;
    if (unlocked === this.#unlocked) return;
    this.#unlocked = unlocked;
    const until = unlocked ? `allowed until ${new Date(unlockedUntil).toISOString()}` : 'locked';
    this.#write('notice', `changes are ${until}`);
  }

  #takeAction({ number, title, who, state }: Action): void {
    if (state === 'running') {
      if (!this.#running.has(number)) this.#write('notice', `action ${number} by ${who}: ${title}`);
      this.#running.add(number);
    } else if (this.#running.delete(number)) {
      this.#write(state === 'done' ? 'notice' : 'warning', `action ${number}: ${state}`);
    }
  }
}
