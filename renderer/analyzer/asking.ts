/** Questions that follow what the operator looks at: one at a time, the newest wins, and a hidden window asks nothing. */
import { batch, createMemo, createRenderEffect, createSignal, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Result } from '../../common/model/result.ts';
import { createLatest } from '../control/latest.ts';
import { onVisibility } from '../visibility.ts';

/** The newest answer with the question it answers, and the problem the newest question ended with. */
export interface Asking<Question, Answer> {
  readonly answer: Accessor<{ readonly question: Question; readonly value: Answer } | undefined>;
  readonly problem: Accessor<Problem | undefined>;
  /** Whether a question is under way. */
  readonly asking: Accessor<boolean>;
}

/** Whether this window can be seen, as long as the owner lives. */
export function createVisible(): Accessor<boolean> {
  const [visible, setVisible] = createSignal(false);
  onVisibility(setVisible);
  return visible;
}

/**
 * Asks whenever the question becomes another one (compared by its contents), and again when `again` changes; undefined
 * asks nothing and keeps the answer there was. Ends with the owner.
 */
export function createAsking<Question, Answer>(
  question: Accessor<Question | undefined>,
  ask: (question: Question) => Promise<Result<Answer>>,
  again: Accessor<unknown> = () => undefined,
): Asking<Question, Answer> {
  const [answer, setAnswer] = createSignal<{ readonly question: Question; readonly value: Answer }>();
  const [problem, setProblem] = createSignal<Problem>();
  const [asking, setAsking] = createSignal(false);
  let ended = false;
  onCleanup(() => (ended = true));

  const put = createLatest(async (subject: Question) => {
    if (ended) return;
    setAsking(true);
    const result = await ask(subject);
    batch(() => {
      setAsking(false);
      setProblem(result.ok ? undefined : result.problem);
      if (result.ok) setAnswer({ question: subject, value: result.value });
    });
  });
  const distinct = createMemo(question, undefined, {
    equals: (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b),
  });
  // At once and not when everything else is built: the answer is under way meanwhile.
  createRenderEffect(() => {
    again();
    const subject = distinct();
    if (subject !== undefined) put(subject);
  });
  return { answer, problem, asking };
}
