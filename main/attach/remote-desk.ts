/**
 * The desk of a program that runs elsewhere. Windows work with it as with one's own: calls and pushes pass through. What
 * is of this machine is added: questions on the way there, and the past that only this machine recorded.
 */
import type { Envelope } from '../../common/contract/bridge.ts';
import type { Program, Prompt, PushName, PushPayload } from '../../common/contract/contract.ts';
import { historyQueries, type HistoryQueryName } from '../../common/contract/history-queries.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { AttachedWindow, Desk, WindowPort } from '../desk.ts';
import { joinHistories } from '../history/joined/index.ts';
import type { HistoryReader } from '../history/types.ts';
import type { Prompter } from '../prompter.ts';
import { WindowPrompter } from '../prompts.ts';
import type { Dial } from './link.ts';
import { THIS_RUN, type Hello } from './protocol.ts';
import { changeOf, programOn, RemoteWindow, type WayState } from './remote-window.ts';

/** Before the ids of this machine's own questions, which the other program does not know. */
const OWN_PROMPT = 'here:';

export interface RemoteDeskOptions {
  readonly version: string;
  /** Makes the way there; `prompter` asks what must be known for it. */
  readonly makeDial: (prompter: Prompter) => Dial;
  /** What this machine recorded itself, if anything; it is closed with the desk. */
  readonly ownHistory?: HistoryReader | undefined;
  /** Told whenever the way is lost, found again, or not found for another reason. */
  readonly onState: (state: WayState) => void;
}

export class RemoteDesk implements Desk {
  readonly #options: RemoteDeskOptions;
  readonly #dial: Dial;
  readonly #prompter: WindowPrompter;
  readonly #windows = new Set<PassedWindow>();
  #notices: readonly Problem[] = [];
  /** Who was there the last time. */
  #there: Hello | undefined;
  /** A window of nobody: it keeps the way known, and asks for the past. */
  readonly #own: RemoteWindow;
  readonly #history: HistoryReader | undefined;

