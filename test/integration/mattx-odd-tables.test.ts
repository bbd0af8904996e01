/**
 * Tables that no MattX node should print, from the file through the real sampler in every shell to what is shown of the
 * node: as far as it is sure, and the rest named.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mattx } from '../../main/nodes/mattx/mattx.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { ODD_TABLES } from '../harness/mattx-tables.ts';
import { SamplerBench, SHELLS } from '../harness/shell-sampler.ts';

const SELF = 785;
const OTHER = 786;
const BOTH = [SELF, OTHER];

/** By the name of a table: what is said of it, and the nodes that are shown. */
const SHOWN: Readonly<
  Record<keyof typeof ODD_TABLES, { readonly words: string; readonly ids: readonly number[] }>
> = {
  'no newline at the end': { words: '', ids: BOTH },
  'no empty line before the settings': { words: 'its table of nodes has no end', ids: BOTH },
  'a column more in the middle': {
    words: 'columns of its table that this program does not know: 1',
    ids: BOTH,
  },
  'a column more at the end': { words: 'columns of its table that this program does not know: 1', ids: BOTH },
  'other ids than before': { words: '', ids: [SELF + 1000, OTHER + 1000] },
  'an id twice': { words: 'ids twice in its table, of which the first line is taken: 1', ids: BOTH },
  '5000 rows': { words: 'nodes not shown beyond the first 1000: 4002', ids: BOTH },
  'control characters in a list': { words: '', ids: BOTH },
  'a setting that is not known': { words: '', ids: BOTH },
  'half a row': {
    words: 'lines of its table of nodes that are not understood: 1; its table of nodes has no end',
    ids: [],
  },
  'nothing in it': { words: 'its table of nodes has no end', ids: [] },
};

let kernel: MattxKernel;
const samplers = new SamplerBench();

beforeEach(() => {
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: BOTH });
});

afterEach(async () => {
  await samplers.close();
  kernel.close();
});

describe.each(SHELLS)('in $name', (shell) => {
  test.each(Object.keys(ODD_TABLES) as (keyof typeof ODD_TABLES)[])('a table with %s', async (name) => {
    const sampler = await samplers.start(shell, kernel.node(SELF).proc);
    const { meta, tables, texts } = sampler.reader;
    const decoder = mattx.createDecoder({ meta, tables, texts, speed: 10_000 });
    await sampler.tick('all', true);
    expect(decoder.read(true).trouble).toBe('');
    const good = readFileSync(join(kernel.node(SELF).tree, 'nodes'), 'latin1');
    kernel.setFault(SELF, 'mattx/nodes', { kind: 'text', text: ODD_TABLES[name](good) });
    await sampler.tick('all', true);
    const { trouble, views } = decoder.read(true);
    const { words, ids } = SHOWN[name];
    expect(trouble).toBe(words);
    expect([...(views?.keys() ?? [])].slice(0, 2)).toEqual(ids);
    expect(views?.size).toBe(name === '5000 rows' ? 1000 : ids.length);
    expect(sampler.errors).toBe('');
  });
});
