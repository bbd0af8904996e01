/** A window of a program that runs elsewhere: its calls go there, its pushes come from there, over lost connections. */
import type { Envelope } from '../../common/contract/bridge.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { assertNever } from '../../common/model/result.ts';
import type { AttachedWindow, WindowPort } from '../desk.ts';
import { openLink, type Dial, type Link } from './link.ts';
import { THIS_RUN, type Hello } from './protocol.ts';

/** A way that is lost is tried again at once, but no more often than every so many milliseconds. */
const RETRY_MILLISECONDS = 1000;

/** How the way is. */
export type WayState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly hello: Hello }
  | { readonly kind: 'lost'; readonly problem: Problem };

/** The state of the way in words, for a log. */
export function wayLine(state: WayState): string {
  switch (state.kind) {
    case 'connecting':
      return 'connecting';
    case 'open':
      if (state.hello.run === THIS_RUN) return 'records now itself';
      return `attached to the ${programOn(state.hello)}, version ${state.hello.version}`;
    case 'lost':
      return `${[state.problem.message.replace(/\.$/, ''), state.problem.detail].filter(Boolean).join(': ')}; it is tried again`;
    default:
      return assertNever(state);
  }
}

/** The program and its machine, in words. */
export function programOn({ host, unattended }: Hello): string {
  return `${unattended ? 'collector' : 'mosview'} on ${host}`;
}

/** Says that another program has come in the place of the one before; undefined where it is still that one. */
export function changeOf(before: Hello, now: Hello): Problem | undefined {
  if (before.run === now.run) return undefined;
  const ended = `The ${programOn(before)} has ended`;
  if (now.run === THIS_RUN) {
    const words = `${ended}. This mosview records now in its place, until it is closed; a collector that is started meanwhile waits for that.`;
    return problem('recorder-changed', words);
  }
  const isAgain = programOn(now) === programOn(before);
  return problem(
    'recorder-changed',
    isAgain ? `${ended}, and another one records now.` : `${ended}. The ${programOn(now)} records now.`,
  );
}

/** Connects at once, and again whenever the connection ends, until it is detached. */
export class RemoteWindow implements AttachedWindow {
  readonly #dial: Dial;
  readonly #port: WindowPort;
  readonly #onState: (state: WayState) => void;
  /** Calls that turn a flow of pushes on, to be made again after a lost connection. */
  readonly #watches = new Map<string, { readonly name: string; readonly input: unknown }>();
  #state: WayState = { kind: 'connecting' };
  #link: Link | undefined;
  /** Settles when the first connection is up, or could not be made. */
  #first: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  /** When the way was last tried. */
  #tried = 0;
  #isOver = false;

  constructor(dial: Dial, port: WindowPort, onState: (state: WayState) => void = () => undefined) {
    this.#dial = dial;
    this.#port = port;
    this.#onState = onState;
    this.#first = this.#connect();
  }

  get state(): WayState {
    return this.#state;
  }

  async call(name: string, input: unknown): Promise<Envelope<unknown>> {
    if (name.startsWith('watch')) this.#remember(name, input);
    if (this.#state.kind === 'connecting') await this.#first;
    if (this.#state.kind === 'lost') return { problem: this.#state.problem };
    if (this.#link === undefined) return { problem: problem('cancelled', 'The window was closed') };
    return this.#link.call(name, input);
  }

  detach(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#link?.end();
  }

  #remember(name: string, input: unknown): void {
    const { on, ...what } = (input ?? {}) as { readonly on?: unknown };
    const flow = JSON.stringify([name, what]);
    if (on === true) this.#watches.set(flow, { name, input });
    else this.#watches.delete(flow);
  }

  async #connect(): Promise<void> {
    const isFirst = this.#state.kind === 'connecting';
    this.#tried = performance.now();
    const link = await openLink(() => this.#dial(isFirst), {
      push: (name, payload) => this.#port.push(name, payload),
      openWindow: (place, title) => this.#port.openWindow(place, title),
      ended: () =>
        this.#lost(problem('connection-lost', 'The program that this window is attached to has ended')),
    });
    if (this.#isOver) {
      if (link.ok) link.value.end();
    } else if (link.ok) this.#opened(link.value);
    else this.#lost(link.problem);
  }

  #opened(link: Link): void {
    const isBack = this.#state.kind === 'lost';
    this.#link = link;
    this.#become({ kind: 'open', hello: link.hello });
    if (!isBack) return;
    this.#port.push('connection', { connected: true });
    for (const { name, input } of this.#watches.values()) void link.call(name, input);
  }

  #lost(why: Problem): void {
    this.#link = undefined;
    if (this.#isOver) return;
    const before = this.#state.kind === 'lost' ? this.#state.problem.message : undefined;
    // To a call it is one thing, whatever stands in the way; the words say what.
    this.#become({ kind: 'lost', problem: problem('connection-lost', why.message, why.detail) });
    if (before === undefined) this.#port.push('connection', { connected: false });
    const isNews = why.code !== 'connection-lost' && why.code !== 'not-found' && why.message !== before;
    if (isNews) this.#port.push('notice', { problem: why });
    const rest = RETRY_MILLISECONDS - (performance.now() - this.#tried);
    this.#timer = setTimeout(() => void this.#connect(), Math.max(0, rest));
  }

  #become(state: WayState): void {
    const before = this.#state;
    this.#state = state;
    const isSame =
      before.kind === 'lost' && state.kind === 'lost' && before.problem.message === state.problem.message;
    if (!isSame) this.#onState(state);
  }
}
