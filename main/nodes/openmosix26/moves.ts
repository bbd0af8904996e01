/** The processes of a node of the port to 2.6 that move, from its sampler's rows: own ones that are or were away, and guests. */
import { assertNever } from '../../../common/model/result.ts';
import type { Table, WireReader } from '../../../common/wire/reader.ts';
import type { AwayProcess, GuestProcess, PlacesByAddress } from '../../migrations/types.ts';
import { shownText } from '../node-text.ts';
import { whereabouts, type Whereabouts } from './place.ts';

const NAME_LENGTH = 64;
/** The column `side` of resources/sampler.sh. */
const SIDE = { none: 0, deputy: 1, guest: 2 } as const;

/** A process where it was last said to be for good. */
interface Settled {
  readonly started: number;
  readonly side: 'own' | 'guest';
  /** The other side's address; empty at home. */
  readonly address: string;
}

/** Reads the tables of one channel; remembers where each process was while it is on its way. */
export class MoveReader {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #texts: WireReader['texts'];
  #settled = new Map<number, Settled>();

  constructor(tables: ReadonlyMap<string, Table>, texts: WireReader['texts']) {
    this.#tables = tables;
    this.#texts = texts;
  }

  /** Where they are, once somebody says whose the addresses are. */
  read(): PlacesByAddress {
    const before = this.#settled;
    const settled = new Map<number, Settled>();
    this.#settled = settled;
    const texts = this.#texts.get('places');
    for (const [pid, [started = NaN, side = NaN]] of this.#tables.get('away')?.rows ?? []) {
      const known = before.get(pid);
      const now = settle(known?.started === started ? known : undefined, {
        started,
        side,
        where: whereabouts(texts?.get(pid) ?? ''),
      });
      if (now !== undefined) settled.set(pid, now);
    }
    const commands = this.#texts.get('commands');
    const names = new Map(
      [...settled.keys()].map((pid) => [pid, shownText(commands?.get(pid) ?? '', NAME_LENGTH)]),
    );
    return (idOf) => {
      const away: AwayProcess[] = [];
      const guests: GuestProcess[] = [];
      for (const [pid, { started: start, side, address }] of settled) {
        const started = start || 0;
        const command = names.get(pid) ?? '';
        const id = address === '' ? 0 : idOf(address);
        // The port does not count migrations, nor say which process of its home a guest is.
        if (side === 'own') away.push({ pid, started, where: id ?? -1, migrations: -1, command });
        else if (id !== undefined) guests.push({ pid, started, home: id, homePid: 0, command });
      }
      return { away, guests, guestsStay: true, ordersOnly: true };
    };
  }
}

/** Where a process is for good now; on its way it is where it was. Undefined where that is not sure. */
function settle(
  before: Settled | undefined,
  row: { readonly started: number; readonly side: number; readonly where: Whereabouts | undefined },
): Settled | undefined {
  const { started, side, where } = row;
  switch (where?.kind) {
    case 'home':
      return side === SIDE.guest ? before : { started, side: 'own', address: '' };
    case 'at':
      if (side === SIDE.guest) return { started, side: 'guest', address: where.address };
      return side === SIDE.deputy ? { started, side: 'own', address: where.address } : before;
    case 'queued':
      return before ?? (side === SIDE.none ? { started, side: 'own', address: '' } : undefined);
    case 'migrating':
    case undefined:
      return before;
    default:
      return assertNever(where);
  }
}
