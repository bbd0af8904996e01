/**
 * What the port to 2.6 says of where a process is. Pure. Source: the openMosix facts 2.2, fs/proc/base.c and
 * hpc/proc.c of the port: `home`, `queued` and `migrating` while it is on its way, or the other side's address.
 */
import { canonicalAddress } from '../addresses.ts';

export type Whereabouts =
  | { readonly kind: 'home' }
  /** Its move is registered and has not begun. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'migrating' }
  | { readonly kind: 'at'; readonly address: string };

/** What stands in `where`; undefined where that is nothing the port says. */
export function whereabouts(text: string): Whereabouts | undefined {
  const word = text.trim();
  if (word === 'home' || word === 'queued' || word === 'migrating') return { kind: word };
  const address = canonicalAddress(word);
  return address === undefined ? undefined : { kind: 'at', address };
}

/** Which side of a move a process is: the stub at its home, or the guest; neither while it is whole at home. */
export type Side = 'deputy' | 'guest' | 'none';

/** Bits of `debug`. */
const DFLAGS = { deputy: 0x1, guest: 0x2 } as const;

/** The side that the line of `debug` tells, `debug: dflags: 0x00000001`; undefined where it is another line. */
export function sideOf(debug: string): Side | undefined {
  const [, digits] = /^debug: dflags: 0x([0-9A-Fa-f]{1,8})\s*$/.exec(debug) ?? [];
  if (digits === undefined) return undefined;
  const flags = Number.parseInt(digits, 16);
  if ((flags & DFLAGS.guest) !== 0) return 'guest';
  return (flags & DFLAGS.deputy) === 0 ? 'none' : 'deputy';
}
