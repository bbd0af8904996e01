import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Envelope } from '../../common/contract/bridge.ts';
import type { PushName, PushPayload } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { AttachedWindow, Desk, WindowPlace, WindowPort } from '../desk.ts';
import type { HistoryReader } from '../history/types.ts';
import {
  attachToFolder,
  callRunning,
  openDoor,
  startOrFind,
  type Attached,
  type Door,
  type Succession,
} from './index.ts';
import { dialFolder } from './link.ts';
import type { PlaceOptions } from './place.ts';
import { RemoteDesk } from './remote-desk.ts';
import { streamFrame } from './split.ts';

/** A desk that answers by name and keeps what windows did. */
class ScriptedDesk implements Desk {
  readonly ports = new Set<WindowPort>();
  readonly called: (readonly [string, unknown])[] = [];
  readonly answers = new Map<string, Envelope<unknown>>();

  attach(port: WindowPort): AttachedWindow {
    this.ports.add(port);
    return {
      call: (name, input) => {
        this.called.push([name, input]);
        return Promise.resolve(this.answers.get(name) ?? { value: {} });
      },
      detach: () => this.ports.delete(port),
    };
  }

  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void {
    for (const port of this.ports) port.push(name, payload);
  }
}

/** A window that keeps what it gets. */
class KeepingPort implements WindowPort {
  readonly pushed: unknown[] = [];
  readonly opened: unknown[] = [];

  push(name: PushName, payload: unknown): void {
    this.pushed.push([name, payload]);
  }

  openWindow(place: WindowPlace, title: string): void {
    this.opened.push([place, title]);
  }
}

const VERSION = '1.2.3';
const PROGRAM = {
  version: VERSION,
  host: 'headless',
  demo: false,
  dataFolder: '/data',
  settingsFile: '/data/settings.json',
  nodes: 3,
  notices: [],
  attachedTo: null,
};
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-attach-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SUCCESSION: Succession = { settingsFile: '/data/settings.json' };

/** Another program's door. */
async function open(folder: string, desk: Desk, version = VERSION): Promise<Door> {
  const door = await openDoor({
    dataFolder: folder,
    desk,
    version,
    unattended: true,
    succession: SUCCESSION,
    run: randomUUID(),
  });
  if (!door.ok) throw new Error(door.problem.message);
  ends.push(() => door.value.close());
  return door.value;
}

async function attach(folder: string, goOn: PlaceOptions['goOn'] = inUse): Promise<Attached> {
  const found = await startOrFind(folder, inUse);
  if (!found.ok || !('other' in found.value)) throw new Error('There is no program to attach to');
  const { other } = found.value;
  other.end();
  const options = { dataFolder: folder, version: VERSION, onState: () => undefined, goOn };
  const attached = attachToFolder(options, other.hello);
  ends.push(() => attached.dispose());
  return attached;
}

/** What a start comes to while another program holds the lock. */
function inUse(): Promise<Result<never>> {
  return Promise.resolve(failure(problem('data-folder-in-use', 'Another mosview is writing there')));
}

function window(desk: Desk): { readonly port: KeepingPort; readonly window: AttachedWindow } {
  const port = new KeepingPort();
  const attached = desk.attach(port);
  ends.push(() => attached.detach());
  return { port, window: attached };
}

