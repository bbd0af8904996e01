import { expect, test } from 'vitest';
import { knownNodes, nodeCalled, shortNames } from './known-node.ts';

const node = (key: string, id: number, name: string) => ({ key, id, name });

/** The keys that a name means, or why that cannot be told. */
function called(recorded: Parameters<typeof knownNodes>[0], name: string): readonly string[] | string {
  const found = nodeCalled(knownNodes(recorded), name);
  return found.ok ? found.value.keys : `${found.problem.code}: ${found.problem.message}`;
}

test('a node is known by its name before its first answer, whatever number it was shown with then', () => {
  const recorded = [
    node('host:n3', 1, 'n3'),
    node('host:n1', 2, 'n1'),
    node('id:3', 3, 'n3'),
    node('id:1', 1, 'n1'),
  ];
  expect(knownNodes(recorded).map(({ id, name, keys }) => [id, name, keys])).toEqual([
    [1, 'n1', ['id:1', 'host:n1']],
    [3, 'n3', ['id:3', 'host:n3']],
  ]);
  for (const name of ['1', 'n1', 'id:1', 'host:n1'])
    expect(called(recorded, name)).toEqual(['id:1', 'host:n1']);
});

test('a number that was given again may be two nodes, which only their keys tell apart', () => {
  const recorded = [node('host:gate', 5, 'gate'), node('id:5', 5, 'n5'), node('id:6', 6, 'n6')];
  expect(called(recorded, '5')).toBe(
    'bad-input: "5" may be 2 nodes: gate (number 5, host:gate) and n5 (number 5, id:5). Name the one you mean by its key, such as host:gate.',
  );
  expect(called(recorded, 'gate')).toEqual(['host:gate']);
  expect(called(recorded, 'id:5')).toEqual(['id:5']);
});

test('a name that two clusters have may be two nodes, and whose record before the first answer is, nobody knows', () => {
  const recorded = [node('id:5', 5, 'n5'), node('id:12', 12, 'n5'), node('host:n5', 1, 'n5')];
  expect(called(recorded, 'n5')).toMatch(/^bad-input: "n5" may be 3 nodes: .*host:n5.*id:5.*id:12/);
  expect(called(recorded, '12')).toEqual(['id:12']);
});

test('one that is not there is said, with those that are', () => {
  const recorded = Array.from({ length: 11 }, (_, index) =>
    node(`id:${index + 1}`, index + 1, `n${index + 1}`),
  );
  expect(called(recorded.slice(0, 2), 'x')).toBe('not-found: The history has no node "x"; it has n1 and n2.');
  expect(called(recorded, 'x')).toMatch(/it has n1, n2, n3, n4, n5, n6, n7, n8 and 3 more\.$/);
  expect(called([], 'x')).toBe('not-found: The history has no node "x"; it has none at all.');
});

test('the short name of a node is its number, or its key where that may be another node', () => {
  const known = knownNodes([
    node('host:gate', 5, 'gate'),
    node('id:5', 5, 'n5'),
    node('id:6', 6, 'n6'),
    node('id:7', 7, '8'),
    node('id:8', 8, 'n8'),
    node('id:9', 9, '9'),
  ]);
  const names = shortNames(known);
  expect(names).toEqual(['host:gate', 'id:5', '6', '7', 'id:8', '9']);
  for (const [at, name] of names.entries())
    expect(nodeCalled(known, name)).toMatchObject({ value: known[at] });
});
