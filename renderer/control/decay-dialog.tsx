/** The decay of openMosix' statistics: how quickly it forgets what processes did. */
import { createSignal, For, type JSX } from 'solid-js';
import type { NodeChange } from '../../common/model/control.ts';
import { Dialog, FormButtons } from '../parts/dialog.tsx';

type DecayChange = Extract<NodeChange, { kind: 'decay' }>;

const FIELDS = [
  {
    which: 'decayinterval',
    label: 'Interval',
    hint: 'seconds between two steps of forgetting',
    max: 100_000,
  },
  { which: 'slowdecay', label: 'Slow decay', hint: 'thousandths kept at each step; usually 975', max: 1000 },
  {
    which: 'fastdecay',
    label: 'Fast decay',
    hint: 'the same for processes that forget fast; usually 926',
    max: 1000,
  },
] as const satisfies readonly { readonly which: DecayChange['which']; readonly [more: string]: unknown }[];

export function DecayDialog(props: {
  /** Which nodes, in words. */
  readonly nodes: string;
  readonly onOrder: (changes: readonly DecayChange[]) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [values, setValues] = createSignal<Readonly<Partial<Record<DecayChange['which'], number>>>>({});
  const changes = (): readonly DecayChange[] =>
    FIELDS.flatMap(({ which }) => {
      const value = values()[which];
      return value === undefined || Number.isNaN(value) ? [] : [{ kind: 'decay' as const, which, value }];
    });
  return (
    <Dialog title={`Decay of ${props.nodes}`} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (changes().length > 0) props.onOrder(changes());
        }}
      >
        <div class="dialog-body form">
          <p>
            openMosix remembers what each process did, and forgets it step by step. The present values are
            read from the node and shown beside the new ones before anything is written.
          </p>
          <For each={FIELDS}>
            {({ which, label, hint, max }, index) => (
              <label class="field">
                <span>{label}</span>
                <input
                  type="number"
                  min={0}
                  max={max}
                  step={1}
                  placeholder="as it is"
                  autofocus={index() === 0}
                  onInput={(event) => setValues({ ...values(), [which]: event.currentTarget.valueAsNumber })}
                />
                <span class="hint">{hint}</span>
              </label>
            )}
          </For>
        </div>
        <FormButtons submit="Show the plan" disabled={changes().length === 0} onCancel={props.onCancel} />
      </form>
    </Dialog>
  );
}
