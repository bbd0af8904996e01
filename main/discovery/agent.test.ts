import { expect, test } from 'vitest';
import { parseAgent } from './agent.ts';

const NODES = [
  { id: 1, name: 'n1', address: '10.0.0.1', load: 5, age: null },
  { id: 700, name: 'n700', address: 'fe80::1' },
];
const SIGNED = JSON.stringify({ map: { cluster: 'lab', version: 3, nodes: NODES }, signature: 'c2ln' });
const found = ({ findings }: ReturnType<typeof parseAgent>) =>
  findings.map(({ source, id, addresses }) => `${source} ${id} ${addresses.join(' ')}`);

test('what the agent says gives the nodes and the own id', () => {
  const parsed = parseAgent(JSON.stringify({ id: 700, cluster: 'lab', nodes: NODES }), SIGNED);
  expect(found(parsed)).toEqual(['agent 1 10.0.0.1', 'agent 700 fe80::1']);
  expect(parsed).toMatchObject({ self: 700, notes: [] });
});

test('the signed map gives them where the agent says nothing, or no nodes', () => {
  expect(found(parseAgent('', SIGNED))).toHaveLength(2);
  expect(parseAgent('{"id":1,"nodes":[]}', SIGNED)).toMatchObject({ self: 1, notes: [] });
});

test('no agent is no news', () => {
  expect(parseAgent('\n', '')).toEqual({ findings: [], notes: [], self: undefined });
});

test.each(['nonsense', '{"id":0,"nodes":[]}', '{"id":1,"nodes":[{"id":99999,"address":"x"}]}'])(
  'what is not understood is said: %s',
  (text) => {
    const parsed = parseAgent(text, '');
    expect(parsed.findings).toEqual([]);
    expect(parsed.notes).toEqual([expect.stringContaining('not understood')]);
  },
);
