/**
 * Runs a main process on the stand-in electron in a child process, and lets a test act as the person in front of it:
 * look at windows, press their buttons, drive their pages.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium, type Browser, type Page } from 'playwright-core';
import { toChromium } from './chromium.ts';
import type { Actions, Reply, WindowState } from './control.ts';

/** Nothing a program does may take longer, in milliseconds. */
const DEADLINE = 30_000;

/** A running program. */
export interface ElectronRun {
  /** Asks the stand-in to do or tell something. */
  ask<Name extends keyof Actions>(
    action: Name,
    ...values: Parameters<Actions[Name]>
  ): Promise<Awaited<ReturnType<Actions[Name]>>>;
  /** Waits for a window that is shown and whose address contains a text. */
  window(part: string): Promise<WindowState>;
  /** The page of that window, for a driver. */
  page(part: string): Promise<Page>;
  /** Sends the process a signal, as Ctrl-C does. */
  signal(signal: NodeJS.Signals): void;
  /** The exit code, once the program has ended. */
  readonly ended: Promise<number | null>;
  /** Everything it has printed so far. */
  output(): string;
  /** Ends it if it still runs. */
  stop(): Promise<void>;
}

/** Starts a main process: a built one, or one of TypeScript. */
export function runElectron(mainFile: string, args: readonly string[]): ElectronRun {
  const register = new URL('./register.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', register, mainFile, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  child.stdout?.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (text += part.toString()));
  const ended = once(child, 'close').then(() => child.exitCode);

  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  const gone = ended.then((code) => {
    throw new Error(`The program ended with code ${code}:\n${text}`);
  });
  gone.catch(() => {});

  const ask = async <Name extends keyof Actions>(
    action: Name,
    ...values: Parameters<Actions[Name]>
  ): Promise<Awaited<ReturnType<Actions[Name]>>> => {
    if (!child.connected) return gone;
    const id = ++lastId;
    const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve));
    child.send({ id, action, values });
    const reply = await Promise.race([answered, gone]);
    if ('error' in reply) throw new Error(reply.error);
    return reply.value as Awaited<ReturnType<Actions[Name]>>;
  };

  const window: ElectronRun['window'] = (part) =>
    until(`a window with ${part}`, async () =>
      (await ask('windows')).find(({ url, visible }) => visible && url.includes(part)),
    );

  let browser: Promise<Browser> | undefined;
  const page: ElectronRun['page'] = async (part) => {
    const { url } = await window(part);
    browser ??= ask('endpoint').then((endpoint) => chromium.connectOverCDP(endpoint));
    const [context] = (await browser).contexts();
    return until(`the page of ${url}`, () =>
      Promise.resolve(context?.pages().find((each) => each.url() === toChromium(url))),
    );
  };

  return {
    ask,
    window,
    page,
    signal: (signal) => child.kill(signal),
    ended,
    output: () => text,
    stop: async () => {
      await (await browser)?.close();
      await ask('end').catch(() => {});
      await ended;
    },
  };
}

/** Asks again and again until there is an answer. */
export async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const end = performance.now() + DEADLINE;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
}
