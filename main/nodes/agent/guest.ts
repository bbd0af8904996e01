/** A guest of the agent: it keeps its own name, and the first line of its identity tells which process of its home it is. */

/** What the identity of a guest says. */
export interface GuestIdentity {
  /** Its number at its home. */
  readonly pid: number;
  /** Its command there; untrusted. */
  readonly command: string;
}

const FORM = /^remote\((\d{1,7})\) ?(.*)$/;

/** Reads remote/PID/identity, `remote(HOMEPID) COMMAND...`; undefined for openMosix' own, which say something else. */
export function guestIdentity(identity: string): GuestIdentity | undefined {
  const [, pid, command = ''] = FORM.exec(identity.split('\n', 1)[0] ?? '') ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), command };
}
