/** What the link of an open descriptor, or the name of a mapping, stands for. */
import type { ReasonWord } from './reason.ts';

export type TargetKind =
  /** A file, folder, device or FIFO with a path. */
  | { readonly kind: 'path' }
  /** By the inode in the tables of /proc/PID/net. */
  | { readonly kind: 'socket'; readonly inode: string }
  /** Memory or a pipe that belongs to nobody but the job, or an object that criu makes anew. */
  | { readonly kind: 'carried' }
  | { readonly kind: 'refused'; readonly word: ReasonWord; readonly what: string };

/** Objects of the kernel that criu makes anew at the target. */
const CARRIED = new Set(['eventfd', 'eventpoll', 'timerfd', 'signalfd', 'inotify', 'fanotify', 'pidfd']);

/** Those that have words of their own; all others that it does not carry are `kernel_object`. */
const REFUSED: readonly (readonly [RegExp, ReasonWord, string])[] = [
  [/^io_uring/, 'io_uring', 'an io_uring'],
  [/^userfaultfd/, 'userfaultfd', 'a userfaultfd'],
  [/^(bpf|btf)/, 'bpf', 'a BPF object'],
  [/^perf_event/, 'perf_event', 'a performance counter'],
  [/^kvm/, 'device_open', 'a virtual machine (KVM)'],
  [/^(dmabuf|sync_file|drm)/, 'gpu', 'memory of a GPU'],
];

/** Memory without a file: shared anonymous, memfd, System V, huge pages, asynchronous input and output. */
const MEMORY = /^(\/memfd:.*|\/SYSV[0-9a-f]{8}|\/dev\/zero|\/\[aio\]|\/anon_hugepage) \(deleted\)$/s;
const GPU_MEMORY = /^\/(dmabuf:.*|drm mm object.*|i915.*)$/s;

export function targetKind(target: string): TargetKind {
  const socket = /^socket:\[(\d+)\]$/.exec(target)?.[1];
  if (socket !== undefined) return { kind: 'socket', inode: socket };
  if (target.startsWith('pipe:[') || MEMORY.test(target)) return { kind: 'carried' };
  if (GPU_MEMORY.test(target)) return { kind: 'refused', word: 'gpu', what: 'memory of a GPU' };
  if (target.startsWith('/')) return { kind: 'path' };
  const name = /^anon_inode:\[?([^\]]*)/.exec(target)?.[1];
  if (name === undefined) {
    // `net:[4026531833]` and the like: an open namespace.
    return /^[a-z_]+:\[\d+\]$/.test(target) && !target.startsWith('pidfd:')
      ? { kind: 'refused', word: 'namespace', what: `the namespace ${target}` }
      : { kind: 'carried' };
  }
  if (CARRIED.has(name)) return { kind: 'carried' };
  for (const [pattern, word, what] of REFUSED) {
    if (pattern.test(name)) return { kind: 'refused', word, what };
  }
  return { kind: 'refused', word: 'kernel_object', what: `an object of the kernel (${name})` };
}
