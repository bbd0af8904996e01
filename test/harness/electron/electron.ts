/**
 * A stand-in for the module `electron`: runs the program's unmodified main process in Node, each of its windows as a
 * page of Debian's Chromium. It has what the program uses and no more, in Electron's own types.
 *
 * It shows: the order of start and end, windows and their number, titles and places, calls and pushes with real copies,
 * the scheme's handler with its headers (Chromium enforces the policy), denied navigation, windows and rights.
 * It does not show: context isolation and the sandbox themselves (the preload shares the page's world), native menus
 * and dialogs, redirects, crashed pages, the fuses, the start from a package. test/end-to-end/electron-real.test.ts does where
 * Electron is installed.
 */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type * as Electron from 'electron';
import type { Frame as PageFrame, Request as PageRequest, Route } from 'playwright-core';
import {
  denials,
  openWindows,
  preventable,
  setWindowHost,
  StandInWindow,
  type WindowHost,
} from './browser-window.ts';
import { fromChromium, startChromium, type RunningChromium } from './chromium.ts';
import type { Actions, Reply, Request as TestRequest } from './control.ts';

type Handler = (event: object, ...values: unknown[]) => unknown;
type SchemeHandler = (request: Request) => Response | Promise<Response>;
type RequestPermission = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type CheckPermission = Parameters<Electron.Session['setPermissionCheckHandler']>[0];

/** Electron's names of the rights that Chromium's driver can grant, with the driver's. */
const PERMISSIONS = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  midi: 'midi',
  'clipboard-read': 'clipboard-read',
  'clipboard-sanitized-write': 'clipboard-write',
} as const;

const handlers = new Map<string, Handler>();
const schemeHandlers = new Map<string, SchemeHandler>();
let schemes: readonly Electron.CustomScheme[] = [];
let menu: readonly Electron.MenuItemConstructorOptions[] = [];
let requestPermission: RequestPermission = null;
let checkPermission: CheckPermission = null;
let sandboxed = false;
let ready = false;
let ending = false;
let chromium: RunningChromium | undefined;

function beforeReady(what: string): void {
  if (ready) throw new Error(`${what} must be called before the app is ready.`);
}

class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  readonly #paths = new Map<string, string>();
  readonly #ready: Promise<void>;
  #lock: string | undefined;
  #exiting = false;

  constructor() {
    super();
    this.#ready = this.#start();
  }

  /** Electron is ready some time after the program's entry was evaluated. */
  async #start(): Promise<void> {
    await setImmediate();
    if (this.#exiting) await new Promise<never>(() => {});
    chromium = await startChromium(this.getPath('userData'), answerRequest);
    ready = true;
    this.emit('ready');
  }

  readonly commandLine = {
    hasSwitch: (name: string): boolean => process.argv.includes(`--${name}`),
  } satisfies Pick<Electron.CommandLine, 'hasSwitch'>;

  enableSandbox(): void {
    beforeReady('app.enableSandbox');
    sandboxed = true;
  }

  getVersion(): string {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    return version;
  }

  getPath(name: string): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`The stand-in has no path "${name}" of its own.`);
    return path;
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`The folder ${path} does not exist.`);
    this.#paths.set(name, path);
  }

  /** One process per profile; the first is told of a second by a signal. */
  requestSingleInstanceLock(): boolean {
    const file = join(this.getPath('userData'), 'stand-in.lock');
    if (existsSync(file)) {
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGUSR2');
      return false;
    }
    writeFileSync(file, String(process.pid));
    this.#lock = file;
    process.on('SIGUSR2', () => this.emit('second-instance', {}, [], ''));
    return true;
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }

  setAboutPanelOptions(_options: Electron.AboutPanelOptionsOptions): void {}

  quit(): void {
    this.emit('before-quit', preventable({}));
    ending = true;
    for (const window of openWindows.values()) window.close();
    this.endWhenEmpty();
  }

  endWhenEmpty(): void {
    if (openWindows.size > 0) return;
    if (!ending) {
      if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
      else this.quit();
      return;
    }
    const event = preventable({});
    this.emit('will-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }

  exit(code = 0): void {
    if (this.#exiting) return;
    this.#exiting = true;
    void this.#end(code);
  }

  async #end(code: number): Promise<void> {
    await chromium?.context.close().catch(() => {});
    if (this.#lock !== undefined) rmSync(this.#lock, { force: true });
    this.emit('quit', {}, code);
    process.exit(code);
  }
}

const standInApp = new StandInApp();

export const app = standInApp satisfies Pick<
  Electron.App,
  | 'isPackaged'
  | 'enableSandbox'
  | 'getVersion'
  | 'setPath'
  | 'requestSingleInstanceLock'
  | 'whenReady'
  | 'setAboutPanelOptions'
  | 'quit'
  | 'exit'
>;

export const ipcMain = {
  handle(channel, listener) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, listener as Handler);
  },
  removeHandler(channel) {
    handlers.delete(channel);
  },
} satisfies Pick<Electron.IpcMain, 'handle' | 'removeHandler'>;

