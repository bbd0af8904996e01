/** The MattX demo says of a simulated node what the real sampler says of the same node's files. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WireReader } from '../../common/wire/reader.ts';
import { MattxSampler } from '../../main/demo/mattx/sampler.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { SHELLS, ShellSampler } from '../harness/shell-sampler.ts';

const HOME = 785;
const AWAY = 786;
const [SHELL] = SHELLS;

let kernel: MattxKernel;

beforeEach(() => {
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: [HOME, AWAY, 900], balancers: false });
});

afterEach(() => kernel.close());

/** The same ticks to the real sampler on a node's files and to the demo's on the same node. */
class Pair {
  readonly #real: ShellSampler;
  readonly #simulated: MattxSampler;
  readonly #reader: WireReader;
  #sequence = 0;

  private constructor(real: ShellSampler, id: number) {
    this.#real = real;
    this.#simulated = new MattxSampler(kernel.cluster, id);
    this.#reader = new WireReader('f00d', 'demo', {
      onReady: () => undefined,
      onFrame: () => undefined,
      onProblem: ({ message }) => {
        throw new Error(message);
      },
    });
    this.#reader.feed(this.#simulated.greet('f00d', kernel.node(id).proc), 0);
  }

  static async start(id: number): Promise<Pair> {
    if (SHELL === undefined) throw new Error('There is no shell');
    return new Pair(await new ShellSampler(SHELL).start(kernel.node(id).proc), id);
  }

  /** What the real one and the demo's declared, and what they say after a tick. */
  async tick(): Promise<readonly [real: unknown, demo: unknown]> {
    this.#sequence += 1;
    await this.#real.tick('all', true);
    this.#reader.feed(this.#simulated.frame('all', this.#sequence, true), 0);
    return [told(this.#real.reader), told(this.#reader)];
  }

  async close(): Promise<void> {
    await this.#real.close();
  }
}

function told({ meta, tables, texts }: WireReader): unknown {
  return {
    meta: Object.fromEntries(meta),
    tables: [...tables].map(([name, { columns, rows }]) => ({
      name,
      columns,
      rows: [...rows].map(([key, row]) => [key, ...row]).sort(([one = 0], [other = 0]) => one - other),
    })),
    texts: [...texts].map(([name, rows]) => [name, [...rows].sort(([one], [other]) => one - other)]),
  };
}

describe('the demo and the real sampler say the same', () => {
  test('of a node in a cluster', async () => {
    const pair = await Pair.start(HOME);
    const [real, demo] = await pair.tick();
    expect(demo).toEqual(real);
    await pair.close();
  });

  test('of a node that is in no cluster', async () => {
    kernel.setDown(HOME, true);
    kernel.setDown(HOME, false, false);
    const pair = await Pair.start(HOME);
    const [real, demo] = await pair.tick();
    expect(demo).toEqual(real);
    await pair.close();
  });

  test.each([
    ['home', HOME],
    ['target', AWAY],
  ])('of a process on its way out and home, at its %s', async (_, id) => {
    const pair = await Pair.start(id);
    const { pid } = kernel.start(HOME, { command: 'fft' });
    const others = kernel.start(HOME, { command: 'short lived', seconds: 3 });
    await pair.tick();
    for (const command of [`migrate ${pid} ${AWAY}`, `migrate ${others.pid} 900`, `migrate ${pid} home`]) {
      kernel.write(HOME, command);
      for (const milliseconds of [100, 400, 3000]) {
        kernel.advance(milliseconds);
        const [real, demo] = await pair.tick();
        expect(demo).toEqual(real);
      }
    }
    await pair.close();
  });

  test('of lines that are left over after a reboot', async () => {
    const { pid } = kernel.start(HOME, { command: 'fft' });
    kernel.write(HOME, `migrate ${pid} ${AWAY}`);
    kernel.advance(300);
    kernel.setDown(AWAY, true);
    kernel.setDown(AWAY, false);
    kernel.advance(2000);
    kernel.signal(HOME, pid, 'CONT');
    const pair = await Pair.start(HOME);
    const [real, demo] = await pair.tick();
    expect(demo).toEqual(real);
    await pair.close();
  });
});
