/** Whether a process can move, and in plain words why it does not. Free of schemas, so that the window can use it. */
import type { ProcessInfo } from './process.ts';

/** Whether its home is another node. */
export function isGuest({ place }: Pick<ProcessInfo, 'place'>): boolean {
  return place.kind === 'guest' || (place.kind === 'elsewhere' && place.guest);
}

/** Whether it is at home here and runs on another node. */
export function isAway({ place }: Pick<ProcessInfo, 'place'>): boolean {
  return place.kind === 'away' || (place.kind === 'elsewhere' && !place.guest);
}

/** Whether openMosix may move it when it is told to: it is known there and nothing forbids it. A lock does not. */
export function isMovable({ place, reasons }: ProcessInfo): boolean {
  const isKnown = place.kind !== 'unknown' && place.kind !== 'moving';
  return isKnown && !reasons.some(forbids);
}

/** Reasons that keep a process from leaving by itself only. */
const ONLY_BY_ITSELF: ReadonlySet<string> = new Set(['user_lock', 'too_young']);

/** Whether a reason forbids any move, an ordered one too. */
export function forbids(reason: string): boolean {
  return !ONLY_BY_ITSELF.has(wordOf(reason));
}

/** A line of the agent's cantmove: its word and a sentence. Source: agent/checks/reason.ts. */
const AGENT_REASON = /^([A-Za-z]\w*): *(.+?)\.?$/;

function wordOf(reason: string): string {
  return AGENT_REASON.exec(reason)?.[1] ?? reason;
}

/** openMosix' reason words in plain ones. Source: openMosix facts 6.1 (the 2.6 table; 2.4 has the same bits). */
const REASONS: Readonly<Record<string, string>> = {
  monkey: 'it shares a file in memory with others, and writes to it',
  mmap_dev: 'it has a device, FIFO or socket mapped into its memory',
  VM86_mode: 'it runs in vm86 mode (a DOS emulator)',
  daemon: 'it is a daemon of the kernel',
  priv_inst: 'it uses privileged processor instructions',
  mem_lock: 'it has locked memory',
  clone_vm: 'it shares its memory with other processes (threads)',
  rt_sched: 'it has real-time scheduling',
  direct_io: 'it talks to hardware ports directly',
  init_proc: 'it is init',
  system: 'it is a process of the system',
  kiobuf: 'it has raw input or output under way',
  extern_1: 'another kernel module forbids it (1)',
  extern_2: 'another kernel module forbids it (2)',
  extern_3: 'another kernel module forbids it (3)',
  extern_4: 'another kernel module forbids it (4)',
  '(null)': 'its kernel has a reason without a name',
  // Of MattX and the port to 2.6, whose kernels check none of these, or late; MattX facts, what a client must never do.
  kernel_thread: 'it is a thread of the kernel',
  zombie: 'it has ended; its parent has not taken note yet',
  pid_namespace: 'it is in a PID namespace of its own, in which MattX would mean another process',
  mosview: 'it is mosview itself, or what mosview came in by',
  left_over: 'MattX has it in a table that is left over from before; it may be another process now',
  user_lock: 'it is locked: it does not leave by itself, but can be sent',
  too_young: 'it is too young',
  // Of the agent's nodes.
  no_job: 'it is no job that mos run started; a process of such a job moves with it',
};

/**
 * A reason in plain words; a word that nobody knows is given back as it is. The agent says its own sentence, which is shown
 * with its word.
 */
export function reasonInWords(reason: string): string {
  const [, word, sentence] = AGENT_REASON.exec(reason) ?? [];
  if (sentence !== undefined) return `${sentence} (${word})`;
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] ?? reason) : reason;
}

/** The same without what explains it further. Of the agent's sentence nothing is left out but its word. */
export function reasonInShort(reason: string): string {
  const words = reasonInWords(reason);
  return AGENT_REASON.exec(reason)?.[2] ?? words.split(/[:;(]/, 1)[0]?.trim() ?? words;
}

/** Seconds that openMosix' kernels leave a new process alone before they consider moving it by themselves. */
export const TOO_YOUNG_SECONDS = 1;

/** Every reason why a process does not move by itself, in plain words; empty when nothing holds it. */
export function whyItStays(
  process: ProcessInfo,
  inWords: (reason: string) => string = reasonInWords,
): readonly string[] {
  const { reasons, locked, place, age } = process;
  // A guest's age is counted from its arrival.
  const isYoung = place.kind !== 'unknown' && !isGuest(process) && age < TOO_YOUNG_SECONDS;
  const said = new Set(reasons.map(wordOf));
  const others = [...(locked === true ? ['user_lock'] : []), ...(isYoung ? ['too_young'] : [])];
  return [...reasons, ...others.filter((word) => !said.has(word))].map((reason) => inWords(reason));
}
