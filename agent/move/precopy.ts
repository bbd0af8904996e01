/** A job's memory goes before the job stops, and the dump of what is left is completed with what that lacks. */
import { success, type Result } from '../../common/model/result.ts';
import type { Run, Runs } from '../job/runs.ts';
import type { ImageSender } from './images.ts';
import type { MemoryCopy } from './memory-copy.ts';
import { goesOn, type Round } from './rounds.ts';

/**
 * Sends as many rounds of a running job's memory as leave less for the time in which it stands still. `bytes` it has resident,
 * and for `room` bytes of images there is room at the other side. Problems: not-found when it has ended, connection-lost.
 */
export async function sendRounds(
  runs: Runs,
  run: Run,
  copy: MemoryCopy,
  sender: ImageSender,
  { bytes, room }: { readonly bytes: number; readonly room: number },
): Promise<Result<readonly Round[]>> {
  const rounds: Round[] = [];
  while (goesOn(rounds, bytes, room)) {
    const start = performance.now();
    const before = sender.bytes;
    const round = rounds.length + 1;
    const sent = await copy.round(run.cgroup.pids(), (file, part) => sender.put(round, file, part));
    const still = runs.running(run.record.facts.job);
    if (!still.ok) return still;
    if (!sent.ok) return sent;
    rounds.push({ bytes: sender.bytes - before, seconds: (performance.now() - start) / 1000 });
  }
  return success(rounds);
}

/** Compares while criu dumps without memory, and completes the images in the folder when both are done. Problems: of either. */
export async function completeDump(
  copy: MemoryCopy,
  run: Run,
  folder: string,
  dumping: Promise<Result<void>>,
): Promise<Result<void>> {
  const [dumped] = await Promise.all([dumping, copy.compare(run.cgroup.pids())]);
  return dumped.ok ? copy.complete(folder, run.cgroup.pids()) : dumped;
}
