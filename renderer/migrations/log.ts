/** The log window's source: the first page, older pages on demand, and what is pushed, unless the operator paused. */
import { batch, createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { call } from '../back-end.ts';
import { withOlder, withPushed, type LogFilter } from './entries.ts';

export interface MigrationLog {
  /** Newest first. */
  readonly entries: Accessor<readonly Migration[]>;
  /** `reading` until the first page is there, `more` while older ones may follow. */
  readonly state: Accessor<'reading' | 'more' | 'end'>;
  readonly problem: Accessor<Problem | undefined>;
  /** How many new entries wait for the end of the pause. */
  readonly waiting: Accessor<number>;
  /** Reads the next older page; does nothing while one is being read. */
  more(): void;
}

/** Entries of a page. */
const PAGE = 500;

/** Starts reading and listening; ends with the owner. */
export function createMigrationLog(
  filter: Accessor<LogFilter>,
  paused: Accessor<boolean>,
  connected: Accessor<boolean>,
): MigrationLog {
  const [entries, setEntries] = createSignal<readonly Migration[]>([]);
  const [held, setHeld] = createSignal<readonly Migration[]>([]);
  const [state, setState] = createSignal<'reading' | 'more' | 'end'>('reading');
  const [problem, setProblem] = createSignal<Problem>();
  /** Counts the filters, so that an answer to an earlier one is left. */
  let asked = 0;
  let reading = false;

  async function read(first: boolean): Promise<void> {
    if (!first && reading) return;
    if (first) asked += 1;
    const mine = asked;
    reading = true;
    const { node, cause, text, from, to } = filter();
    const result = await call('migrations', {
      ...(node === undefined ? {} : { node }),
      ...(cause === undefined ? {} : { cause }),
      ...(text === '' ? {} : { text }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(first ? {} : { before: entries().at(-1)?.number ?? 1 }),
      limit: PAGE,
    });
    if (mine !== asked) return;
    reading = false;
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) {
      setState('end');
      return;
    }
    const page = result.value.migrations;
    const before = entries();
    const next = first ? withPushed(page, before.filter(isAfter(page)), filter()) : withOlder(before, page);
    batch(() => {
      setState(page.length < PAGE || next.length === before.length ? 'end' : 'more');
      setEntries(next);
    });
  }

  createEffect(
    on([filter, connected], () => {
      setEntries([]);
      setHeld([]);
      setState('reading');
      void read(true);
    }),
  );
  createEffect(
    on(paused, (still) => {
      if (still || held().length === 0) return;
      setEntries((now) => withPushed(now, held(), filter()));
      setHeld([]);
    }),
  );
  onCleanup(
    window.mosview.on('migrations', ({ migrations }) => {
      if (paused()) setHeld((now) => [...now, ...migrations]);
      else setEntries((now) => withPushed(now, migrations, filter()));
    }),
  );

  /** Only what is new counts: more that became known of an old entry changes no number. */
  const waiting = createMemo(() => {
    const newest = entries()[0]?.number ?? 0;
    const fresh = withPushed([], held(), filter()).filter((migration) => migration.number > newest);
    return fresh.length;
  });

  return {
    entries,
    state,
    problem,
    waiting,
    more() {
      if (state() === 'more') void read(false);
    },
  };
}

/** What was pushed while the page was on its way. */
function isAfter(page: readonly Migration[]): (migration: Migration) => boolean {
  const newest = page[0]?.number ?? 0;
  return (migration) => migration.number > newest;
}
