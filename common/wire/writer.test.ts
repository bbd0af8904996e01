import { describe, expect, test } from 'vitest';
import { randomFrom } from '../model/random.ts';
import { WireReader } from './reader.ts';
import { WireWriter, type TableDeclaration } from './writer.ts';

const NODES: TableDeclaration = {
  name: 'nodes',
  keyed: true,
  columns: [
    { name: 'load', unit: 'load' },
    { name: 'speed', unit: 'speed' },
    { name: 'cpus', unit: 'count' },
  ],
};
const CPU: TableDeclaration = { name: 'cpu', keyed: false, columns: [{ name: 'user', unit: 'ticks' }] };

function declared(): WireWriter {
  const writer = new WireWriter();
  writer.declare('abc', {}, [NODES, CPU]);
  return writer;
}

describe('the writer', () => {
  test('declares with greeting, facts and tables', () => {
    expect(new WireWriter().declare('abc', { dialect: 'linux' }, [NODES, CPU])).toBe(
      'mosview 1 abc\nmeta dialect linux\nkeyed nodes load:load speed:speed cpus:count\nsingle cpu user:ticks\nready\n',
    );
  });

  test('sends each value once', () => {
    const writer = declared();
    writer.row('nodes', 5, [47, 15_953, 1]);
    writer.row('cpu', 0, [10]);
    expect(writer.end(1)).toBe('nodes 5 47 15953 1\ncpu 10\nend 1\n');
    writer.row('nodes', 5, [47, 7609, 1]);
    writer.row('cpu', 0, [10]);
    expect(writer.end(2)).toBe('nodes 5 = 7609\nend 2\n');
  });

  test('writes what is not to be had, once too', () => {
    const writer = declared();
    writer.row('nodes', 5, [NaN, Infinity, 1]);
    expect(writer.end(1)).toBe('nodes 5 ? ? 1\nend 1\n');
    writer.row('nodes', 5, [NaN, Infinity, 1]);
    expect(writer.end(2)).toBe('end 2\n');
  });

  test('says farewell to a row once, and sends it whole when it comes again', () => {
    const writer = declared();
    writer.row('nodes', 5, [1, 2, 3]);
    writer.remove('nodes', 5);
    writer.remove('nodes', 5);
    expect(writer.end(1)).toBe('nodes 5 1 2 3\nnodes 5 -\nend 1\n');
    writer.row('nodes', 5, [1, 2, 3]);
    expect(writer.end(2)).toBe('nodes 5 1 2 3\nend 2\n');
  });

  test('writes at most six decimals, as the protocol allows', () => {
    const writer = declared();
    writer.row('nodes', 5, [0.1 + 0.2, 1e-9, 2 / 3]);
    expect(writer.end(1)).toBe('nodes 5 0.3 0 0.666667\nend 1\n');
  });

  test('sends a text once, on one line, cut, and its farewell', () => {
    const writer = new WireWriter();
    expect(writer.declare('abc', {}, [NODES], ['commands'])).toContain('\ntexts commands\nready\n');
    writer.text('commands', 7, '$(reboot)\nend 9');
    writer.text('commands', 8, 'x'.repeat(100));
    expect(writer.end(1)).toBe(`commands 7 $(reboot) end 9\ncommands 8 ${'x'.repeat(60)}\nend 1\n`);
    writer.text('commands', 7, '$(reboot)\nend 9');
    expect(writer.end(2)).toBe('end 2\n');
    writer.text('commands', 7, '');
    writer.remove('commands', 8);
    writer.remove('commands', 8);
    expect(writer.end(3)).toBe('commands 7\ncommands 8\nend 3\n');
  });

  test('does not know tables that were not declared', () => {
    expect(() => declared().row('weather', 0, [1])).toThrow('weather');
    expect(() => declared().text('names', 1, 'x')).toThrow('names');
  });
});

test('what is written is what is read, over any run of changes', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomFrom(seed);
    const writer = new WireWriter();
    const frames: number[] = [];
    const reader = new WireReader('abc', 'node5', {
      onReady: () => undefined,
      onFrame: (sequence) => frames.push(sequence),
      onProblem: (problem) => {
        throw new Error(problem.message);
      },
    });
    reader.feed(writer.declare('abc', {}, [NODES, CPU]), 0);
    const truth = new Map<number, number[]>();
    for (let sequence = 1; sequence <= 50; sequence += 1) {
      for (let change = 0; change < 5; change += 1) {
        const key = 1 + Math.floor(random() * 8);
        if (random() < 0.1) {
          truth.delete(key);
          writer.remove('nodes', key);
        } else {
          const before = truth.get(key) ?? [0, 0, 0];
          const values = before.map((value) => (random() < 0.5 ? value : someValue(random)));
          truth.set(key, values);
          writer.row('nodes', key, values);
        }
      }
      const text = writer.end(sequence);
      const cut = Math.floor(random() * text.length);
      reader.feed(text.slice(0, cut), 0);
      reader.feed(text.slice(cut), 0);
      const read = [...(reader.tables.get('nodes')?.rows ?? [])].map(([key, row]) => [key, ...row]);
      const written = [...truth].map(([key, row]) => [key, ...row]);
      expect(read.sort(byKey)).toEqual(written.sort(byKey));
    }
    expect(frames).toHaveLength(50);
    expect(reader.badValues).toBe(0);
  }
});

function byKey(one: readonly number[], other: readonly number[]): number {
  return (one[0] ?? 0) - (other[0] ?? 0);
}

/** Values as nodes have them: counters, minus errno, hundredths, nothing. */
function someValue(random: () => number): number {
  const kind = Math.floor(random() * 4);
  if (kind === 0) return Math.floor(random() * 1e14);
  if (kind === 1) return -Math.floor(1 + random() * 132);
  if (kind === 2) return Math.round(random() * 10_000) / 100;
  return NaN;
}
