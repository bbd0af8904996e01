/** One chosen process beside the list: all that is known of it, why it stays in full sentences, and its migrations. */
import { createEffect, createMemo, createSignal, For, on, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { call } from '../back-end.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { bytes, count, dateAndTime, plainText, span } from '../words/format.ts';
import { cannotMove } from './process-commands.ts';
import { entryId, type ProcessEntry } from './process-entry.ts';
import {
  cpuTime,
  nodeWords,
  placeWords,
  stateWord,
  userWords,
  whySentences,
  type NameOfId,
} from './process-words.ts';

/** Migrations of a home node that are looked through for those of one process. */
const LOOKED_THROUGH = 2000;
const SHOWN = 50;

const CAUSES: Readonly<Record<Migration['cause'], string>> = {
  operator: 'ordered here',
  balancer: 'by balancing',
  'brought-home': 'brought home',
  expelled: 'sent away',
  unknown: '',
};

export function ProcessDetail(props: {
  readonly entry: ProcessEntry;
  /** Id of the node in whose list it is. */
  readonly nodeId: number;
  readonly nameOf: NameOfId;
  /** It is shown as it was at this time, milliseconds since 1970; undefined for now. */
  readonly until?: number | undefined;
}): JSX.Element {
  const info = () => props.entry.info;
  return (
    <>
      <h2 class="process-title" title={plainText(info().name)}>
        {plainText(info().name)}
      </h2>
      <p class="process-command" tabIndex={0} role="group" aria-label="Command line">
        {plainText(info().command)}
      </p>
      <dl class="facts">
        <dt>Runs</dt>
        <dd>{placeWords(info().place, props.nameOf)}</dd>
        <dt>State</dt>
        <dd>{stateWord(info().state)}</dd>
        <dt>User</dt>
        <dd>
          {userWords(info())}
          <Show when={info().user !== '' && info().uid !== null}> ({info().uid})</Show>
        </dd>
        <dt>PID</dt>
        <dd>
          {info().pid}
          <Show when={(info().parent ?? 0) > 0}>, started by {info().parent}</Show>
        </dd>
        <dt>CPU</dt>
        <dd>
          {info().cpuPercent === null ? '–' : `${(info().cpuPercent ?? 0).toFixed(1)} %`},{' '}
          {cpuTime(info().cpuSeconds)} in all
        </dd>
        <dt>Memory</dt>
        <dd>{bytes(info().memory)}</dd>
        <dt>Nice</dt>
        <dd>{info().nice}</dd>
        <dt>{props.until === undefined ? 'Lives for' : 'Lived for'}</dt>
        <dd>{span(info().age)}</dd>
        <dt>Locked</dt>
        <dd>{info().locked === null ? 'not known' : info().locked ? 'yes' : 'no'}</dd>
        <dt>Moves</dt>
        <dd>{info().migrations === null ? 'not counted there' : count(info().migrations ?? 0)}</dd>
      </dl>
      <h3>{props.until === undefined ? 'Why it stays' : 'Why it stayed'}</h3>
      <Reasons info={info()} past={props.until !== undefined} />
      <h3>Migrations</h3>
      <Migrations {...props} />
    </>
  );
}

function Reasons(props: { readonly info: ProcessInfo; readonly past: boolean }): JSX.Element {
  const nothing = (): string => {
    if (props.past) return 'Nothing is recorded that held it.';
    const why = cannotMove(props.info);
    return why === ''
      ? 'Nothing holds it: it may leave by itself, and can be sent.'
      : `It cannot be sent: ${why}.`;
  };
  return (
    <ul class="reasons">
      <For each={whySentences(props.info)} fallback={<li>{nothing()}</li>}>
        {(reason) => <li>{reason}</li>}
      </For>
    </ul>
  );
}

function Migrations(props: {
  readonly entry: ProcessEntry;
  readonly nodeId: number;
  readonly nameOf: NameOfId;
  readonly until?: number | undefined;
}): JSX.Element {
  const [found, setFound] = createSignal<readonly Migration[]>();
  const [problem, setProblem] = createSignal<Problem>();

  /** Who it is at its home; of a guest the home's start is not known. */
  const atHome = createMemo(
    () => {
      const { ref, info } = props.entry;
      return info.place.kind === 'guest'
        ? { home: info.place.id, pid: info.place.pid, started: undefined }
        : { home: props.nodeId, pid: ref.pid, started: ref.started };
    },
    undefined,
    { equals: (a, b) => a.home === b.home && a.pid === b.pid && a.started === b.started },
  );

  /** Read again when another process is chosen, and when this one has moved. */
  const occasion = createMemo(() => {
    const { ref, info } = props.entry;
    return `${entryId(ref)} ${JSON.stringify(info.place)} ${info.migrations}`;
  });
  createEffect(on(occasion, () => void read()));

  async function read(): Promise<void> {
    const asked = atHome();
    const range = props.until === undefined ? {} : { to: props.until + 1000 };
    const result = await call('migrations', { node: asked.home, limit: LOOKED_THROUGH, ...range });
    if (asked !== atHome()) return;
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) setFound(result.value.migrations.filter((each) => isOf(each, asked)));
  }

  /** Those of the time that is shown. */
  const shown = createMemo(() => {
    const { until } = props;
    return until === undefined ? found() : found()?.filter(({ time }) => time < until + 1000);
  });

  return (
    <>
      <InlineProblem problem={problem()} />
      <ol class="process-migrations">
        <For
          each={shown()?.slice(0, SHOWN)}
          fallback={<li class="muted">{found() === undefined ? 'Reading …' : 'None was seen.'}</li>}
        >
          {(migration) => (
            <li>
              <time class="muted">{dateAndTime(migration.time)}</time>
              <span>{migrationWords(migration, props.nameOf)}</span>
            </li>
          )}
        </For>
      </ol>
      <Show when={(shown()?.length ?? 0) > SHOWN}>
        <p class="muted">and {count((shown()?.length ?? 0) - SHOWN)} earlier ones; the log has them all</p>
      </Show>
    </>
  );
}

function isOf(
  migration: Migration,
  process: { readonly home: number; readonly pid: number; readonly started: number | undefined },
): boolean {
  if (migration.home !== process.home || migration.pid !== process.pid || process.pid === 0) return false;
  return process.started === undefined || migration.started === 0 || migration.started === process.started;
}

function migrationWords(migration: Migration, nameOf: NameOfId): string {
  if (migration.result === 'unseen') {
    return migration.count === 1
      ? 'moved once, not seen where'
      : `moved ${count(migration.count)} times, not seen where`;
  }
  const words = (id: number): string => {
    if (id === 0) return '?';
    return id === migration.home ? 'home' : nodeWords(id, nameOf);
  };
  const cause = CAUSES[migration.cause];
  return `${words(migration.from)} → ${words(migration.to)}${cause === '' ? '' : `, ${cause}`}`;
}
