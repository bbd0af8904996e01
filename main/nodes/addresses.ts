/** Addresses of nodes in one spelling, and whose they are. Pure. Addresses come from nodes and are untrusted. */
import { isIP, isIPv4 } from 'node:net';

/** What has addresses. */
export interface Addressed {
  readonly id: number;
  readonly addresses: readonly string[];
}

/** An IPv4 or IPv6 address in its one spelling, an IPv4 one inside IPv6 as itself; undefined for anything else. */
export function canonicalAddress(text: string): string | undefined {
  const version = text.length <= 45 ? isIP(text) : 0;
  if (version === 0 || text.includes('%')) return undefined;
  if (version === 4) return text;
  const [, inner = ''] = /^::ffff:([\d.]+)$/i.exec(text) ?? [];
  if (isIPv4(inner)) return inner;
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** Says whose an address is. The book is made at the first question, which nodes that know ids never ask. */
export function whoseAddress(nodes: () => Iterable<Addressed>): (address: string) => number | undefined {
  let book: ReadonlyMap<string, number> | undefined;
  return (address) => (book ??= addressBook(nodes())).get(address);
}

/** The id of the node that has an address. One that several have, as that of a bridge, is nobody's. */
export function addressBook(nodes: Iterable<Addressed>): ReadonlyMap<string, number> {
  const book = new Map<string, number>();
  const shared = new Set<string>();
  for (const { id, addresses } of nodes) {
    for (const address of addresses.map(canonicalAddress)) {
      if (address === undefined || shared.has(address)) continue;
      const owner = book.get(address);
      if (owner === undefined || owner === id) book.set(address, id);
      else {
        shared.add(address);
        book.delete(address);
      }
    }
  }
  return book;
}
