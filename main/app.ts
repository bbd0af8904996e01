/**
 * The composition root: builds every service once, in order, and disposes them in reverse. Both hosts of the window,
 * Electron and the headless server, start here.
 */
import { join } from 'node:path';
import type { NodeEntry, View } from '../common/contract/contract.ts';
import { problem, type Problem } from '../common/contract/problem.ts';
import type { Checkpoint } from '../common/model/history.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import { openDoor, type Door } from './attach/index.ts';
import { CallDesk, type Handlers } from './calls.ts';
import type { Second } from './cluster/cluster.ts';
import { controlHandlers, PLACEMENTS_TOPIC, type ControlServices } from './control-handlers.ts';
import { controlNodes } from './control-nodes.ts';
import { openControl } from './control/index.ts';
import type { Control } from './control/types.ts';
import { operatorName } from './control/who.ts';
import { startDemo, type ServedDemo } from './demo/index.ts';
import { DEFAULT_DEMO_NODES, type DemoRequest } from './demo/request.ts';
import type { Desk } from './desk.ts';
import { enrolHandlers } from './enrol-handlers.ts';
import { historyHandlers } from './history-handlers.ts';
import { openHistory, type History } from './history/index.ts';
import { Monitor } from './monitor.ts';
import { nodeHandlers, noNode } from './node-handlers.ts';
import { settingsFileOf } from './paths.ts';
import { ProcessWatch } from './process-watch.ts';
import type { ListenAddress } from './prometheus/address.ts';
import { Outlets } from './prometheus/index.ts';
import { Past } from './prometheus/past.ts';
import { WindowPrompter } from './prompts.ts';
import { Recording } from './recording/index.ts';
import { openReports, reportHandlers, type ReportServices } from './report-handlers.ts';
import { makeDataFolder } from './settings/files.ts';
import { Learned } from './settings/learned.ts';
import { Settings } from './settings/settings.ts';
import type { SshService } from './ssh/index.ts';

/** What windows of the whole cluster are called. */
const VIEW_TITLES: Readonly<Record<Exclude<View, 'node' | 'processes'>, string>> = {
  map: 'Migration map',
  migrations: 'Migrations',
  actions: 'Actions',
  groups: 'Groups of processes',
  run: 'Run a program',
  analyzer: 'Analyzer',
  reports: 'Reports',
  settings: 'Settings',
};

/** How many notices a window that opens later still gets to see. */
const NOTICES_KEPT = 50;

/** How the program is started; paths are absolute. */
export interface AppOptions {
  readonly dataFolder: string;
  /** Default: settings.json in the data folder. */
  readonly settingsFile?: string;
  /** With a number: a demo cluster of so many nodes in place of those of the settings. */
  readonly demoNodes?: number;
  /** What its nodes speak; openMosix by default. */
  readonly demoDialect?: DemoRequest['demoDialect'];
  readonly version: string;
  readonly host: 'electron' | 'headless';
  /** True for the collector, which has no windows of its own. */
  readonly unattended?: boolean;
  /** Where Prometheus may scrape; nowhere by default. */
  readonly metrics?: ListenAddress | undefined;
  /** Where sampler.sh is. */
  readonly resourcesFolder: string;
}

/** The running program. */
export interface App {
  readonly desk: Desk;
  readonly title: string;
  /** Where the metrics are; undefined where none were asked for. */
  readonly metricsUrl: string | undefined;
  /** The socket at which windows of other programs attach; undefined where they cannot. */
  readonly socket: string | undefined;
  /** Tells a notice to every window, and to those to come. */
  notice(notice: Problem): void;
  /** Ends every connection, writes what is not written, and frees the data folder. */
  dispose(): Promise<void>;
}

/** Starts the program. Problems: data-folder-in-use, bad-input (settings), history-newer, disk-full, file-unreadable. */
export async function createApp(options: AppOptions): Promise<Result<App>> {
  const folder = makeDataFolder(options.dataFolder);
  if (!folder.ok) return folder;
  const settings = await Settings.open(options.settingsFile ?? settingsFileOf(options.dataFolder));
  if (!settings.ok) return settings;
  const early: Problem[] = [];
  let onProblem = (notice: Problem): void => {
    early.push(notice);
  };
  let onCheckpoints = (_checkpoints: readonly Checkpoint[]): void => undefined;
  const history = await openHistory({
    folder: options.dataFolder,
    onProblem: (notice) => onProblem(notice),
    onCheckpoints: (checkpoints) => onCheckpoints(checkpoints),
    retention: settings.value.values.retention,
  });
  if (!history.ok) return history;
  const learned = await Learned.open(options.dataFolder);
  const running = new RunningApp(options, settings.value, history.value, learned);
  const started = await running.start();
  if (!started.ok) {
    await running.dispose();
    return started;
  }
  onProblem = (notice) => running.notice(notice);
  onCheckpoints = (checkpoints) => {
    for (const checkpoint of checkpoints) running.desk.pushAll('checkpoint', { checkpoint });
  };
  for (const notice of [...settings.value.notices, ...early]) running.notice(notice);
  return success(running);
}

