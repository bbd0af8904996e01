/** The host without Electron: the commands of `mosview`. Words go to people, JSON to scripts, failures to standard error. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { problem, PROBLEMS, type Problem } from '../../common/contract/problem.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import type { AppOptions } from '../app.ts';
import { wayLine } from '../attach/index.ts';
import { openBackEnd } from '../back-end.ts';
import type { AgentCommand } from './agent-arguments.ts';
import { agentStatusTable, outcomeTable, runAgentCommand } from './agent.ts';
import { packageFilesOf } from '../enrol/package.ts';
import { HELP, parseCommand, type Command, type CommonArguments } from './arguments.ts';
import { hostText } from '../prometheus/address.ts';
import { auditTable, readAudit } from './audit.ts';
import type { OrderCommand } from './control-arguments.ts';
import { collect } from './collect.ts';
import { discoverCluster, discoveryLines } from './discover.ts';
import { historyLines, readHistory, recordDemo } from './history.ts';
import { openJournal } from './journal.ts';
import { migrationTable, readMigrations } from './migrations.ts';
import { nodesTable, sampleNodes } from './nodes.ts';
import { doPast } from './past.ts';
import { carryOut } from './order.ts';
import { actionTable, exitCodeOf, planTable, printedAction, printedPlan, progressLine } from './outcome.ts';
import { listProcesses, processTable } from './ps.ts';
import { Reach } from './reach.ts';
import { serveWindows } from './server.ts';
import { installService, uninstallService } from './service.ts';
import { printable } from './terminal-prompter.ts';
import { makeReport, reportProgressLine } from './report.ts';
import type { ReportCommand } from './report-arguments.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Folders beside the built file: out/main, out/preload, out/renderer, and resources in the project. */
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RESOURCES = fileOf('../../resources/');
const RENDERER = fileOf('../renderer');
const BRIDGE = fileOf('../preload/web.cjs');

process.on('uncaughtException', (error) => {
  complain(
    problem('internal-error', 'mosview met a fault', error.stack ?? error.message),
    process.argv.includes('--json'),
  );
  process.exit(70);
});
process.umask(0o077);
process.exitCode = await run(process.argv.slice(2));
// Whatever is still open (a socket that dies slowly) must not keep a finished command alive.
process.stdout.write('', () => process.exit());

async function run(args: readonly string[]): Promise<number> {
  const command = parseCommand(args, process.cwd());
  if (!command.ok) return complain(command.problem, args.includes('--json'));
  const result = await runCommand(command.value);
  const json = 'json' in command.value && command.value.json;
  return result.ok ? result.value : complain(result.problem, json);
}

