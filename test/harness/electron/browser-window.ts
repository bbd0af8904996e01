/** Windows of the stand-in: each one a page of Chromium, made in the background while the program goes on. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BrowserWindowConstructorOptions, Rectangle, WindowOpenHandlerResponse } from 'electron';
import type { Page } from 'playwright-core';
import { fromChromium, toChromium } from './chromium.ts';
import type { WindowState } from './control.ts';
import { pageScript, type Answer } from './page.ts';

/** A frame that sent a message. */
export interface Frame {
  readonly url: string;
  readonly parent: object | null;
}

/** What windows need of the rest of the stand-in. */
export interface WindowHost {
  /** A new page with the rights the program grants; throws before the program is ready. */
  readonly openPage: () => Promise<Page>;
  readonly invoke: (
    sender: StandInContents,
    frame: Frame,
    channel: string,
    values: readonly unknown[],
  ) => Promise<Answer>;
  readonly contentsCreated: (contents: StandInContents) => void;
  readonly windowClosed: () => void;
}

let host: WindowHost;
export const openWindows = new Map<number, StandInWindow>();
export const denials: ('navigation' | 'window')[] = [];
let lastId = 0;

/** Given once, before the first window. */
export function setWindowHost(given: WindowHost): void {
  host = given;
}

/** An event that can be prevented. */
export function preventable<Fields extends object>(fields: Fields) {
  const event = {
    ...fields,
    defaultPrevented: false,
    preventDefault: (): void => {
      event.defaultPrevented = true;
    },
  };
  return event;
}

export class StandInContents extends EventEmitter {
  readonly id = ++lastId;
  readonly #page: Promise<Page>;
  /** Messages to the page, each sent after the one before. */
  #sending: Promise<unknown> = Promise.resolve();
  #destroyed = false;
  #openHandler: (details: { url: string }) => WindowOpenHandlerResponse = () => ({ action: 'allow' });
  /** The address that the program itself is loading; every other navigation is the page's. */
  #loading: string | undefined;

  constructor(preloadFile: string) {
    super();
    this.#page = this.#prepare(host.openPage(), readFileSync(preloadFile, 'utf8'));
  }

  async #prepare(opening: Promise<Page>, preload: string): Promise<Page> {
    const page = await opening;
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.emit('did-navigate', {}, fromChromium(frame.url()));
    });
    page.on('popup', (popup) => {
      const { action } = this.#openHandler({ url: fromChromium(popup.url()) });
      if (action === 'allow') throw new Error('The stand-in opens no windows for pages.');
      denials.push('window');
      void popup.close();
    });
    await page.exposeBinding(
      'standInInvoke',
      async ({ frame }, channel: string, values: readonly unknown[]) =>
        host.invoke(
          this,
          { url: fromChromium(frame.url()), parent: frame.parentFrame() },
          channel,
          structuredClone(values),
        ),
    );
    await page.addInitScript({ content: pageScript(preload) });
    return page;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => WindowOpenHandlerResponse): void {
    this.#openHandler = handler;
  }

  send(channel: string, ...values: unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    const copied = structuredClone(values);
    this.#sending = this.#sending
      .then(async () =>
        (await this.#page).evaluate(
          ([name, list]) => {
            const { standInReceive } = globalThis as unknown as {
              standInReceive: (channel: string, values: readonly unknown[]) => void;
            };
            standInReceive(name, list);
          },
          [channel, copied] as const,
        ),
      )
      .catch((error: unknown) => {
        if (!this.#destroyed) console.error(`A push on ${channel} was lost: ${String(error)}`);
      });
  }

  reload(): void {
    void this.load(this.#loading ?? 'about:blank');
  }

  async load(url: string): Promise<void> {
    this.#loading = url;
    await (await this.#page).goto(toChromium(url));
  }

  /** Decides on a navigation that Chromium is about to make; false where the program prevents it. */
  mayNavigate(url: string, isMainFrame: boolean): boolean {
    if (isMainFrame && url === this.#loading) return true;
    const event = preventable({ url, isMainFrame });
    this.emit('will-frame-navigate', event);
    if (isMainFrame) this.emit('will-navigate', event, url);
    if (event.defaultPrevented) denials.push('navigation');
    return !event.defaultPrevented;
  }

  async isPage(page: Page): Promise<boolean> {
    return (await this.#page) === page;
  }

  async url(): Promise<string> {
    return fromChromium((await this.#page).url());
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    await (await this.#page).close();
    this.emit('destroyed');
  }
}

export class StandInWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: StandInContents;
  readonly #options: BrowserWindowConstructorOptions;
  #title: string;
  #bounds: Rectangle;
  #visible: boolean;
  #maximized = false;
  #focused = 0;
  #closing = false;

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super();
    const { preload, sandbox, contextIsolation, nodeIntegration } = options.webPreferences ?? {};
    if (sandbox !== true || contextIsolation !== true || nodeIntegration !== false || preload === undefined) {
      throw new Error('The stand-in shows only sandboxed, isolated windows with a preload and without Node.');
    }
    this.#options = options;
    this.#title = options.title ?? '';
    this.#visible = options.show ?? true;
    this.#bounds = {
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
    };
    this.webContents = new StandInContents(preload);
    this.id = this.webContents.id;
    openWindows.set(this.id, this);
    host.contentsCreated(this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }

  close(): void {
    if (this.#closing) return;
    const event = preventable({});
    this.emit('close', event);
    if (event.defaultPrevented) return;
    this.#closing = true;
    void this.#end();
  }

  async #end(): Promise<void> {
    await this.webContents.destroy();
    openWindows.delete(this.id);
    this.emit('closed');
    host.windowClosed();
  }

  show(): void {
    this.#visible = true;
  }

  focus(): void {
    this.#focused += 1;
  }

  restore(): void {
    this.#visible = true;
  }

  maximize(): void {
    this.#maximized = true;
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  isMinimized(): boolean {
    return false;
  }

  isDestroyed(): boolean {
    return this.webContents.isDestroyed();
  }

  getTitle(): string {
    return this.#title;
  }

  getNormalBounds(): Rectangle {
    return this.#bounds;
  }

  setBounds(bounds: Rectangle): void {
    this.#bounds = bounds;
  }

  async state(): Promise<WindowState> {
    return {
      id: this.id,
      title: this.#title,
      url: await this.webContents.url(),
      visible: this.#visible,
      focused: this.#focused,
      options: this.#options,
    };
  }
}
