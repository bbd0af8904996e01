/** How long each part of the history is kept, with what every choice costs beside it while it is edited. */
import { createMemo, createSignal, For, onCleanup, Show, type JSX } from 'solid-js';
import type { CallOutput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { PartUse } from '../../common/model/history.ts';
import {
  DEFAULT_RETENTION,
  DEFAULT_SNAPSHOT_SECONDS,
  HISTORY_PARTS,
  type HistoryPart,
  type Keeping,
} from '../../common/model/retention.ts';
import { call } from '../back-end.ts';
import { Confirmation } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { onVisibility } from '../visibility.ts';
import { dateAndTime, diskSize, plainText } from '../words/format.ts';
import {
  changed,
  choiceOf,
  draftOf,
  keepingOf,
  limitTrouble,
  sameChoice,
  snapshotTrouble,
  type Draft,
} from './draft.ts';
import { costOf, deletions, lacking, totalCost, type Cost, type Deletion } from './estimate.ts';
import { costWords, deletionWords, PART_WORDS, totalWords } from './retention-words.ts';

type Use = CallOutput<'historyUse'>;

/** What is on the disk is looked at again so often, in milliseconds, while the window can be seen. */
const LOOK_MS = 10_000;

export function RetentionSection(): JSX.Element {
  const [use, setUse] = createSignal<Use>();
  const [draft, setDraft] = createSignal<Draft>();
  const [problem, setProblem] = createSignal<Problem>();
  const [said, setSaid] = createSignal('');
  const [asking, setAsking] = createSignal(false);

  async function look(): Promise<void> {
    const result = await call('historyUse', {});
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return;
    setUse(result.value);
    if (draft() === undefined) setDraft(draftOf(result.value.retention, result.value.snapshotSeconds));
  }
  let timer: ReturnType<typeof setInterval> | undefined;
  onCleanup(() => clearInterval(timer));
  onVisibility((visible) => {
    clearInterval(timer);
    if (!visible) return;
    void look();
    timer = setInterval(() => void look(), LOOK_MS);
  });

  const choice = createMemo(() => {
    const fields = draft();
    return fields === undefined ? undefined : choiceOf(fields);
  });
  /** The cost of each part whose fields are right. */
  const costs = createMemo((): ReadonlyMap<HistoryPart, Cost> => {
    const fields = draft();
    const known = (use()?.parts ?? []).flatMap(({ part, bytesPerDay }) => {
      const keeping = fields === undefined ? undefined : keepingOf(fields, part);
      return keeping === undefined ? [] : [[part, costOf(keeping, bytesPerDay)] as const];
    });
    return new Map(known);
  });
  const total = createMemo(() => (choice() === undefined ? undefined : totalCost([...costs().values()])));
  function wordsOf(part: HistoryPart): string {
    const cost = costs().get(part);
    return cost === undefined ? '–' : costWords(cost);
  }
  const short = (): number => {
    const [sum, now] = [total(), use()];
    return sum === undefined || now === undefined ? 0 : lacking(sum, now.bytes, now.free);
  };
  const isNew = (): boolean => {
    const [wanted, stored] = [choice(), use()];
    return wanted !== undefined && stored !== undefined && !sameChoice(wanted, stored);
  };
  const lost = createMemo((): readonly Deletion[] => {
    const [wanted, stored] = [choice(), use()];
    if (wanted === undefined || stored === undefined) return [];
    return deletions(stored.parts, stored.retention, wanted.retention, Date.now());
  });

  function edit(next: Draft | undefined): void {
    setSaid('');
    setDraft(next);
  }

  async function store(): Promise<void> {
    setAsking(false);
    const wanted = choice();
    if (wanted === undefined) return;
    const result = await call('setRetention', wanted);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    await look();
    setSaid('Saved.');
  }

  return (
    <>
      <p class="muted">
        Each part is kept until the first of its limits is reached; an empty field is no limit. What is older
        is deleted little by little. What is shown of the past comes from the finest values that are left.
      </p>
      <Show when={use()}>
        {(now) => (
          <Show when={draft()}>
            {(fields) => (
              <form
                class="retention"
                onSubmit={(event) => {
                  event.preventDefault();
                  if (!isNew()) return;
                  if (lost().length > 0) setAsking(true);
                  else void store();
                }}
              >
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Part</th>
                      <th scope="col">Days</th>
                      <th scope="col">Megabytes</th>
                      <th scope="col" class="number">
                        On the disk now
                      </th>
                      <th scope="col">With this choice, at the present pace</th>
                    </tr>
                  </thead>
                  <tbody>
                    <For each={HISTORY_PARTS}>
                      {(part) => (
                        <tr>
                          <th scope="row" title={PART_WORDS[part].about}>
                            {PART_WORDS[part].title}
                          </th>
                          <LimitCell part={part} limit="days" draft={fields()} onDraft={edit} />
                          <LimitCell part={part} limit="megabytes" draft={fields()} onDraft={edit} />
                          <NowCell use={now().parts.find((each) => each.part === part)} />
                          <td>{wordsOf(part)}</td>
                        </tr>
                      )}
                    </For>
                  </tbody>
                  <tfoot>
                    <tr>
                      <th scope="row">Together</th>
                      <td />
                      <td />
                      <td class="number">
                        {diskSize(now().bytes)}
                        <span class="since" />
                      </td>
                      <td>{totalWords(total())}</td>
                    </tr>
                  </tfoot>
                </table>
                <p class="retention-disk" role="status" classList={{ short: short() > 0 }}>
                  {short() > 0
                    ? `This does not fit: it needs ${diskSize(short())} more than the ${diskSize(now().free)} that are free on the disk.`
                    : `${diskSize(now().free)} are free on the disk.`}
                </p>
                <p class="snapshot-field">
                  <label>
                    A list of each node's processes every{' '}
                    <input
                      inputmode="numeric"
                      size={6}
                      value={fields().snapshotSeconds}
                      aria-invalid={snapshotTrouble(fields().snapshotSeconds) !== ''}
                      onInput={(event) =>
                        edit({ ...fields(), snapshotSeconds: event.currentTarget.value.trim() })
                      }
                    />{' '}
                    seconds
                  </label>{' '}
                  <span class="muted">0 for no lists</span>
                </p>
                <p class="field-trouble" role="alert">
                  {firstTrouble(fields())}
                </p>
                <div class="retention-buttons">
                  <button type="submit" class="primary" disabled={!isNew()}>
                    {lost().length > 0 ? 'Save …' : 'Save'}
                  </button>
                  <button
                    type="button"
                    onClick={() => edit(draftOf(now().retention, now().snapshotSeconds))}
                    disabled={choice() !== undefined && !isNew()}
                  >
                    Undo changes
                  </button>
                  <button
                    type="button"
                    onClick={() => edit(draftOf(DEFAULT_RETENTION, DEFAULT_SNAPSHOT_SECONDS))}
                  >
                    Defaults
                  </button>
                  <span role="status" class="muted">
                    {said()}
                  </span>
                </div>
                <dl class="facts">
                  <dt>History</dt>
                  <dd>
                    {plainText(now().file)}, {diskSize(now().bytes)}
                  </dd>
                </dl>
              </form>
            )}
          </Show>
        )}
      </Show>
      <InlineProblem problem={problem()} />
      <Show when={asking()}>
        <Confirmation
          title="Delete a part of the history?"
          action="Delete and save"
          onConfirm={() => void store()}
          onCancel={() => setAsking(false)}
        >
          <p>With this choice the following is deleted, and cannot be brought back:</p>
          <ul class="deletions">
            <For each={lost()}>{(deletion) => <li>{deletionWords(deletion)}</li>}</For>
          </ul>
        </Confirmation>
      </Show>
    </>
  );
}

function LimitCell(props: {
  readonly part: HistoryPart;
  readonly limit: keyof Keeping;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}): JSX.Element {
  const text = (): string => props.draft[props.limit][props.part];
  const unit = (): string => (props.limit === 'days' ? 'days' : 'megabytes');
  return (
    <td>
      <input
        inputmode="decimal"
        size={props.limit === 'days' ? 6 : 9}
        placeholder="no limit"
        aria-label={`${PART_WORDS[props.part].title}: ${unit()}`}
        aria-invalid={limitTrouble(props.limit, text()) !== ''}
        value={text()}
        onInput={(event) =>
          props.onDraft(changed(props.draft, props.part, props.limit, event.currentTarget.value))
        }
      />
    </td>
  );
}

function NowCell(props: { readonly use: PartUse | undefined }): JSX.Element {
  const from = (): number | null => props.use?.from ?? null;
  return (
    <td class="number">
      {diskSize(props.use?.bytes ?? NaN)}
      <span class="muted since">{from() === null ? 'nothing yet' : `since ${dateAndTime(from() ?? 0)}`}</span>
    </td>
  );
}

/** What is wrong with the first wrong field; empty where nothing is. */
function firstTrouble(draft: Draft): string {
  const troubles = HISTORY_PARTS.flatMap((part) =>
    (['days', 'megabytes'] as const).map((limit) => {
      const trouble = limitTrouble(limit, draft[limit][part]);
      return trouble === '' ? '' : `${PART_WORDS[part].title}: ${trouble}`;
    }),
  );
  return [...troubles, snapshotTrouble(draft.snapshotSeconds)].find((trouble) => trouble !== '') ?? '';
}