async function runCommand(command: Command): Promise<Result<number>> {
  switch (command.name) {
    case 'help':
      return print(HELP.trimEnd());
    case 'version':
      return print(await version());
    case 'app':
    case 'serve':
      return inWorkspace(command, (workspace) => serve(command, workspace));
    case 'collect':
      return command.service === undefined
        ? inWorkspace(command, (workspace) => startCollector(command, workspace))
        : collectorService(command, command.service);
    case 'nodes':
      return inWorkspace(command, async ({ dataFolder }) => {
        const sample = await sampleNodes(command, dataFolder, RESOURCES);
        if (!sample.ok) return sample;
        const { nodes, notices } = sample.value;
        for (const notice of notices) complain(notice, command.json);
        print(command.json ? JSON.stringify({ nodes }) : nodesTable(nodes));
        return success(nodes.some((node) => node.state === 'up') ? 0 : 1);
      });
    case 'discover':
      return inWorkspace(command, async ({ dataFolder }) => {
        const found = await discoverCluster(command, dataFolder);
        if (!found.ok) return found;
        return print(command.json ? JSON.stringify(found.value) : discoveryLines(found.value));
      });
    case 'history':
      return inWorkspace(command, async ({ dataFolder }) => {
        if (command.demoNodes !== undefined) {
          const recorded = await recordDemo(await appOptions(command, dataFolder));
          if (!recorded.ok) return recorded;
        }
        const history = await readHistory(dataFolder, command);
        if (!history.ok) return history;
        return print(command.json ? JSON.stringify(history.value) : historyLines(history.value));
      });
    case 'history verify':
    case 'history compact':
    case 'history export':
    case 'checkpoint':
      return inWorkspace(command, async ({ dataFolder }) => {
        // The others do their work in one go: there Ctrl-C ends the program, as it does by itself.
        const signal = command.name === 'history export' ? cancelSignal() : new AbortController().signal;
        const said = await doPast(command, dataFolder, process.stdout, signal);
        if (!said.ok) return said;
        const { text, problems } = said.value;
        if (text !== '') print(text);
        for (const trouble of problems) complain(trouble, command.json);
        return success(problems.length === 0 ? 0 : 1);
      });
    case 'set':
    case 'undo':
    case 'migrate':
      return withReach(command, (reach, dataFolder) => order(command, reach, dataFolder));
    case 'report':
      return inWorkspace(command, ({ dataFolder }) => report(command, dataFolder));
    case 'agent':
      return inWorkspace(command, ({ dataFolder }) => agent(command, dataFolder));
    case 'ps':
      return withReach(command, async (reach) => {
        const listed = await listProcesses(command, reach);
        if (!listed.ok) return listed;
        return print(command.json ? JSON.stringify(listed.value) : processTable(listed.value));
      });
    case 'migrations':
      return inWorkspace(command, async ({ dataFolder }) => {
        if (command.demoNodes !== undefined) {
          const recorded = await recordDemo(await appOptions(command, dataFolder));
          if (!recorded.ok) return recorded;
        }
        const migrations = await readMigrations(dataFolder, command);
        if (!migrations.ok) return migrations;
        return print(
          command.json ? JSON.stringify({ migrations: migrations.value }) : migrationTable(migrations.value),
        );
      });
    case 'audit':
      return inWorkspace(command, ({ dataFolder }) => {
        const audit = readAudit(dataFolder, command.limit, (notice) => complain(notice, command.json));
        if (!audit.ok) return Promise.resolve(audit);
        const { broken } = audit.value;
        print(command.json ? JSON.stringify(audit.value) : auditTable(audit.value));
        if (broken !== '') complain(problem('audit-broken', broken), command.json);
        return Promise.resolve(success(broken === '' ? 0 : 1));
      });
    default:
      return assertNever(command);
  }
}

/** Carries out a command that changes something and prints what came of it. */
async function order(command: OrderCommand, reach: Reach, dataFolder: string): Promise<Result<number>> {
  const isWatched = process.stderr.isTTY && !command.json;
  const progress = (line: string): unknown => isWatched && process.stderr.write(`\r\u001B[K${line}`);
  const ended = await carryOut(command, reach, {
    dataFolder,
    interrupted: () => endOfProgram(),
    onProblem: (notice) => complain(notice, command.json),
    onProgress: (action) => progress(progressLine(action).slice(0, (process.stderr.columns || 80) - 1)),
  });
  progress('');
  if (!ended.ok) return ended;
  if (ended.value.kind === 'planned') {
    const { plan } = ended.value;
    const printed = printedPlan(plan);
    print(command.json ? JSON.stringify(printed) : planTable(plan));
    return success(exitCodeOf(printed));
  }
  const { action, interrupted } = ended.value;
  const printed = printedAction(action);
  print(command.json ? JSON.stringify(printed) : actionTable(action));
  if (interrupted) {
    complain(
      problem(
        'cancelled',
        `Action ${action.number} was left before its end; nothing is known but what its result says`,
      ),
      command.json,
    );
  }
  return success(exitCodeOf(printed));
}