describe('a window that is attached to a program on the same folder', () => {
  test('has its calls answered there, with problems as they are', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    const locked = problem('locked', 'Changes are locked');
    desk.answers.set('apply', { problem: locked });
    await open(folder, desk);
    const attached = await attach(folder);
    expect(attached.title).toBe(`mosview (collector on ${hostname()})`);
    const { window: one } = window(attached.desk);
    expect(await one.call('watch', { on: true })).toEqual({ value: {} });
    expect(await one.call('apply', { plan: 'p1' })).toEqual({ problem: locked });
    expect(desk.called).toContainEqual(['apply', { plan: 'p1' }]);
  });

  test('gets what the program pushes, arrays and missing numbers as they were', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    await open(folder, desk);
    const { port, window: one } = window((await attach(folder)).desk);
    await one.call('watch', { on: true });
    const totals = { efficiency: NaN, loadPercent: 0, memoryTotal: 0, memoryUsed: 0, cpus: 0, nodesUp: 0 };
    const block = { time: 1000, totals, columns: new Float64Array([1, NaN]) };
    desk.push('block', block);
    await vi.waitFor(() => expect(port.pushed).toContainEqual(['block', block]));
  });

  test('opens the windows that the program asks it to open', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    await open(folder, desk);
    const { port, window: one } = window((await attach(folder)).desk);
    await one.call('openWindow', { view: 'node', key: 'id:5' });
    for (const far of desk.ports) far.openWindow({ view: 'node', key: 'id:5' }, 'n5 (5)');
    await vi.waitFor(() => expect(port.opened).toEqual([[{ view: 'node', key: 'id:5' }, 'n5 (5)']]));
  });

  test('does not see what has not the form of the contract', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    desk.answers.set('node', { value: { info: 'evil' } });
    await open(folder, desk);
    const { port, window: one } = window((await attach(folder)).desk);
    expect(await one.call('node', { key: 'id:5' })).toMatchObject({ problem: { code: 'protocol-error' } });
    desk.push('notice', { problem: { code: 'evil' } } as never);
    desk.push('run', 7 as never);
    desk.push('nodes', { all: true, changed: [], removed: [] });
    await vi.waitFor(() => expect(port.pushed).toEqual([['nodes', { all: true, changed: [], removed: [] }]]));
  });

  test('is told where it is attached, and which versions differ', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    desk.answers.set('program', { value: PROGRAM });
    await open(folder, desk, '9.9.9');
    const { window: one } = window((await attach(folder)).desk);
    const answer = await one.call('program', {});
    expect(answer).toMatchObject({ value: { attachedTo: `collector on ${hostname()}` } });
    expect(JSON.stringify(answer)).toContain('is of version 9.9.9, this window of 1.2.3');
  });

  test('says when the program has ended, and goes on with what it watched when it is back', async () => {
    const folder = dataFolder();
    const first = await open(folder, new ScriptedDesk());
    const { port, window: one } = window((await attach(folder)).desk);
    await one.call('watch', { on: true });
    await one.call('watchProcesses', { key: 'id:5', on: true });
    await one.call('watchProcesses', { key: 'id:6', on: true });
    await one.call('watchProcesses', { key: 'id:6', on: false });
    await first.close();
    await vi.waitFor(() => expect(port.pushed).toContainEqual(['connection', { connected: false }]));
    expect(await one.call('program', {})).toMatchObject({ problem: { code: 'connection-lost' } });
    const desk = new ScriptedDesk();
    await open(folder, desk);
    await vi.waitFor(() => expect(port.pushed).toContainEqual(['connection', { connected: true }]), 5000);
    await vi.waitFor(() =>
      expect(desk.called).toEqual([
        ['watch', { on: true }],
        ['watchProcesses', { key: 'id:5', on: true }],
      ]),
    );
  });

  test('leaves the program when it is closed', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    await open(folder, desk);
    const attached = await attach(folder);
    const { window: one } = window(attached.desk);
    await one.call('program', {});
    expect(desk.ports.size).toBe(2);
    one.detach();
    await attached.dispose();
    await vi.waitFor(() => expect(desk.ports.size).toBe(0));
  });
});

