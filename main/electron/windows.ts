/** The windows: one overview, and one per view that was opened. Each keeps its place and its title. */
import {
  BrowserWindow,
  dialog,
  screen,
  type BrowserWindowConstructorOptions,
  type WebContents,
  type WebPreferences,
} from 'electron';
import {
  fitToDisplays,
  readPlacements,
  writePlacements,
  type Placements,
  type WindowKind,
} from './placement.ts';
import { ORIGIN } from './scheme.ts';
import type { WindowPlace } from '../desk.ts';

/** A page that crashes again within this many milliseconds is not loaded a third time. */
const CRASH_LOOP_TIME = 10_000;

const SIZES: Readonly<Record<WindowKind, { width: number; height: number }>> = {
  main: { width: 1180, height: 780 },
  node: { width: 1080, height: 780 },
};

/** What a window's page may and may not: everything is off that a page of text and pictures does not need. */
export function webPreferences(preloadFile: string, developerTools: boolean): WebPreferences {
  return {
    preload: preloadFile,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: developerTools,
  };
}

export interface WindowsOptions {
  /** Title of the overview. */
  readonly title: string;
  readonly preloadFile: string;
  /** Picture of the windows where the desktop has none installed for the program. */
  readonly iconFile: string;
  readonly developerTools: boolean;
  /** File in which the windows' places are kept. */
  readonly placementFile: string;
  /** Called with the contents of every new window before its page loads. */
  readonly admit: (contents: WebContents) => void;
}

/** Opens windows and finds them again. */
export class Windows {
  readonly #options: WindowsOptions;
  /** All but the overview, by what they show. */
  readonly #views = new Map<string, BrowserWindow>();
  #main: BrowserWindow | undefined;
  #placements: Placements;

  constructor(options: WindowsOptions) {
    this.#options = options;
    this.#placements = readPlacements(options.placementFile);
  }

  /** Opens the overview, or brings it to the front. */
  openMain(): void {
    if (this.#main !== undefined) return bringToFront(this.#main);
    const window = this.#open('main', this.#options.title, { view: 'main' });
    this.#main = window;
    window.on('closed', () => {
      this.#main = undefined;
      if (process.platform !== 'darwin') for (const view of this.#views.values()) view.close();
    });
  }

  /** Opens the window of a place, or brings it to the front. */
  openView(place: WindowPlace, title: string): void {
    const { view, key, range } = place;
    const query = {
      view,
      ...(key === undefined ? {} : { key }),
      ...(range === undefined ? {} : { range }),
    };
    const name = JSON.stringify(query);
    const open = this.#views.get(name);
    if (open !== undefined) return bringToFront(open);
    const window = this.#open('node', title, query);
    this.#views.set(name, window);
    window.on('closed', () => this.#views.delete(name));
  }

  #open(kind: WindowKind, title: string, query: Readonly<Record<string, string>>): BrowserWindow {
    const { preloadFile, iconFile, developerTools, admit } = this.#options;
    const window = new BrowserWindow({
      ...this.#place(kind),
      minWidth: 480,
      minHeight: 360,
      title,
      icon: iconFile,
      show: false,
      webPreferences: webPreferences(preloadFile, developerTools),
    });
    if (this.#placements[kind]?.maximized === true && kind === 'main') window.maximize();
    window.once('ready-to-show', () => window.show());
    window.on('page-title-updated', (event) => event.preventDefault());
    window.on('close', () => this.#remember(kind, window));
    admit(window.webContents);
    reloadAfterCrash(window);
    window
      .loadURL(`${ORIGIN}/index.html?${new URLSearchParams(query).toString()}`)
      .catch((error: unknown) => {
        if (!window.isDestroyed())
          console.error(`The window "${title}" could not be loaded: ${String(error)}`);
      });
    return window;
  }

  /** The place of a new window; node windows keep their size and leave the rest to the desktop. */
  #place(kind: WindowKind): BrowserWindowConstructorOptions {
    const remembered = this.#placements[kind]?.bounds;
    if (remembered === undefined) return SIZES[kind];
    const primary = screen.getPrimaryDisplay();
    const displays = [primary, ...screen.getAllDisplays().filter((display) => display.id !== primary.id)];
    const fitted = fitToDisplays(
      remembered,
      displays.map((display) => display.workArea),
    );
    return kind === 'main' ? fitted : { width: fitted.width, height: fitted.height };
  }

  #remember(kind: WindowKind, window: BrowserWindow): void {
    const placement = { bounds: window.getNormalBounds(), maximized: window.isMaximized() };
    this.#placements = { ...this.#placements, [kind]: placement };
    try {
      writePlacements(this.#options.placementFile, this.#placements);
    } catch (error) {
      console.error(
        `The place of the windows could not be kept in ${this.#options.placementFile}: ${String(error)}`,
      );
    }
  }
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Loads a page again whose process ended; one that ends again at once is reported instead. */
function reloadAfterCrash(window: BrowserWindow): void {
  let last = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    if (now - last > CRASH_LOOP_TIME) {
      console.error(`The page of the window "${window.getTitle()}" ended (${reason}); it is loaded again.`);
      window.webContents.reload();
    } else {
      dialog.showErrorBox(
        'mosview',
        `The page of the window "${window.getTitle()}" ended twice (${reason}). Close it and open it again.`,
      );
    }
    last = now;
  });
}
