import { beforeEach, describe, expect, test } from 'vitest';
import type { Prompt } from '../common/contract/contract.ts';
import type { Question } from './prompter.ts';
import { WindowPrompter } from './prompts.ts';

let shown: (readonly Prompt[])[];
let prompter: WindowPrompter;

beforeEach(() => {
  shown = [];
  prompter = new WindowPrompter((prompts) => shown.push(prompts));
});

function question(name: string): Question {
  return { kind: 'secret', name, title: 'Password', instruction: '', fields: [{ label: '?', echo: false }] };
}

function names(): readonly string[] {
  return shown.at(-1)?.map((prompt) => prompt.name) ?? [];
}

function idOf(name: string): string {
  return prompter.prompts.find((prompt) => prompt.name === name)?.id ?? '';
}

describe('a question', () => {
  test('is shown until it is answered, and the answer goes to who asked', async () => {
    const answer = prompter.ask(question('a'), new AbortController().signal);
    expect(names()).toEqual(['a']);
    expect(prompter.answer(idOf('a'), ['secret'])).toMatchObject({ ok: true });
    expect(await answer).toEqual(['secret']);
    expect(names()).toEqual([]);
  });

  test('may be cancelled by the operator', async () => {
    const answer = prompter.ask(question('a'), new AbortController().signal);
    prompter.answer(idOf('a'), null);
    expect(await answer).toBeNull();
  });

  test('is withdrawn by its signal: the connection it was for is gone', async () => {
    const controller = new AbortController();
    const answer = prompter.ask(question('a'), controller.signal);
    controller.abort();
    expect(await answer).toBeNull();
    expect(names()).toEqual([]);
  });

  test('whose signal has ended already is not shown', async () => {
    expect(await prompter.ask(question('a'), AbortSignal.abort())).toBeNull();
    expect(shown).toEqual([]);
  });

  test('is answered by the first window; the second is told that it came too late', async () => {
    const answer = prompter.ask(question('a'), new AbortController().signal);
    const id = idOf('a');
    prompter.answer(id, ['first']);
    expect(prompter.answer(id, ['second'])).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    expect(await answer).toEqual(['first']);
  });

  test('that was answered is not touched by its signal any more', () => {
    const controller = new AbortController();
    void prompter.ask(question('a'), controller.signal);
    prompter.answer(idOf('a'), ['x']);
    const before = shown.length;
    controller.abort();
    expect(shown).toHaveLength(before);
  });

  test('stands beside others, oldest first, each with a number of its own', async () => {
    const { signal } = new AbortController();
    const [a, b] = [prompter.ask(question('a'), signal), prompter.ask(question('b'), signal)];
    expect(names()).toEqual(['a', 'b']);
    expect(idOf('a')).not.toBe(idOf('b'));
    prompter.answer(idOf('b'), ['for b']);
    expect(names()).toEqual(['a']);
    prompter.answer(idOf('a'), ['for a']);
    expect(await Promise.all([a, b])).toEqual([['for a'], ['for b']]);
  });
});
