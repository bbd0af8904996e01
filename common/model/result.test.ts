import { expect, test } from 'vitest';
import { assertNever } from './result.ts';

test('a case that the types ruled out and the data brought nevertheless is named', () => {
  expect(() => assertNever({ kind: 'new' } as never)).toThrow('Unhandled case {"kind":"new"}');
});
