/** A past for the fake back end of a page: every second of the last day, with one migration every twenty seconds. */
import type { CallInput, CallName, CallOutput, PushPayload } from '../../common/contract/contract.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { DEFAULT_RETENTION, HISTORY_PARTS } from '../../common/model/retention.ts';
import type { Recordings } from './fake-past.ts';
import { migration, ownProcess, placement } from './fake-map.ts';

const DAY = 86_400_000;
/** One process of so many moves every so many milliseconds, away and home again in turn. */
const MOVERS = 12;
const PERIOD = 20_000;
const LIST_PERIOD = 60_000;

type Answers = {
  readonly [Name in CallName]?: (input: CallInput<Name>) => { readonly value: CallOutput<Name> };
};

/** Answers the questions about the past. `block` makes the numbers of a second. */
export function fakeHistory(given: {
  readonly nodes: readonly NodeInfo[];
  readonly recordings: Recordings;
  block(second: number): PushPayload<'block'>;
}): Answers {
  const now = Date.now();
  const { recordings } = given;
  const nodes = given.nodes.map((info): NodeInfo => ({
    ...info,
    target: '',
    connection: { kind: 'none' },
    observer: false,
  }));
  const recorded = (time: number): boolean => recordings.some(({ from, to }) => time >= from && time < to);

  function place(mover: number, moves: number): number {
    const home = 1 + (mover % nodes.length);
    return moves % 2 === 0 ? home : 1 + ((home + moves) % nodes.length);
  }

  function moveNumber(number: number): Migration {
    const mover = number % MOVERS;
    const moves = Math.floor(number / MOVERS);
    return migration({
      number,
      time: number * PERIOD,
      home: 1 + (mover % nodes.length),
      pid: 1000 + mover,
      from: place(mover, moves),
      to: place(mover, moves + 1),
    });
  }

  function placements(time: number): Placement[] {
    const last = Math.floor(time / PERIOD);
    return Array.from({ length: MOVERS }, (_unused, mover) => {
      const moves = Math.floor((last - mover) / MOVERS) + 1;
      const home = 1 + (mover % nodes.length);
      return placement({ home, at: place(mover, moves), pid: 1000 + mover, guestPid: 20_000 + mover });
    }).filter(({ home, at }) => home !== at);
  }

  return {
    moment: ({ time }) => {
      const { totals, columns } = given.block(Math.floor(time / 1000) % 10_000);
      const known = recorded(time);
      return {
        value: {
          time: known ? time : null,
          resolution: 1,
          nodes: known ? nodes : [],
          columns: known ? columns : new Float64Array(0),
          totals,
          placements: known ? placements(time) : [],
        },
      };
    },
    pastProcesses: ({ key, time }) => {
      const at = Math.floor(time / LIST_PERIOD) * LIST_PERIOD;
      if (!recorded(at)) return { value: { time: null, processes: [] } };
      const count = 5 + (Math.floor(at / LIST_PERIOD) % 5);
      const first = 1000 * (1 + nodes.findIndex((info) => info.key === key));
      const processes = Array.from({ length: count }, (_unused, index) => ownProcess({ pid: first + index }));
      return { value: { time: at, processes } };
    },
    migrations: ({ from = now - DAY, to = now, after, limit = 500 }) => {
      const first = Math.ceil(from / PERIOD);
      const last = Math.ceil(Math.min(to, Date.now()) / PERIOD) - 1;
      const count = Math.max(0, Math.min(limit, last - first + 1));
      const migrations = Array.from({ length: count }, (_unused, index) =>
        moveNumber(after === undefined ? last - index : first + index),
      );
      return { value: { migrations } };
    },
    historyUse: () => ({
      value: {
        file: '/home/ada/.local/share/mosview/history.sqlite',
        bytes: 5_200_000_000,
        free: 40_000_000_000,
        parts: HISTORY_PARTS.map((part, index) => ({
          part,
          bytes: 2_400_000_000 / (index + 1),
          from: now - (index + 2) * DAY,
          to: now,
          bytesPerDay: 1_200_000_000 / (index + 1) / (index + 2),
        })),
        retention: DEFAULT_RETENTION,
        snapshotSeconds: 60,
      },
    }),
  };
}