class RunningApp implements App {
  readonly desk: CallDesk;
  readonly title: string;
  readonly #options: AppOptions;
  readonly #settings: Settings;
  readonly #history: History;
  readonly #past: Past;
  readonly #learned: Learned;
  readonly #prompter: WindowPrompter;
  readonly #notices: Problem[] = [];
  #monitor: Monitor | undefined;
  #ssh: SshService | undefined;
  #demo: ServedDemo | undefined;
  #services: ControlServices | undefined;
  #outlets: Outlets | undefined;
  #door: Door | undefined;
  #recording: Recording | undefined;
  #reports: ReportServices | undefined;

  constructor(options: AppOptions, settings: Settings, history: History, learned: Learned) {
    this.#options = options;
    this.#settings = settings;
    this.#history = history;
    this.#past = new Past(history, settings.values.prometheus, (notice) => this.notice(notice));
    this.#learned = learned;
    this.title = options.demoNodes === undefined ? 'mosview' : 'mosview (demo cluster)';
    this.#prompter = new WindowPrompter((prompts) => this.desk.pushAll('prompts', { prompts: [...prompts] }));
    this.desk = new CallDesk({
      handlers: this.#handlers(),
      infos: () => this.#monitor?.cluster.infos() ?? [],
      prompts: () => this.#prompter.prompts,
    });
  }

