/**
 * mosview's agent: stock Linux nodes whose agent keeps openMosix' tree below /run/mosview/hpc. What it adds: its version,
 * and why a node moves nothing. Everything else is read as openMosix'.
 */
import type { Decoder, DecoderOptions, DialectModule } from '../decoder.ts';
import { shownText } from '../node-text.ts';
import { openmosix } from '../openmosix/openmosix.ts';

const LIMIT_LENGTH = 300;

export const agent: DialectModule = {
  name: 'agent',
  createDecoder(options: DecoderOptions): Decoder {
    const decoder = openmosix.createDecoder(options);
    const limit = shownText(options.meta.get('limit') ?? '', LIMIT_LENGTH);
    if (limit === '') return decoder;
    const trouble = `it takes and sends no processes, and only tells its load: ${limit}`;
    return { selfId: decoder.selfId, read: (all) => ({ ...decoder.read(all), trouble }) };
  },
};