  constructor(options: RemoteDeskOptions) {
    this.#options = options;
    this.#prompter = new WindowPrompter(() => {
      for (const window of this.#windows) window.pushPrompts();
    });
    this.#dial = options.makeDial(this.#prompter);
    this.#own = new RemoteWindow(
      this.#dial,
      { push: () => undefined, openWindow: () => undefined },
      (state) => this.#wayIs(state),
    );
    if (options.ownHistory !== undefined) {
      this.#history = joinHistories([new FarHistory(this.#own), options.ownHistory], {
        onProblem: (trouble) => this.#notice(trouble),
      });
    }
  }

  attach(port: WindowPort): AttachedWindow {
    const window = new PassedWindow(port, this.#dial, {
      ownPrompts: () => this.#ownPrompts(),
      answer: (name, input) => this.#answer(name, input),
      complete: (program, way) => this.#complete(program, way),
    });
    this.#windows.add(window);
    return {
      call: (name, input) => window.call(name, input),
      detach: () => {
        this.#windows.delete(window);
        window.detach();
      },
    };
  }

  async close(): Promise<void> {
    for (const window of this.#windows) window.detach();
    this.#own.detach();
    await this.#history?.close();
  }

  #ownPrompts(): readonly Prompt[] {
    return this.#prompter.prompts.map((prompt) => ({ ...prompt, id: OWN_PROMPT + prompt.id }));
  }

  /** What is answered here; undefined for what passes through. */
  #answer(name: string, input: unknown): Promise<Envelope<unknown>> | undefined {
    if (name === 'answerPrompt') {
      const { id, answer } = (input ?? {}) as {
        readonly id?: unknown;
        readonly answer?: readonly string[] | null;
      };
      if (typeof id !== 'string' || !id.startsWith(OWN_PROMPT)) return undefined;
      return Promise.resolve(envelope(this.#prompter.answer(id.slice(OWN_PROMPT.length), answer ?? null)));
    }
    if (this.#history === undefined || !Object.hasOwn(historyQueries, name)) return undefined;
    const query = name as HistoryQueryName;
    const parsed = historyQueries[query].input.safeParse(input);
    // What is wrong with it the other program says, in its words.
    if (!parsed.success) return undefined;
    return this.#history.ask(query, parsed.data as never).then(envelope, (error: unknown) => ({
      problem: problem('internal-error', `The call ${name} failed`, String(error)),
    }));
  }

  #complete(program: Program, way: WayState): Program {
    if (way.kind !== 'open') return program;
    const { version } = way.hello;
    if (way.hello.run === THIS_RUN) return { ...program, notices: [...program.notices, ...this.#notices] };
    const place = programOn(way.hello);
    const differs = `The ${place} is of version ${version}, this window of ${this.#options.version}; what only one of them knows is missing.`;
    const notices = version === this.#options.version ? [] : [problem('not-available', differs)];
    return { ...program, attachedTo: place, notices: [...program.notices, ...notices, ...this.#notices] };
  }

  #wayIs(state: WayState): void {
    if (state.kind === 'open') {
      const change = this.#there && changeOf(this.#there, state.hello);
      this.#there = state.hello;
      if (change !== undefined) this.#notice(change);
    }
    this.#options.onState(state);
  }

  /** Keeps a notice for windows to come, each sentence once, and shows it in those that are open. */
  #notice(notice: Problem): void {
    this.#notices = [...this.#notices.filter(({ message }) => message !== notice.message), notice];
    for (const { port } of this.#windows) port.push('notice', { problem: notice });
  }
}

/** What a window has of this machine. */
interface Additions {
  ownPrompts(): readonly Prompt[];
  answer(name: string, input: unknown): Promise<Envelope<unknown>> | undefined;
  complete(program: Program, way: WayState): Program;
}

/** One window: what passes through, with the additions of this machine. */
class PassedWindow {
  readonly port: WindowPort;
  readonly #remote: RemoteWindow;
  readonly #additions: Additions;
  #farPrompts: readonly Prompt[] = [];

  constructor(port: WindowPort, dial: Dial, additions: Additions) {
    this.port = port;
    this.#additions = additions;
    this.#remote = new RemoteWindow(dial, {
      push: (name, payload) => this.#push(name, payload),
      openWindow: (place, title) => port.openWindow(place, title),
    });
  }

  async call(name: string, input: unknown): Promise<Envelope<unknown>> {
    // A window that begins to watch is told the open questions; those on the way there come before any answer from there.
    if (name === 'watch') this.pushPrompts();
    const answered = this.#additions.answer(name, input);
    if (answered !== undefined) return answered;
    const answer = await this.#remote.call(name, input);
    // The link has held it against the schema of this very call.
    return name === 'program' && 'value' in answer
      ? { value: this.#additions.complete(answer.value as Program, this.#remote.state) }
      : answer;
  }

  pushPrompts(): void {
    this.port.push('prompts', { prompts: [...this.#additions.ownPrompts(), ...this.#farPrompts] });
  }

  detach(): void {
    this.#remote.detach();
  }

  #push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void {
    if (name === 'prompts') this.#farPrompts = (payload as PushPayload<'prompts'>).prompts;
    // Questions of a program that does not answer cannot be answered.
    if (name === 'connection') this.#farPrompts = [];
    if (name === 'prompts' || name === 'connection') this.pushPrompts();
    if (name !== 'prompts') this.port.push(name, payload);
  }
}

/** The past as the other program answers it. */
class FarHistory implements HistoryReader {
  readonly #window: RemoteWindow;

  constructor(window: RemoteWindow) {
    this.#window = window;
  }

  async ask(name: HistoryQueryName, input: unknown): Promise<Result<never>> {
    const answer = await this.#window.call(name, input);
    // The link has held it against the schema of this very question.
    return 'value' in answer ? success(answer.value as never) : failure(answer.problem);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function envelope(result: Result<unknown>): Envelope<unknown> {
  return result.ok ? { value: result.value ?? {} } : { problem: result.problem };
}
