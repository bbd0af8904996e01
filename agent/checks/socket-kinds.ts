/** What the sockets of a job are: looked up in the tables of its network namespace, the pairs of unix sockets with `ss`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Proc } from '../proc/proc.ts';
import {
  NETWORK_TABLES,
  parseNetworkTable,
  parseUnixPeers,
  parseUnixTable,
  type NetworkSocket,
  type UnixSocket,
} from './sockets.ts';

const run = promisify(execFile);

export interface SocketKinds {
  readonly unix: ReadonlyMap<string, UnixSocket>;
  readonly network: ReadonlyMap<string, NetworkSocket>;
  /** The peer's inode of every unix socket; a text when it could not be asked, and says why. */
  readonly peers: ReadonlyMap<string, string> | string;
}

async function unixPeers(): Promise<SocketKinds['peers']> {
  try {
    const { stdout } = await run('ss', ['-xanH'], { timeout: 5000, maxBuffer: 64 << 20 });
    return parseUnixPeers(stdout);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'the program ss, which tells where it leads, is not installed (package iproute2)'
      : `the program ss, which tells where it leads, failed: ${String(error)}`;
  }
}

/**
 * Looks the inodes up as the process sees them. Tables are read one after the other until all are found; `ss` is started
 * only for connected unix sockets.
 */
export async function socketKinds(
  proc: Proc,
  pid: number,
  inodes: ReadonlySet<string>,
): Promise<SocketKinds> {
  if (inodes.size === 0) return { unix: new Map(), network: new Map(), peers: new Map() };
  const unix = parseUnixTable(proc.text(`${pid}/net/unix`) ?? '');
  const left = new Set([...inodes].filter((inode) => !unix.has(inode)));
  const network = new Map<string, NetworkSocket>();
  for (const table of NETWORK_TABLES) {
    if (left.size === 0) break;
    for (const [inode, socket] of parseNetworkTable(table, proc.text(`${pid}/net/${table}`) ?? '')) {
      if (left.delete(inode)) network.set(inode, socket);
    }
  }
  const isConnected = [...inodes].some((inode) => unix.get(inode)?.connected === true);
  return { unix, network, peers: isConnected ? await unixPeers() : new Map() };
}
