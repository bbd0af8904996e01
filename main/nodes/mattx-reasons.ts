/**
 * Why a process of a MattX node must not be moved, from its list: MattX' kernel checks none of it. Pure. The words are
 * those of common/model/process-words.ts. Source: the MattX facts, "what a client must never do".
 */
import type { ProcessPlace } from '../../common/model/process.ts';

/** kthreadd, the parent of the kernel's threads and of MattX' guests. */
const KTHREADD = 2;

/** What the rule needs of a process. */
export interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly name: string;
  readonly place: ProcessPlace;
  /** The lines Uid:, Threads: and NSpid: of its status file. */
  readonly status: string;
  /** Where it waits, empty where that is not told; and its command line. */
  readonly wchan: string;
  readonly cmdline: string;
}

/** The reasons for one process; empty where it may be moved. `own`: numbers of mosview's own processes there. */
export function mattxReasons(process: Listed, own: ReadonlySet<number>): readonly string[] {
  const { pid, parent, state, place, status } = process;
  if (place.kind === 'guest') return isGuest(process) ? [] : ['left_over'];
  if (place.kind === 'away' && !isDeputy(process)) return ['left_over'];
  const reasons: string[] = [];
  if (pid === 1) reasons.push('init_proc');
  if (pid === KTHREADD || parent === KTHREADD) reasons.push('kernel_thread');
  if (state === 'Z') reasons.push('zombie');
  if (own.has(pid) && pid !== 1) reasons.push('mosview');
  if (place.kind === 'home' && state !== 'Z' && Number(field(status, 'Threads')) > 1)
    reasons.push('clone_vm');
  if (field(status, 'NSpid').split(/\s+/).length > 1) reasons.push('pid_namespace');
  return reasons;
}

/**
 * Whether what the table `guests` names looks like a guest: a child of kthreadd that has a command line, as no thread of the
 * kernel has. Any other has got a used number. resources/sampler.sh has the same rule.
 */
function isGuest({ parent, state, cmdline }: Listed): boolean {
  return parent === KTHREADD && (cmdline !== '' || state === 'Z');
}

/** Whether what the table `remote` names looks like a deputy: stopped, and not by a signal. */
function isDeputy({ state, wchan }: Listed): boolean {
  return state === 'T' && ['', '0', 'task_work_run'].includes(wchan);
}

/** A field of a status file; empty where it has none. */
function field(status: string, name: string): string {
  const line = status.split('\n').find((candidate) => candidate.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

/**
 * Numbers of mosview's own processes: the operator's shell and all its parents, `chain`, nearest first, and everything
 * below the connection they came in by, where the sampler is too.
 */
export function ownProcesses(
  chain: readonly number[],
  processes: readonly Pick<Listed, 'pid' | 'parent' | 'name'>[],
): ReadonlySet<number> {
  const byNumber = new Map(processes.map((process) => [process.pid, process]));
  const door = chain.find((pid) => /^(?:sshd|dropbear)/.test(byNumber.get(pid)?.name ?? '')) ?? chain[0] ?? 0;
  const isBelow = (pid: number): boolean => {
    const seen = new Set<number>();
    for (let at = pid; at > 1 && !seen.has(at); at = byNumber.get(at)?.parent ?? 0) {
      if (at === door) return true;
      seen.add(at);
    }
    return false;
  };
  const below = processes.flatMap(({ pid }) => (isBelow(pid) ? [pid] : []));
  return new Set([...chain, ...below]);
}
