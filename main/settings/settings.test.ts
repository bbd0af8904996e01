import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { DEFAULT_RETENTION } from '../../common/model/retention.ts';
import { Settings } from './settings.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-settings-'));
  file = join(folder, 'settings.json');
});

afterEach(() => rm(folder, { recursive: true }));

async function open(content?: unknown): Promise<Settings> {
  if (content !== undefined) {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  const settings = await Settings.open(file);
  if (!settings.ok) throw new Error(settings.problem.message);
  return settings.value;
}

async function saved(): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

function node(name: string, more: Partial<NodeEntry> = {}): NodeEntry {
  return { name, host: name, ...more };
}

function noticesOf(settings: Settings): readonly string[] {
  return settings.notices.map((notice) => notice.message);
}

describe('a settings file', () => {
  test('that is not there is an empty one, and none is made by looking', async () => {
    const settings = await open();
    expect(settings.nodes).toEqual([]);
    expect(settings.notices).toEqual([]);
    expect(settings.values).toMatchObject({ observers: 3 });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test('gives values and nodes in its order', async () => {
    const settings = await open({
      observers: 5,
      sshConfigFile: '/etc/cluster/ssh',
      knownHostsFiles: ['/etc/cluster/known_hosts'],
      snapshotSeconds: 0,
      retention: { '1s': { days: 3, megabytes: null } },
      nodes: [
        { name: 'b', host: '10.0.0.2', user: 'root', port: 2222, root: '/proc/mosix', speed: 7609, id: 7 },
        { host: 'a' },
        'root@c:2222',
      ],
    });
    expect(settings.values).toEqual({
      observers: 5,
      sshConfigFile: '/etc/cluster/ssh',
      knownHostsFiles: ['/etc/cluster/known_hosts'],
      snapshotSeconds: 0,
      retention: { ...DEFAULT_RETENTION, '1s': { days: 3, megabytes: null } },
      reports: [],
    });
    expect(settings.nodes.map((one) => [one.name, one.host, one.port])).toEqual([
      ['b', '10.0.0.2', 2222],
      ['a', 'a', undefined],
      ['c', 'c', 2222],
    ]);
    expect(settings.notices).toEqual([]);
  });

  test.each([
    ['{"nodes": [', 'is no valid JSON'],
    ['[]', 'holds no JSON object'],
    ['null', 'holds no JSON object'],
    ['', 'is no valid JSON'],
  ])('that holds %s is refused by name, and left as it is', async (text, words) => {
    await writeFile(file, text);
    const settings = await Settings.open(file);
    expect(settings).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
    expect(settings.ok || settings.problem.message).toContain(`${file} ${words}`);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('that cannot be read says so', async () => {
    await mkdir(file);
    expect(await Settings.open(file)).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
  });
});

describe('values that are set', () => {
  test('are used and saved, beside what the file had', async () => {
    const settings = await open({ observers: 5, colour: 'red', nodes: ['root@c:2222'] });
    const retention = { ...DEFAULT_RETENTION, processes: { days: 1, megabytes: 10 } };
    expect(await settings.set({ retention, snapshotSeconds: 120 })).toMatchObject({ ok: true });
    expect(settings.values).toMatchObject({ observers: 5, retention, snapshotSeconds: 120 });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      observers: 5,
      colour: 'red',
      retention,
      snapshotSeconds: 120,
      nodes: ['root@c:2222'],
    });
  });

  test('stay as they were when they cannot be saved', async () => {
    const settings = await open({ snapshotSeconds: 60 });
    await writeFile(file, '{}');
    expect(await settings.set({ snapshotSeconds: 120 })).toMatchObject({ ok: false });
    expect(settings.values.snapshotSeconds).toBe(60);
  });
});

describe('what is wrong in it is said with its place and kept on the next save', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown key', { colour: 'red' }, 'the key "colour" is unknown to this version'],
    ['a value out of range', { observers: 99 }, '"observers"'],
    [
      'a part of the history kept for no time',
      { retention: { '1m': { days: 0, megabytes: 1 } } },
      '"retention.1m.days"',
    ],
    ['a part without a limit', { retention: { '1m': { days: 7 } } }, '"retention.1m.megabytes"'],
    ['a part of the history that is none', { retention: { '5m': {} } }, '"retention" Unrecognized key: "5m"'],
    ['process lists every second', { snapshotSeconds: 1 }, '"snapshotSeconds" must be 0 or at least 10'],
    ['a value of another kind', { knownHostsFiles: 'one' }, '"knownHostsFiles"'],
    ['an unknown key of a node', { nodes: [{ ...node('a'), rack: 4 }] }, 'nodes[0]: the key "rack"'],
    [
      'a key that every object inherits',
      { nodes: [{ ...node('a'), valueOf: 4 }] },
      'nodes[0]: the key "valueOf"',
    ],
    ['a port that is none', { nodes: [node('a'), node('b', { port: 0 })] }, 'nodes[1].port'],
    ['a node without a host', { nodes: [{ name: 'a' }] }, 'nodes[0].host'],
    ['a node that is none', { nodes: [42] }, 'nodes[0]'],
    ['a root folder with a shell in it', { nodes: [node('a', { root: '/proc;reboot' })] }, 'nodes[0].root'],
    ['a target that is none', { nodes: ['two words'] }, 'nodes[0]: "two words"'],
    [
      'a name that is there already',
      { nodes: [node('a'), node('a', { host: 'other' })] },
      'nodes[1]: a node called a is there already',
    ],
  ])('%s', async (_case, content, words) => {
    const settings = await open(content);
    expect(noticesOf(settings)).toEqual([expect.stringContaining(words)]);
    expect(noticesOf(settings)[0]).toContain(file);
    await settings.add([node('new')]);
    const nodes = Array.isArray(content['nodes']) ? (content['nodes'] as unknown[]) : [];
    expect(await saved()).toEqual({ ...content, nodes: [...nodes, node('new')] });
  });

  test('a broken entry does not hide the others', async () => {
    const settings = await open({ nodes: [node('a'), { host: 5 }, node('b')] });
    expect(settings.nodes.map((one) => one.name)).toEqual(['a', 'b']);
  });

  test('a wrong value leaves its default', async () => {
    expect((await open({ observers: 0 })).values.observers).toBe(3);
  });

  test('nodes that are no list are said; no save may overwrite them', async () => {
    const content = { nodes: { a: 'root@a' } };
    const settings = await open(content);
    expect(noticesOf(settings)).toEqual([expect.stringContaining('"nodes" is no list')]);
    expect(await settings.add([node('new')])).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
    expect(settings.nodes).toEqual([]);
    expect(await saved()).toEqual(content);
  });
});

