/**
 * Answers a batch of operations for a simulated MattX node as resources/operator.sh would on it. Everything is looked up
 * and changed in the simulation; nothing is executed.
 */
import { batchAnswer, fileLines, TICKS_PER_SECOND, USER_LINES } from '../answers.ts';
import type { ProgramCall } from '../shell.ts';
import type { NodeOperator, Obedience } from '../world.ts';
import type { MattxCluster, MattxSignal } from './cluster.ts';
import type { MattxNode } from './node.ts';
import { processFiles } from './proc-text.ts';
import type { MattxEntry } from './process.ts';

const SIGNALS: readonly MattxSignal[] = ['STOP', 'CONT', 'TERM', 'KILL'];
const ADMIN_COMMANDS: readonly string[] = ['balancer', 'debug', 'mattxfs', 'affinity'];
/** The shell's parents on a simulated node without init: its sshd. */
const OWN_CHAIN = '304';

/** The operator on one node. */
export class MattxOperator implements NodeOperator {
  readonly #cluster: MattxCluster;
  readonly #node: MattxNode;
  readonly #obedience: Obedience;

  constructor(cluster: MattxCluster, id: number, obedience: Obedience) {
    this.#cluster = cluster;
    this.#node = cluster.node(id);
    this.#obedience = obedience;
  }

  answer(call: ProgramCall, lines: readonly string[]): string {
    return batchAnswer(call, 'mattx', lines, (kind, words, root) => this.#operation(kind, words, root));
  }

  #operation(kind: string, words: readonly string[], root: string): readonly string[] {
    const [first = '', second = '', third = ''] = words;
    switch (kind) {
      case 'settings':
        return this.#settings();
      case 'admin':
        return ADMIN_COMMANDS.includes(first) ? [this.#write(`${first} ${second}`, root)] : [];
      case 'pins':
        return first === 'exclude' || first === 'include' ? [this.#pins(first, second, third, root)] : [];
      case 'count':
        return [`done ${first === 'guests' ? this.#node.guests.length : this.#node.remote.length}`];
      case 'list':
        return this.#list();
      case 'send':
      case 'place':
      case 'signal':
      case 'renice':
        return this.#ofProcess(kind, Number(first), Number(second), third, root);
      case 'read':
      case 'write':
        return ['missing'];
      default:
        return [];
    }
  }

  /** One write to the admin file. */
  #write(command: string, root: string): string {
    if (this.#obedience === 'refuses') {
      return `refused cannot create ${root}/mattx/admin: Permission denied`;
    }
    if (this.#obedience === 'obeys') this.#cluster.write(this.#node.id, `${command}\n`);
    return 'done';
  }

  /** What the node says of itself: its id, affinity, switches, the affinity that was set, and its lists. */
  #settings(): readonly string[] {
    const { joined, id, switches, affinity, excludes, includes } = this.#node;
    const own = joined ? id : 0;
    return [
      own,
      this.#node.figures(this.#cluster.now).affinity,
      switches.balancer ? 'YES' : 'NO',
      switches.mattxfs ? 'YES' : 'NO',
      switches.debug ? 'ON' : 'OFF',
      affinity,
      `${excludes.length} ${excludes}`,
      `${includes.length} ${includes}`,
    ].map((word) => `text ${word}`);
  }

  /** Writes a whole list if it is still what it was. */
  #pins(list: 'exclude' | 'include', before: string, after: string, root: string): string {
    const text = list === 'exclude' ? this.#node.excludes : this.#node.includes;
    const now = /^[A-Za-z0-9_.+,-]*$/.test(text) ? `=${text}` : `?${text.length}`;
    if (now !== before) return 'refused somebody else changed the list meanwhile; look at it again';
    return this.#write(`${list} ${after.slice(1)}`, root);
  }

  /** What is asked of one process, once it is the one that is meant. */
  #ofProcess(
    kind: 'send' | 'place' | 'signal' | 'renice',
    pid: number,
    started: number,
    word: string,
    root: string,
  ): readonly string[] {
    const found = this.#node.entries.get(pid);
    if (found === undefined) return ['gone'];
    if (found.started !== started) return [`other ${found.started}`];
    if (kind === 'place') return [`text ${this.#placeOf(pid)}`, 'text ', 'text ', 'text '];
    if (kind === 'send') {
      const why = this.#whyNot(found, Number(word));
      if (why !== '') return [`refused ${why}`];
      return [this.#write(`migrate ${pid} ${word === '0' ? 'home' : word}`, root)];
    }
    if (this.#obedience === 'refuses') return [`refused ${pid}: Operation not permitted`];
    if (this.#obedience === 'obeys') this.#change(found, kind, word);
    return ['done'];
  }

  /** The node that a process was sent to by its first line in `remote`, 0 at home. */
  #placeOf(pid: number): number {
    return this.#node.remote.find((line) => line.pid === pid)?.target ?? 0;
  }

  /** The last look at what the kernel does not check itself. */
  #whyNot(entry: MattxEntry, target: number): string {
    if (entry.guest) return 'it is a guest; it is sent from its home';
    const isAway = this.#placeOf(entry.pid) !== 0;
    if (entry.innerPid !== undefined) return 'it is in a PID namespace of its own';
    if (target === 0) return isAway ? '' : 'it is not away';
    if (isAway) return 'it is away; it has to come home first';
    if (entry.pid <= 2 || entry.program.kind === 'kernel-thread') {
      return 'it is a process of the kernel, or init';
    }
    if (entry.program.kind === 'zombie') return 'it has ended';
    if (entry.stopped) return 'it is stopped';
    return entry.program.threads > 0 ? 'it has several threads' : '';
  }

  #change(entry: MattxEntry, kind: 'signal' | 'renice', word: string): void {
    if (kind === 'renice') entry.nice = Math.max(-20, Math.min(19, Number(word)));
    else {
      const signal = SIGNALS.find((each) => each === word);
      if (signal !== undefined) this.#cluster.signal(this.#node.id, entry.pid, signal);
    }
  }

  #list(): readonly string[] {
    const { entries, guests, remote, uptime } = this.#node;
    const away = new Set(remote.map(({ pid }) => pid));
    const files = [...entries.values()].flatMap((entry) => {
      const { stat = '', status = '', cmdline = '' } = processFiles(entry, this.#cluster.now);
      const kept = status.split('\n').filter((line) => /^(?:Uid|NSpid|Threads):/.test(line));
      const home = away.has(entry.pid) ? {} : { where: '0' };
      return fileLines(String(entry.pid), { stat, cmdline, status: kept.join('\n'), ...home });
    });
    return [
      ...files,
      ...remote.flatMap(({ pid, target }) => {
        const entry = entries.get(pid);
        const wait = (entry && processFiles(entry, this.#cluster.now)['wchan']) ?? '';
        return [`file ${pid}/where:${target}`, ...(wait === '' ? [] : [`file ${pid}/wchan:${wait}`])];
      }),
      ...guests.map(({ guest }) => `file remote/${guest.pid}/from:${guest.home}`),
      `file own:${OWN_CHAIN}`,
      ...USER_LINES,
      `clock ${(uptime / 1000).toFixed(2)} ${TICKS_PER_SECOND}`,
    ];
  }
}
