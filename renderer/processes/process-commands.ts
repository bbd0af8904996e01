/**
 * Everything that can be done to processes, from one table: toolbar, context menu and keys take it from here. A pure
 * rule says why a command is not possible for a process.
 */
import { capabilitiesOf, whyUnable, type Capabilities } from '../../common/model/capability.ts';
import type { ProcessChange } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { forbids, reasonInWords } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import { count, plainText } from '../words/format.ts';
import type { ProcessEntry } from './process-entry.ts';

/** What a command orders at once, or what it has to ask first. */
export type Deed =
  | { readonly kind: 'order'; readonly change: ProcessChange }
  | { readonly kind: 'order'; readonly change: { readonly kind: 'spread' } }
  | { readonly kind: 'ask'; readonly what: Question };

/** `node`: where to; `nice`: which priority; `group`: which group. */
export type Question = 'node' | 'nice' | 'group';

/** A command for chosen processes. */
export interface ProcessCommand {
  readonly name: CommandName;
  readonly title: string;
  /** One sentence for the operator. */
  readonly about: string;
  /** `KeyboardEvent.key`, and how the key is written; empty for none. */
  readonly key: string;
  readonly keyWords: string;
  readonly needs: keyof Pick<Capabilities, 'migration' | 'signals'> | 'nothing';
  readonly deed: Deed;
  /** Set off from the one before. */
  readonly begins?: boolean;
  readonly danger?: boolean;
}

export type CommandName =
  | 'send'
  | 'best'
  | 'home'
  | 'spread'
  | 'lock'
  | 'unlock'
  | 'stop'
  | 'continue'
  | 'end'
  | 'kill'
  | 'renice'
  | 'group';

function signal(name: 'STOP' | 'CONT' | 'TERM' | 'KILL'): Deed {
  return { kind: 'order', change: { kind: 'signal', signal: name } };
}

const COMMANDS: readonly ProcessCommand[] = [
  {
    name: 'send',
    title: 'Send to node …',
    about: 'Choose a node, and the processes are moved there.',
    key: 's',
    keyWords: 'S',
    needs: 'migration',
    deed: { kind: 'ask', what: 'node' },
  },
  {
    name: 'best',
    title: 'Best node',
    about: 'The cluster moves the processes where it thinks best; that may be where they are.',
    key: 'b',
    keyWords: 'B',
    needs: 'migration',
    deed: { kind: 'order', change: { kind: 'move', to: 'best' } },
  },
  {
    name: 'home',
    title: 'Home',
    about: 'Brings the processes back to the node where they were started.',
    key: 'h',
    keyWords: 'H',
    needs: 'migration',
    deed: { kind: 'order', change: { kind: 'move', to: 'home' } },
  },
  {
    name: 'spread',
    title: 'Spread',
    about: 'Sends the movable processes evenly over the nodes that take guests.',
    key: '',
    keyWords: '',
    needs: 'migration',
    deed: { kind: 'order', change: { kind: 'spread' } },
  },
  {
    name: 'lock',
    title: 'Lock',
    about: 'A locked process does not leave by itself; it can still be sent.',
    key: 'l',
    keyWords: 'L',
    needs: 'migration',
    deed: { kind: 'order', change: { kind: 'lock', on: true } },
    begins: true,
  },
  {
    name: 'unlock',
    title: 'Unlock',
    about: 'The processes may leave by themselves again.',
    key: 'u',
    keyWords: 'U',
    needs: 'migration',
    deed: { kind: 'order', change: { kind: 'lock', on: false } },
  },
  {
    name: 'stop',
    title: 'Stop',
    about: 'Halts the processes where they stand (SIGSTOP); Continue lets them go on.',
    key: 'p',
    keyWords: 'P',
    needs: 'signals',
    deed: signal('STOP'),
    begins: true,
  },
  {
    name: 'continue',
    title: 'Continue',
    about: 'Lets stopped processes go on (SIGCONT).',
    key: 'c',
    keyWords: 'C',
    needs: 'signals',
    deed: signal('CONT'),
  },
  {
    name: 'end',
    title: 'End',
    about: 'Asks the processes to end (SIGTERM). Cannot be undone.',
    key: 'Delete',
    keyWords: 'Del',
    needs: 'signals',
    deed: signal('TERM'),
  },
  {
    name: 'kill',
    title: 'Kill …',
    about: 'Ends the processes at once, without a chance to save anything (SIGKILL). Cannot be undone.',
    key: 'Shift+Delete',
    keyWords: 'Shift+Del',
    needs: 'signals',
    deed: signal('KILL'),
    danger: true,
  },
  {
    name: 'renice',
    title: 'Renice …',
    about: 'Changes how much of the CPU the processes get beside others.',
    key: 'n',
    keyWords: 'N',
    needs: 'signals',
    deed: { kind: 'ask', what: 'nice' },
    begins: true,
  },
  {
    name: 'group',
    title: 'Add to group …',
    about: 'Puts the processes into a named group, on which one can act as a whole.',
    key: 'g',
    keyWords: 'G',
    needs: 'nothing',
    deed: { kind: 'ask', what: 'group' },
  },
];

/** The commands for chosen processes of a node, in their order. */
export const PROCESS_COMMANDS: readonly ProcessCommand[] = COMMANDS.filter(({ name }) => name !== 'spread');

