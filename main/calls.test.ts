import { beforeEach, describe, expect, test } from 'vitest';
import { COLUMN_COUNT } from '../common/contract/block.ts';
import { calls, type CallName, type PushName, type Prompt } from '../common/contract/contract.ts';
import { problem } from '../common/contract/problem.ts';
import { clusterTotals } from '../common/model/cluster.ts';
import type { NodeInfo } from '../common/model/node.ts';
import { failure, success } from '../common/model/result.ts';
import { CallDesk, type Handlers } from './calls.ts';
import type { Second } from './cluster/cluster.ts';
import type { AttachedWindow, WindowPort } from './desk.ts';

function nodeInfo(slot: number, more: Partial<NodeInfo> = {}): NodeInfo {
  return {
    slot,
    key: `id:${slot + 1}`,
    id: slot + 1,
    name: `node${slot + 1}`,
    target: '',
    dialect: 'openmosix',
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
    ...more,
  };
}

function second(changed: readonly NodeInfo[] = [], removed: readonly number[] = []): Second {
  const slots = infos.length;
  const columns = new Float64Array(COLUMN_COUNT * slots);
  return { time: 1000, totals: clusterTotals([]), columns, slots, changed, removed };
}

const PROMPT: Prompt = {
  kind: 'secret',
  id: '1',
  name: 'root@node3:22',
  title: 'Password',
  instruction: '',
  fields: [{ label: 'Password:', echo: false }],
};

/** A window that keeps what is pushed to it. */
class TestWindow implements WindowPort {
  readonly pushes: { readonly name: PushName; readonly payload: unknown }[] = [];
  readonly #attached: AttachedWindow;

  constructor() {
    this.#attached = desk.attach(this);
  }

  push(name: PushName, payload: unknown): void {
    this.pushes.push({ name, payload });
  }

  openWindow(): void {
    throw new Error('No window is asked for');
  }

  call(name: string, input: unknown = {}): ReturnType<AttachedWindow['call']> {
    return this.#attached.call(name, input);
  }

  detach(): void {
    this.#attached.detach();
  }

  /** The names of the pushes since the last look. */
  news(): readonly string[] {
    return this.pushes.splice(0).map((one) => one.name);
  }
}

let infos: NodeInfo[];
let prompts: Prompt[];
let handled: unknown[];
let desk: CallDesk;

beforeEach(() => {
  infos = [nodeInfo(0), nodeInfo(1)];
  prompts = [];
  handled = [];
  const untaken = (): never => {
    throw new Error('the handler broke');
  };
  const handlers = Object.fromEntries(Object.keys(calls).map((name) => [name, untaken])) as never as Handlers;
  desk = new CallDesk({
    handlers: {
      ...handlers,
      watch: ({ on }, caller) => {
        caller.watch(on);
        return success({});
      },
      addNode: async (input) => {
        handled.push(input);
        return success({ name: 'node9' });
      },
      reconnect: () => failure(problem('not-found', 'There is no such node')),
    },
    infos: () => infos,
    prompts: () => prompts,
  });
});

describe('a call', () => {
  test('reaches its handler with the checked input and brings back its value', async () => {
    const answer = await new TestWindow().call('addNode', { target: 'root@node9' });
    expect(answer).toEqual({ value: { name: 'node9' } });
    expect(handled).toEqual([{ target: 'root@node9' }]);
  });

  test('that ends with a problem brings that back', async () => {
    expect(await new TestWindow().call('reconnect', { key: 'id:5' })).toMatchObject({
      problem: { code: 'not-found' },
    });
  });

  test.each(['', 'reboot', '__proto__', 'toString', 'x'.repeat(10_000)])(
    'that the contract does not have ("%.20s") is bad input',
    async (name) => {
      const answer = await new TestWindow().call(name);
      expect(answer).toMatchObject({ problem: { code: 'bad-input' } });
    },
  );

  test.each<[CallName, unknown, string]>([
    ['addNode', {}, 'addNode.target'],
    ['addNode', { target: 5 }, 'addNode.target'],
    ['addNode', { target: 'x'.repeat(601) }, 'addNode.target'],
    ['addNode', { target: 'x', more: 1 }, 'addNode'],
    ['addNode', null, 'addNode'],
    ['history', { keys: ['id:1'], metrics: ['toString'], from: 0, to: 1, pixels: 9 }, 'history.metrics.0'],
    ['history', { keys: ['id:1'], metrics: ['load'], from: 0, to: 1, pixels: 1e9 }, 'history.pixels'],
    ['history', { keys: ['id:1'], metrics: ['load'], from: NaN, to: 1, pixels: 9 }, 'history.from'],
    ['addNodes', { entries: [{ name: 'a', host: '-oProxyCommand=x' }] }, 'addNodes.entries.0.host'],
  ])(
    'with input that the contract does not allow never reaches a handler: %s %o',
    async (name, input, place) => {
      const answer = await new TestWindow().call(name, input);
      expect(answer).toMatchObject({ problem: { code: 'bad-input' } });
      expect('problem' in answer && answer.problem.message).toMatch(new RegExp(`^${place}: `));
      expect(handled).toEqual([]);
    },
  );

  test('whose handler breaks is an internal error with the place in the detail; the desk goes on', async () => {
    const window = new TestWindow();
    expect(await window.call('program')).toMatchObject({
      problem: { code: 'internal-error', detail: expect.stringContaining('the handler broke') as string },
    });
    expect(await window.call('watch', { on: true })).toEqual({ value: {} });
  });
});

