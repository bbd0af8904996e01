import { describe, expect, it } from 'vitest';
import type { Prompter, Question } from '../prompter.ts';
import { SharedQuestions } from './shared-questions.ts';

const question: Question = {
  kind: 'secret',
  name: 'key',
  title: 'Passphrase',
  instruction: '',
  fields: [{ label: 'Passphrase', echo: false }],
};
const never = new AbortController().signal;

class Desk implements Prompter {
  readonly open: {
    readonly answer: (given: readonly string[] | null) => void;
    readonly signal: AbortSignal;
  }[] = [];

  ask(_question: Question, signal: AbortSignal): Promise<readonly string[] | null> {
    return new Promise((answer) => {
      this.open.push({ answer, signal });
      signal.addEventListener('abort', () => answer(null));
    });
  }
}

describe('the same question at the same time', () => {
  it('is asked once and answered for all', async () => {
    const desk = new Desk();
    const questions = new SharedQuestions(desk);
    const both = [questions.ask('k', question, never), questions.ask('k', question, never)];
    expect(desk.open).toHaveLength(1);
    desk.open[0]?.answer(['x']);
    expect(await Promise.all(both)).toEqual([['x'], ['x']]);
  });

  it('stays open while one still waits, and closes with the last', async () => {
    const desk = new Desk();
    const questions = new SharedQuestions(desk);
    const [one, two] = [new AbortController(), new AbortController()];
    const first = questions.ask('k', question, one.signal);
    const second = questions.ask('k', question, two.signal);
    one.abort();
    expect(await first).toBeNull();
    expect(desk.open[0]?.signal.aborted).toBe(false);
    two.abort();
    expect(await second).toBeNull();
    expect(desk.open[0]?.signal.aborted).toBe(true);
  });
});

describe('a refused question', () => {
  it('is not asked again until the operator tries again', async () => {
    const desk = new Desk();
    const questions = new SharedQuestions(desk);
    const first = questions.ask('k', question, never);
    desk.open[0]?.answer(null);
    expect(await first).toBeNull();
    expect(await questions.ask('k', question, never)).toBeNull();
    expect(desk.open).toHaveLength(1);
    questions.forgetRefusals();
    const again = questions.ask('k', question, never);
    desk.open[1]?.answer(['x']);
    expect(await again).toEqual(['x']);
  });

  it('is not one that ended because nobody waited any more', async () => {
    const desk = new Desk();
    const questions = new SharedQuestions(desk);
    const gone = new AbortController();
    const first = questions.ask('k', question, gone.signal);
    gone.abort();
    await first;
    void questions.ask('k', question, never);
    expect(desk.open).toHaveLength(2);
  });
});

it('asks nothing for one who has gone already', async () => {
  const desk = new Desk();
  expect(await new SharedQuestions(desk).ask('k', question, AbortSignal.abort())).toBeNull();
  expect(desk.open).toHaveLength(0);
});