  async start(): Promise<Result<void>> {
    const { values } = this.#settings;
    this.#monitor = await Monitor.start({
      dataFolder: this.#options.dataFolder,
      resourcesFolder: this.#options.resourcesFolder,
      prompter: this.#prompter,
      observers: values.observers,
      learned: this.#learned,
      onSecond: (second) => {
        this.desk.pushSecond(second);
        this.#record(second);
      },
      onNotice: (notice) => this.notice(notice),
    });
    this.#recording = new Recording({
      history: this.#history,
      monitor: this.#monitor,
      snapshotSeconds: () => this.#settings.values.snapshotSeconds,
      onMigrations: (migrations) => {
        this.#outlets?.countMigrations(migrations);
        this.desk.pushAll('migrations', { migrations: [...migrations] });
      },
      onProblem: (notice) => this.notice(notice),
    });
    this.#ssh = this.#monitor.openSsh({
      configFile: values.sshConfigFile,
      knownHostsFiles: values.knownHostsFiles,
    });
    if (this.#options.demoNodes === undefined) this.#monitor.add(this.#settings.nodes, this.#ssh);
    else await this.#startDemo(this.#options.demoNodes, this.#options.demoDialect);
    const outlets = await Outlets.open({
      version: this.#options.version,
      dataFolder: this.#options.dataFolder,
      history: this.#history,
      monitor: this.#monitor,
      metrics: this.#options.metrics,
      settings: values.prometheus,
      onNotice: (notice) => this.notice(notice),
    });
    if (!outlets.ok) return outlets;
    this.#outlets = outlets.value;
    const control = await this.#openControl(this.#monitor);
    if (!control.ok) return control;
    await this.#openReports(control.value);
    await this.#openDoor();
    return success(undefined);
  }

  async #openReports(control: Control): Promise<void> {
    const settings = this.#settings;
    this.#reports = await openReports({
      dataFolder: this.#options.dataFolder,
      version: this.#options.version,
      history: this.#past,
      control,
      store: {
        get reports() {
          return settings.values.reports;
        },
        save: (reports) => settings.setReports(reports),
      },
      onJob: (job) => this.desk.pushAll('report', { job }),
      onSchedules: (schedules) => this.desk.pushAll('reportSchedules', { schedules: [...schedules] }),
      onProblem: (notice) => this.notice(notice),
    });
  }

  /** Lets windows of other programs attach; without that everything else works. */
  async #openDoor(): Promise<void> {
    const { dataFolder, version, unattended = false, demoNodes, metrics } = this.#options;
    const succession = demoNodes === undefined ? { settingsFile: this.#settings.file, metrics } : undefined;
    const door = await openDoor({ dataFolder, version, unattended, succession, desk: this.desk });
    if (door.ok) this.#door = door.value;
    else if (process.platform !== 'win32' || unattended) this.notice(door.problem);
  }

  get socket(): string | undefined {
    return this.#door?.path;
  }

  get metricsUrl(): string | undefined {
    return this.#outlets?.metricsUrl;
  }

  async #openControl(monitor: Monitor): Promise<Result<Control>> {
    const nodes = controlNodes(monitor);
    const control = await openControl({
      dataFolder: this.#options.dataFolder,
      nodes,
      who: operatorName(),
      onState: (state) => this.desk.pushAll('control', state),
      onAction: (action) => this.desk.pushAll('action', { action }),
      onMoveRequest: (request) => this.#recording?.request(request),
      onRun: (run) => this.desk.pushAll('run', { run }),
      onProblem: (trouble) => this.notice(trouble),
    });
    if (!control.ok) return control;
    const processWatch = new ProcessWatch(this.desk, nodes);
    this.#services = { control: control.value, nodes, processWatch };
    return control;
  }

  /** The second goes into the history; where processes are, to the windows that show it. */
  #record(second: Second): void {
    // Before migrations are looked for: what another program ordered is the cause of some.
    this.#services?.control.lookAtOthers();
    this.#recording?.take(second);
    this.#outlets?.second(second.time);
    if (this.desk.isHeard(PLACEMENTS_TOPIC)) {
      const placements = [...(this.#recording?.placements() ?? [])];
      this.desk.pushTo(PLACEMENTS_TOPIC, 'placements', { time: second.time, placements });
    }
  }

  async dispose(): Promise<void> {
    await this.#door?.close();
    await this.#reports?.close();
    await this.#outlets?.close();
    await this.#services?.control.close();
    await this.#monitor?.dispose();
    await this.#demo?.close();
    await this.#learned.close();
    await this.#past.close();
  }

  notice(notice: Problem): void {
    this.#notices.push(notice);
    if (this.#notices.length > NOTICES_KEPT) this.#notices.shift();
    this.desk.pushAll('notice', { problem: notice });
  }

  async #startDemo(demoNodes: number, demoDialect?: DemoRequest['demoDialect']): Promise<void> {
    const demo = await startDemo({ demoNodes, demoDialect }, join(this.#options.dataFolder, 'demo-cluster'));
    this.#demo = demo;
    const { monitor } = this.#parts();
    const ssh = monitor.openSsh({ configFile: 'none', knownHostsFiles: [demo.knownHostsFile] });
    monitor.add(
      demo.nodes.map((node) => node.entry),
      ssh,
    );
  }

  #isOfDemo(entry: NodeEntry): boolean {
    return this.#demo?.nodes.some((node) => node.entry === entry) ?? false;
  }

  /** The parts that exist from `start` on; calls come only afterwards. */
  #parts(): { readonly monitor: Monitor; readonly ssh: SshService } {
    if (this.#monitor === undefined || this.#ssh === undefined)
      throw new Error('The program has not started');
    return { monitor: this.#monitor, ssh: this.#ssh };
  }

  #handlers(): Handlers {
    const nothing = success({});
    return {
      ...controlHandlers(() => {
        if (this.#services === undefined) throw new Error('The program has not started');
        return this.#services;
      }),
      program: () =>
        success({
          version: this.#options.version,
          host: this.#options.host,
          demo: this.#demo !== undefined,
          dataFolder: this.#options.dataFolder,
          settingsFile: this.#settings.file,
          nodes: this.#parts().monitor.cluster.links.size,
          notices: this.#notices,
          attachedTo: null,
        }),
      ...nodeHandlers(() => ({
        ...this.#parts(),
        settings: this.#settings,
        isOfDemo: (entry) => this.#isOfDemo(entry),
      })),
      watch: ({ on }, caller) => {
        caller.watch(on);
        return nothing;
      },
      ...enrolHandlers(() => {
        if (this.#services === undefined) throw new Error('The program has not started');
        return {
          ...this.#options,
          ...this.#parts(),
          control: this.#services.control,
          desk: this.desk,
          isOfDemo: (entry) => this.#isOfDemo(entry),
          onProblem: (trouble) => this.notice(trouble),
        };
      }),
      ...reportHandlers(() => {
        if (this.#reports === undefined) throw new Error('The program has not started');
        return this.#reports;
      }),
      ...historyHandlers({
        past: this.#past,
        history: this.#history,
        dataFolder: this.#options.dataFolder,
        settings: this.#settings,
        who: operatorName(),
      }),
      outlets: () => {
        const { server } = this.#past;
        const read = server && { url: server.url, problem: server.problem ?? null };
        const status = this.#outlets?.status ?? { metricsUrl: null, remoteWrite: null };
        return success({ ...status, read: read ?? null });
      },
      answerPrompt: ({ id, answer }) => {
        const answered = this.#prompter.answer(id, answer);
        return answered.ok ? nothing : answered;
      },
      openWindow: (place, caller) => {
        const { view, key } = place;
        if (view !== 'node' && view !== 'processes') {
          caller.port.openWindow(view === 'analyzer' ? place : { view }, VIEW_TITLES[view]);
          return nothing;
        }
        if (key === undefined) return failure(problem('bad-input', `The view "${view}" needs a node's key`));
        const info = this.#parts()
          .monitor.cluster.infos()
          .find((node) => node.key === key);
        if (info === undefined) return noNode(key);
        const title = `${info.name} (${info.id})`;
        caller.port.openWindow({ view, key }, view === 'node' ? title : `Processes of ${title}`);
        return nothing;
      },
      startDemo: async ({ nodes }) => {
        if (this.#demo !== undefined)
          return failure(problem('bad-input', 'The demo cluster is running already'));
        await this.#startDemo(nodes ?? DEFAULT_DEMO_NODES);
        return nothing;
      },
    };
  }
}
