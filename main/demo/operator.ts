/**
 * Answers a batch of operations for a simulated node as resources/operator.sh would on it. Everything is looked up and
 * changed in the simulation; nothing is executed.
 */
import { OPERATIONS_VERSION } from '../../common/wire/operations.ts';
import { adminNumber, ADMIN_NAMES, writeAdmin, writeProcess, type ProcessFile } from './kernel-writes.ts';
import type { Machine } from './machine.ts';
import { ROW_COLUMNS } from './news.ts';
import type { ListedProcess } from './process.ts';
import { guestFiles, placeFiles, systemFiles, type Files } from './process-text.ts';
import type { ProgramCall } from './shell.ts';
import type { Simulation } from './simulation.ts';

/** How a node takes what is written: `refuses` says no to everything, `ignores` says yes and does nothing. */
export type Obedience = 'obeys' | 'refuses' | 'ignores';

const ADMIN_FILE = /^admin\/([a-z]{1,20})$/;
const NODE_FILE = /^nodes\/(\d{1,5})\/([a-z]{1,10})$/;
/** As the node's /etc/passwd has them. */
const USERS = ['root:x:0', 'anna:x:1000', 'bela:x:1001', 'chen:x:1002', 'dora:x:1003', 'emil:x:1004'];
const WORDS_LENGTH = 200;
const TICKS_PER_SECOND = 100;

/** The operator on one node. */
export class SimulatedOperator {
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #obedience: Obedience;

  constructor(simulation: Simulation, id: number, obedience: Obedience) {
    this.#simulation = simulation;
    this.#machine = simulation.machine(id);
    this.#obedience = obedience;
  }

  /** The whole output for the lines of a batch; a line that is no operation is answered with nothing. */
  answer({ nonce, root }: ProgramCall, lines: readonly string[]): string {
    const head = [`mosview-operator ${OPERATIONS_VERSION} ${nonce}`, `root ${root}/hpc`];
    const answers = lines.flatMap((line) => {
      const [kind = '', sequence = '', ...words] = line.split(' ');
      return this.#operation(kind, words, root).map((answer) => `${sequence} ${answer}`);
    });
    return [...head, ...answers, ''].join('\n');
  }

  #operation(kind: string, words: readonly string[], root: string): readonly string[] {
    const [first = '', second = '', third = ''] = words;
    switch (kind) {
      case 'read':
        return [this.#read(first)];
      case 'write':
        return [this.#write(first, Number(second), root)];
      case 'count':
        return [`done ${this.#count(first)}`];
      case 'list':
        return this.#list();
      case 'move':
      case 'migrate':
      case 'lock':
      case 'place':
      case 'signal':
      case 'renice':
        return this.#ofProcess(kind, Number(first), Number(second), third, root);
      default:
        return [];
    }
  }

  #read(file: string): string {
    const [, name = ''] = ADMIN_FILE.exec(file) ?? [];
    const [, id = '', column = ''] = NODE_FILE.exec(file) ?? [];
    const value = this.#simulation.has(Number(id))
      ? this.#simulation.row(this.#machine.id, Number(id))[ROW_COLUMNS.findIndex((each) => each === column)]
      : adminNumber(this.#simulation, this.#machine, name);
    return value === undefined ? 'missing' : `text ${value}`;
  }

  #write(file: string, value: number, root: string): string {
    const [, name = ''] = ADMIN_FILE.exec(file) ?? [];
    if (!ADMIN_NAMES.includes(name)) return 'missing';
    if (this.#obedience === 'refuses') return `refused cannot create ${root}/hpc/${file}: Permission denied`;
    if (this.#obedience === 'ignores') return 'done';
    const isValid = writeAdmin(this.#simulation, this.#machine, name, value);
    return isValid ? 'done' : 'refused write error: Invalid argument';
  }

  #count(what: string): number {
    if (what === 'away') return this.#machine.away.size;
    return this.#machine.processes.filter((process) => process.home !== this.#machine).length;
  }

  /** What is asked of one process, once it is the one that is meant. */
  #ofProcess(
    kind: 'move' | 'migrate' | 'lock' | 'place' | 'signal' | 'renice',
    pid: number,
    started: number,
    word: string,
    root: string,
  ): readonly string[] {
    const found = this.#machine.find(pid);
    if (found === undefined) return ['gone'];
    if (found.started !== started) return [`other ${found.started}`];
    if (kind === 'place') return placeTexts(found);
    const file = kind === 'move' ? 'goto' : kind;
    if (this.#obedience === 'refuses') {
      if (file === 'signal' || file === 'renice') return [`refused ${pid}: Operation not permitted`];
      return [`refused cannot create ${root}/${pid}/${file}: Permission denied`];
    }
    if (this.#obedience === 'obeys') this.#change(found, file, word);
    return ['done'];
  }

  #change(found: ListedProcess, what: ProcessFile | 'signal' | 'renice', word: string): void {
    const { process, pid } = found;
    if (what === 'renice') process.nice = Math.max(-20, Math.min(19, Number(word)));
    else if (what !== 'signal') writeProcess(this.#simulation, found, what, Number(word));
    else if (word === 'STOP' || word === 'CONT') this.#simulation.setStopped(process, word === 'STOP');
    else this.#simulation.endProcess(this.#machine.id, pid);
  }

  #list(): readonly string[] {
    const files = this.#machine.list().flatMap((entry) => {
      const { stat = '', status = '', cmdline = '' } = systemFiles(entry);
      const uid = status.split('\n').find((line) => line.startsWith('Uid:')) ?? '';
      const { where = '', nmigs = '', lock = '', cantmove = '' } = placeFiles(entry);
      const { from = '', stats = '', identity = '' } = entry.guest ? guestFiles(entry) : {};
      return [
        ...fileLines(String(entry.pid), { stat, cmdline, status: uid, where, nmigs, lock, cantmove }),
        ...fileLines(`remote/${entry.pid}`, { from, stats, identity }),
      ];
    });
    const users = USERS.map((user) => `file passwd:${user}`);
    return [...files, ...users, `clock ${this.#machine.uptime.toFixed(2)} ${TICKS_PER_SECOND}`];
  }
}

/** The first lines of where, nmigs and lock, and all lines of cantmove. */
function placeTexts(entry: ListedProcess): readonly string[] {
  const { where = '', nmigs = '', lock = '', cantmove = '' } = placeFiles(entry);
  return [where, nmigs, lock, cantmove].map(
    (text) => `text ${text.trimEnd().replaceAll('\n', ', ').slice(0, WORDS_LENGTH)}`,
  );
}

/** Every line of the files behind its path, as grep gives them; a NUL becomes a blank. */
function fileLines(folder: string, files: Files): readonly string[] {
  return Object.entries(files).flatMap(([name, text]) => {
    const lines = text.replaceAll('\0', ' ').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.map((line) => `file ${folder}/${name}:${line}`);
  });
}
