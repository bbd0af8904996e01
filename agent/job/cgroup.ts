/** A job's own group of processes (cgroup v2): frozen, thawed, killed and counted as a whole, whatever it forks meanwhile. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { Proc } from '../proc/proc.ts';
import { statesOf } from '../proc/process.ts';

const proc = new Proc();

/** A task inside vfork cannot freeze and criu would wait for it; it is let go on for this long and frozen again. */
const VFORK_MILLISECONDS = 3;
const FREEZE_MILLISECONDS = 5000;
/** A kernel without events for us: looked at this often. */
const LOOK_MILLISECONDS = 1;

/** The folder of our own group, by the mount point of cgroup v2. */
export function ownCgroup(mount: string): string {
  return join(mount, /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1] ?? '');
}

/**
 * Moves whoever shares the process namespace of `init` from one group to another. It stays where it has ended meanwhile, or
 * where the other group may have no processes of its own.
 */
export function moveNamespace(init: number, from: string, to: string): void {
  const namespaceOf = (pid: number): string | undefined => proc.link(`${pid}/ns/pid`);
  const namespace = namespaceOf(init);
  if (namespace === undefined) return;
  for (const pid of new JobCgroup(from).pids().filter((one) => namespaceOf(one) === namespace)) {
    try {
      writeFileSync(join(to, 'cgroup.procs'), String(pid));
    } catch (error) {
      if (!['ESRCH', 'ENOENT', 'EBUSY'].includes(errorCode(error))) throw error;
    }
  }
}

export class JobCgroup {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  create(): void {
    mkdirSync(this.folder, { recursive: true });
  }

  /** Numbers of its processes in our /proc; none when it is gone. */
  pids(): readonly number[] {
    return numbers(this.#read('cgroup.procs'));
  }

  get isFrozen(): boolean {
    return this.#read('cgroup.events').includes('frozen 1');
  }

  /** CPU seconds that it has used here. */
  cpuSeconds(): number {
    return Number(/usage_usec (\d+)/.exec(this.#read('cpu.stat'))?.[1] ?? 0) / 1e6;
  }

  /** Stops all of its processes where they are; none notices. Problems: timeout, not-found when it is gone. */
  async freeze(): Promise<Result<void>> {
    const deadline = Date.now() + FREEZE_MILLISECONDS;
    while (Date.now() < deadline) {
      if (!existsSync(this.folder)) return failure(problem('not-found', 'The job has ended.'));
      this.#write('cgroup.freeze', '1');
      while (!this.isFrozen && Date.now() < deadline) await wait(LOOK_MILLISECONDS);
      if (this.isFrozen && !this.#hasUninterruptible()) return success(undefined);
      this.#write('cgroup.freeze', '0');
      await wait(VFORK_MILLISECONDS);
    }
    return failure(
      problem(
        'timeout',
        `It could not be stopped within ${FREEZE_MILLISECONDS / 1000} s: it waits in the kernel.`,
      ),
    );
  }

  thaw(): void {
    this.#write('cgroup.freeze', '0');
  }

  /** Kills everything in it, frozen or not, and waits until it is empty. */
  async kill(): Promise<void> {
    const deadline = Date.now() + FREEZE_MILLISECONDS;
    while (this.pids().length > 0 && Date.now() < deadline) {
      this.#write('cgroup.kill', '1');
      await wait(LOOK_MILLISECONDS);
    }
  }

  /** Kills and removes it. */
  async remove(): Promise<void> {
    await this.kill();
    const deadline = Date.now() + FREEZE_MILLISECONDS;
    for (;;) {
      try {
        rmdirSync(this.folder);
        return;
      } catch (error) {
        const code = errorCode(error);
        if (code === 'ENOENT') return;
        // Ended processes are counted until their parent has taken notice.
        if (code !== 'EBUSY' || Date.now() > deadline) throw error;
        await wait(LOOK_MILLISECONDS);
      }
    }
  }

  #hasUninterruptible(): boolean {
    return this.pids().some((pid) => statesOf(pid).includes('D'));
  }

  #read(file: string): string {
    try {
      return readFileSync(join(this.folder, file), 'latin1');
    } catch {
      return '';
    }
  }

  #write(file: string, value: string): void {
    try {
      writeFileSync(join(this.folder, file), value);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

function numbers(text: string): readonly number[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
