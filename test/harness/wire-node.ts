/** A node at the other end of the wire, which says to a dialect's decoder what a test writes. */
import { WireReader } from '../../common/wire/reader.ts';
import type { Decoder, DialectModule } from '../../main/nodes/decoder.ts';

export class WireNode {
  readonly decoder: Decoder;
  readonly #reader: WireReader;
  #frames = 0;

  /** `declared`: the lines between greeting and `ready`, as resources/sampler.sh sends them. */
  constructor(dialect: DialectModule, declared: readonly string[], speed = 10_000) {
    this.#reader = new WireReader('abc', 'host', {
      onReady: () => undefined,
      onFrame: () => undefined,
      onProblem: ({ message }) => {
        throw new Error(message);
      },
    });
    this.#feed('mosview 1 abc', ...declared, 'ready');
    const { meta, tables, texts } = this.#reader;
    this.decoder = dialect.createDecoder({ meta, tables, texts, speed });
  }

  /** A frame of these rows. */
  frame(...rows: readonly string[]): void {
    this.#frames += 1;
    this.#feed(...rows, `end ${this.#frames}`);
  }

  #feed(...lines: readonly string[]): void {
    this.#reader.feed(lines.map((line) => `${line}\n`).join(''), 0);
  }
}
