/** The map of a past second: nodes and placements of that moment, and the migrations around it from the log. */
import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { call } from '../back-end.ts';
import { mapNodes, RECENT, type MapState } from '../map/map-state.ts';
import { fromPlacements } from '../map/processes.ts';
import { extended, lastMove, movesBetween, NO_MOVES, recentMoves, type MoveLog } from './move-log.ts';
import type { Past } from './past.ts';

export interface PastMap extends MapState {
  /** What moved since the second shown before. */
  readonly moves: Accessor<readonly Migration[]>;
}

/** Migrations read at once, before the second shown and ahead of it. */
const BEFORE = 1000;
const AHEAD = 2000;
/** So far ahead the log is read, and when less than that of it is left more is read, in milliseconds of the past. */
const AHEAD_MS = 3_600_000;
const LEFT_MS = 900_000;
/** Two seconds shown after each other that are further apart than this are a jump: what moved in between is not shown moving. */
const JUMP_MS = 600_000;

/** Before this time the log does not grow any more: migrations are written some seconds after they are seen. */
function settled(): number {
  return Date.now() - 5000;
}

/** Follows what is shown; ends with the owner. */
export function createPastMap(past: Past, onProblem: (problem: Problem) => void): PastMap {
  const [log, setLog] = createSignal<MoveLog>(NO_MOVES);
  const second = createMemo(() => past.shown()?.asked);
  const away = createMemo(() => fromPlacements(past.placements()));
  const recent = createMemo(() => recentMoves(log(), second() ?? 0, RECENT));
  let reading = false;
  let ended = false;
  onCleanup(() => (ended = true));

  /** Reads what is missing for the second shown, one part at a time, until nothing is. */
  async function read(): Promise<void> {
    const now = second();
    if (reading || ended || now === undefined) return;
    const known = log();
    const reaches = known.from === 0 || recentMoves(known, now, RECENT).length === RECENT;
    const goesOn = reaches && now - known.to <= JUMP_MS;
    if (goesOn && known.to - now > LEFT_MS) return;
    reading = true;
    const base = goesOn ? known : await readBefore(now);
    const next = base === undefined ? undefined : await readAhead(base, now);
    reading = false;
    if (next === undefined || ended) return;
    setLog(next);
    // The time went on meanwhile, or the page was full.
    if (next.to > known.to || now !== second()) void read();
  }

  async function readBefore(now: number): Promise<MoveLog | undefined> {
    const result = await call('migrations', { to: now + 1000, limit: BEFORE });
    if (!result.ok) return failed(result.problem);
    const moves = result.value.migrations.toReversed();
    const from = moves.length < BEFORE ? 0 : (moves[0]?.time ?? 0);
    return { from, to: Math.min(now + 1000, settled()), seen: now + 1000, moves };
  }

  async function readAhead(base: MoveLog, now: number): Promise<MoveLog | undefined> {
    const to = Math.max(now + 1000, Math.min(now + AHEAD_MS, settled()));
    if (to <= base.to) return base;
    const result = await call('migrations', { from: base.to, to, after: 0, limit: AHEAD });
    if (!result.ok) return failed(result.problem);
    const moves = result.value.migrations;
    // A full page may end within a millisecond that has more: what is of that one is read with the next page.
    const end = moves.length < AHEAD ? to : (moves.at(-1)?.time ?? to);
    return extended(base, Math.min(end, settled()), end, moves);
  }

  function failed(problem: Problem): undefined {
    if (problem.code !== 'connection-lost') onProblem(problem);
  }

  createEffect(on(second, () => void read()));

  /** The second up to which migrations were shown moving; they wait for the log where it is not read so far. */
  let shownTo = 0;
  const [moves, setMoves] = createSignal<readonly Migration[]>([]);
  createEffect(
    on([second, log], ([now, known]) => {
      if (now === undefined) return;
      if (shownTo === 0 || now < shownTo) shownTo = now;
      else if (now - shownTo > JUMP_MS) shownTo = now - 1000;
      if (known.seen < now + 1000 || now === shownTo) return;
      setMoves(movesBetween(known, shownTo, now));
      shownTo = now;
    }),
  );

  return {
    past: true,
    ...mapNodes(past.cluster),
    away,
    recent,
    moves,
    atHome: () => [],
    listProblem: () => undefined,
    arrival(process) {
      const last = lastMove(log(), second() ?? 0, process);
      return last?.to === process.at ? last.time : undefined;
    },
  };
}
