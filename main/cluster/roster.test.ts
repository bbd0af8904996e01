import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { SAMPLER, ScriptedSession } from '../../test/harness/scripted-session.ts';
import { NodeLink } from '../nodes/link.ts';
import { Roster } from './roster.ts';

let roster: Roster;
let links: NodeLink[];

beforeEach(() => {
  vi.useFakeTimers();
  roster = new Roster();
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.close()));
  vi.useRealTimers();
});

/** A node of the settings that has not said anything yet. */
function link(name: string, entry: Partial<NodeEntry> = {}): NodeLink {
  const made = new NodeLink({ name, host: name, ...entry }, new ScriptedSession(), SAMPLER, () => undefined);
  links.push(made);
  return made;
}

/** A node of the settings that says what it is. */
async function said(node: NodeLink, id: number | 'linux'): Promise<NodeLink> {
  await vi.advanceTimersByTimeAsync(0);
  const { channel } = node.session as ScriptedSession;
  if (id === 'linux') channel.greetAsLinux();
  else channel.greet(id);
  return node;
}

/** The rows that are shown, in slot order: key, id, name. */
function rows(): readonly string[] {
  return roster.seats
    .filter((seat) => !seat.removed)
    .map((seat) => `${seat.key} #${seat.id} ${seat.name}${seat.link === undefined ? ' (seen only)' : ''}`);
}

function seat(node: NodeLink): string {
  return roster.seatLink(node, node.selfId);
}

describe('a node of the settings', () => {
  test('has a row under its name from the start, with the lowest free id', () => {
    seat(link('alpha'));
    seat(link('beta'));
    expect(rows()).toEqual(['host:alpha #1 alpha', 'host:beta #2 beta']);
  });

  test('has the id that the settings wish for it, where that is free', () => {
    seat(link('alpha', { id: 40_000 }));
    seat(link('beta', { id: 40_000 }));
    expect(rows()).toEqual(['host:alpha #40000 alpha', 'host:beta #1 beta']);
  });

  test("has its cluster's id as soon as it says it; its slot is a new one, and the old one stays empty", async () => {
    const node = link('alpha');
    seat(node);
    seat(await said(node, 65_535));
    expect(rows()).toEqual(['id:65535 #65535 alpha']);
    expect(roster.seats.map((one) => [one.slot, one.removed])).toEqual([
      [0, true],
      [1, false],
    ]);
    expect(roster.find('host:alpha')).toBeUndefined();
    expect(roster.find('id:65535')?.link).toBe(node);
  });

  test('is one row from the start where its id is known from the last time', async () => {
    const node = link('alpha');
    roster.seatLink(node, 5);
    seat(await said(node, 5));
    expect(roster.seats).toHaveLength(1);
    expect(rows()).toEqual(['id:5 #5 alpha']);
  });

  test('that turns out to have another id than the last time moves', async () => {
    const node = link('alpha');
    roster.seatLink(node, 5);
    seat(await said(node, 7));
    expect(rows()).toEqual(['id:7 #7 alpha']);
  });

  test('that has left its cluster (mospe 0) is a host again', async () => {
    const node = link('alpha');
    roster.seatLink(node, 5);
    seat(await said(node, 0));
    expect(rows()).toEqual(['host:alpha #1 alpha']);
  });

  test('keeps its row though another one bears its name (the demo beside the settings)', () => {
    const node = link('node1');
    seat(node);
    seat(link('node1'));
    expect(rows()).toEqual(['host:node1 #1 node1', 'host:node1 (2) #2 node1']);
    seat(node);
    expect(rows()).toHaveLength(2);
  });

  test('that is taken away leaves an empty slot', () => {
    const node = link('alpha');
    seat(node);
    roster.unseat(node);
    expect(rows()).toEqual([]);
    seat(link('alpha'));
    expect(roster.seats.at(-1)).toMatchObject({ slot: 1, key: 'host:alpha' });
  });
});

describe('a node that only others see', () => {
  test('has a row under its id', () => {
    roster.seatId(9);
    roster.seatId(9);
    expect(rows()).toEqual(['id:9 #9 node 9 (seen only)']);
  });

  test('becomes the row of the node of the settings that says this id', async () => {
    roster.seatId(9);
    seat(await said(link('alpha'), 9));
    expect(rows()).toEqual(['id:9 #9 alpha']);
    expect(roster.seats).toHaveLength(1);
  });

  test('takes its id from a plain machine that was shown under it', async () => {
    seat(await said(link('plain'), 'linux'));
    roster.seatId(1);
    expect(rows()).toEqual(['host:plain #2 plain', 'id:1 #1 node 1 (seen only)']);
  });

  test('is the node for which the map gives this id and which has not spoken yet, not a second row', () => {
    seat(link('10.0.0.9', { id: 9 }));
    roster.seatId(9);
    expect(rows()).toEqual(['id:9 #9 10.0.0.9']);
  });

  test('is another one than a plain machine for which the settings wish this id', async () => {
    seat(await said(link('plain', { id: 9 }), 'linux'));
    roster.seatId(9);
    expect(rows()).toEqual(['host:plain #1 plain', 'id:9 #9 node 9 (seen only)']);
  });
});

describe('two nodes with one id', () => {
  test('are both shown, and that is said with both names', async () => {
    seat(await said(link('alpha'), 5));
    const words = seat(await said(link('beta'), 5));
    expect(rows()).toEqual(['id:5 #5 alpha', 'host:beta #1 beta']);
    expect(words).toContain('beta');
    expect(words).toContain('alpha');
    expect(words).toContain('node 5');
  });

  test('were so the last time, too: the second one waits under its name until it has spoken', async () => {
    const [alpha, beta] = [link('alpha'), link('beta')];
    roster.seatLink(alpha, 5);
    expect(roster.seatLink(beta, 5)).toBe('');
    expect(rows()).toEqual(['id:5 #5 alpha', 'host:beta #1 beta']);
    seat(await said(beta, 5));
    expect(rows().toSorted()).toEqual(['host:alpha #1 alpha', 'id:5 #5 beta']);
  });

  test('that swapped their ids change places, and neither row is lost', async () => {
    const [alpha, beta] = [link('alpha'), link('beta')];
    roster.seatLink(alpha, 5);
    roster.seatLink(beta, 7);
    seat(await said(alpha, 7));
    expect(rows().toSorted()).toEqual(['host:beta #1 beta', 'id:7 #7 alpha']);
    seat(await said(beta, 5));
    expect(rows().toSorted()).toEqual(['id:5 #5 beta', 'id:7 #7 alpha']);
  });
});

describe('ids that are kept for nodes of the settings', () => {
  beforeEach(() => {
    roster.reserve([
      { name: 'alpha', id: undefined },
      { name: 'beta', id: 7 },
      { name: 'gamma', id: undefined },
      { name: 'delta', id: 1 },
    ]);
  });

  test('are those they have when all are watched, whichever comes first', () => {
    seat(link('gamma'));
    seat(link('beta'));
    seat(link('other'));
    expect(rows()).toEqual(['host:gamma #3 gamma', 'host:beta #7 beta', 'host:other #4 other']);
    expect(['alpha', 'gamma', 'nobody'].map((name) => roster.reservedId(name))).toEqual([2, 3, undefined]);
  });

  test('are given up to a node of the cluster that has the id', () => {
    roster.seatId(2);
    seat(link('alpha'));
    expect(rows()).toEqual(['id:2 #2 node 2 (seen only)', 'host:alpha #4 alpha']);
  });
});
