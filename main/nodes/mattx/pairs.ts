/**
 * The processes that migrate on a MattX node, from its files remote and guests. A line there is a number only, and it
 * survives a reboot of the other node: what is no deputy or guest is left over, and never told as one.
 */
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import type { Table, WireReader } from '../../../common/wire/reader.ts';
import type { AwayProcess, GuestProcess, Places } from '../../migrations/types.ts';
import { shownText } from '../node-text.ts';

const NAME_LENGTH = 64;
/** MattX leaves a line of a process that has ended for up to 2 s; one that stays for more reads is worth a word. */
const LINGERING_READS = 5;
const MOST_NAMED = 8;

/** What speaks for a line, as resources/sampler.sh tells it in the column `evidence`: 1 is a process as it should be. */
const IS_ONE = 1;

/** A line since it was seen first. */
interface Line {
  readonly node: number;
  readonly started: number;
  /** How often it was read and was left over. */
  readonly leftOver: number;
}

/** Reads the tables `away` and `guests` of one channel; remembers the lines, because a number may change its process. */
export class PairReader {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #texts: WireReader['texts'];
  #away = new Map<number, Line>();
  #guests = new Map<number, Line>();

  constructor(tables: ReadonlyMap<string, Table>, texts: WireReader['texts']) {
    this.#tables = tables;
    this.#texts = texts;
  }

  /** The processes that are sure, and in words those lines that are left over; empty where none is. */
  read(): { readonly places: Places; readonly leftOver: string } {
    const away: AwayProcess[] = [];
    const guests: GuestProcess[] = [];
    const awayBefore = this.#away;
    const guestsBefore = this.#guests;
    this.#away = new Map();
    this.#guests = new Map();
    for (const [pid, { node: where, started }] of this.#sure('away', awayBefore, this.#away)) {
      // MattX does not count migrations.
      away.push({ pid, started, where, migrations: -1, command: this.#command(pid) });
    }
    for (const [pid, { node: home, started }] of this.#sure('guests', guestsBefore, this.#guests)) {
      guests.push({ pid, started, home, homePid: 0, command: this.#command(pid) });
    }
    const words = [wordsOf('remote', this.#away), wordsOf('guests', this.#guests)];
    return {
      places: { away, guests, guestsStay: true },
      leftOver: words.filter((text) => text !== '').join('; '),
    };
  }

  /** Takes the lines of a table and gives those that are sure. */
  *#sure(
    table: 'away' | 'guests',
    before: ReadonlyMap<number, Line>,
    now: Map<number, Line>,
  ): Iterable<readonly [pid: number, line: Line]> {
    const mayRipen = table === 'guests';
    for (const [pid, [node = NaN, started = NaN, evidence = NaN]] of this.#tables.get(table)?.rows ?? []) {
      if (!Number.isInteger(node) || node < 0 || node > MAX_NODE_ID) continue;
      const told = { node, started, isOne: evidence === IS_ONE };
      const line = lineNow(before.get(pid), told, mayRipen);
      if (line === undefined) continue;
      now.set(pid, line);
      if (line.leftOver === 0) yield [pid, line];
    }
  }

  #command(pid: number): string {
    return shownText(this.#texts.get('commands')?.get(pid) ?? '', NAME_LENGTH);
  }
}

/**
 * What a line is now. A process that was seen as it should be stays so while it is the same one, since on its way home it
 * runs already. One that was not stays left over while the line stands; a guest may still get its command line. Undefined
 * for a process that is at home and never was away as far as is known.
 */
function lineNow(
  before: Line | undefined,
  { node, started, isOne }: { readonly node: number; readonly started: number; readonly isOne: boolean },
  mayRipen: boolean,
): Line | undefined {
  const isSame = before?.started === started;
  if (node === 0) return isSame && before.leftOver === 0 ? { ...before, node } : undefined;
  if (isSame && (before.leftOver === 0 || (mayRipen && isOne && before.node === node))) {
    return { node, started, leftOver: 0 };
  }
  if (before?.node === node) return { ...before, leftOver: before.leftOver + 1 };
  return { node, started, leftOver: isOne ? 0 : 1 };
}

function wordsOf(file: string, lines: ReadonlyMap<number, Line>): string {
  const pids = [...lines].filter(([, { leftOver }]) => leftOver > LINGERING_READS).map(([pid]) => pid);
  if (pids.length === 0) return '';
  const more = pids.length > MOST_NAMED ? ' and more' : '';
  const named = pids.slice(0, MOST_NAMED).join(', ');
  return `left over in its ${file} and no ${file === 'remote' ? 'deputy' : 'guest'}: ${named}${more}`;
}
