/** The questions a connection waits for, one modal dialog at a time; no answer is ever the default to accept. */
import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js';
import type { Prompt } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { CopyText, Dialog, FormButtons } from '../parts/dialog.tsx';
import { plainLines, plainText } from '../words/format.ts';

type HostKeyPrompt = Extract<Prompt, { kind: 'host-key' }>;
type SecretPrompt = Extract<Prompt, { kind: 'secret' }>;
type Answer = string[] | null;

export function Prompts(props: { readonly onProblem: (problem: Problem) => void }): JSX.Element {
  const [prompts, setPrompts] = createSignal<readonly Prompt[]>([]);
  onCleanup(window.mosview.on('prompts', (push) => setPrompts(push.prompts)));

  /** The dialog is made anew for another question only, so that a repeated push takes no half-typed answer away. */
  const id = (): string | undefined => prompts()[0]?.id;

  async function answer(prompt: Prompt, given: Answer): Promise<void> {
    setPrompts(prompts().filter((each) => each.id !== prompt.id));
    const result = await call('answerPrompt', { id: prompt.id, answer: given });
    if (!result.ok && result.problem.code !== 'not-found') props.onProblem(result.problem);
  }

  return (
    <Show when={id()} keyed>
      {(current) => {
        const prompt = prompts().find((each) => each.id === current);
        if (prompt === undefined) return undefined;
        const more = (): string => (prompts().length > 1 ? `1 of ${prompts().length} questions` : '');
        return prompt.kind === 'host-key' ? (
          <HostKeyDialog prompt={prompt} more={more()} onAnswer={(given) => void answer(prompt, given)} />
        ) : (
          <SecretDialog prompt={prompt} more={more()} onAnswer={(given) => void answer(prompt, given)} />
        );
      }}
    </Show>
  );
}

function HostKeyDialog(props: {
  readonly prompt: HostKeyPrompt;
  readonly more: string;
  readonly onAnswer: (answer: Answer) => void;
}): JSX.Element {
  return (
    <Dialog title={`Is this ${plainText(props.prompt.name)}?`} wide onClose={() => props.onAnswer(null)}>
      <div class="dialog-body">
        <p>
          mosview meets this host for the first time. Compare the fingerprint with the one the host itself
          prints before you accept it.
        </p>
        <dl class="facts">
          <dt>Address</dt>
          <dd>{plainText(props.prompt.address)}</dd>
          <dt>Key type</dt>
          <dd>{plainText(props.prompt.keyType)}</dd>
          <dt>Fingerprint</dt>
          <dd>
            <CopyText label="fingerprint" text={plainText(props.prompt.fingerprint)} />
          </dd>
          <dt>Check on the host</dt>
          <dd>
            <CopyText label="command" text={plainText(props.prompt.command)} />
          </dd>
        </dl>
      </div>
      <div class="dialog-buttons">
        <span class="muted more">{props.more}</span>
        <button type="button" onClick={() => props.onAnswer(['yes'])}>
          Accept and remember
        </button>
        <button type="button" class="primary" autofocus onClick={() => props.onAnswer(null)}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function SecretDialog(props: {
  readonly prompt: SecretPrompt;
  readonly more: string;
  readonly onAnswer: (answer: Answer) => void;
}): JSX.Element {
  const inputs: HTMLInputElement[] = [];
  return (
    <Dialog title={plainText(props.prompt.title)} onClose={() => props.onAnswer(null)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onAnswer(inputs.map((input) => input.value));
        }}
      >
        <div class="dialog-body form">
          <p>For {plainText(props.prompt.name)}</p>
          <Show when={props.prompt.instruction !== ''}>
            <p class="instruction">{plainLines(props.prompt.instruction)}</p>
          </Show>
          <For each={props.prompt.fields}>
            {(field, index) => (
              <label class="field">
                <span>{plainText(field.label)}</span>
                <input
                  ref={(input) => (inputs[index()] = input)}
                  type={field.echo ? 'text' : 'password'}
                  autocomplete="off"
                  spellcheck={false}
                  autofocus={index() === 0}
                />
              </label>
            )}
          </For>
          <p class="hint">It is kept in memory only, never written to the disk.</p>
        </div>
        <FormButtons submit="Continue" onCancel={() => props.onAnswer(null)}>
          <span class="muted more">{props.more}</span>
        </FormButtons>
      </form>
    </Dialog>
  );
}
