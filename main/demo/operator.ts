/**
 * Answers a batch of operations for a simulated node as resources/operator.sh would on it. Everything is looked up and
 * changed in the simulation; nothing is executed.
 */
import { batchAnswer, fileLines, TICKS_PER_SECOND, USER_LINES } from './answers.ts';
import { adminNumber, ADMIN_NAMES, writeAdmin, writeProcess, type ProcessFile } from './kernel-writes.ts';
import type { Machine } from './machine.ts';
import { ROW_COLUMNS } from './news.ts';
import type { ListedProcess } from './process.ts';
import { guestFiles, placeFiles, systemFiles } from './process-text.ts';
import type { ProgramCall } from './shell.ts';
import type { Simulation } from './simulation.ts';
import type { NodeOperator, Obedience } from './world.ts';

const ADMIN_FILE = /^admin\/([a-z]{1,20})$/;
const NODE_FILE = /^nodes\/(\d{1,5})\/([a-z]{1,10})$/;
const WORDS_LENGTH = 200;

/** The operator on one node. */
export class SimulatedOperator implements NodeOperator {
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #obedience: Obedience;

  constructor(simulation: Simulation, id: number, obedience: Obedience) {
    this.#simulation = simulation;
    this.#machine = simulation.machine(id);
    this.#obedience = obedience;
  }

  answer(call: ProgramCall, lines: readonly string[]): string {
    return batchAnswer(call, 'hpc', lines, (kind, words, root) => this.#operation(kind, words, root));
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
    return [...files, ...USER_LINES, `clock ${this.#machine.uptime.toFixed(2)} ${TICKS_PER_SECOND}`];
  }
}

/** The first lines of where, nmigs and lock, and all lines of cantmove. */
function placeTexts(entry: ListedProcess): readonly string[] {
  const { where = '', nmigs = '', lock = '', cantmove = '' } = placeFiles(entry);
  return [where, nmigs, lock, cantmove].map(
    (text) => `text ${text.trimEnd().replaceAll('\n', ', ').slice(0, WORDS_LENGTH)}`,
  );
}
