/** The calls about agents: what is refused before anything is looked at or done. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PushName } from '../common/contract/contract.ts';
import { valueOf } from '../test/harness/value-of.ts';
import type { Caller } from './calls.ts';
import { enrolHandlers, type EnrolServices } from './enrol-handlers.ts';
import { readAudit } from './headless/audit.ts';

const RESOURCES = resolve(import.meta.dirname, '../resources');

let folder: string;
let unlockedUntil: number | null;
let pushed: PushName[];
let told: () => void;
let handlers: ReturnType<typeof enrolHandlers>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-enrol-'));
  mkdirSync(join(folder, 'out/agent'), { recursive: true });
  writeFileSync(join(folder, 'out/agent/mosview-agent.mjs'), 'agent');
  cpSync(RESOURCES, join(folder, 'resources'), { recursive: true });
  unlockedUntil = null;
  pushed = [];
  told = () => undefined;
  const link = { entry: { name: 'n1', host: 'n1' }, connection: { kind: 'queued' } };
  const services = {
    dataFolder: folder,
    resourcesFolder: join(folder, 'resources'),
    monitor: {
      cluster: { links: new Set([link]), linkOf: (key: string) => (key === 'host:n1' ? link : undefined) },
    },
    control: { state: () => ({ unlockedUntil, running: [] }) },
    desk: {
      pushAll: (name: PushName) => {
        pushed.push(name);
        told();
      },
    },
    isOfDemo: () => false,
    onProblem: ({ message }: { readonly message: string }) => expect.fail(message),
  };
  handlers = enrolHandlers(() => services as unknown as EnrolServices);
});
afterEach(() => rmSync(folder, { recursive: true }));

const caller = {} as Caller;
const plan = async () => handlers.agentPlan({ kind: 'install', keys: ['host:n1'] }, caller);

test('a node without an entry is not found', async () => {
  expect(await handlers.agentPlan({ kind: 'install', keys: ['id:9'] }, caller)).toMatchObject({
    problem: { code: 'not-found' },
  });
});

test('a node that is not connected is in the plan with the reason', async () => {
  expect(valueOf(await plan()).plan.nodes).toMatchObject([{ name: 'n1', refusal: 'n1 is not connected.' }]);
});

test('nothing is carried out while changes are locked', async () => {
  const { number } = valueOf(await plan());
  expect(await handlers.agentInstall({ number }, caller)).toMatchObject({ problem: { code: 'locked' } });
});

test('only the latest plan is carried out, once, and both ends are in the audit log', async () => {
  unlockedUntil = Date.now() + 60_000;
  const [older, newer] = [valueOf(await plan()), valueOf(await plan())];
  expect(await handlers.agentInstall({ number: older.number }, caller)).toMatchObject({
    problem: { code: 'not-found' },
  });
  const ended = new Promise<void>((done) => {
    told = () => {
      if (pushed.at(-1) === 'agentOutcome') done();
    };
  });
  valueOf(await handlers.agentInstall({ number: newer.number }, caller));
  expect(await handlers.agentInstall({ number: newer.number }, caller)).toMatchObject({
    problem: { code: 'not-found' },
  });
  await ended;
  expect(pushed).toEqual(['agentProgress', 'agentOutcome']);
  expect(valueOf(readAudit(folder, 10, () => undefined)).entries.map(({ kind }) => kind)).toEqual([
    'agent',
    'agent',
  ]);
});
