/**
 * openMosix' port to Linux 2.6 and LinuxPMI: a node knows no id, no load and no other node. Its figures are those of its
 * own /proc; of its processes that move it says the address where each is.
 */
import type { Decoder, DecoderOptions, DialectModule } from '../decoder.ts';
import { canonicalAddress } from '../addresses.ts';
import { ProcReader } from '../proc.ts';
import { MoveReader } from './moves.ts';

/** Most addresses of its own that a node is taken to have, as resources/sampler.sh tells them. */
const MOST_ADDRESSES = 16;

export const openmosix26: DialectModule = {
  name: 'openmosix26',
  createDecoder({ meta, tables, texts, speed }: DecoderOptions): Decoder {
    const proc = new ProcReader(tables);
    const moves = new MoveReader(tables, texts);
    return {
      selfId: undefined,
      addresses: (meta.get('addresses') ?? '')
        .split(' ', MOST_ADDRESSES)
        .flatMap((address) => canonicalAddress(address) ?? []),
      read: () => ({
        own: proc.read(speed),
        views: undefined,
        places: undefined,
        addressedPlaces: moves.read(),
      }),
    };
  },
};