describe('the place of a program that has ended', () => {
  /** Starts programs of this one's own, whose desk is scripted; `tries` are what it was asked to go on as. */
  function successors(
    folder: string,
    desk: Desk,
  ): { readonly goOn: PlaceOptions['goOn']; tries: Succession[] } {
    const tries: Succession[] = [];
    const goOn: PlaceOptions['goOn'] = async (succession) => {
      tries.push(succession);
      const door = await openDoor({ dataFolder: folder, desk, version: VERSION, unattended: false });
      if (!door.ok) throw new Error(door.problem.message);
      return success({ dispose: () => door.value.close() });
    };
    return { goOn, tries };
  }

  test('is taken once for all windows, which go on there with what they watched', async () => {
    const folder = dataFolder();
    const first = await open(folder, new ScriptedDesk());
    const desk = new ScriptedDesk();
    desk.answers.set('program', { value: PROGRAM });
    const { goOn, tries } = successors(folder, desk);
    const attached = await attach(folder, goOn);
    const windows = [window(attached.desk), window(attached.desk), window(attached.desk)];
    for (const { window: one } of windows) await one.call('watch', { on: true });
    await first.close();
    await vi.waitFor(() => expect(desk.called.filter(([name]) => name === 'watch')).toHaveLength(3), 5000);
    expect(tries).toEqual([SUCCESSION]);
    const [program] = await Promise.all(windows.map(({ window: one }) => one.call('program', {})));
    expect(program).toMatchObject({ value: { attachedTo: null } });
    const words = `The collector on ${hostname()} has ended. This mosview records now`;
    expect(JSON.stringify(program)).toContain(words);
    for (const { port } of windows) expect(JSON.stringify(port.pushed)).toContain(words);
  });

  test('is left to another program that takes it first', async () => {
    const folder = dataFolder();
    const first = await open(folder, new ScriptedDesk());
    let tries = 0;
    const attached = await attach(folder, () => {
      tries += 1;
      if (tries === 3) void open(folder, new ScriptedDesk());
      return inUse();
    });
    const { port, window: one } = window(attached.desk);
    await one.call('watch', { on: true });
    await first.close();
    await vi.waitFor(() => expect(JSON.stringify(port.pushed)).toContain('another one records now'), 5000);
  });

  test('is not taken where that fails, which is said; it is tried again', async () => {
    const folder = dataFolder();
    const first = await open(folder, new ScriptedDesk());
    const desk = new ScriptedDesk();
    const { goOn } = successors(folder, desk);
    const full = problem('disk-full', 'There is no room to write');
    let isFull = true;
    const attached = await attach(folder, (succession) =>
      isFull ? Promise.resolve(failure(full)) : goOn(succession),
    );
    const { port, window: one } = window(attached.desk);
    await one.call('watch', { on: true });
    await first.close();
    await vi.waitFor(() => expect(port.pushed).toContainEqual(['notice', { problem: full }]), 5000);
    isFull = false;
    await vi.waitFor(() => expect(desk.called).toContainEqual(['watch', { on: true }]), 5000);
  });

  test('is left with the windows, and is not taken any more then', async () => {
    const folder = dataFolder();
    const first = await open(folder, new ScriptedDesk());
    const desk = new ScriptedDesk();
    desk.answers.set('lock', { value: { unlockedUntil: null, running: [] } });
    const { goOn, tries } = successors(folder, desk);
    const attached = await attach(folder, goOn);
    window(attached.desk);
    await first.close();
    await vi.waitFor(
      async () => expect(await callRunning(folder, 'lock', {})).toMatchObject({ ok: true }),
      5000,
    );
    await attached.dispose();
    expect(await callRunning(folder, 'lock', {})).toMatchObject({ problem: { code: 'not-found' } });
    expect(tries).toHaveLength(1);
  });
});

