/** The words and options of the commands that change nodes and processes: set, undo and migrate. */
import { problem } from '../../common/contract/problem.ts';
import type { NodeChange } from '../../common/model/control.ts';
import { MOST_AFFINITY, namesOfList, whyNoList } from '../../common/model/mattx.ts';
import { MOST_SPEED, STANDARD_SPEED } from '../../common/model/metric.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import type { CommonArguments } from './arguments.ts';
import { milliseconds } from './duration.ts';

/** Options of every command that changes something. */
export interface OrderArguments extends CommonArguments {
  /** Only says what it would do. */
  readonly dryRun: boolean;
  /** Does not ask. */
  readonly yes: boolean;
  /** For the audit log. */
  readonly reason: string;
}

/** A change of nodes as it is typed. */
export type TypedChange = NodeChange | { readonly kind: 'drain'; readonly bring: boolean };

/** A command that changes something. */
export type OrderCommand =
  | ({
      readonly name: 'set';
      /** Ids, names, or only `all`. */
      readonly nodes: readonly string[];
      readonly change: TypedChange;
      /** Milliseconds until it is undone by itself; null for never. */
      readonly until: number | null;
    } & OrderArguments)
  /** Without a number the newest action that can be undone. */
  | ({ readonly name: 'undo'; readonly action: number | undefined } & OrderArguments)
  | ({
      readonly name: 'migrate';
      /** A node's id or name. */
      readonly node: string;
      readonly pid: number;
      /** A node's id or name, or one of the words. */
      readonly target: string;
    } & OrderArguments);

/** What its options say, as the shell gave them. */
export interface OrderValues {
  readonly 'dry-run'?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly until?: string | undefined;
  readonly bring?: boolean | undefined;
}

export const ORDER_OPTIONS = {
  set: ['dry-run', 'yes', 'reason', 'until', 'bring'],
  undo: ['dry-run', 'yes', 'reason'],
  migrate: ['dry-run', 'yes', 'reason'],
} as const satisfies Record<OrderCommand['name'], readonly (keyof OrderValues)[]>;

export const ORDER_HELP = `  mosview set NODE[,NODE...] CHANGE     changes nodes: ids, names or all; read back, recorded, undoable
      block|stay|lstay|quiet|nomfs on|off    the switches
      speed N                                10000 is the standard CPU
      decayinterval|slowdecay|fastdecay N    seconds; what is kept per interval, in thousandths
      affinity N                             of MattX, its speed in its own terms; 0 is automatic
      debug|mattxfs on|off                   of MattX
      exclude|include NAMES                  of MattX: a whole list, names parted by commas
      exclude-mosview                        of MattX: appends what mosview runs there to exclude
      expel | bring                          sends guests away; brings its own processes home
      drain [--bring]                        block and expel, with --bring also lstay and bring; on MattX what it can
  mosview undo [ACTION]                 writes back what an action found; without a number the newest one's
  mosview migrate NODE PID N|home|best  sends the process that NODE lists as PID to node N, home, or where it is best
      all three take [--dry-run] [--yes] [--reason TEXT], set also [--until 2h]: a window undoes it then`;

const LONGEST_REASON = 500;
const MOST_NODES = 2000;

/** Reads the words behind the command's name. Problems: bad-input. */
export function parseOrder(
  name: OrderCommand['name'],
  words: readonly string[],
  values: OrderValues,
  common: CommonArguments,
): Result<OrderCommand> {
  const reason = values.reason ?? '';
  if (reason.length > LONGEST_REASON) return bad(`--reason takes at most ${LONGEST_REASON} characters`);
  const order: OrderArguments = {
    ...common,
    dryRun: values['dry-run'] ?? false,
    yes: values.yes ?? false,
    reason,
  };
  switch (name) {
    case 'set':
      return parseSet(words, values, order);
    case 'undo': {
      const [text, ...more] = words;
      const action = text === undefined ? undefined : wholeNumber(text);
      if (action !== undefined && !(action >= 1))
        return bad(`"${text}" is no number of an action; "mosview audit" shows them`);
      return more.length > 0 ? tooMany(more) : success({ name, action, ...order });
    }
    case 'migrate': {
      const [node, pidText = '', target, ...more] = words;
      if (node === undefined || target === undefined)
        return bad('migrate takes NODE PID and a node, home or best');
      const pid = wholeNumber(pidText);
      if (!(pid >= 1 && pid <= 4_194_304)) return bad(`"${pidText}" is no number of a process`);
      return more.length > 0 ? tooMany(more) : success({ name, node, pid, target, ...order });
    }
    default:
      return assertNever(name);
  }
}

