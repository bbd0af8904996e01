/** The desktop program around a back end: scheme, guards, menu and windows. Called once Electron is ready. */
import { join } from 'node:path';
import { app, Menu, protocol, session } from 'electron';
import type { Desk } from '../desk.ts';
import { guardContents, guardSession } from './guards.ts';
import { WindowCalls } from './ipc.ts';
import { menuTemplate } from './menu.ts';
import { SCHEME, serve } from './scheme.ts';
import { Windows } from './windows.ts';

export interface ShellOptions {
  /** Title of the overview. */
  readonly title: string;
  /** The program's version, for the about box. */
  readonly version: string;
  /** Where the windows' places are kept. */
  readonly dataFolder: string;
  /** Folder of the built renderer. */
  readonly rendererFolder: string;
  /** The built bridge. */
  readonly preloadFile: string;
  /** The program's icon. */
  readonly iconFile: string;
}

/** The running shell. */
export interface Shell {
  /** Brings the overview to the front, opening it where it is closed. */
  focus(): void;
  /** Takes no more calls from windows. */
  dispose(): void;
}

/** Opens the overview on a back end and serves its windows. */
export function startElectron(desk: Desk, options: ShellOptions): Shell {
  const developerTools = !app.isPackaged;
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  guardSession(session.defaultSession);
  protocol.handle(SCHEME.scheme, (request) => serve(options.rendererFolder, request));
  app.setAboutPanelOptions({
    applicationName: 'mosview',
    applicationVersion: options.version,
    copyright: 'Free software under the MIT licence',
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate([...menuTemplate(process.platform, developerTools)]));

  const calls = new WindowCalls(desk, (place, title) => windows.openView(place, title));
  const windows = new Windows({
    title: options.title,
    preloadFile: options.preloadFile,
    iconFile: options.iconFile,
    developerTools,
    placementFile: join(options.dataFolder, 'windows.json'),
    admit: (contents) => calls.admit(contents),
  });
  windows.openMain();
  return { focus: () => windows.openMain(), dispose: () => calls.dispose() };
}