export const protocol = {
  registerSchemesAsPrivileged(given) {
    beforeReady('protocol.registerSchemesAsPrivileged');
    schemes = given;
  },
  handle(scheme, handler) {
    if (!ready) throw new Error('protocol.handle can only be called once the app is ready.');
    const registered = schemes.find((each) => each.scheme === scheme);
    if (registered?.privileges?.standard !== true || registered.privileges.secure !== true) {
      throw new Error(`The stand-in serves only standard, secure schemes, which ${scheme} is not.`);
    }
    schemeHandlers.set(scheme, handler);
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler) {
      requestPermission = handler;
    },
    setPermissionCheckHandler(handler) {
      checkPermission = handler;
    },
    setDevicePermissionHandler(_handler) {},
  } satisfies Pick<
    Electron.Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
  >,
};

export const dialog = {
  showErrorBox(title, content) {
    process.stderr.write(`[dialog] ${title}: ${content}\n`);
  },
} satisfies Pick<Electron.Dialog, 'showErrorBox'>;

export const Menu = {
  buildFromTemplate(template: Electron.MenuItemConstructorOptions[]) {
    return { template };
  },
  setApplicationMenu(given: { template: Electron.MenuItemConstructorOptions[] }) {
    menu = given.template;
  },
};

const display = {
  id: 1,
  workArea: { x: 0, y: 30, width: 1920, height: 1050 },
} satisfies Partial<Electron.Display>;

export const screen = {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
} satisfies Record<keyof Pick<Electron.Screen, 'getPrimaryDisplay' | 'getAllDisplays'>, unknown>;

export const BrowserWindow = StandInWindow satisfies new (
  options?: Electron.BrowserWindowConstructorOptions,
) => Pick<
  Electron.BrowserWindow,
  | 'close'
  | 'show'
  | 'focus'
  | 'restore'
  | 'maximize'
  | 'isMaximized'
  | 'isMinimized'
  | 'isDestroyed'
  | 'getTitle'
  | 'getNormalBounds'
  | 'setBounds'
  | 'loadURL'
>;

setWindowHost({
  openPage() {
    const running = chromium;
    if (running === undefined) throw new Error('Cannot create BrowserWindow before app is ready');
    return grantPermissions(running).then(() => running.context.newPage());
  },
  async invoke(sender, senderFrame, channel, values) {
    const handler = handlers.get(channel);
    if (handler === undefined) return { error: `No handler registered for '${channel}'` };
    try {
      const value: unknown = await handler({ sender, senderFrame, type: 'frame' }, ...values);
      return { value: structuredClone(value) };
    } catch (error) {
      return { error: String(error) };
    }
  },
  contentsCreated(contents) {
    app.emit('web-contents-created', {}, contents);
  },
  windowClosed: () => app.endWhenEmpty(),
} satisfies WindowHost);

/** Requests of our schemes go to their handler, navigation is asked about, everything else to the network. */
async function answerRequest(route: Route): Promise<void> {
  const request = route.request();
  const url = fromChromium(request.url());
  if (request.isNavigationRequest()) {
    const frame = frameOf(request);
    if (frame === undefined) return route.fulfill({ body: '' });
    if (!(await navigationAllowed(frame, url))) return route.abort('aborted');
  }
  const handler = schemeHandlers.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return route.continue();
  const response = await handler(new Request(url, { method: request.method() }));
  return route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

/** The frame that navigates. A window that a page opens has none yet; it is left empty until it is decided upon. */
function frameOf(request: PageRequest): PageFrame | undefined {
  try {
    return request.frame();
  } catch {
    return undefined;
  }
}

async function navigationAllowed(frame: PageFrame, url: string): Promise<boolean> {
  for (const { webContents } of openWindows.values()) {
    if (await webContents.isPage(frame.page()))
      return webContents.mayNavigate(url, frame.parentFrame() === null);
  }
  return false;
}

/** Grants pages what the program's two handlers let through, and, as Electron does, everything where there is none. */
async function grantPermissions({ context }: RunningChromium): Promise<void> {
  const granted = Object.entries(PERMISSIONS).filter(([name]) => {
    const permission = name as keyof typeof PERMISSIONS;
    let allowed = requestPermission === null;
    requestPermission?.(
      {} as Electron.WebContents,
      permission,
      (decision) => {
        allowed = decision;
      },
      {} as Electron.PermissionRequest,
    );
    return (
      allowed &&
      (checkPermission?.(null, permission, '', {} as Electron.PermissionCheckHandlerHandlerDetails) ?? true)
    );
  });
  await context.grantPermissions(granted.map(([, name]) => name));
}

const actions: { [Name in keyof Actions]: (...values: Parameters<Actions[Name]>) => unknown } = {
  endpoint: async () => {
    await app.whenReady();
    return chromium?.endpoint;
  },
  windows: () => Promise.all([...openWindows.values()].map((window) => window.state())),
  menu: () => menu,
  denials: () => denials,
  preparations: () => ({ sandboxed, schemes }),
  close: (id) => openWindows.get(id)?.close(),
  setBounds: (id, bounds) => openWindows.get(id)?.setBounds(bounds),
  load: (id, url) => openWindows.get(id)?.webContents.load(url),
  end: () => app.exit(1),
};

async function reply({ id, action, values }: TestRequest): Promise<Reply> {
  const perform: (...values: readonly never[]) => unknown = actions[action];
  try {
    return { id, value: await perform(...values) };
  } catch (error) {
    return { id, error: String(error) };
  }
}

process.on('message', (request: TestRequest) => {
  void reply(request).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => app.exit(1));
