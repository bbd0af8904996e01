/** Adds one node written as ssh would be given it. */
import { createSignal, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { InlineProblem } from '../parts/problem-text.tsx';

export function AddByHand(props: { readonly onAdded: (name: string) => void }): JSX.Element {
  const [target, setTarget] = createSignal('');
  const [problem, setProblem] = createSignal<Problem>();
  const [busy, setBusy] = createSignal(false);

  async function add(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const result = await call('addNode', { target: target().trim() });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setTarget('');
    props.onAdded(result.value.name);
  }

  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label class="field">
        <span>Node</span>
        <span class="field-row">
          <input
            type="text"
            placeholder="user@host:port"
            spellcheck={false}
            autocomplete="off"
            required
            value={target()}
            onInput={(event) => setTarget(event.currentTarget.value)}
          />
          <button type="submit" class="primary" disabled={busy() || target().trim() === ''}>
            Add
          </button>
        </span>
        <span class="hint">User and port may be left out; ~/.ssh/config is honoured.</span>
      </label>
      <InlineProblem problem={problem()} />
    </form>
  );
}