/** The commands for a group as a whole. */
const GROUP_COMMANDS: readonly ProcessCommand[] = COMMANDS.filter(({ name }) => name !== 'group');

/** The command of a key, undefined for none. */
export function commandOfKey(
  commands: readonly ProcessCommand[],
  event: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
): ProcessCommand | undefined {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const wanted = event.shiftKey ? `Shift+${letter}` : letter;
  return commands.find((command) => command.key === wanted);
}

const SENT_FROM_HOME = 'it is a guest from a node that is not known; it is sent from there';

/** Why a process cannot be sent to another node, in words; empty where it can. A lock does not forbid it. */
export function cannotMove(process: ProcessInfo): string {
  if (process.place.kind === 'unknown') return notMigrated(process);
  if (process.place.kind === 'moving') return 'it is on its way';
  if (process.place.kind === 'elsewhere' && process.place.guest) return SENT_FROM_HOME;
  const first = process.reasons.find(forbids);
  return first === undefined ? '' : plainText(reasonInWords(first));
}

/** The same of a process whose place its node does not say. */
function notMigrated({ reasons: [first] }: ProcessInfo): string {
  return first === undefined ? 'its node does not migrate it' : plainText(reasonInWords(first));
}

/** Why a command is not possible for one process, in words; empty where it is. */
function refusalFor(name: CommandName, process: ProcessInfo): string {
  if (name === 'group') return '';
  if (process.state === 'Z') return 'it has ended; its parent has not taken note yet';
  if (process.reasons.includes('left_over')) return reasonInWords('left_over');
  switch (name) {
    case 'send':
    case 'best':
    case 'spread':
      return cannotMove(process);
    case 'home':
      if (process.place.kind === 'unknown') return notMigrated(process);
      if (process.place.kind === 'moving') return 'it is on its way';
      if (process.place.kind === 'elsewhere' && process.place.guest) return SENT_FROM_HOME;
      return process.place.kind === 'home' ? 'it is at home' : '';
    case 'lock':
    case 'unlock':
      if (process.place.kind === 'guest') return '';
      if (process.locked === null) return 'its node does not say whether it is locked';
      if (process.locked === (name === 'lock')) return name === 'lock' ? 'it is locked' : 'it is not locked';
      return '';
    case 'stop':
      return process.state === 'T' ? 'it is stopped' : '';
    case 'continue':
      return process.state === 'T' ? '' : 'it is not stopped';
    case 'end':
    case 'kill':
    case 'renice':
      return '';
    default:
      return assertNever(name);
  }
}

/** Most processes that one order may name. */
const MOST_IN_ORDER = 2000;

/** On MattX a deputy is stopped; continued, it would run at home and away. */
const ONLY_DEPUTY = 'Not possible: it is away, and here is only its deputy; bring it home first.';

/** A command with the reason why it is not possible now, as a sentence; empty when it is. */
export interface Offer {
  readonly command: ProcessCommand;
  readonly refusal: string;
}

/**
 * The commands for chosen processes of a node. `trouble`: why nothing can be done on the node at all, as a sentence,
 * empty where it can.
 */
export function offersFor(
  chosen: readonly ProcessEntry[],
  node: NodeInfo | undefined,
  trouble: string,
): readonly Offer[] {
  const able = capabilitiesOf(node?.dialect ?? null);
  const refusal = (command: ProcessCommand): string => {
    if (chosen.length === 0) return 'Choose a process first.';
    if (chosen.length > MOST_IN_ORDER) return `Choose at most ${count(MOST_IN_ORDER)} processes.`;
    if (command.needs !== 'nothing') {
      if (trouble !== '') return trouble;
      const isLock = command.name === 'lock' || command.name === 'unlock';
      const lack = isLock ? whyUnable(node?.dialect ?? null, 'lock') : '';
      const why = able[command.needs] ? lack : able.why;
      if (why !== '') return `Not possible on ${node?.name ?? 'this node'}: ${why}.`;
    }
    const isAway = node?.dialect === 'mattx' && chosen.every(({ info }) => info.place.kind === 'away');
    if (isAway && ['stop', 'continue', 'renice'].includes(command.name)) return ONLY_DEPUTY;
    return refusalForAll(command, chosen);
  };
  return PROCESS_COMMANDS.map((command) => ({ command, refusal: refusal(command) }));
}

/** The commands for a group; its members are undefined while they are not known. */
export function offersForGroup(members: readonly ProcessEntry[] | undefined): readonly Offer[] {
  const refusal = (command: ProcessCommand): string => {
    if (members === undefined) return 'Its members are not known yet.';
    return members.length === 0 ? 'It has no members now.' : refusalForAll(command, members);
  };
  return GROUP_COMMANDS.map((command) => ({ command, refusal: refusal(command) }));
}

/** Why a command is not possible for any of some processes; the plan says for which it is not where it is for others. */
function refusalForAll(command: ProcessCommand, chosen: readonly ProcessEntry[]): string {
  const refusals = chosen.map(({ info }) => refusalFor(command.name, info));
  if (refusals.includes('')) return '';
  const reasons = [...new Set(refusals)];
  if (chosen.length === 1) return `Not possible: ${reasons.join('; ')}.`;
  return `Not possible for any of the ${count(chosen.length)} processes: ${reasons.slice(0, 3).join('; ')}.`;
}
