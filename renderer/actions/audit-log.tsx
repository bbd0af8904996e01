/** The audit log: its lines, newest first, and whether the chain of hashes over them holds. */
import { createEffect, createMemo, createSignal, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { AuditEntry } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import type { Control } from '../control/control.ts';
import { createLatest } from '../control/latest.ts';
import { count, dateAndTime, plainLines, plainText } from '../words/format.ts';
import { LogTable, type LogColumn } from './log-table.tsx';

/** Lines read at a time. */
const PAGE = 500;

const COLUMNS: readonly LogColumn<AuditEntry>[] = [
  { title: 'Line', kind: 'line', cell: (entry) => count(entry.number) },
  { title: 'Time', kind: 'when', cell: (entry) => dateAndTime(entry.time) },
  { title: 'Who', kind: 'who', cell: (entry) => plainText(entry.who) },
  { title: 'Kind', kind: 'kind', cell: (entry) => entry.kind },
  { title: 'What', kind: 'what', cell: (entry) => plainText(entry.text) },
  { title: 'Action', kind: 'action', cell: (entry) => (entry.action === null ? '' : `no. ${entry.action}`) },
];

export function AuditLog(props: {
  readonly control: Control;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [entries, setEntries] = createSignal<ReadonlyMap<number, AuditEntry>>(new Map());
  const [broken, setBroken] = createSignal<string>();
  const [more, setMore] = createSignal(false);
  const [chosen, setChosen] = createSignal<number>();
  const rows = createMemo(() => [...entries().values()].toSorted((a, b) => b.number - a.number));
  const chosenEntry = createMemo(() => entries().get(chosen() ?? -1));

  async function read(before?: number): Promise<void> {
    const result = await call('audit', before === undefined ? { limit: PAGE } : { before, limit: PAGE });
    if (!result.ok) {
      props.onProblem(result.problem);
      return;
    }
    const came = result.value.entries;
    // The oldest line known decides whether there are more; a newer page says nothing of it.
    if (before !== undefined || entries().size === 0) setMore(came.length === PAGE);
    setEntries(new Map([...entries(), ...came.map((entry) => [entry.number, entry] as const)]));
    setBroken(result.value.broken);
  }

  /** Lines come with the lock, with the beginning and with the end of every action; those are told by pushes. */
  const readNewest = createLatest(() => read());
  const ended = createMemo(
    () => [...props.control.actions().values()].filter((action) => action.state !== 'running').length,
  );
  createEffect(() => {
    props.control.state();
    ended();
    readNewest(undefined);
  });

  return (
    <>
      <div class="chain" role="status">
        <Show when={broken() !== undefined}>
          <Show
            when={broken() === ''}
            fallback={
              <p class="inline-problem" role="alert">
                The chain is broken: {plainText(broken() ?? '')} Somebody or something changed this log
                outside of mosview.
              </p>
            }
          >
            <p>
              <span class="holds">The chain of {count(rows()[0]?.number ?? 0)} lines holds.</span>{' '}
              <span class="muted">
                Each line holds the hash of the one before; none was changed or taken out.
              </span>
            </p>
          </Show>
        </Show>
      </div>
      <LogTable
        label="Audit log"
        columns={COLUMNS}
        rows={rows()}
        chosen={chosen()}
        onChoose={setChosen}
        nothing="Nothing is written here yet."
        onOlder={more() ? () => void read(rows().at(-1)?.number) : undefined}
      />
      <Show when={chosenEntry()}>
        {(entry) => (
          <section
            class="detail log-detail"
            aria-label={`Line ${entry().number}`}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setChosen(undefined);
            }}
          >
            <div class="detail-head">
              <h2>Line {entry().number}</h2>
              <span class="muted">{plainText(entry().text)}</span>
              <div class="detail-actions">
                <button type="button" class="quiet" onClick={() => setChosen(undefined)}>
                  Close
                </button>
              </div>
            </div>
            <p class="hash muted">SHA-256 {plainText(entry().hash)}</p>
            <pre class="problem-detail body" tabIndex={0}>
              {plainLines(readable(entry().body))}
            </pre>
          </section>
        )}
      </Show>
    </>
  );
}

/** JSON with its lines; a text that is none is shown as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
