/** The command line of `mosview`: commands, options and the help; everything the shell gives is checked here. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { problem } from '../../common/contract/problem.ts';
import { METRICS } from '../../common/model/metric.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { parseFarTarget, type FarTarget } from '../attach/target.ts';
import { DEFAULT_DEMO_NODES, demoWords, parseDemo, type DemoRequest } from '../demo/request.ts';
import { AGENT_HELP, AGENT_OPTIONS, parseAgent, type AgentCommand } from './agent-arguments.ts';
import { parseListenAddress, type ListenAddress } from '../prometheus/address.ts';
import { ORDER_HELP, ORDER_OPTIONS, parseOrder, type OrderCommand } from './control-arguments.ts';
import {
  isLimit,
  LIMIT_HELP,
  PAST_HELP,
  PAST_OPTIONS,
  parsePast,
  type PastCommand,
} from './history-arguments.ts';
import { parseReport, REPORT_HELP, REPORT_OPTIONS, type ReportCommand } from './report-arguments.ts';

/** Options every command takes. */
export interface CommonArguments {
  readonly json: boolean;
  /** Absolute; undefined for the default place. */
  readonly dataFolder: string | undefined;
  readonly settingsFile: string | undefined;
  readonly demoNodes: number | undefined;
  readonly demoDialect?: DemoRequest['demoDialect'];
}

/** A command with its own options. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | ({
      readonly name: 'app' | 'serve';
      readonly port: number;
      /** Where Prometheus may scrape. */
      readonly metrics: ListenAddress | undefined;
      /** A collector on another machine. */
      readonly attach: FarTarget | undefined;
    } & CommonArguments)
  | ({
      readonly name: 'collect';
      readonly metrics: ListenAddress | undefined;
      /** What to do with the service of the user's systemd; undefined to collect now. */
      readonly service: 'install' | 'uninstall' | undefined;
    } & CommonArguments)
  | ({ readonly name: 'nodes' } & CommonArguments)
  | ({
      readonly name: 'discover';
      /** A node of the settings, or `[user@]host[:port]`. */
      readonly target: string;
      /** Whether what is found goes into the settings. */
      readonly add: boolean;
    } & CommonArguments)
  | PastCommand
  | OrderCommand
  | ReportCommand
  | AgentCommand
  | ({
      readonly name: 'ps';
      /** A node's id or name. */
      readonly node: string;
      /** Which to show: with none of them all; migrated and guests add up, movable leaves out. */
      readonly migrated: boolean;
      readonly guests: boolean;
      readonly movable: boolean;
    } & CommonArguments)
  | ({ readonly name: 'audit'; readonly limit: number } & CommonArguments);

/** What each command takes besides the options of all; one that would have no effect is refused, not ignored. */
const OWN_OPTIONS = {
  app: ['port', 'metrics', 'attach'],
  serve: ['port', 'metrics', 'attach'],
  collect: ['metrics', 'install', 'uninstall'],
  nodes: [],
  discover: ['add'],
  ...PAST_OPTIONS,
  ...ORDER_OPTIONS,
  report: REPORT_OPTIONS,
  ps: ['migrated', 'guests', 'movable'],
  audit: ['limit'],
  agent: AGENT_OPTIONS,
} as const satisfies Readonly<Record<string, readonly string[]>>;
/** How many words a command takes after its name; those that have `Infinity` check their own. */
const MOST_WORDS: Readonly<Partial<Record<string, number>>> = {
  set: Infinity,
  undo: Infinity,
  migrate: Infinity,
  ps: 1,
  discover: 1,
  agent: Infinity,
  history: Infinity,
  checkpoint: Infinity,
};
const COMMON_OPTIONS: readonly string[] = ['json', 'data', 'config', 'demo'];

export const HELP = `mosview: monitor of clusters that migrate running processes

  mosview app                           the window: the desktop program, or where it cannot run the same in a browser
  mosview serve [--port N]              the window, served on loopback for a browser; prints one JSON line {"url": ...}
  mosview collect                       records without a window, until it is ended; windows attach to it by themselves,
                                        and it waits while one of them records;
                                        --install makes it a service of your systemd, --uninstall removes that
  mosview nodes                         one sample of every node; exit 1 with the reasons when none could be reached
  mosview discover TARGET [--add]       the whole cluster of one node, from its map, setpe -r, openMosix, MattX and your SSH
                                        configuration; TARGET is a node of the settings or [user@]host[:port], --add puts
                                        the new ones into the settings
  mosview ps NODE                       its processes, [--migrated] [--guests] [--movable]
${PAST_HELP}
  mosview audit [--limit N]             who changed what and with which result; exit 1 when the log was tampered with
${REPORT_HELP}
${ORDER_HELP}
${AGENT_HELP}
  mosview help | version

Commands that change something end with 0 only when every node was read back and is so, and with 1 otherwise. More than
one node is asked about first, where there is a terminal and no --yes.

app and serve take --attach [user@]host[:port][:/data/dir]: the window of a collector there, over SSH.
app, serve and collect take --metrics 127.0.0.1:PORT, where Prometheus may scrape /metrics (off by default, no password).

Options of every command
  --demo [N]      a demo cluster of N nodes (default ${DEFAULT_DEMO_NODES}) of its own for this call; with --demo mattx [N] they speak MattX
  --data DIR      the data folder (history, host keys, settings)
  --config FILE   the settings file with the nodes (default: settings.json in the data folder)
  --json          one JSON value on standard output; failures as {"code", "message"} on standard error

Units: load 100 is one runnable process on one CPU of standard speed 10000; memory in bytes; util and cpuBusy in
percent; times in milliseconds since 1970. --since takes a number with s, m, h or d.
Metrics: ${METRICS.map((metric) => metric.name).join(', ')}
`;

