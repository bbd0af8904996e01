/** Plain Linux: everything from the node's own /proc; it has no cluster, so no id and no view of others. */
import type { Decoder, DecoderOptions, DialectModule } from '../decoder.ts';
import { ProcReader } from '../proc.ts';

export const linux: DialectModule = {
  name: 'linux',
  createDecoder({ tables, speed }: DecoderOptions): Decoder {
    const proc = new ProcReader(tables);
    return {
      selfId: undefined,
      read: () => ({ own: proc.read(speed), views: undefined, places: undefined }),
    };
  },
};