function parseSet(
  words: readonly string[],
  values: OrderValues,
  order: OrderArguments,
): Result<OrderCommand> {
  const [list, ...changeWords] = words;
  if (list === undefined || changeWords.length === 0)
    return bad('set takes NODE[,NODE...] and a change; "mosview help" lists them');
  const nodes = [...new Set(list.split(',').map((node) => node.trim()))];
  if (nodes.includes('')) return bad(`"${list}" has an empty place between its commas`);
  if (nodes.includes('all') && nodes.length > 1) return bad('all stands for every node; it goes alone');
  if (nodes.length > MOST_NODES) return bad(`One command changes at most ${MOST_NODES} nodes`);
  const change = parseChange(changeWords, values.bring ?? false);
  if (!change.ok) return change;
  const until = values.until === undefined ? null : milliseconds(values.until);
  if (until === undefined) return bad(`--until takes a number with s, m, h or d, not "${values.until}"`);
  if (until !== null && (change.value.kind === 'expel' || change.value.kind === 'bring')) {
    return bad(`${change.value.kind} happens once and cannot be undone; it takes no --until`);
  }
  return success({ name: 'set', nodes, change: change.value, until, ...order });
}

function parseChange([word = '', value, ...more]: readonly string[], bring: boolean): Result<TypedChange> {
  if (more.length > 0) return tooMany(more);
  if (bring && word !== 'drain') return bad('--bring goes with drain');
  switch (word) {
    case 'block':
    case 'stay':
    case 'lstay':
    case 'quiet':
    case 'nomfs':
      return value === 'on' || value === 'off'
        ? success({ kind: 'setting', setting: word, on: value === 'on' })
        : bad(`${word} takes on or off${value === undefined ? '' : `, not "${value}"`}`);
    case 'debug':
    case 'mattxfs':
      return value === 'on' || value === 'off'
        ? success({ kind: 'mattx', which: word, on: value === 'on' })
        : bad(`${word} takes on or off${value === undefined ? '' : `, not "${value}"`}`);
    case 'affinity': {
      const affinity = wholeNumber(value ?? '');
      return affinity <= MOST_AFFINITY
        ? success({ kind: 'affinity', affinity })
        : bad(`affinity takes a number from 0, which is automatic, to ${MOST_AFFINITY}`);
    }
    case 'exclude':
    case 'include': {
      if (value === undefined) return bad(`${word} takes a whole list of names; '' for an empty one`);
      const why = whyNoList(value);
      return why === ''
        ? success({ kind: 'pins', list: word, names: [...namesOfList(value)], seen: null })
        : bad(`${word}: ${why}`);
    }
    case 'exclude-mosview':
      return value === undefined ? success({ kind: 'pin-self' }) : tooMany([value]);
    case 'expel':
    case 'bring':
      return value === undefined ? success({ kind: word }) : tooMany([value]);
    case 'drain':
      return value === undefined ? success({ kind: 'drain', bring }) : tooMany([value]);
    case 'speed': {
      const speed = wholeNumber(value ?? '');
      return speed >= 1 && speed <= MOST_SPEED
        ? success({ kind: 'speed', speed })
        : bad(`speed takes a number from 1 to ${MOST_SPEED}; ${STANDARD_SPEED} is the standard CPU`);
    }
    case 'decayinterval':
    case 'slowdecay':
    case 'fastdecay': {
      const number = wholeNumber(value ?? '');
      return number <= 100_000
        ? success({ kind: 'decay', which: word, value: number })
        : bad(`${word} takes a number from 0 to 100000`);
    }
    default:
      return bad(`"${word}" is no change of a node; "mosview help" lists them`);
  }
}

function tooMany([word]: readonly string[]): Result<never> {
  return bad(`"${word}" is one word too many`);
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}
