/**
 * The line protocol between main and a node, spoken by resources/sampler.sh and by everything that stands in its
 * place. Version 1; lines of ASCII, ended by a line feed, fields parted by one blank.
 *
 * Main sends the program text, waits for `ready`, then sends one tick a line, `MODE SEQUENCE [places]`:
 *   own 17          the node's own figures
 *   all 18          the figures of every node of the cluster as this node believes them, too
 *   own 19 places   and the processes that migrate: the tables away, guests and commands, where they are declared
 *
 * The node sends
 *   mosview 1 NONCE             once; whatever came before is a banner or a talkative shell
 *   meta KEY TEXT               facts that do not change: dialect, root, self (own cluster id), system
 *   single NAME COLUMN:UNIT...  declares a table of one row
 *   keyed NAME COLUMN:UNIT...   declares a table of one row per key (a node id, a process number)
 *   texts NAME                  declares a table of one text per key
 *   ready                       all is declared; ticks are answered from here on
 * and for each tick
 *   NAME [KEY] VALUE...         a row that changed: a number, `=` as before, `?` not to be had; the rest as before
 *   NAME KEY -                  the row is gone
 *   NAME KEY TEXT...            of texts: the rest of the line as it is, any bytes; without a text the row is gone
 *   end SEQUENCE                the frame is complete
 * A row that did not change is left out. Lines that begin with an undeclared word are ignored, so that a newer node
 * may say more.
 *
 * Tables of processes, keyed by their number on this node, with `started` as in field 22 of /proc/PID/stat:
 *   keyed away where:node migrations:count started:ticks    own processes that are away or have ever been
 *   keyed guests home:node homepid:pid started:ticks        guests; homepid is 0 where the node does not tell it
 *   texts commands                                          what they are called, sent when one is listed or replaced
 * The agent's tree is told as openMosix', with `meta version` and `meta limit`, why the node moves nothing, empty where it does.
 * On MattX, which counts no migrations, a line is a number only and may be left over, both have where or home, started and
 *   evidence:code               0 there is no such process, 1 it is as a deputy or guest should be, 2 it is not
 * and there are
 *   keyed nodes load affinity memory     its table; texts addresses, as it knows the nodes
 *   single mattx self load affinity memory balancer      its own row; self 0 is in no cluster, and may change
 *   single oddities lines high beyond twice columns cut pairs    how much of its files is not understood or not shown
 * On openMosix for 2.6, which knows nodes by their addresses, there are `meta addresses`, the node's own parted by blanks, and
 *   keyed away started side:code         processes that are or were away, and guests: 1 deputy, 2 guest, 0 neither
 *   texts places                         of each what its file where says: home, queued, migrating or an address
 */

/** Version of the protocol that this program speaks. */
export const WIRE_VERSION = 1;

/** What a tick asks for. */
export type TickMode = 'own' | 'all';

/** Longest text of a row of texts, in bytes. */
export const TEXT_BYTES = 60;

/** The line of one tick; `places` asks for the processes that migrate, too. */
export function tickLine(mode: TickMode, sequence: number, places = false): string {
  return `${mode} ${sequence}${places ? ' places' : ''}\n`;
}

/** One declared column. */
export interface Column {
  readonly name: string;
  readonly unit: string;
}
