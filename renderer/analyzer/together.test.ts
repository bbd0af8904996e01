import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTogether } from './together.ts';

const LONGEST = 200;

/** Questions that are answered by hand, and the answers in the order in which they are passed on. */
function asking() {
  const passed: string[] = [];
  const together = createTogether(LONGEST);
  const ask = () => {
    const answers: ((answer: string) => void)[] = [];
    void together(new Promise<string>((resolve) => answers.push(resolve))).then((answer) =>
      passed.push(answer),
    );
    return async (answer: string) => {
      for (const each of answers) each(answer);
      await vi.advanceTimersByTimeAsync(0);
    };
  };
  return { passed, ask };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('answers asked for at the same time', () => {
  it('are passed on when the last of them is there', async () => {
    const { passed, ask } = asking();
    const [first, second] = [ask(), ask()];
    await second('second');
    expect(passed).toEqual([]);
    await first('first');
    expect(new Set(passed)).toEqual(new Set(['first', 'second']));
  });

  it('are not held any longer than that for one that does not come', async () => {
    const { passed, ask } = asking();
    const [first] = [ask(), ask()];
    await first('first');
    await vi.advanceTimersByTimeAsync(LONGEST - 1);
    expect(passed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toEqual(['first']);
  });
});

it('passes a later answer on at once, whatever else is asked for', async () => {
  const { passed, ask } = asking();
  await ask()('first');
  const [later] = [ask(), ask()];
  await later('later');
  expect(passed).toEqual(['first', 'later']);
});