/** Installs the agent on nodes, removes it, or says how it is. */
async function agent(command: AgentCommand, dataFolder: string): Promise<Result<number>> {
  const ended = await runAgentCommand(command, {
    dataFolder,
    files: packageFilesOf(RESOURCES),
    onProblem: (notice) => complain(notice, command.json),
    onProgress: (line) => process.stderr.write(`${printable(line)}\n`),
    onPlan: (text) => command.json || print(text),
  });
  if (!ended.ok) return ended;
  const { value } = ended;
  switch (value.kind) {
    case 'status':
      print(command.json ? JSON.stringify(value) : agentStatusTable(value));
      return success(value.nodes.every(({ up }) => up) ? 0 : 1);
    case 'planned':
      if (command.json) print(JSON.stringify(value.plan));
      return success(value.plan.nodes.some(({ refusal }) => refusal !== '') ? 1 : 0);
    case 'ended':
      print(command.json ? JSON.stringify(value.outcome) : outcomeTable(value.outcome));
      return success(value.outcome.nodes.every(({ state }) => state === 'done') ? 0 : 1);
    default:
      return assertNever(value);
  }
}

/** Makes a report; Ctrl-C cancels it. */
async function report(command: ReportCommand, dataFolder: string): Promise<Result<number>> {
  if (command.demoNodes !== undefined) {
    const recorded = await recordDemo(await appOptions(command, dataFolder));
    if (!recorded.ok) return recorded;
  }
  const isWatched = process.stderr.isTTY && !command.json && command.file !== undefined;
  const progress = (line: string): unknown => isWatched && process.stderr.write(`\r\u001B[K${line}`);
  const made = await makeReport(command, {
    dataFolder,
    version: await version(),
    output: process.stdout,
    signal: cancelSignal(),
    onProgress: (now) => progress(reportProgressLine(now)),
    onProblem: (notice) => complain(notice, command.json),
  });
  progress('');
  if (!made.ok) return made;
  if (made.value === undefined) return success(0);
  const { file } = command;
  const { bytes } = made.value;
  return print(
    command.json ? JSON.stringify({ file, bytes }) : `${file}, ${bytes.toLocaleString('en')} bytes`,
  );
}

/** Works on the nodes of the settings or of a demo, and says on standard error what was noticed. */
function withReach(
  command: CommonArguments,
  work: (reach: Reach, dataFolder: string) => Promise<Result<number>>,
): Promise<Result<number>> {
  return inWorkspace(command, async ({ dataFolder }) => {
    const reach = await Reach.open(command, dataFolder, RESOURCES);
    if (!reach.ok) return reach;
    try {
      const result = await work(reach.value, dataFolder);
      for (const notice of reach.value.notices) complain(notice, command.json);
      return result;
    } finally {
      await reach.value.dispose();
    }
  });
}

async function inWorkspace(
  command: CommonArguments,
  work: (workspace: Workspace) => Promise<Result<number>>,
): Promise<Result<number>> {
  const workspace = await openWorkspace(command);
  try {
    return await work(workspace);
  } finally {
    await workspace.dispose();
  }
}

/** Serves the window until the program is told to end. */
async function serve(
  command: Extract<Command, { name: 'app' | 'serve' }>,
  { dataFolder }: Workspace,
): Promise<Result<number>> {
  const ended = endOfProgram();
  const app = await openBackEnd(
    { ...(await appOptions(command, dataFolder)), metrics: command.metrics, attach: command.attach },
    (state) => process.stderr.write(`mosview: ${printable(wayLine(state))}\n`),
  );
  if (!app.ok) return app;
  const { metricsUrl, attachedTo } = app.value;
  const server = await serveWindows({
    desk: app.value.desk,
    rendererFolder: RENDERER,
    bridgeFile: BRIDGE,
    port: command.port,
  });
  if (server.ok) {
    const { url } = server.value;
    if (command.name === 'serve') print(JSON.stringify({ url, dataFolder, metrics: metricsUrl, attachedTo }));
    else {
      const where =
        attachedTo === undefined ? `Its history is in ${dataFolder}` : `It shows the ${attachedTo}`;
      const metrics = metricsUrl === undefined ? '' : ` Prometheus can scrape ${metricsUrl}.`;
      print(`${app.value.title} is at\n\n  ${url}\n\n${where}.${metrics} Ctrl-C ends it.`);
      openBrowser(url);
    }
    await ended;
    await server.value.close();
  }
  await app.value.dispose();
  return server.ok ? success(0) : failure(server.problem);
}

