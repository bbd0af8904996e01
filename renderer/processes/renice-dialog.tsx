/** Which priority processes get: by slider and by number, with its meaning in words. */
import { createSignal, type JSX } from 'solid-js';
import { Dialog, FormButtons } from '../parts/dialog.tsx';

const LOWEST = -20;
const HIGHEST = 19;

export function ReniceDialog(props: {
  /** What is changed, in words: `3 processes`. */
  readonly what: string;
  /** The priority to begin with: that of the first process. */
  readonly nice: number;
  readonly onRenice: (nice: number) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [nice, setNice] = createSignal(props.nice);
  const [text, setText] = createSignal(String(props.nice));
  const valid = (): boolean => /^[+-]?\d{1,2}$/.test(text().trim()) && nice() >= LOWEST && nice() <= HIGHEST;

  function take(value: string): void {
    setText(value);
    setNice(Number(value.trim()));
  }

  return (
    <Dialog title={`Renice ${props.what}`} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid()) props.onRenice(nice());
        }}
      >
        <div class="dialog-body renice">
          <div class="renice-values">
            <input
              type="range"
              min={LOWEST}
              max={HIGHEST}
              step={1}
              aria-label="Nice value"
              aria-valuetext={`${nice()}: ${meaning(nice())}`}
              autofocus
              value={valid() ? nice() : 0}
              onInput={(event) => take(event.currentTarget.value)}
            />
            <input
              type="number"
              min={LOWEST}
              max={HIGHEST}
              step={1}
              aria-label="Nice value as a number"
              value={text()}
              onInput={(event) => take(event.currentTarget.value)}
            />
          </div>
          <p class="renice-ends muted" aria-hidden="true">
            <span>-20 served first</span>
            <span>0 usual</span>
            <span>19 served last</span>
          </p>
          <p role="status">{valid() ? meaning(nice()) : 'Give a whole number from -20 to 19.'}</p>
        </div>
        <FormButtons submit="Renice" disabled={!valid()} onCancel={props.onCancel} />
      </form>
    </Dialog>
  );
}

function meaning(nice: number): string {
  if (nice === 0) return 'As usual: the same share of the CPU as others.';
  return nice < 0
    ? 'More of the CPU than others. Only root may lower the value.'
    : 'Less of the CPU than others, which are served first.';
}
