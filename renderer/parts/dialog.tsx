/** The window's modal dialogs: a native dialog with a title, and the question that must be answered twice. */
import { createSignal, onMount, type JSX, type ParentProps } from 'solid-js';

let titles = 0;

/** A modal dialog, open as long as it is rendered. Escape closes it; a click beside it does not. */
export function Dialog(
  props: ParentProps<{
    readonly title: string;
    readonly alert?: boolean;
    readonly wide?: boolean;
    readonly onClose: () => void;
  }>,
): JSX.Element {
  const titleId = `dialog-title-${(titles += 1)}`;
  let element: HTMLDialogElement | undefined;
  onMount(() => element?.showModal());
  return (
    <dialog
      ref={(node) => (element = node)}
      class="dialog"
      classList={{ wide: props.wide ?? false, alert: props.alert ?? false }}
      role={props.alert === true ? 'alertdialog' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={titleId}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** The foot of a dialog's form: the button that submits it, then Cancel; children stand before them. */
export function FormButtons(
  props: ParentProps<{
    readonly submit: string;
    readonly disabled?: boolean;
    readonly onCancel: () => void;
  }>,
): JSX.Element {
  return (
    <div class="dialog-buttons">
      {props.children}
      <button type="submit" class="primary" disabled={props.disabled ?? false}>
        {props.submit}
      </button>
      <button type="button" onClick={() => props.onCancel()}>
        Cancel
      </button>
    </div>
  );
}

/** Asks once more before something that cannot be taken back; Cancel is the default. */
export function Confirmation(
  props: ParentProps<{
    readonly title: string;
    readonly action: string;
    readonly onConfirm: () => void;
    readonly onCancel: () => void;
  }>,
): JSX.Element {
  return (
    <Dialog title={props.title} alert onClose={props.onCancel}>
      <div class="dialog-body">{props.children}</div>
      <div class="dialog-buttons">
        <button type="button" class="danger" onClick={() => props.onConfirm()}>
          {props.action}
        </button>
        <button type="button" class="primary" autofocus onClick={() => props.onCancel()}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

/** A text with a button that copies it; says when it was copied. */
export function CopyText(props: { readonly label: string; readonly text: string }): JSX.Element {
  const [told, setTold] = createSignal('');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(props.text);
      setTold('copied');
    } catch {
      setTold('could not copy; select the text instead');
    }
  }
  return (
    <div class="copy-text">
      <code aria-label={props.label}>{props.text}</code>
      <button type="button" aria-label={`Copy ${props.label}`} onClick={() => void copy()}>
        Copy
      </button>
      <span class="muted" role="status">
        {told()}
      </span>
    </div>
  );
}
