/** What only MattX has, of one node: its lists of programs as a whole, its affinity and two switches, read when it opens. */
import { createMemo, createSignal, For, onMount, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeChange, PlanStep } from '../../common/model/control.ts';
import {
  MOST_AFFINITY,
  MOST_LIST_BYTES,
  namesOfList,
  whyNoList,
  type MattxList,
} from '../../common/model/mattx.ts';
import { call } from '../back-end.ts';
import { Dialog, FormButtons } from '../parts/dialog.tsx';
import { plainText } from '../words/format.ts';

const LISTS = [
  { list: 'exclude', label: 'Exclude', hint: 'programs that are never moved away' },
  { list: 'include', label: 'Include', hint: 'where it is not empty, only these are moved away' },
] as const satisfies readonly { readonly list: MattxList; readonly [more: string]: unknown }[];

const SWITCHES = [
  { which: 'debug', hint: 'more words in the kernel log' },
  { which: 'mattxfs', hint: "MattX' own cluster file system" },
] as const;

/** Changes whose plan shows what stands there now, in the order of the steps; nothing of it is carried out. */
const LOOK: readonly NodeChange[] = [
  ...LISTS.map(({ list }) => ({ kind: 'pins' as const, list, names: [], seen: null })),
  ...SWITCHES.map(({ which }) => ({ kind: 'mattx' as const, which, on: true })),
  { kind: 'affinity', affinity: 0 },
];

/** What stands there now; null where the node does not say. */
type Present = Readonly<Record<MattxList | (typeof SWITCHES)[number]['which'] | 'affinity', string | null>>;

export function MattxDialog(props: {
  /** Key and name of the node. */
  readonly node: string;
  readonly name: string;
  readonly onOrder: (changes: readonly NodeChange[]) => void;
  readonly onProblem: (problem: Problem) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [present, setPresent] = createSignal<Present>();
  const [trouble, setTrouble] = createSignal('');
  const [draft, setDraft] = createSignal<Readonly<Partial<Record<keyof Present, string>>>>({});

  onMount(() => void look());

  /** Reads what stands there now. */
  async function look(): Promise<void> {
    const order = { kind: 'nodes' as const, nodes: [props.node], changes: [...LOOK] };
    const result = await call('plan', { order });
    if (!result.ok) {
      props.onProblem(result.problem);
      props.onCancel();
      return;
    }
    const { steps } = result.value;
    setPresent(presentOf(steps));
    if (steps.every(({ before }) => before === null)) setTrouble(steps[0]?.why ?? '');
  }

  const changes = createMemo(() => changesOf(present(), draft()));
  const wrong = createMemo(() => wrongOf(draft()));
  const edit = (field: keyof Present, text: string): void => void setDraft({ ...draft(), [field]: text });

  return (
    <Dialog title={`MattX at ${props.name}`} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (changes().length > 0 && wrong() === '') props.onOrder(changes());
        }}
      >
        <div class="dialog-body form">
          <Show when={present()} fallback={<p role="status">Reading what stands there now …</p>}>
            {(now) => (
              <>
                <p>
                  Names of programs, parted by commas. A list is replaced as a whole, if nobody changes it
                  before. What stands there was written by anybody with a login.
                </p>
                <For each={LISTS}>
                  {({ list, label, hint }) => {
                    const text = () => draft()[list] ?? plainText(now()[list] ?? '');
                    return (
                      <label class="field">
                        <span>{label}</span>
                        <textarea
                          rows={3}
                          spellcheck={false}
                          disabled={now()[list] === null}
                          value={text()}
                          onInput={(event) => edit(list, event.currentTarget.value)}
                        />
                        <span class="hint">
                          {hint}; {text().length} of {MOST_LIST_BYTES} bytes
                        </span>
                      </label>
                    );
                  }}
                </For>
                <For each={SWITCHES}>
                  {({ which, hint }) => (
                    <label class="choice">
                      <input
                        type="checkbox"
                        disabled={now()[which] === null}
                        checked={(draft()[which] ?? now()[which]) === '1'}
                        onChange={(event) => edit(which, event.currentTarget.checked ? '1' : '0')}
                      />
                      <span>
                        {which}: {hint}
                      </span>
                    </label>
                  )}
                </For>
                <label class="field">
                  <span>Affinity</span>
                  <input
                    type="number"
                    min={0}
                    max={MOST_AFFINITY}
                    step={1}
                    disabled={now().affinity === null}
                    value={draft().affinity ?? now().affinity ?? ''}
                    onInput={(event) => edit('affinity', event.currentTarget.value)}
                  />
                  <span class="hint">
                    0 is automatic: 1,000 for each CPU. It is the speed in MattX' own terms.
                  </span>
                </label>
                <p class="hint">
                  MattX may carry away what mosview itself runs there.{' '}
                  <button type="button" onClick={() => props.onOrder([{ kind: 'pin-self' }])}>
                    Exclude mosview
                  </button>
                </p>
              </>
            )}
          </Show>
          <Show when={trouble() !== '' || wrong() !== ''}>
            <p role="alert" class="wrong">
              {trouble() === '' ? wrong() : `Nothing could be read: ${plainText(trouble())}.`}
            </p>
          </Show>
        </div>
        <FormButtons
          submit="Show the plan"
          disabled={changes().length === 0 || wrong() !== ''}
          onCancel={props.onCancel}
        />
      </form>
    </Dialog>
  );
}

/** The present values from the steps of a plan that was made of `LOOK`. */
function presentOf(steps: readonly PlanStep[]): Present {
  const [exclude, include, debug, mattxfs, affinity] = steps.map(({ before }) => before);
  return {
    exclude: exclude ?? null,
    include: include ?? null,
    debug: debug ?? null,
    mattxfs: mattxfs ?? null,
    affinity: affinity ?? null,
  };
}

/** A list as it is typed, without blanks around its names. */
function typedList(text: string): string {
  return text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .join(',');
}

/** What is wrong with what was typed, as a sentence; empty where nothing is. */
function wrongOf(draft: Readonly<Partial<Record<keyof Present, string>>>): string {
  for (const { list, label } of LISTS) {
    const why = whyNoList(typedList(draft[list] ?? ''));
    if (why !== '') return `${label}: ${why}.`;
  }
  const { affinity } = draft;
  const isNumber =
    affinity === undefined || (/^\d{1,9}$/.test(affinity) && Number(affinity) <= MOST_AFFINITY);
  return isNumber ? '' : `The affinity is a whole number from 0 to ${MOST_AFFINITY}.`;
}

/** The changes that lead from what stands there to what was typed. */
function changesOf(
  present: Present | undefined,
  draft: Readonly<Partial<Record<keyof Present, string>>>,
): readonly NodeChange[] {
  if (present === undefined) return [];
  const isNew = (field: keyof Present): boolean =>
    draft[field] !== undefined && draft[field] !== present[field];
  const lists = LISTS.filter(({ list }) => isNew(list)).map(({ list }): NodeChange => {
    const names = [...namesOfList(typedList(draft[list] ?? ''))];
    return { kind: 'pins', list, names, seen: present[list] };
  });
  const switches = SWITCHES.filter(({ which }) => isNew(which)).map(({ which }): NodeChange => {
    return { kind: 'mattx', which, on: draft[which] === '1' };
  });
  const affinity: readonly NodeChange[] = isNew('affinity')
    ? [{ kind: 'affinity', affinity: Number(draft.affinity) }]
    : [];
  return [...lists, ...switches, ...affinity];
}
