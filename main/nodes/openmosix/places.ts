/** The processes that migrate, as a node's sampler tells them: its own that are or were away, and its guests. */
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import type { Table, WireReader } from '../../../common/wire/reader.ts';
import type { AwayProcess, GuestProcess, Places } from '../../migrations/types.ts';
import { shownText } from '../node-text.ts';

const NAME_LENGTH = 64;

/** Reads the tables `away` and `guests`; undefined where the node does not have them. */
export function readPlaces(
  tables: ReadonlyMap<string, Table>,
  texts: WireReader['texts'],
): Places | undefined {
  const awayTable = tables.get('away');
  const guestTable = tables.get('guests');
  if (awayTable === undefined || guestTable === undefined) return undefined;
  const commands = texts.get('commands');
  const command = (pid: number): string => shownText(commands?.get(pid) ?? '', NAME_LENGTH);

  const away: AwayProcess[] = [];
  for (const [pid, [where = NaN, migrations = NaN, started]] of awayTable.rows) {
    if (!isWhole(where, 0, MAX_NODE_ID) || !isWhole(migrations, 0, Number.MAX_SAFE_INTEGER)) continue;
    away.push({ pid, started: started || 0, where, migrations, command: command(pid) });
  }
  const guests: GuestProcess[] = [];
  for (const [pid, [home = NaN, homePid = NaN, started]] of guestTable.rows) {
    if (!isWhole(home, 1, MAX_NODE_ID)) continue;
    guests.push({ pid, started: started || 0, home, homePid: homePid || 0, command: command(pid) });
  }
  return { away, guests };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
