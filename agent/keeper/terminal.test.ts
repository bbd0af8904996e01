/** A real terminal in a namespace of its own, as a job has it; the test holds the job's side. */
import { execFileSync } from 'node:child_process';
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

/** Everything that there is to read, in one piece. */
function readAll(fd: number): string {
  let text = '';
  for (let part = read(fd); part !== undefined; part = read(fd)) text += part;
  return text;
}

test('more than the kernel holds for the job is read, echoed and acted upon once', async () => {
  const line = `${'x'.repeat(97)}y\u007f\n`;
  const count = Math.floor(writeSync(terminal.fd, line.repeat(100)) / line.length);
  const typed = await terminal.take();
  let echo = readAll(terminal.fd);
  await terminal.give(typed);
  let lines = '';
  for (let part = readAll(job); part !== ''; part = readAll(job)) {
    lines += part;
    echo += readAll(terminal.fd);
  }
  expect(count).toBeGreaterThan(60);
  expect(lines.slice(0, count * 98)).toBe(`${'x'.repeat(97)}\n`.repeat(count));
  expect(echo.slice(0, count * 103)).toBe(`${'x'.repeat(97)}y\b \b\r\n`.repeat(count));
});

test('a job that reads keys gets those that it has not read, of whatever kind', async () => {
  execFileSync('stty', ['-F', `/proc/${init}/root/dev/pts/0`, 'raw', '-echo']);
  const keys = '\u0003\r\n\u0016\u0004\0a\u001b[A';
  writeSync(terminal.fd, keys);
  const typed = await terminal.take();
  expect(read(job)).toBeUndefined();
  await terminal.give(typed);
  expect([read(job), read(terminal.fd)]).toEqual([keys, undefined]);
});
