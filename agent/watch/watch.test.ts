import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { nodeTable } from '../command/mon.ts';
import { afterKey, drawBars, FIRST_CHOICE, type BarNode, type Choice } from './bars.ts';
import { watchCluster } from './watch.ts';

const SIZE = { columns: 80, rows: 24 };

function node(id: number, load: number, more: Partial<BarNode> = {}): BarNode {
  return {
    id,
    load,
    speed: 10_000,
    util: 100,
    memoryTotal: 8e9,
    memoryFree: 6e9,
    memoryAvailable: 6e9,
    status: 3,
    ...more,
  };
}

const NODES = [node(1, 200), node(2, 100), node(2780, 0), node(9, -101, { status: 1 })];

/** The signs above a node's id, from the lowest. */
function bar(lines: readonly string[], id: number): string {
  const ids = lines.find((line) => line.includes('Node #')) ?? '';
  const column = ids.search(new RegExp(`\\b${id}\\b`)) + `${id}`.length - 1;
  return lines
    .slice(1, -3)
    .map((line) => line[column] ?? ' ')
    .toReversed()
    .join('')
    .trimEnd();
}

describe('the bars', () => {
  test('are as high as the loads, 1 being one process on one standard CPU', () => {
    const lines = drawBars(NODES, FIRST_CHOICE, SIZE);
    expect([bar(lines, 1), bar(lines, 2), bar(lines, 2780)]).toEqual(['#'.repeat(20), '#'.repeat(10), '.']);
    expect(lines[1]).toMatch(/^\s+2\.00\|/);
  });

  test('tell memory as used and free', () => {
    const lines = drawBars(NODES, { ...FIRST_CHOICE, view: 'memory' }, SIZE);
    expect(bar(lines, 1)).toBe('#'.repeat(5) + '+'.repeat(15));
    expect(lines[1]).toMatch(/^\s+8000\|/);
  });

  test('show nodes that are down only when asked', () => {
    expect(drawBars(NODES, FIRST_CHOICE, SIZE).join('\n')).not.toMatch(/\b9\b/);
    expect(bar(drawBars(NODES, { ...FIRST_CHOICE, showsDown: true }, SIZE), 9)).toBe('nwod');
  });

  test.each([
    [80, 24],
    [20, 6],
    [300, 60],
    [5, 2],
  ])('fit into %i x %i', (columns, rows) => {
    const many = Array.from({ length: 500 }, (_, id) => node(id + 1, id));
    const lines = drawBars(many, FIRST_CHOICE, { columns, rows });
    expect(lines).toHaveLength(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test('say how many nodes there are when not all have room, and scroll', () => {
    const many = Array.from({ length: 100 }, (_, id) => node(id + 1, 100));
    const lines = drawBars(many, { ...FIRST_CHOICE, first: 50 }, SIZE);
    expect(lines[0]).toMatch(/17 of 100 nodes/);
    expect(lines.at(-2)).toMatch(/Node #\s+51\s+52/);
  });

  test('of no node are an empty axis', () => {
    expect(drawBars([], FIRST_CHOICE, SIZE)).toHaveLength(24);
  });
});

test('keys choose what is shown, as in mosmon', () => {
  const after = (...keys: string[]) =>
    keys.reduce<Choice | undefined>((choice, key) => choice && afterKey(choice, key, 3), FIRST_CHOICE);
  expect(['l', 's', 'm', 'u'].map((key) => after(key)?.view)).toEqual(['load', 'speed', 'memory', 'util']);
  expect(after('d')?.showsDown).toBe(true);
  expect(after('>', '>', '>', '>')?.first).toBe(2);
  expect(after('\u001b[C', '<', '\u001b[D', '<')?.first).toBe(0);
  expect(after('x')).toEqual(FIRST_CHOICE);
  expect([after('q'), after('\u0003')]).toEqual([undefined, undefined]);
});

describe('the screen', () => {
  function watching() {
    const written: string[] = [];
    const output = Object.assign(new EventEmitter(), {
      columns: 80,
      rows: 24,
      write: (text: string) => written.push(text),
    });
    const input = new PassThrough();
    const tables = new PassThrough({ objectMode: true });
    const stop = new AbortController();
    const done = watchCluster(tables as AsyncIterable<Result<readonly BarNode[]>>, {
      input,
      output,
      stop: stop.signal,
    });
    const writes = (count: number) => vi.waitFor(() => expect(written).toHaveLength(count), { interval: 5 });
    return { written, output, input, tables, stop, done, writes };
  }

  test('is written anew only where it changed, and given back at the end', async () => {
    const { written, input, tables, done, writes } = watching();
    tables.write(success(NODES));
    await writes(2);
    expect(written[1]?.match(/;1H/g)).toHaveLength(24);
    tables.write(success(NODES));
    tables.write(success([node(1, 190), ...NODES.slice(1)]));
    await writes(3);
    expect(written[2]?.match(/;1H/g)?.length).toBeLessThan(24);
    input.write('q');
    expect(await done).toBeUndefined();
    expect([written[0], written.at(-1)]).toEqual(['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l']);
  });

  test('follows keys and the size of the terminal at once', async () => {
    const { written, output, input, tables, stop, done, writes } = watching();
    tables.write(success(NODES));
    await writes(2);
    input.write('m');
    await writes(3);
    expect(written[2]).toMatch(/memory in MB/);
    Object.assign(output, { columns: 40, rows: 10 }).emit('resize');
    await writes(4);
    expect(written[3]?.startsWith('\u001b[2J')).toBe(true);
    expect(written[3]?.match(/;1H/g)).toHaveLength(10);
    stop.abort();
    expect(await done).toBeUndefined();
  });

  test('ends with the problem that the agent tells', async () => {
    const { tables, done } = watching();
    const gone = failure(problem('not-available', 'The agent has stopped.'));
    tables.write(gone);
    expect(await done).toEqual(gone);
  });
});

test('for other programs there is a table', () => {
  const more = { name: 'a', address: '10.0.0.1', cpus: 4, age: 1 };
  expect(
    nodeTable([
      { ...node(1, 47.6), ...more, status: 7 },
      { ...node(12, -101, { status: 1 }), ...more },
    ]),
  ).toBe(
    'NODE  NAME  STATE  LOAD  SPEED  CPUS  UTIL  MB    USED  SETTINGS\n' +
      '1     a     up     48    10000  4     100   8000  2000  stay\n' +
      '12    a     down   -     -      -     -     -     -\n',
  );
});