/** Collects until the program is told to end. */
async function startCollector(
  command: Extract<Command, { name: 'collect' }>,
  { dataFolder }: Workspace,
): Promise<Result<number>> {
  const write = openJournal();
  process.stdout.on('error', () => undefined);
  // A terminal that closes, or somebody who thinks of a configuration, is no reason to stop recording.
  process.on('SIGHUP', () => write('notice', 'SIGHUP: there is nothing to read again; recording goes on'));
  return collect({
    app: { ...(await appOptions(command, dataFolder)), metrics: command.metrics },
    windowCommand: command.dataFolder === undefined ? 'mosview app' : `mosview app --data ${dataFolder}`,
    write,
    ended: endOfProgram(['SIGINT', 'SIGTERM']),
    onReady: (ready) =>
      print(
        command.json
          ? JSON.stringify({ ready: true, ...ready })
          : `mosview records into ${dataFolder}${ready.socket === undefined ? '' : `; windows attach at ${ready.socket}`}.`,
      ),
  });
}

/** Makes the collector a service of the user's systemd, with the options given now, or removes it. */
function collectorService(
  { dataFolder, settingsFile, metrics }: Extract<Command, { name: 'collect' }>,
  service: 'install' | 'uninstall',
): Result<number> {
  const options = { resourcesFolder: RESOURCES, say: (line: string) => void print(line) };
  const words = [
    process.execPath,
    '--max-semi-space-size=8',
    process.argv[1] ?? '',
    'collect',
    ...(dataFolder === undefined ? [] : ['--data', dataFolder]),
    ...(settingsFile === undefined ? [] : ['--config', settingsFile]),
    ...(metrics === undefined ? [] : ['--metrics', `${hostText(metrics)}:${metrics.port}`]),
  ];
  const done = service === 'install' ? installService(words, options) : uninstallService(options);
  return done.ok ? success(0) : done;
}

async function appOptions(command: CommonArguments, dataFolder: string): Promise<AppOptions> {
  return {
    dataFolder,
    version: await version(),
    host: 'headless',
    resourcesFolder: RESOURCES,
    ...(command.settingsFile === undefined ? {} : { settingsFile: command.settingsFile }),
    ...(command.demoNodes === undefined
      ? {}
      : { demoNodes: command.demoNodes, demoDialect: command.demoDialect }),
  };
}

/** Aborted when the program is told to end. */
function cancelSignal(): AbortSignal {
  const cancelling = new AbortController();
  void endOfProgram().then(() => cancelling.abort());
  return cancelling.signal;
}

/** The first of these signals that comes. */
function endOfProgram(
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(signal));
  });
}

/** Opens the address where a desktop is there to show it; a machine without one has its printed line. */
function openBrowser(url: string): void {
  const desktop = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  const opener = { darwin: 'open', linux: desktop ? 'xdg-open' : undefined }[
    process.platform as 'darwin' | 'linux'
  ];
  if (opener === undefined) return;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

async function version(): Promise<string> {
  const description: unknown = JSON.parse(await readFile(fileOf('../../package.json'), 'utf8'));
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : 'unknown';
}

function print(text: string): Result<number> {
  process.stdout.write(`${text}\n`);
  return success(0);
}

/** Says a problem on standard error; the exit code is 1. */
function complain(theProblem: Problem, json: boolean): number {
  const { code, message, detail } = theProblem;
  process.stderr.write(
    json
      ? `${JSON.stringify(theProblem)}\n`
      : `mosview: ${printable([message, detail].filter(Boolean).join('\n'))}\n${PROBLEMS[code]}\n`,
  );
  return 1;
}