describe('a window that watches', () => {
  test('gets nothing before it asks, and after it has turned the flow off', async () => {
    const window = new TestWindow();
    desk.pushSecond(second());
    expect(window.news()).toEqual([]);
    await window.call('watch', { on: true });
    await window.call('watch', { on: false });
    window.news();
    desk.pushSecond(second([nodeInfo(0)]));
    expect(window.news()).toEqual([]);
  });

  test('gets the open questions, every row and the latest block at once, not a second later', async () => {
    desk.pushSecond(second());
    const window = new TestWindow();
    await window.call('watch', { on: true });
    expect(window.pushes).toMatchObject([
      { name: 'prompts', payload: { prompts: [] } },
      { name: 'nodes', payload: { all: true, changed: infos, removed: [] } },
      { name: 'block', payload: { time: 1000 } },
    ]);
  });

  test('gets every row with the first second where there was none before', async () => {
    const window = new TestWindow();
    await window.call('watch', { on: true });
    expect(window.news()).toEqual(['prompts']);
    desk.pushSecond(second([nodeInfo(1)]));
    expect(window.pushes[0]?.payload).toMatchObject({ all: true, changed: infos });
  });

  test('then gets only rows that changed or went, and no rows where none did', async () => {
    const window = new TestWindow();
    await window.call('watch', { on: true });
    desk.pushSecond(second());
    window.news();
    desk.pushSecond(second());
    expect(window.news()).toEqual(['block']);
    const changed = nodeInfo(1, { reason: 'it does not answer' });
    desk.pushSecond(second([changed], [0]));
    expect(window.pushes[0]).toEqual({
      name: 'nodes',
      payload: { all: false, changed: [changed], removed: [0] },
    });
  });

  test('that was hidden for a while gets everything anew', async () => {
    const window = new TestWindow();
    await window.call('watch', { on: true });
    desk.pushSecond(second());
    await window.call('watch', { on: false });
    infos = [nodeInfo(1)];
    desk.pushSecond(second([], [0]));
    window.news();
    await window.call('watch', { on: true });
    expect(window.pushes[1]?.payload).toMatchObject({ all: true, changed: infos });
  });

  test('gets nothing any more once it is gone', async () => {
    const window = new TestWindow();
    await window.call('watch', { on: true });
    window.news();
    window.detach();
    desk.pushSecond(second());
    desk.pushAll('notice', { problem: problem('disk-full', 'The disk is full') });
    expect(window.news()).toEqual([]);
  });
});

describe('every window', () => {
  test('gets the questions now open when it begins to watch, and each time they change', async () => {
    prompts = [PROMPT];
    const late = new TestWindow();
    expect(late.pushes).toEqual([]);
    await late.call('watch', { on: true });
    expect(late.pushes).toEqual([{ name: 'prompts', payload: { prompts: [PROMPT] } }]);
    desk.pushAll('prompts', { prompts: [] });
    expect(late.pushes.at(-1)).toEqual({ name: 'prompts', payload: { prompts: [] } });
  });

  test('gets notices, whether it watches or not', () => {
    const windows = [new TestWindow(), new TestWindow()];
    const notice = problem('disk-full', 'The disk is full');
    desk.pushAll('notice', { problem: notice });
    for (const window of windows) {
      expect(window.pushes).toEqual([{ name: 'notice', payload: { problem: notice } }]);
    }
  });
});
