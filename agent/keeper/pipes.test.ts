import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MOST_UNCONFIRMED, Pipes, type PipesListener } from './pipes.ts';
import { freshStreams } from './protocol.ts';

const LENGTH = 1_000_000;
let folder = '';
let job: ChildProcess;

/** A process with its ends of pipes where a job has them, that writes so many bytes and waits. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pipes-'));
  execFileSync('mkfifo', ['in', 'out', 'err', 'status'], { cwd: folder });
  const program = `exec 0<>in 1<>out 8<>err 9<>status; echo begins >&2; head -c ${LENGTH} /dev/zero; exec sleep 60`;
  job = spawn('sh', ['-c', program], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  if (job.stderr !== null) await once(job.stderr, 'data');
});

afterEach(async () => {
  job.kill('SIGKILL');
  await once(job, 'exit');
  rmSync(folder, { recursive: true });
});

test('a reader that comes back with everything, and whose word of that was lost, gets what follows', async () => {
  const told = new EventEmitter<{ output: [have: number] }>();
  const pipes = new Pipes(job.pid ?? 0, freshStreams(false), {
    output: (_stream, place, bytes) => void told.emit('output', place + bytes.length),
    inputTaken: () => undefined,
    inputClosed: () => undefined,
    exited: () => undefined,
    finished: () => undefined,
  });
  // Nothing is confirmed: it sends what it may, stops reading, and the job waits.
  let have = 0;
  const begun = on(told, 'output');
  pipes.resume(0, 0);
  for await (const [place] of begun) {
    have = place as number;
    if (have >= MOST_UNCONFIRMED) break;
  }
  const more = on(told, 'output');
  pipes.resume(have, 0);
  for await (const [place] of more) {
    if (place === LENGTH) break;
    pipes.resume(place as number, 0);
  }
  pipes.close();
  expect(have).toBeLessThan(LENGTH);
});

const DEAF: PipesListener = {
  output: () => undefined,
  inputTaken: () => undefined,
  inputClosed: () => undefined,
  exited: () => undefined,
  finished: () => undefined,
};

test('input that comes when the pipes were emptied for a move is left for where the job goes', async () => {
  const pipes = new Pipes(job.pid ?? 0, freshStreams(false), DEAF);
  const drained = await pipes.drain();
  const input = drained.ok ? drained.value.input : -1;
  pipes.input(input, Buffer.from('typed'), false);
  const end = openSync(join(folder, 'in'), constants.O_RDONLY | constants.O_NONBLOCK);
  expect(() => readSync(end, Buffer.alloc(8))).toThrow('EAGAIN');
  await pipes.undrain();
  pipes.input(input, Buffer.from('again'), false);
  const bytes = Buffer.alloc(8);
  expect(bytes.toString('latin1', 0, readSync(end, bytes))).toBe('again');
  closeSync(end);
  pipes.close();
});
