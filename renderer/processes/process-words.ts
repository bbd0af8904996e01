/** A process in words: where it runs, its state, its CPU time and why it stays. All foreign text is made safe here. */
import type { ProcessInfo, ProcessPlace } from '../../common/model/process.ts';
import { reasonInShort, whyItStays } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import { plainText } from '../words/format.ts';

/** The name of the node with an id, empty where it is not known. */
export type NameOfId = (id: number) => string;

/** Where a process runs: `home`, `on node 5 (alpha)`, `guest from node 2 (pid 812)`. */
export function placeWords(place: ProcessPlace, nameOf: NameOfId): string {
  switch (place.kind) {
    case 'home':
      return 'home';
    case 'away':
      return `on ${nodeWords(place.id, nameOf)}`;
    case 'guest':
      return `guest from node ${place.id}${place.pid > 0 ? ` (pid ${place.pid})` : ''}`;
    case 'elsewhere':
      return `${place.guest ? 'guest from' : 'at'} ${plainText(place.address)}`;
    case 'moving':
      return 'on its way';
    case 'unknown':
      return '–';
    default:
      return assertNever(place);
  }
}

/** A node by its id, and its name where that says more than the id. */
export function nodeWords(id: number, nameOf: NameOfId): string {
  const name = plainText(nameOf(id));
  return name === '' || name === `node${id}` ? `node ${id}` : `node ${id} (${name})`;
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  I: 'idle',
  D: 'disk wait',
  T: 'stopped',
  t: 'traced',
  Z: 'ended',
  X: 'ended',
};

/** The letter of /proc/PID/stat as a word; another letter is given as it is. */
export function stateWord(state: string): string {
  return Object.hasOwn(STATE_WORDS, state) ? (STATE_WORDS[state] ?? state) : plainText(state);
}

/** Why it does not move by itself, in one line; empty when nothing holds it. */
export function whyWords(process: ProcessInfo): string {
  return plainText(whyItStays(process).join('; '));
}

/** The same without what explains a reason further, for a narrow cell. */
export function whyInShort(process: ProcessInfo): string {
  return plainText(whyItStays(process, reasonInShort).join('; '));
}

/** Why it does not move by itself, as a full sentence per reason. */
export function whySentences(process: ProcessInfo): readonly string[] {
  return whyItStays(process).map((reason) => sentence(plainText(reason)));
}

function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The user's name; where the node knows none, the number. */
export function userWords(process: ProcessInfo): string {
  return plainText(process.user) || (process.uid === null ? '–' : String(process.uid));
}

/** What a command line says besides the name that a cell shows before it: its arguments, or all of it. */
export function commandRest({ name, command }: ProcessInfo): string {
  const [program = '', ...rest] = command.split(' ');
  const told = program.slice(program.lastIndexOf('/') + 1);
  return plainText(told === name ? rest.join(' ') : command);
}

/** CPU time as `ps` writes it, from seconds: `0:07`, `12:34`, `5:12:34`, `3d 5:12:34`. */
export function cpuTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock =
    days + hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return days > 0 ? `${days}d ${clock}` : clock;
}