describe('adding nodes', () => {
  test('saves them and says which were new', async () => {
    const settings = await open({ nodes: ['root@a'] });
    expect(await settings.add([node('b'), node('c')])).toEqual({ ok: true, value: [node('b'), node('c')] });
    expect(await saved()).toEqual({ nodes: ['root@a', node('b'), node('c')] });
    expect((await open()).nodes.map((one) => one.name)).toEqual(['a', 'b', 'c']);
  });

  test('leaves one as it is to which the settings lead already, whatever its name', async () => {
    const settings = await open({ nodes: [node('a', { host: 'x', user: 'root', port: 22 })] });
    expect(await settings.add([node('b', { host: 'x', user: 'root' })])).toEqual({ ok: true, value: [] });
    expect(settings.nodes).toHaveLength(1);
  });

  test.each<[string, Partial<NodeEntry>]>([
    ['another user', { user: 'admin' }],
    ['another port', { port: 2222 }],
    ['another way', { jump: 'gate' }],
  ])('takes the same host with %s as another node', async (_case, more) => {
    const settings = await open({ nodes: [node('x')] });
    expect(settings.has(node('x'))).toBe(true);
    expect(settings.has(node('x', more))).toBe(false);
  });

  test('gives a second node with the same name a number, within the length of a name', async () => {
    const settings = await open();
    const long = 'n'.repeat(253);
    await settings.add([
      node('a', { host: 'x' }),
      node('a', { host: 'y' }),
      node('a', { host: 'z' }),
      node(long, { host: 'v' }),
      node(long, { host: 'w' }),
    ]);
    expect(settings.nodes.slice(0, 3).map((one) => one.name)).toEqual(['a', 'a (2)', 'a (3)']);
    expect((await open()).nodes).toEqual(settings.nodes);
  });

  test('that is done twice at the same time loses none', async () => {
    const settings = await open();
    const names = Array.from({ length: 30 }, (_, index) => `node${index}`);
    await Promise.all(names.map((name) => settings.add([node(name)])));
    expect((await open()).nodes.map((one) => one.name)).toEqual(names);
  });

  test('never overwrites what somebody wrote into the file meanwhile', async () => {
    const settings = await open({ nodes: [node('a')] });
    await writeFile(file, '{"nodes": ["root@by-hand"]}');
    expect(await settings.add([node('b')])).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
    expect(await saved()).toEqual({ nodes: ['root@by-hand'] });
    expect(settings.nodes).toEqual([node('a')]);
  });

  test('goes on after its own saves', async () => {
    const settings = await open();
    await settings.add([node('a')]);
    await settings.remove('a');
    expect((await settings.add([node('b')])).ok).toBe(true);
  });

  test('that cannot be saved changes nothing', async () => {
    const settings = await Settings.open(join(folder, 'new', 'settings.json'));
    if (!settings.ok) throw new Error(settings.problem.message);
    await rm(folder, { recursive: true });
    await writeFile(folder, 'in the way');
    expect((await settings.value.add([node('a')])).ok).toBe(false);
    expect(settings.value.nodes).toEqual([]);
  });
});

