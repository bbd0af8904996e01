/** A cluster's map reaches all nodes from any of them. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signedMap, type Authority } from '../../main/enrol/authority.ts';
import { enrol } from '../harness/lab/enrol.ts';
import { startLab, type Lab } from '../harness/lab/lab.ts';
import { PATIENCE } from '../harness/patience.ts';
import { startAgents } from './cluster.ts';

const SOON = { timeout: 20_000 * PATIENCE, interval: 100 };
let lab: Lab;
let authority: Authority;

beforeAll(async () => {
  lab = await startLab({ nodes: [{}, {}, {}] });
  authority = await enrol(lab.nodes);
  await startAgents(lab.nodes);
});

afterAll(async () => {
  await lab.dispose();
  expect(lab.left()).toEqual([]);
});

/** Gives a map to one node, as `mosview agent install` does. */
async function give(id: number, { map }: Pick<Authority, 'map'>): Promise<void> {
  const stdin = signedMap({ ...authority, map });
  expect(await lab.node(id).run('mos', ['enrol', 'map'], { stdin })).toMatchObject({ code: 0 });
}

test('a newer map that one node was given is soon that of all, also of those that were down', async () => {
  const { map } = authority;
  const nodes = map.nodes.map((node) => (node.id === 3 ? { ...node, name: 'renamed' } : node));
  await lab.node(2).killAgent();
  await give(1, { map: { ...map, version: map.version + 1, nodes } });
  await lab.node(2).startAgent();
  for (const id of [1, 2, 3])
    await vi.waitFor(async () => {
      const { stdout } = await lab.node(id).run('mos', ['status']);
      expect(stdout).toContain('renamed');
    }, SOON);
});
