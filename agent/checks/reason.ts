/** The reasons why a job stays: openMosix' words where it has one, otherwise words in its style, each with a plain sentence. */
import { z } from 'zod';

/** Every word, and whether a job that is away should go home for it: what criu still carries, and what belongs at home. */
const HOME_HELPS = {
  /** It has not lived long enough to be worth a move. */
  too_young: false,
  /** Real-time scheduling. openMosix' word. */
  rt_sched: true,
  /** Locked memory. openMosix' word. */
  mem_lock: true,
  /** Memory shared with a process outside the job, written by one of them. openMosix' word. */
  monkey: false,
  /** A device in its memory. openMosix' word. */
  mmap_dev: false,
  device_open: false,
  gpu: false,
  /** A debugger or tracer holds it. */
  traced: false,
  /** A namespace of its own inside the job's. */
  namespace: false,
  /** A connection that would break. */
  sockets: false,
  /** A socket that stands for the address or the network of this node. */
  node_address: true,
  /** A FIFO that a process outside the job has open too. */
  fifo_outside: false,
  message_queue: false,
  io_uring: false,
  userfaultfd: false,
  bpf: false,
  /** Another object of the kernel that criu does not carry. */
  kernel_object: false,
  perf_event: false,
  /** A descriptor of a process outside the job. */
  pidfd: false,
  file_lock: false,
  /** A deleted file that does not travel inside the image. */
  file_deleted: false,
  /** A file of a mount that the job's namespace does not have. */
  file_mount: false,
  /** The agent may not look at it, so that nothing is known. */
  unreadable: false,
  /** A file, folder or FIFO that the target does not have. */
  file_missing: false,
  /** The target has something else at the same path. */
  file_differs: false,
  /** A file that is written and lies on this node's own disk. */
  file_local: false,
  cpu_features: false,
  architecture: false,
} as const satisfies Readonly<Record<string, boolean>>;

export type ReasonWord = keyof typeof HOME_HELPS;

/** Why a job cannot move. It travels from the target to the home node. */
export const reasonSchema = z.object({
  /** One of the words above; a newer node may know more. */
  word: z.string().regex(/^[a-z0-9_]{1,40}$/i),
  /** A plain sentence that names the process, the file and what it is about. */
  text: z.string().min(1).max(10_000),
  /** Whether a job that is away should go home first: criu carries it there, and at home it is right. */
  homeHelps: z.boolean(),
});
export type Reason = Readonly<z.infer<typeof reasonSchema>>;

export function reason(word: ReasonWord, text: string): Reason {
  return { word, text, homeHelps: HOME_HELPS[word] };
}
