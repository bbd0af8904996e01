import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMO_NODES } from '../app.ts';
import { HELP, milliseconds, parseCommand, type Command } from './arguments.ts';

const FOLDER = '/home/operator';

function command(line: string): Command {
  const parsed = parseCommand(line.split(' ').filter(Boolean), FOLDER);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value;
}

function refusal(line: string): string {
  const parsed = parseCommand(line.split(' ').filter(Boolean), FOLDER);
  if (parsed.ok) throw new Error('The command line was taken');
  expect(parsed.problem.code).toBe('bad-input');
  return parsed.problem.message;
}

describe('a command', () => {
  test('without a word is the help', () => {
    expect(command('')).toEqual({ name: 'help' });
    expect(command('nodes --help')).toEqual({ name: 'help' });
    expect(command('-h')).toEqual({ name: 'help' });
    expect(command('version')).toEqual({ name: 'version' });
    expect(command('--version')).toEqual({ name: 'version' });
  });

  test('has its defaults', () => {
    expect(command('nodes')).toEqual({
      name: 'nodes',
      json: false,
      dataFolder: undefined,
      settingsFile: undefined,
      demoNodes: undefined,
    });
    expect(command('serve')).toMatchObject({ name: 'serve', port: 0 });
    expect(command('history --node 5')).toMatchObject({
      node: '5',
      metric: 'load',
      since: 600_000,
      points: 1000,
    });
  });

  test('takes the options of all commands before and after its word', () => {
    const expected = {
      name: 'nodes',
      json: true,
      dataFolder: '/home/operator/data',
      settingsFile: '/etc/m.json',
    };
    expect(command('nodes --json --data data --config /etc/m.json')).toMatchObject(expected);
    expect(command('--json --data=data nodes --config ../../etc/m.json')).toMatchObject(expected);
  });

  test('takes its own options', () => {
    expect(command('serve --port 8080')).toMatchObject({ port: 8080 });
    expect(command('app --port=8080')).toMatchObject({ name: 'app', port: 8080 });
    expect(command('history --node node5 --metric cpuBusy --since 7d --points 50')).toMatchObject({
      node: 'node5',
      metric: 'cpuBusy',
      since: 7 * 86_400_000,
      points: 50,
    });
  });

  test.each([
    ['--demo nodes', DEFAULT_DEMO_NODES],
    ['nodes --demo', DEFAULT_DEMO_NODES],
    ['nodes --demo --json', DEFAULT_DEMO_NODES],
    ['nodes --demo 40 --json', 40],
    ['--demo=2000 nodes', 2000],
  ])('with a demo cluster (%s) has one of its own', (line, demoNodes) => {
    expect(command(line)).toMatchObject({ name: 'nodes', demoNodes });
  });
});

describe('a wrong command line is said in words', () => {
  test.each([
    ['reboot', '"reboot"'],
    ['nodes all', '"all" is one word too many'],
    ['nodes --colour', '--colour'],
    ['nodes --demo 0', '--demo'],
    ['nodes --demo 2001', '2000'],
    ['nodes --demo=', '--demo'],
    ['nodes --demo=many', '"many"'],
    ['serve --port 65536', '"65536"'],
    ['serve --port web', '"web"'],
    ['serve --port=', '""'],
    ['serve --port 0x50', '"0x50"'],
    ['serve --port', '--port'],
    ['history', '--node'],
    ['history --node 5 --metric weather', '"weather"'],
    ['history --node 5 --metric toString', '"toString"'],
    ['history --node 5 --since 10', '"10"'],
    ['history --node 5 --since yesterday', '"yesterday"'],
    ['history --node 5 --points 1', '--points'],
    ['history --node 5 --points 1e3', '--points'],
    ['nodes --since 1h', 'nodes takes no --since'],
    ['history --node 5 --port 80', 'history takes no --port'],
  ])('%s', (line, words) => expect(refusal(line)).toContain(words));
});

test.each([
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['24h', 86_400_000],
  ['10', undefined],
  ['-5m', undefined],
  ['5 m', undefined],
  ['m', undefined],
  ['5w', undefined],
])('a duration of %s is %s ms', (text, expected) => expect(milliseconds(text)).toBe(expected));

test('the help names every command and every metric', () => {
  for (const word of ['app', 'serve', 'nodes', 'history', 'version', 'memoryAvailable', '--config']) {
    expect(HELP).toContain(word);
  }
});
