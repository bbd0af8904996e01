/** The command line of `mosview`: commands, options and the help; everything the shell gives is checked here. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { problem } from '../../common/contract/problem.ts';
import { isMetricName, METRICS, type MetricName } from '../../common/model/metric.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { DEFAULT_DEMO_NODES } from '../app.ts';

/** Options every command takes. */
export interface CommonArguments {
  readonly json: boolean;
  /** Absolute; undefined for the default place. */
  readonly dataFolder: string | undefined;
  readonly settingsFile: string | undefined;
  readonly demoNodes: number | undefined;
}

/** A command with its own options. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | ({ readonly name: 'app' | 'serve'; readonly port: number } & CommonArguments)
  | ({ readonly name: 'nodes' } & CommonArguments)
  | ({
      readonly name: 'history';
      /** A node's id or name. */
      readonly node: string;
      readonly metric: MetricName;
      /** Milliseconds. */
      readonly since: number;
      readonly points: number;
    } & CommonArguments);

const LARGEST_DEMO = 2000;

/** What each command takes besides the options of all; one that would have no effect is refused, not ignored. */
const OWN_OPTIONS = {
  app: ['port'],
  serve: ['port'],
  nodes: [],
  history: ['node', 'metric', 'since', 'points'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
const COMMON_OPTIONS: readonly string[] = ['json', 'data', 'config', 'demo'];

export const HELP = `mosview: monitor of clusters that migrate running processes

  mosview app                           the window: the desktop program, or where it cannot run the same in a browser
  mosview serve [--port N]              the window, served on loopback for a browser; prints one JSON line {"url": ...}
  mosview nodes                         one sample of every node; exit 1 with the reasons when none could be reached
  mosview history --node ID --metric M  recorded values of one node, [--since 10m] [--points N]
  mosview help | version

Options of every command
  --demo [N]      a demo cluster of N nodes (default ${DEFAULT_DEMO_NODES}) of its own for this call
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
  if (rest.length > 0) return bad(`"${rest[0]}" is one word too many after ${name}`);
  const taken = [...COMMON_OPTIONS, ...OWN_OPTIONS[name]];
  const foreign = Object.keys(values).find((key) => !taken.includes(key));
  if (foreign !== undefined) return bad(`${name} takes no --${foreign}`);
  const demoNodes = values.demo === undefined ? undefined : wholeNumber(values.demo);
  if (demoNodes !== undefined && !(demoNodes >= 1 && demoNodes <= LARGEST_DEMO)) {
    return bad(`--demo takes a number of nodes from 1 to ${LARGEST_DEMO}, not "${values.demo}"`);
  }
  const common: CommonArguments = {
    json: values.json ?? false,
    dataFolder: values.data === undefined ? undefined : resolve(folder, values.data),
    settingsFile: values.config === undefined ? undefined : resolve(folder, values.config),
    demoNodes,
  };
  switch (name) {
    case 'app':
    case 'serve': {
      const port = wholeNumber(values.port ?? '0');
      if (!(port <= 65_535)) return bad(`"${values.port}" is no port`);
      return success({ name, port, ...common });
    }
    case 'nodes':
      return success({ name, ...common });
    case 'history': {
      const { node, metric = 'load' } = values;
      const since = milliseconds(values.since ?? '10m');
      const points = wholeNumber(values.points ?? '1000');
      if (node === undefined) return bad('history needs --node with a node id or name');
      if (!isMetricName(metric))
        return bad(`"${metric}" is no metric; there are ${METRICS.map((m) => m.name).join(', ')}`);
      if (since === undefined) return bad(`--since takes a number with s, m, h or d, not "${values.since}"`);
      if (!(points >= 2 && points <= 20_000)) return bad('--points takes a number from 2 to 20000');
      return success({ name, node, metric, since, points, ...common });
    }
    default:
      return assertNever(name);
  }
}

function takesOptions(name: string): name is keyof typeof OWN_OPTIONS {
  return Object.hasOwn(OWN_OPTIONS, name);
}

/** A duration like `90s`, `10m`, `24h`, `7d` in milliseconds; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}

/** `--demo` alone means the default size; the parser wants a value behind it. */
function withDemoValue(args: readonly string[]): string[] {
  return args.map((argument, index) =>
    argument === '--demo' && !/^\d+$/.test(args[index + 1] ?? '') ? `--demo=${DEFAULT_DEMO_NODES}` : argument,
  );
}

function parseTolerant(args: string[]): Result<ReturnType<typeof parseStrictly>> {
  try {
    return success(parseStrictly(args));
  } catch (error) {
    return bad(error instanceof Error ? error.message : 'The command line could not be read');
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
      node: { type: 'string' },
      metric: { type: 'string' },
      since: { type: 'string' },
      points: { type: 'string' },
    },
  });
}