describe('the door of a data folder', () => {
  test('is for its owner alone', async () => {
    const folder = dataFolder();
    await open(folder, new ScriptedDesk());
    expect(statSync(join(folder, 'mosview.sock')).mode & 0o777).toBe(0o600);
  });

  test('is not opened in a folder that others may enter', async () => {
    const folder = dataFolder();
    chmodSync(folder, 0o755);
    const door = await openDoor({
      dataFolder: folder,
      desk: new ScriptedDesk(),
      version: VERSION,
      unattended: true,
    });
    expect(door).toMatchObject({ ok: false, problem: { code: 'permission-denied' } });
    const found = await startOrFind(folder, inUse);
    expect(found).toMatchObject({ ok: false, problem: { code: 'data-folder-in-use' } });
    expect(!found.ok && found.problem.message).toContain(`others may enter ${folder}: chmod 700 it`);
  }, 20_000);

  test('is not opened where its path is too long, which is said', async () => {
    const folder = join(dataFolder(), 'x'.repeat(100));
    mkdirSync(folder, { mode: 0o700 });
    const door = await openDoor({
      dataFolder: folder,
      desk: new ScriptedDesk(),
      version: VERSION,
      unattended: true,
    });
    expect(door).toMatchObject({ ok: false, problem: { code: 'not-available' } });
  });

  test('opens over what a killed program has left', async () => {
    const folder = dataFolder();
    writeFileSync(join(folder, 'mosview.sock'), '');
    const desk = new ScriptedDesk();
    desk.answers.set('lock', { value: { unlockedUntil: null, running: [] } });
    await open(folder, desk);
    expect(await callRunning(folder, 'lock', {})).toMatchObject({ ok: true });
  });

  test('throws out who sends no calls', async () => {
    const folder = dataFolder();
    await open(folder, new ScriptedDesk());
    for (const bytes of [
      streamFrame({ no: 'call' }),
      Buffer.alloc(8, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ]) {
      const socket = connect(join(folder, 'mosview.sock'));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume().write(bytes);
      await closed;
    }
  });
});

describe('a command that has the running program do something', () => {
  test('gets its answer', async () => {
    const folder = dataFolder();
    const desk = new ScriptedDesk();
    desk.answers.set('program', { value: PROGRAM });
    await open(folder, desk);
    expect(await callRunning(folder, 'program', {})).toEqual(success(PROGRAM));
  });

  test('is told when none is running', async () => {
    expect(await callRunning(dataFolder(), 'program', {})).toMatchObject({
      ok: false,
      problem: { code: 'not-found' },
    });
  });

  test.each([
    [
      'of another protocol',
      { mosview: { protocol: 99, version: '9', host: 'head', unattended: true } },
      /newer/,
    ],
    ['that is no mosview', { hello: 'world' }, /no mosview/],
  ])('is told of a program %s', async (_name, hello, words) => {
    const folder = dataFolder();
    const server = createServer((socket) => socket.end(streamFrame(hello)));
    await new Promise<void>((resolve) => {
      server.listen(join(folder, 'mosview.sock'), resolve);
    });
    ends.push(() => server.close());
    const answer = await callRunning(folder, 'program', {});
    expect(answer.ok ? '' : answer.problem.message).toMatch(words);
  });
});

describe('what this machine adds', () => {
  const question = {
    kind: 'host-key',
    name: 'head',
    address: 'head:22',
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:x',
    command: 'ssh-keygen -l',
  } as const;

  test('is its own questions on the way, beside those of the program, each answered where it belongs', async () => {
    const folder = dataFolder();
    const far = new ScriptedDesk();
    await open(folder, far);
    const asked: Promise<readonly string[] | null>[] = [];
    const desk = new RemoteDesk({
      version: VERSION,
      makeDial: (prompter) => {
        asked.push(prompter.ask(question, new AbortController().signal));
        return dialFolder(folder);
      },
      onState: () => undefined,
    });
    ends.push(() => desk.close());
    const { port, window: one } = window(desk);
    await one.call('watch', { on: true });
    far.push('prompts', { prompts: [{ ...question, id: '1', name: 'n1' }] });
    const both = {
      prompts: [
        { ...question, id: 'here:1' },
        { ...question, id: '1', name: 'n1' },
      ],
    };
    await vi.waitFor(() => expect(port.pushed.at(-1)).toEqual(['prompts', both]));
    await one.call('answerPrompt', { id: 'here:1', answer: ['yes'] });
    expect(await asked[0]).toEqual(['yes']);
    await one.call('answerPrompt', { id: '1', answer: null });
    expect(far.called.filter(([name]) => name === 'answerPrompt')).toEqual([
      ['answerPrompt', { id: '1', answer: null }],
    ]);
  });

  test('is the past that only this machine recorded', async () => {
    const folder = dataFolder();
    const far = new ScriptedDesk();
    far.answers.set('recorded', {
      value: { nodes: [{ key: 'id:1', id: 1, name: 'n1' }], from: 5000, to: 9000 },
    });
    await open(folder, far);
    const own = { nodes: [{ key: 'id:2', id: 2, name: 'n2' }], from: 1000, to: 6000 };
    const ownHistory: HistoryReader = {
      ask: (name) =>
        Promise.resolve(
          name === 'recorded' ? success(own as never) : failure(problem('not-available', 'not kept')),
        ),
      close: () => Promise.resolve(),
    };
    const makeDial = () => dialFolder(folder);
    const desk = new RemoteDesk({ version: VERSION, makeDial, ownHistory, onState: () => undefined });
    ends.push(() => desk.close());
    const { window: one } = window(desk);
    expect(await one.call('recorded', {})).toMatchObject({ value: { from: 1000, to: 9000 } });
  });
});