/** Reads the command line (without node and script). Problems: bad-input. */
export function parseCommand(args: readonly string[], folder: string): Result<Command> {
  const parsed = parseTolerant(withDemoValue(args));
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const [name = values.version ? 'version' : 'help', ...rest] = positionals;
  if (values.help || name === 'help') return success({ name: 'help' });
  if (values.version || name === 'version') return success({ name: 'version' });
  if (!takesOptions(name)) return bad(`There is no command "${name}"; "mosview help" lists them`);
  const foreignWord = rest[MOST_WORDS[name] ?? 0];
  if (foreignWord !== undefined) return bad(`"${foreignWord}" is one word too many after ${name}`);
  const taken = [...COMMON_OPTIONS, ...OWN_OPTIONS[name]];
  const foreign = Object.keys(values).find((key) => !taken.includes(key));
  if (foreign !== undefined) return bad(`${name} takes no --${foreign}`);
  const demo = values.demo === undefined ? success(undefined) : parseDemo(values.demo.split(' '));
  if (!demo.ok) return demo;
  const common: CommonArguments = {
    json: values.json ?? false,
    dataFolder: values.data === undefined ? undefined : resolve(folder, values.data),
    settingsFile: values.config === undefined ? undefined : resolve(folder, values.config),
    demoNodes: demo.value?.demoNodes,
    demoDialect: demo.value?.demoDialect,
  };
  switch (name) {
    case 'app':
    case 'serve': {
      const port = wholeNumber(values.port ?? '0');
      if (!(port <= 65_535)) return bad(`"${values.port}" is no port`);
      const attach = values.attach === undefined ? success(undefined) : parseFarTarget(values.attach);
      if (!attach.ok) return attach;
      const metrics = listenAddress(values.metrics);
      return metrics.ok
        ? success({ name, port, metrics: metrics.value, attach: attach.value, ...common })
        : metrics;
    }
    case 'collect': {
      const metrics = listenAddress(values.metrics);
      if (!metrics.ok) return metrics;
      const { install = false, uninstall = false } = values;
      if (install && uninstall) return bad('--install and --uninstall do not go together');
      if (install && common.demoNodes !== undefined) return bad('A demo is not installed as a service');
      const service = install ? 'install' : uninstall ? 'uninstall' : undefined;
      return success({ name, metrics: metrics.value, service, ...common });
    }
    case 'nodes':
      return success({ name, ...common });
    case 'discover': {
      const [target] = rest;
      if (target === undefined) return bad('discover takes a node of the settings, or [user@]host[:port]');
      return success({ name, target, add: values.add ?? false, ...common });
    }
    case 'history':
    case 'migrations':
    case 'checkpoint':
      return parsePast(name, rest, values, common, folder);
    case 'set':
    case 'undo':
    case 'migrate':
      return parseOrder(name, rest, values, common);
    case 'report':
      return parseReport(values, common, folder);
    case 'agent':
      return parseAgent(rest, values, common);
    case 'ps': {
      const [node] = rest;
      if (node === undefined) return bad('ps takes a node id or name');
      const { migrated = false, guests = false, movable = false } = values;
      return success({ name, node, migrated, guests, movable, ...common });
    }
    case 'audit': {
      const limit = wholeNumber(values.limit ?? '100');
      return isLimit(limit) ? success({ name, limit, ...common }) : bad(LIMIT_HELP);
    }
    default:
      return assertNever(name);
  }
}

function listenAddress(text: string | undefined): Result<ListenAddress | undefined> {
  return text === undefined ? success(undefined) : parseListenAddress(text);
}

function takesOptions(name: string): name is keyof typeof OWN_OPTIONS {
  return Object.hasOwn(OWN_OPTIONS, name);
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}

/** The words of `--demo` as one value, which the parser wants behind it; alone it means the default size. */
function withDemoValue(args: readonly string[]): string[] {
  const index = args.indexOf('--demo');
  if (index < 0) return [...args];
  const words = demoWords(args.slice(index + 1));
  const value = words.length === 0 ? String(DEFAULT_DEMO_NODES) : words.join(' ');
  return args.toSpliced(index, 1 + words.length, `--demo=${value}`);
}

function parseTolerant(args: string[]): Result<ReturnType<typeof parseStrictly>> {
  try {
    return success(parseStrictly(args));
  } catch (error) {
    // What follows is advice for somebody whose words begin with a dash.
    const [words] = error instanceof Error ? error.message.split('. ') : [];
    return bad(`${words ?? 'The command line could not be read'}; "mosview help" lists what there is`);
  }
}

function parseStrictly(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      data: { type: 'string' },
      config: { type: 'string' },
      demo: { type: 'string' },
      port: { type: 'string' },
      metrics: { type: 'string' },
      attach: { type: 'string' },
      install: { type: 'boolean' },
      uninstall: { type: 'boolean' },
      node: { type: 'string', multiple: true },
      group: { type: 'string', multiple: true },
      command: { type: 'string' },
      table: { type: 'string' },
      metric: { type: 'string', multiple: true },
      since: { type: 'string' },
      points: { type: 'string' },
      limit: { type: 'string' },
      every: { type: 'string' },
      format: { type: 'string' },
      output: { type: 'string', short: 'o' },
      file: { type: 'string' },
      add: { type: 'boolean' },
      migrated: { type: 'boolean' },
      guests: { type: 'boolean' },
      movable: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      yes: { type: 'boolean' },
      reason: { type: 'string' },
      until: { type: 'string' },
      bring: { type: 'boolean' },
      cluster: { type: 'string' },
      ids: { type: 'string' },
      addresses: { type: 'string' },
      forget: { type: 'boolean' },
    },
  });
}
