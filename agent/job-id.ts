/** A job's name in the whole cluster: its home node and the deputy there, which no other process ever is again. */
import { z } from 'zod';

const FORM = /^(\d{1,5})\.(\d{1,7})\.(\d{1,16})$/;

/** `HOME.PID.STARTED`: the home node's id, the deputy's number there and its start in clock ticks since the node's. */
export const jobIdSchema = z.string().regex(FORM).brand('JobId');
export type JobId = z.infer<typeof jobIdSchema>;

/** The three numbers of a job's name. */
export interface JobIdParts {
  /** 1..65535. */
  readonly home: number;
  readonly pid: number;
  /** Field 22 of the deputy's /proc/PID/stat. */
  readonly started: number;
}

export function jobId({ home, pid, started }: JobIdParts): JobId {
  return jobIdSchema.parse(`${home}.${pid}.${started}`);
}

export function jobIdParts(id: JobId): JobIdParts {
  const [home = 0, pid = 0, started = 0] = id.split('.').map(Number);
  return { home, pid, started };
}
