/** Which of a node's network cards leads where, from its own routing table. Pure. Format: /proc/net/route, proc(5). */
import { isIPv4 } from 'node:net';

/** A line of the table; addresses as numbers of 32 bits. */
export interface Route {
  readonly card: string;
  readonly destination: number;
  readonly mask: number;
}

const MOST_ROUTES = 10_000;

/** The routes that are up. The table writes addresses in the byte order of the machine, here little-endian. */
export function parseRoutes(text: string): readonly Route[] {
  return text
    .split('\n', MOST_ROUTES)
    .slice(1)
    .flatMap((line) => {
      const [card = '', destination = '', , flags = '', , , , mask = ''] = line.trim().split(/\s+/);
      const isRight = [destination, mask].every((word) => /^[0-9A-Fa-f]{8}$/.test(word));
      const isUp = /^[0-9A-Fa-f]{1,8}$/.test(flags) && (Number.parseInt(flags, 16) & 1) === 1;
      return isRight && isUp && /^[\w.:-]{1,15}$/.test(card)
        ? [{ card, destination: swapped(destination), mask: swapped(mask) }]
        : [];
    });
}

/** The card that leads to an address: that of the narrowest route; undefined where none leads there. */
export function cardTo(address: string, routes: readonly Route[]): string | undefined {
  if (!isIPv4(address)) return undefined;
  const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  let best: Route | undefined;
  for (const route of routes) {
    const leads = (number & route.mask) >>> 0 === route.destination;
    if (leads && (best === undefined || route.mask > best.mask)) best = route;
  }
  return best?.card;
}

function swapped(word: string): number {
  return Buffer.from(word, 'hex').readUInt32LE();
}
