/** Groups of processes: whom a rule names, and how they are kept. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import { ScriptedNodes, someProcess } from '../../test/harness/scripted-nodes.ts';
import { Groups, membersAmong } from './groups.ts';
import { Limiter } from './limiter.ts';

let folder: string;
let nodes: ScriptedNodes;
let problems: Problem[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-groups-'));
  nodes = new ScriptedNodes(2);
  problems = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<Groups> {
  const groups = await Groups.open(folder, nodes, new Limiter(16), (problem) => void problems.push(problem));
  if (!groups.ok) throw new Error(groups.problem.message);
  return groups.value;
}

const processes = [
  someProcess({ pid: 10, parent: 1, user: 'anna', command: 'make -j8' }),
  someProcess({ pid: 11, parent: 10, user: 'anna', command: 'cc1 one.c' }),
  someProcess({ pid: 12, parent: 11, user: 'ben', command: 'as one.s' }),
  someProcess({ pid: 13, parent: 1, user: 'ben', command: 'cc1 two.c' }),
  someProcess({
    pid: 14,
    parent: 1,
    user: 'anna',
    command: 'cc1 x.c',
    place: { kind: 'guest', id: 2, pid: 5 },
  }),
];

test.each<[Group['rule'], readonly number[]]>([
  [{ kind: 'tree', root: { node: 'id:1', pid: 10, started: 1010 } }, [10, 11, 12]],
  [{ kind: 'tree', root: { node: 'id:1', pid: 10, started: 9 } }, []],
  [{ kind: 'tree', root: { node: 'id:2', pid: 10, started: 1010 } }, []],
  [{ kind: 'user', user: 'anna' }, [10, 11]],
  [{ kind: 'command', pattern: 'cc1' }, [11, 13]],
  [{ kind: 'command', pattern: 'c*1*two' }, [13]],
  [{ kind: 'command', pattern: '.*' }, [11, 12, 13]],
  [{ kind: 'hand', processes: [{ node: 'id:1', pid: 13, started: 1013 }] }, [13]],
])('%o names %o', (rule, pids) => {
  const members = membersAmong({ name: 'g', rule }, 'id:1', processes);
  expect(members.map(({ pid }) => pid)).toEqual(pids);
});

test('two processes that are each other’s parents, as a broken list may say, end the walk', () => {
  const loop = [someProcess({ pid: 10, parent: 11 }), someProcess({ pid: 11, parent: 10 })];
  const rule = { kind: 'tree', root: { node: 'id:1', pid: 10, started: 1010 } } as const;
  expect(membersAmong({ name: 'g', rule }, 'id:1', loop)).toHaveLength(2);
});

test('all nodes are asked, and those that cannot be are named', async () => {
  nodes.node(1).list = processes;
  nodes.node(2).reachable = false;
  const groups = await open();
  await groups.save({ name: 'compilers', rule: { kind: 'command', pattern: 'cc1' } });
  const found = await groups.members('compilers');
  expect(found).toMatchObject({ ok: true, value: { missing: ['node2: it does not answer'] } });
  expect(found.ok && found.value.members.map(({ ref }) => ref.pid)).toEqual([11, 13]);
});

test('groups are kept over a restart, changed by name, and removed', async () => {
  const first = await open();
  await first.save({ name: 'b', rule: { kind: 'user', user: 'ben' } });
  await first.save({ name: 'a', rule: { kind: 'user', user: 'anna' } });
  await first.save({ name: 'b', rule: { kind: 'user', user: 'bob' } });
  const second = await open();
  expect(second.list()).toMatchObject([{ name: 'a' }, { name: 'b', rule: { user: 'bob' } }]);
  await second.remove('a');
  expect((await open()).list()).toHaveLength(1);
  expect(await second.remove('a')).toMatchObject({ ok: false, problem: { code: 'not-found' } });
});

test('a file that is none is set aside and said', async () => {
  writeFileSync(join(folder, 'groups.json'), '{"groups": 7}');
  expect((await open()).list()).toEqual([]);
  expect(problems).toMatchObject([{ code: 'file-unreadable' }]);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^groups\.damaged-\d+\.json$/)]);
});
