/** The kernel's tables of sockets: /proc/PID/net/*, and the pairs of unix sockets as `ss` prints them. */

/** A table of network sockets by its file name in /proc/PID/net. */
export const NETWORK_TABLES = [
  'tcp',
  'tcp6',
  'udp',
  'udp6',
  'udplite',
  'udplite6',
  'raw',
  'raw6',
  'icmp',
  'icmp6',
  'packet',
  'netlink',
] as const;
export type NetworkTable = (typeof NETWORK_TABLES)[number];

/** A socket that is no unix socket. */
export interface NetworkSocket {
  readonly table: NetworkTable;
  /** TCP only. */
  readonly listening: boolean;
  /** `ADDRESS:PORT`, or empty where the table has none. */
  readonly local: string;
  readonly remote: string;
}

const LISTENING = '0A';

/** `0100007F:1F90` as 127.0.0.1:8080; an IPv6 address is four such words. The byte order is that of x86 and ARM. */
function address(text: string): string {
  const [digits = '', port = ''] = text.split(':');
  const bytes = (digits.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const host =
    bytes.length === 4
      ? bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
      : `[${(bytes.join('').match(/.{4}/g) ?? []).map((group) => group.toLowerCase().replace(/^0{1,3}/, '')).join(':')}]`;
  return `${host}:${Number.parseInt(port, 16)}`;
}

/** The sockets of one table by inode. In packet and netlink the inode is the last column, in all others the tenth. */
export function parseNetworkTable(table: NetworkTable, text: string): ReadonlyMap<string, NetworkSocket> {
  const sockets = new Map<string, NetworkSocket>();
  const hasAddresses = table !== 'packet' && table !== 'netlink';
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [, local = '', remote = '', state] = columns;
    const inode = hasAddresses ? columns[9] : columns.at(-1);
    if (inode === undefined || !/^\d+$/.test(inode)) continue;
    sockets.set(inode, {
      table,
      listening: table.startsWith('tcp') && state === LISTENING,
      local: hasAddresses ? address(local) : '',
      remote: hasAddresses ? address(remote) : '',
    });
  }
  return sockets;
}

export interface UnixSocket {
  /** Whether it has, or is getting, a peer. */
  readonly connected: boolean;
  /** Where it is bound: a path, `@NAME` in the abstract space, or empty. */
  readonly path: string;
}

const UNCONNECTED = '01';

/** /proc/PID/net/unix by inode. */
export function parseUnixTable(text: string): ReadonlyMap<string, UnixSocket> {
  const sockets = new Map<string, UnixSocket>();
  for (const line of text.split('\n').slice(1)) {
    const [, state, inode, path = ''] =
      /^\S+: [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) +(\d+)(?: (.*))?$/i.exec(line) ?? [];
    if (state !== undefined && inode !== undefined)
      sockets.set(inode, { connected: state !== UNCONNECTED, path });
  }
  return sockets;
}

/** The peer's inode of every unix socket in `ss -xanH`; 0 when the other end is closed. */
export function parseUnixPeers(text: string): ReadonlyMap<string, string> {
  const peers = new Map<string, string>();
  for (const line of text.split('\n')) {
    // Netid State Recv-Q Send-Q, then name and inode of both ends; a name may hold blanks, the peer's is `*`.
    const [, local, peer] = /^\S+ +\S+ +\d+ +\d+ +.* +(\d+) +\S+ +(\d+) *$/.exec(line) ?? [];
    if (local !== undefined && peer !== undefined) peers.set(local, peer);
  }
  return peers;
}
