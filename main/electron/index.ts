/**
 * The desktop program's entry: prepares Electron, builds the back end, opens the shell on it, and ends both in order.
 * Everything that must happen before Electron is ready happens while this module is loaded.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog, protocol } from 'electron';
import { problem, PROBLEMS, type Problem } from '../../common/contract/problem.ts';
import { wayLine } from '../attach/index.ts';
import { openBackEnd } from '../back-end.ts';
import { parseArguments, type StartArguments } from './arguments.ts';
import { closeWithin } from './close.ts';
import { SCHEME } from './scheme.ts';
import { startElectron } from './shell.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

/** The back end has this long to close its files and connections when the program ends, in milliseconds. */
const DISPOSE_TIME = 5000;

/** Beside the built files, in the project as in the package. */
const RESOURCES = join(import.meta.dirname, '../../resources');

process.umask(0o077);
// Root has no sandbox in Chromium and says so with --no-sandbox, which enableSandbox would take back.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
protocol.registerSchemesAsPrivileged([SCHEME]);
const parsed = parseArguments(process.argv.slice(1), process.cwd());
if (parsed.ok) start(parsed.value);
else fail(parsed.problem);

function start(given: StartArguments): void {
  const workspace = makeWorkspace(given);
  if (!workspace.ok) {
    fail(workspace.problem);
    return;
  }
  const { dataFolder, profile, temporary } = workspace.value;
  if (temporary) app.once('quit', () => rmSync(dataFolder, { recursive: true, force: true }));
  app.setPath('userData', profile);
  if (!app.requestSingleInstanceLock()) {
    console.error(`mosview is running on ${dataFolder} already; its window comes to the front.`);
    app.exit(0);
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
  app
    .whenReady()
    .then(() => open(workspace.value, given))
    .catch((error: unknown) => {
      fail(problem('internal-error', 'mosview could not start.', String(error)));
    });
}

async function open({ dataFolder }: Workspace, given: StartArguments): Promise<void> {
  const version = app.getVersion();
  const created = await openBackEnd(
    { ...given, dataFolder, version, host: 'electron', resourcesFolder: RESOURCES },
    (state) => console.error(wayLine(state)),
  );
  if (!created.ok) {
    fail(created.problem);
    return;
  }
  const backEnd = created.value;
  const shell = startElectron(backEnd.desk, {
    title: backEnd.title,
    version,
    dataFolder,
    rendererFolder: join(import.meta.dirname, '../renderer'),
    preloadFile: join(import.meta.dirname, '../preload/electron.cjs'),
    iconFile: join(RESOURCES, 'icons/256x256.png'),
  });
  app.on('second-instance', () => shell.focus());
  app.on('activate', () => shell.focus());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  endInOrder(async () => {
    shell.dispose();
    await backEnd.dispose();
  });
}

/** Holds the end of the program until everything is closed, but no longer than its time. */
function endInOrder(dispose: () => Promise<void>): void {
  let ending = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    void closeWithin(dispose, DISPOSE_TIME).then((code) => app.exit(code));
  });
}

/** Says why the program cannot run, and ends it. */
function fail({ code, message, detail }: Problem): void {
  console.error(message, detail);
  dialog.showErrorBox('mosview cannot start', [message, PROBLEMS[code], detail].filter(Boolean).join('\n\n'));
  app.exit(1);
}
