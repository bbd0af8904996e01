import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMO_NODES } from '../demo/request.ts';
import { HELP, parseCommand, type Command } from './arguments.ts';
import type { ReportCommand } from './report-arguments.ts';

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

  test('collects, or makes that a service, with what the program itself can have', () => {
    expect(command('collect --metrics 9464')).toMatchObject({
      name: 'collect',
      service: undefined,
      metrics: { host: '127.0.0.1', port: 9464 },
    });
    expect(command('collect --install')).toMatchObject({ service: 'install' });
    expect(command('collect --uninstall')).toMatchObject({ service: 'uninstall' });
  });

  test('finds the cluster of a node of the settings, or of one written as for ssh', () => {
    expect(command('discover head')).toMatchObject({ name: 'discover', target: 'head', add: false });
    expect(command('discover root@head:2222 --add')).toMatchObject({ target: 'root@head:2222', add: true });
    expect(refusal('discover')).toContain('discover takes a node');
    expect(refusal('discover head tail')).toContain('"tail"');
    expect(refusal('nodes --add')).toContain('--add');
  });

  test('installs the agent on nodes, removes it, and says how it is', () => {
    expect(command('agent install n1 root@n2')).toMatchObject({
      name: 'agent',
      verb: 'install',
      nodes: ['n1', 'root@n2'],
      cluster: undefined,
      ids: undefined,
      yes: false,
    });
    expect(command('agent install n1 n2 --ids 1,7 --addresses 10.0.0.1,10.0.0.2 --port 5500')).toMatchObject({
      ids: [1, 7],
      addresses: ['10.0.0.1', '10.0.0.2'],
      port: 5500,
    });
    expect(command('agent remove n1 --forget --yes')).toMatchObject({
      verb: 'remove',
      forget: true,
      yes: true,
    });
    expect(command('agent status --cluster lab')).toMatchObject({ verb: 'status', cluster: 'lab' });
  });

  test('attaches to a collector over SSH', () => {
    expect(command('app --attach ops@head:/data')).toMatchObject({
      attach: { entry: { host: 'head', user: 'ops' }, folder: '/data' },
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
    expect(command('serve --metrics [::1]:9464')).toMatchObject({ metrics: { host: '::1', port: 9464 } });
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

  test.each([
    ['nodes --demo mattx', 8],
    ['nodes --demo=mattx', 8],
    ['--demo mattx 12 nodes', 12],
    ['--demo mattx nodes', 8],
  ])('with a demo cluster that speaks MattX (%s) has one', (line, demoNodes) => {
    expect(command(line)).toMatchObject({ name: 'nodes', demoNodes, demoDialect: 'mattx' });
  });
});

describe('a command that changes nodes', () => {
  test.each([
    ['set 5 block on', { change: { kind: 'setting', setting: 'block', on: true } }],
    ['set 5 nomfs off', { change: { kind: 'setting', setting: 'nomfs', on: false } }],
    ['set 5 speed 7609', { change: { kind: 'speed', speed: 7609 } }],
    ['set 5 affinity 0', { change: { kind: 'affinity', affinity: 0 } }],
    ['set 5 debug off', { change: { kind: 'mattx', which: 'debug', on: false } }],
    [
      'set 5 exclude sh,a.out',
      { change: { kind: 'pins', list: 'exclude', names: ['sh', 'a.out'], seen: null } },
    ],
    ['set 5 exclude-mosview', { change: { kind: 'pin-self' } }],
    ['set 5 decayinterval 10', { change: { kind: 'decay', which: 'decayinterval', value: 10 } }],
    ['set 5 slowdecay 975', { change: { kind: 'decay', which: 'slowdecay', value: 975 } }],
    ['set 5 fastdecay 0', { change: { kind: 'decay', which: 'fastdecay', value: 0 } }],
    ['set 5 expel', { change: { kind: 'expel' } }],
    ['set 5 bring', { change: { kind: 'bring' } }],
    ['set 5 drain', { change: { kind: 'drain', bring: false } }],
    ['set --bring 5 drain --until 2h', { change: { kind: 'drain', bring: true }, until: 7_200_000 }],
    ['set all stay on --yes', { nodes: ['all'], yes: true }],
    ['set 5,node7,5 stay on --dry-run', { nodes: ['5', 'node7'], dryRun: true }],
  ])('%s', (line, expected) => expect(command(line)).toMatchObject({ name: 'set', ...expected }));

  test('asks, is for good and has no reason unless it is told otherwise', () => {
    expect(command('set 5 block on')).toMatchObject({ dryRun: false, yes: false, reason: '', until: null });
  });

  test('undo and migrate', () => {
    expect(command('undo')).toMatchObject({ name: 'undo', action: undefined });
    expect(command('undo 12 --reason oops')).toMatchObject({ action: 12, reason: 'oops' });
    expect(command('migrate node3 1806 5')).toMatchObject({ node: 'node3', pid: 1806, target: '5' });
    expect(command('migrate 3 1806 best --yes --json')).toMatchObject({
      target: 'best',
      yes: true,
      json: true,
    });
  });

  test('and those that show what there is', () => {
    expect(command('ps 3')).toMatchObject({ node: '3', migrated: false, guests: false, movable: false });
    expect(command('ps node3 --migrated --movable')).toMatchObject({ migrated: true, movable: true });
    expect(command('migrations')).toMatchObject({ since: 3_600_000, node: undefined, limit: 1000 });
    expect(command('migrations --since 2d --node 7')).toMatchObject({ since: 172_800_000, node: '7' });
    expect(command('audit --limit 5')).toMatchObject({ name: 'audit', limit: 5 });
  });
});

describe('a report', () => {
  test('is of the last week as Markdown on standard output unless it is told otherwise', () => {
    const report = command('report') as ReportCommand;
    expect(report).toMatchObject({ format: 'md', file: undefined, table: 'migrations' });
    expect(report.request).toMatchObject({ nodes: [], groups: [], command: '' });
    expect(report.request.to - report.request.from).toBe(7 * 86_400_000);
  });

  test('is what the ending of its file says', () => {
    expect(command('report -o week.PDF')).toMatchObject({ format: 'pdf', file: join(FOLDER, 'week.PDF') });
    expect(command('report -o - --format json')).toMatchObject({ format: 'json', file: undefined });
    expect(command('report --table nodes')).toMatchObject({ format: 'csv', table: 'nodes' });
  });

  test('is of a range on this clock, and of chosen nodes, groups and commands', () => {
    const report = command(
      'report --since 2024-11-01 --until 2024-11-02T06:30 --node 3 --node n7 --group sim --command prime',
    );
    expect(report).toMatchObject({
      request: {
        from: new Date(2024, 10, 1).getTime(),
        to: new Date(2024, 10, 2, 6, 30).getTime(),
        nodes: ['3', 'n7'],
        groups: ['sim'],
        command: 'prime',
      },
    });
  });
});

describe('a wrong command line is said in words', () => {
  test.each([
    ['report --since yesterday', '"yesterday"'],
    ['report --since 1d --until 2d', '--until'],
    ['report --since 2099-01-01', 'in the future'],
    ['report --since 2026-02-31', '"2026-02-31"'],
    ['report --nodes 3', 'Unknown option \'--nodes\'; "mosview help"'],
    ['report --output=', '-o takes the name of a file'],
    ['history export --output=', '-o takes the name of a file'],
    ['report --format word', '"word"'],
    ['report -o report.doc', 'report.doc'],
    ['report --table nodes --format html', '--table'],
    ['report --table pairs', '"pairs"'],
    ['reboot', '"reboot"'],
    ['nodes all', '"all" is one word too many'],
    ['nodes --colour', '--colour'],
    ['nodes --demo 0', '--demo'],
    ['nodes --demo 2001', '2000'],
    ['nodes --demo=', '--demo'],
    ['nodes --demo=many', '"many"'],
    ['nodes --demo mattx 201', '--demo mattx takes a number of nodes from 1 to 200'],
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
    ['set', 'NODE[,NODE...]'],
    ['set 5', 'NODE[,NODE...]'],
    ['set 5,,6 block on', '"5,,6" has an empty place'],
    ['set all,5 block on', 'all stands for every node'],
    ['set 5 reboot', '"reboot" is no change'],
    ['set 5 block', 'block takes on or off'],
    ['set 5 block maybe', 'not "maybe"'],
    ['set 5 block on off', '"off" is one word too many'],
    ['set 5 expel now', '"now" is one word too many'],
    ['set 5 speed', '1 to 1000000'],
    ['set 5 speed 0', '1 to 1000000'],
    ['set 5 affinity 4294967296', 'to 10000000'],
    ['set 5 mattxfs', 'on or off'],
    ['set 5 include a;b', 'letters, digits'],
    [`set 5 include ${'abcdefg,'.repeat(32)}x`, 'MattX would cut it silently at 247'],
    ['set 5 speed 1e4', '1 to 1000000'],
    ['set 5 slowdecay 100001', '0 to 100000'],
    ['set 5 block on --bring', '--bring goes with drain'],
    ['set 5 expel --until 1h', 'takes no --until'],
    ['set 5 drain --until tomorrow', '"tomorrow"'],
    ['set 5 drain --limit 3', 'set takes no --limit'],
    ['undo last', '"last" is no number of an action'],
    ['undo 0', '"0"'],
    ['undo 1 2', '"2" is one word too many'],
    ['undo --until 1h', 'undo takes no --until'],
    ['migrate 5 1806', 'migrate takes NODE PID'],
    ['migrate 5 init home', '"init" is no number of a process'],
    ['migrate 5 4194305 home', '"4194305"'],
    ['migrate 5 1806 home now', '"now" is one word too many'],
    ['ps', 'ps takes a node'],
    ['ps 5 6', '"6" is one word too many'],
    ['migrations --limit 0', '--limit'],
    ['migrations --since', '--since'],
    ['audit 5', '"5" is one word too many'],
    ['audit --limit 10001', '10000'],
    ['nodes --yes', 'nodes takes no --yes'],
    ['agent', 'install, remove or status'],
    ['agent install', 'agent install takes nodes'],
    ['agent status n1', '"n1" is one word too many'],
    ['agent install n1 --ids 0', '"0" is no node id'],
    ['agent install n1 --port 65536', '"65536" is no port'],
    ['agent install n1 --forget', 'agent install takes no --forget'],
    ['agent install n1 --demo 2', 'no machines'],
  ])('%s', (line, words) => expect(refusal(line)).toContain(words));
});

test('the help names every command and every metric', () => {
  for (const word of [
    'app',
    'serve',
    'nodes',
    'history',
    'version',
    'memoryAvailable',
    '--config',
    'set',
    'undo',
    'migrate',
    'ps',
    'migrations',
    'audit',
  ]) {
    expect(HELP).toContain(word);
  }
});
