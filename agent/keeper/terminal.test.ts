/** A real terminal in a namespace of its own, as a job has it; the test holds the job's side. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNamespace } from '../job/namespace.ts';
import { Terminal } from './terminal.ts';

let init = 0;
let terminal: Terminal;
let job = 0;

beforeEach(async () => {
  const made = await createNamespace({ home: false });
  if (!made.ok) throw new Error(made.problem.message);
  init = made.value;
  terminal = await Terminal.open(init, 0);
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  job = openSync(`/proc/${init}/root/dev/pts/0`, O_RDWR | O_NOCTTY | O_NONBLOCK);
});

afterEach(() => {
  closeSync(job);
  terminal.close();
  process.kill(init, 'SIGKILL');
});

/** What one read gives; undefined when there is nothing. */
function read(fd: number): string | undefined {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.toString('latin1', 0, readSync(fd, bytes));
  } catch (error) {
    if (String(error).includes('EAGAIN')) return undefined;
    throw error;
  }
}

test('what was typed and not read is taken as a whole and typed anew, line by line and without an echo', async () => {
  writeSync(terminal.fd, 'one\n\u0016\u0004wo\nend\u0004\u0004rext');
  const typed = await terminal.take();
  expect(read(job)).toBeUndefined();
  expect(read(terminal.fd)).toBe('one\r\n^\b^Dwo\r\nendrext');
  await terminal.give(typed);
  expect([read(job), read(job), read(job), read(job), read(job)]).toEqual([
    'one\n',
    '\u0004wo\n',
    'end',
    '',
    undefined,
  ]);
  expect(read(terminal.fd)).toBeUndefined();
  // The line that is not ended yet can still be changed.
  writeSync(terminal.fd, '\u007f\u007f\u007fest\n');
  expect(read(job)).toBe('rest\n');
});
