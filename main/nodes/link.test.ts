import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { METRIC_INDEX } from '../../common/model/metric.ts';
import { failure } from '../../common/model/result.ts';
import { CONNECTED, SAMPLER, ScriptedSession } from '../../test/harness/scripted-session.ts';
import { NodeLink } from './link.ts';

const LOST = problem('connection-lost', 'the connection to node5 was lost');

let session: ScriptedSession;
let link: NodeLink;
let changes: number;

beforeEach(() => {
  vi.useFakeTimers();
  session = new ScriptedSession();
  changes = 0;
});

afterEach(async () => {
  await link.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function settle(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

async function open(entry: Partial<NodeEntry> = {}): Promise<void> {
  link = new NodeLink({ name: 'node5', host: 'node5', ...entry }, session, SAMPLER, () => {
    changes += 1;
  });
  await settle();
}

/** A link that samples and has had the answer to its first tick. */
async function openAndSample(): Promise<void> {
  await open();
  session.channel.greet(5);
  session.channel.answer('nodes 5 47 3');
}

function problemCode(): string | undefined {
  const { connection } = link;
  return connection.kind === 'waiting' ? connection.problem.code : undefined;
}

function tick(mode: 'own' | 'all' = 'own'): void {
  link.tick(mode, Date.now());
}

describe('starting', () => {
  test('sends nonce, root and the sampler over a shell that is already there', async () => {
    await open();
    expect(session.commands).toEqual(['exec /bin/sh -s']);
    expect(session.channel.written).toMatch(/^nonce=[0-9a-f]{18} root=\/proc\n# the sampler\n$/);
  });

  test('looks in the root folder of the settings', async () => {
    await open({ root: '/srv/cluster/hpc' });
    expect(session.channel.written).toContain(' root=/srv/cluster/hpc\n');
  });

  test('waits until the session is up', async () => {
    session.state = { kind: 'queued' };
    await open();
    expect(session.channels).toEqual([]);
    expect(link.connection).toEqual({ kind: 'queued' });
    session.become(CONNECTED);
    await settle();
    expect(session.channels).toHaveLength(1);
    expect(link.connection).toEqual(CONNECTED);
  });

  test('shows what the node is once the sampler greets, and asks for the first sample at once', async () => {
    await open();
    expect(link.sampling).toBe(false);
    const before = changes;
    session.channel.greet(5);
    expect(link).toMatchObject({
      sampling: true,
      dialect: 'openmosix',
      selfId: 5,
      system: 'Linux 2.4.26-om1',
    });
    expect(changes).toBeGreaterThan(before);
    expect(session.channel.ticks).toEqual(['own 1']);
  });

  test('notes in the log when openMosix is switched off there', async () => {
    await open();
    session.channel.greet(0);
    expect(link.selfId).toBeUndefined();
    expect(link.events.at(-1)?.text).toContain('switched off there (mospe)');
  });

  test('accepts a banner before the greeting', async () => {
    await open();
    session.channel.say('Welcome to node5!\r\n');
    session.channel.greet(5);
    expect(link.sampling).toBe(true);
  });
});

describe('sampling', () => {
  beforeEach(openAndSample);

  test('keeps the latest reading with the moment it came', async () => {
    await settle(1000);
    tick('all');
    session.channel.answer('nodes 5 60 3', 'nodes 9 10 3');
    expect(link.reading?.time).toBe(Date.now());
    expect(link.reading?.own[METRIC_INDEX.load]).toBe(60);
    expect([...(link.reading?.views?.keys() ?? [])]).toEqual([5, 9]);
  });

  test('asks for the mode that the tick wants', () => {
    tick('all');
    expect(session.channel.ticks.at(-1)).toBe('all 2');
  });

  test('asks for the processes that migrate in every tick, where the node tells of them', async () => {
    session.channel.handlers.onClose({ code: 0, signal: undefined });
    await settle(1000);
    session.channel.say(
      `mosview 1 ${session.channel.nonce}\nmeta dialect openmosix\nmeta self 5\nkeyed away where:node migrations:count started:ticks\n` +
        'keyed guests home:node homepid:pid started:ticks\ntexts commands\nready\n',
    );
    expect(session.channel.ticks).toEqual(['own 2 places']);
    session.channel.answer('away 812 9 1 4711', 'commands 812 povray');
    expect(link.reading?.places?.away).toMatchObject([{ pid: 812, where: 9, command: 'povray' }]);
  });

  test('has at most one tick under way, so that a slow node is never flooded', async () => {
    for (let second = 0; second < 9; second += 1) {
      tick();
      await settle(1000);
    }
    expect(session.channel.ticks).toEqual(['own 1', 'own 2']);
    session.channel.answer('nodes 5 47 3');
    tick();
    expect(session.channel.ticks.at(-1)).toBe('own 3');
  });

  test('takes a frame that was not asked for as none', () => {
    const { reading } = link;
    session.channel.say('nodes 5 900 3\nend 77\n');
    expect(link.reading).toBe(reading);
  });

  test('keeps the last reading when the connection is lost', () => {
    session.become({ kind: 'waiting', problem: LOST, retryAt: 0 });
    expect(link.sampling).toBe(false);
    expect(link.reading?.own[METRIC_INDEX.load]).toBe(47);
    expect(link.connection).toMatchObject({ kind: 'waiting', problem: LOST });
  });

  test('asks nothing while the connection is lost, and starts anew when it is back', async () => {
    const before = session.channel;
    session.become({ kind: 'waiting', problem: LOST, retryAt: 0 });
    tick();
    expect(before.ticks).toEqual(['own 1']);
    session.become(CONNECTED);
    await settle();
    expect(session.channels).toHaveLength(2);
  });
});

describe('a node that freezes', () => {
  beforeEach(openAndSample);

  test('is given 10 seconds; then its channel is closed and the timeout said', async () => {
    tick();
    await settle(10_000);
    tick();
    expect(session.channel.closed).toBe(false);
    await settle(1);
    tick();
    expect(session.channel.closed).toBe(true);
    expect(link.sampling).toBe(false);
    expect(problemCode()).toBe('timeout');
  });

  test('is noticed though the clock was set back in the meantime', async () => {
    tick();
    vi.setSystemTime(Date.now() - 3_600_000);
    tick();
    await settle(1000);
    tick();
    expect(problemCode()).toBe('timeout');
  });

  test('gets a new sampler a second later; what the old one still says is ignored', async () => {
    const old = session.channel;
    tick();
    await settle(10_001);
    tick();
    await settle(1000);
    expect(session.channels).toHaveLength(2);
    session.channel.greet(5);
    session.channel.answer('nodes 5 10 3');
    old.say('nodes 5 999 3\nend 2\nend 3\n');
    old.handlers.onClose({ code: 0, signal: undefined });
    expect(link.sampling).toBe(true);
    expect(link.reading?.own[METRIC_INDEX.load]).toBe(10);
    expect(link.connection).toEqual(CONNECTED);
  });
});

describe('a sampler that does not start', () => {
  test('because the shell ended is no-shell, with its words', async () => {
    await open();
    session.channel.say('This account is currently not available.\n');
    session.channel.handlers.onErrorData(Buffer.from('no shell for you\n'));
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    expect(problemCode()).toBe('no-shell');
    const detail = link.connection.kind === 'waiting' ? link.connection.problem.detail : '';
    expect(detail).toContain('no shell for you');
    expect(detail).toContain('This account is currently not available.');
  });

  test('within 20 seconds is no-shell, with what came instead', async () => {
    await open();
    session.channel.say('Press RETURN to go on: ');
    await settle(19_999);
    expect(link.connection).toEqual(CONNECTED);
    await settle(1);
    expect(session.channel.closed).toBe(true);
    expect(link.connection).toMatchObject({
      problem: { code: 'no-shell', detail: expect.stringContaining('Press RETURN') as string },
    });
  });

  test('because there is neither openMosix nor a /proc is not-a-cluster-node', async () => {
    await open();
    session.channel.say(`mosview 1 ${session.channel.nonce}\nmeta dialect none\nready\n`);
    expect(session.channel.closed).toBe(true);
    expect(problemCode()).toBe('not-a-cluster-node');
    expect(link.dialect).toBeUndefined();
  });

  test('because no channel opens shows the problem of the session', async () => {
    session.refusal = failure(problem('no-shell', 'the server opens no channel'));
    await open();
    expect(problemCode()).toBe('no-shell');
  });

  test('because it speaks before its channel is announced and is no sampler is said once it is open', async () => {
    session.holdOpening = true;
    await open();
    session.channel.say('x'.repeat(100).concat('\n').repeat(1000));
    session.release();
    await settle();
    expect(problemCode()).toBe('protocol-error');
    expect(session.channel.closed).toBe(true);
  });
});

describe('a sampler that sends garbage or ends', () => {
  test('is a protocol-error and closed', async () => {
    await openAndSample();
    session.channel.say('9'.repeat(10_000));
    expect(problemCode()).toBe('protocol-error');
    expect(session.channel.closed).toBe(true);
  });

  test('after it sampled is connection-lost', async () => {
    await openAndSample();
    session.channel.handlers.onClose({ code: undefined, signal: 'TERM' });
    expect(problemCode()).toBe('connection-lost');
  });

  test('is started again after 1, 2, 5, 10 and then every 30 seconds', async () => {
    await open();
    for (const seconds of [1, 2, 5, 10, 30, 30]) {
      const before = session.channels.length;
      session.channel.handlers.onClose({ code: 1, signal: undefined });
      expect(link.connection).toMatchObject({ kind: 'waiting', retryAt: Date.now() + seconds * 1000 });
      await settle(seconds * 1000 - 1);
      expect(session.channels).toHaveLength(before);
      await settle(1);
      expect(session.channels).toHaveLength(before + 1);
    }
  });

  test('is started again quickly once it has sampled', async () => {
    await open();
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    await settle(1000);
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    await settle(2000);
    session.channel.greet(5);
    session.channel.answer('nodes 5 47 3');
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    expect(link.connection).toMatchObject({ retryAt: Date.now() + 1000 });
  });

  test('is said in the log with the time of the next try, and the log keeps its last 100 lines', async () => {
    await open();
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    expect(link.events.at(-1)?.text).toMatch(/^node5: the login shell ended .*; again in 1 s$/);
    for (let round = 0; round < 150; round += 1) {
      await settle(30_000);
      session.channel.handlers.onClose({ code: 1, signal: undefined });
    }
    expect(link.events).toHaveLength(100);
  });

  test('waits no more when the session itself is lost', async () => {
    await openAndSample();
    session.channel.handlers.onClose({ code: undefined, signal: undefined });
    session.become({ kind: 'waiting', problem: LOST, retryAt: 99 });
    expect(link.connection).toEqual({ kind: 'waiting', problem: LOST, retryAt: 99 });
    await settle(60_000);
    expect(session.channels).toHaveLength(1);
  });
});

describe('reconnecting by hand', () => {
  test('starts a waiting sampler at once, and the delay begins anew', async () => {
    await open();
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    await settle(1000);
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    link.reconnect();
    await settle();
    expect(session.channels).toHaveLength(3);
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    expect(link.connection).toMatchObject({ retryAt: Date.now() + 1000 });
  });

  test('makes the session try again where that is what failed', async () => {
    session.state = { kind: 'failed', problem: problem('authentication-failed', 'no') };
    await open();
    link.reconnect();
    expect(session.reconnects).toBe(1);
    expect(session.channels).toEqual([]);
  });

  test('leaves a sampler alone that works', async () => {
    await openAndSample();
    link.reconnect();
    await settle();
    expect(session.channels).toHaveLength(1);
  });
});

describe('a session that comes back while the channel before is still opening', () => {
  test('gets a sampler at once, and the late channel is closed', async () => {
    session.holdOpening = true;
    await open();
    const late = session.channel;
    session.become({ kind: 'waiting', problem: LOST, retryAt: 0 });
    session.holdOpening = false;
    session.become(CONNECTED);
    await settle();
    expect(session.channels).toHaveLength(2);
    session.release();
    await settle();
    expect(late.closed).toBe(true);
    session.channel.greet(5);
    expect(link.sampling).toBe(true);
  });
});

describe('closing', () => {
  test('ends channel and session, and nothing starts again', async () => {
    await openAndSample();
    const { channel } = session;
    await link.close();
    channel.handlers.onClose({ code: undefined, signal: undefined });
    tick();
    link.reconnect();
    await settle(60_000);
    expect(channel.closed).toBe(true);
    expect(session.closed).toBe(true);
    expect(session.listeners.size).toBe(0);
    expect(session.channels).toHaveLength(1);
    expect(session.reconnects).toBe(0);
  });

  test('closes a channel that opens only afterwards', async () => {
    session.holdOpening = true;
    await open();
    const { channel } = session;
    await link.close();
    session.release();
    await settle();
    expect(channel.closed).toBe(true);
    expect(channel.written).toBe('');
  });

  test('ends a waiting for the next try', async () => {
    await open();
    session.channel.handlers.onClose({ code: 1, signal: undefined });
    await link.close();
    await settle(60_000);
    expect(session.channels).toHaveLength(1);
  });
});

describe('on MattX', () => {
  async function openAsMattx(self: number): Promise<void> {
    await open();
    session.channel.greetAsMattx(self);
    session.channel.answer(`mattx ${self} 0 1000 429 1`);
  }

  const log = (): string => link.events.map((event) => event.text).join('\n');

  test('the folder of its files and its version are known', async () => {
    await openAsMattx(785);
    expect(link).toMatchObject({ dialect: 'mattx', version: '1.7', selfId: 785, root: '/proc/mattx' });
  });

  test('a node that joins a cluster, and one that gets another id, is followed and the log says so', async () => {
    await openAsMattx(0);
    expect(link.selfId).toBeUndefined();
    expect(log()).toContain('sampling as mattx, which is loaded there and in no cluster');
    const before = changes;
    tick();
    session.channel.answer('mattx 785 0 1000 429 1');
    expect(link.selfId).toBe(785);
    expect(changes).toBe(before + 1);
    tick();
    session.channel.answer('mattx 901 0 1000 429 1');
    expect(link.selfId).toBe(901);
    expect(log()).toContain('it has another id now: sampling as mattx node 901');
    expect(session.channels).toHaveLength(1);
  });

  test('a sampler that the balancer took away has a successor within 10 seconds', async () => {
    await openAsMattx(785);
    tick();
    for (let second = 0; second < 8; second += 1) {
      await settle(1000);
      tick();
    }
    expect(session.channels).toHaveLength(2);
    expect(log()).toContain('node5 has not answered for 6 s; again in 1 s');
  });
});