describe('the servers of Prometheus', () => {
  const write = (more: object) => ({
    prometheus: { remoteWrite: { url: 'http://p:9090/api/v1/write', ...more } },
  });

  test('have their defaults', async () => {
    const { values } = await open(write({}));
    expect(values.prometheus).toEqual({
      labels: {},
      remoteWrite: { url: 'http://p:9090/api/v1/write', headers: {}, intervalSeconds: 15 },
    });
  });

  test.each([
    [write({ url: 'ftp://p/write' }), 'prometheus.remoteWrite.url" is no http or https address'],
    [write({ url: 'http://me:secret@p/write' }), 'prometheus.remoteWrite.url" holds a user name'],
    [write({ headers: { 'X-Scope': 'a\nb' } }), 'prometheus.remoteWrite.headers.X-Scope" must be plain'],
    [write({ basicAuth: { username: 'a', passwordFile: 'b' } }), 'passwordFile" must be an absolute path'],
    [write({ intervalSeconds: 0 }), 'prometheus.remoteWrite.intervalSeconds" '],
    [{ prometheus: { labels: { node: 'x' } } }, 'is a label that mosview sets itself'],
    [{ prometheus: { labels: { 'a-b': 'x' } } }, 'is no name of a label'],
  ])(
    'are not used where something about them is wrong, and it is said without secrets: %j',
    async (raw, words) => {
      const { values, notices } = await open(raw);
      expect(values.prometheus).toBeUndefined();
      expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
      expect(notices[0]?.message).not.toContain('secret');
    },
  );
});

describe('removing a node', () => {
  test('takes out its entry and nothing else', async () => {
    const broken = { host: 5 };
    const settings = await open({ colour: 'red', nodes: ['root@a', broken, node('b')] });
    expect((await settings.remove('a')).ok).toBe(true);
    expect(await saved()).toEqual({ colour: 'red', nodes: [broken, node('b')] });
    expect(settings.nodes.map((one) => one.name)).toEqual(['b']);
  });

  test('that is not there is not-found', async () => {
    const settings = await open({ nodes: [node('a')] });
    expect(await settings.remove('b')).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  });
});

describe('scheduled reports', () => {
  const night = { name: 'night', every: 'daily', at: '06:00', format: 'pdf', folder: '/srv/reports' };

  test('are read with their defaults; a wrong one is said and kept', async () => {
    const settings = await open({ nodes: [], reports: [night, { ...night, at: '6' }, night] });
    expect(settings.values.reports).toEqual([{ ...night, weekday: 'monday', nodes: [], groups: [] }]);
    expect(noticesOf(settings)).toEqual([
      `${file}: "reports.1.at" must be a time of day such as 06:00; this report is not made`,
      `${file}: "reports.2" is called night as another one; it is not made`,
    ]);
    await settings.setReports([]);
    expect(await saved()).toMatchObject({ reports: [{ at: '6' }] });
  });
});
